package folder

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/pialign/pialign/formats/retime"
)

// ErrZip: a zip that is cut off or damaged, or that would do harm when it is unpacked.
var ErrZip = errors.New("zip that cannot be taken")

// archive is a zip as it was when it was opened. It keeps the list of its entries and opens the file itself while one of
// them is read, so that nobody has to close it.
type archive struct {
	path    string
	info    fs.FileInfo
	entries []*zip.File // in the order of the zip's directory
	comment string
	read    tally

	mu    sync.Mutex
	users int
	file  atomic.Pointer[os.File]
}

// IsZip reports whether the file at path begins as a zip does.
func IsZip(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() { // a pipe would wait for ever
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [4]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return false
	}
	switch string(head[:]) {
	case "PK\x03\x04", "PK\x05\x06", "PK\x07\x08", "PK00": // the second is an empty one, the others begin split ones
		return true
	}
	return false
}

// openZip reads the directory of the zip at path and refuses whatever could not be unpacked safely. The zip may be a
// result only where result is not nil, which gets its pialign.json.
func openZip(path string, result *File) (*Tree, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	a := &archive{path: path, info: info}
	if err := a.hold(); err != nil {
		return nil, err
	}
	defer a.release()
	t, err := a.list(result)
	if err != nil && !errors.Is(err, retime.ErrRetimed) { // that names its file
		err = fmt.Errorf("%s: %w", path, err)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// hold opens the file for one more user, unless it is another by now.
func (a *archive) hold() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.users == 0 {
		f, err := os.Open(a.path)
		if err != nil {
			return err
		}
		a.file.Store(f)
		if err := a.unchanged(); err != nil {
			a.file.Store(nil)
			f.Close()
			return err
		}
	}
	a.users++
	return nil
}

func (a *archive) release() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.users--; a.users > 0 {
		return nil
	}
	return a.file.Swap(nil).Close()
}

// ReadAt reads while somebody holds a.
func (a *archive) ReadAt(p []byte, off int64) (int, error) {
	f := a.file.Load()
	if f == nil {
		return 0, fs.ErrClosed
	}
	return f.ReadAt(p, off)
}

// unchanged is asked while somebody holds a.
func (a *archive) unchanged() error {
	f := a.file.Load()
	if f == nil {
		return fs.ErrClosed
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != a.info.Size() || !info.ModTime().Equal(a.info.ModTime()) || !os.SameFile(info, a.info) {
		return changed(a.path)
	}
	return nil
}

// open opens the entry that f is. Reading it ends with an error where it is not what the directory says of it.
func (a *archive) open(f File) (*Input, error) {
	if err := a.hold(); err != nil {
		return nil, err
	}
	raw, err := f.entry.OpenRaw()
	if err != nil {
		a.release()
		return nil, fmt.Errorf("%s: %w", f.Path, damaged(err))
	}
	return &Input{ReadCloser: &held{newContent(f.entry, raw), a, sync.Once{}}, file: f}, nil
}

// fileOf is the file that e becomes when it is unpacked.
func (a *archive) fileOf(e *zip.File) File {
	return File{Name: e.Name, Path: a.place(e.Name), Size: int64(e.UncompressedSize64), time: a.info.ModTime().UnixNano(), zip: a, entry: e, read: &a.read}
}

// place is how errors call an entry.
func (a *archive) place(name string) string { return filepath.Join(a.path, filepath.FromSlash(name)) }

// held lets go of the archive when it is closed.
type held struct {
	*content
	a    *archive
	once sync.Once
}

func (h *held) Close() (err error) {
	h.once.Do(func() {
		h.done()
		err = h.a.release()
	})
	return err
}
