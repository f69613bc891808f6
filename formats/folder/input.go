package folder

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pialign/pialign/formats/retime"
)

// Input is a file that must stay as it was when the folder was opened.
type Input struct {
	io.ReadCloser
	file  File
	disk  *os.File // what is read; nil for an entry of a zip
	whole *whole   // that was read when it was opened; nil for others
}

// Open opens f for reading, unless it is another by now: retime.ErrChanged.
func Open(f File) (*Input, error) {
	in, err := f.open()
	switch {
	case err != nil || f.read == nil:
	case in.whole != nil:
		f.read.Add(f.Size)
	default:
		in.See(f.read)
	}
	return in, err
}

func (f File) open() (*Input, error) {
	if f.zip != nil {
		return f.zip.open(f)
	}
	if f.Size <= small {
		return openWhole(f)
	}
	return openDisk(f)
}

// openDisk is Open for a file on disk, of whatever size.
func openDisk(f File) (*Input, error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	i := &Input{ReadCloser: in, file: f, disk: in}
	if err := i.Unchanged(); err != nil {
		in.Close()
		return nil, err
	}
	return i, nil
}

// Seek goes to another place. In an entry of a zip that can only be the beginning.
func (i *Input) Seek(offset int64, whence int) (int64, error) {
	if i.disk != nil {
		return i.disk.Seek(offset, whence)
	}
	if i.whole != nil {
		return i.whole.Seek(offset, whence)
	}
	if offset != 0 || whence != io.SeekStart {
		return 0, fmt.Errorf("%s: %w: an entry of a zip is read from its beginning", i.file.Path, errors.ErrUnsupported)
	}
	again, err := Open(i.file)
	if err != nil {
		return 0, err
	}
	err = i.ReadCloser.Close()
	i.ReadCloser = again.ReadCloser
	return 0, err
}

// See has w see what is read from now on, up to a Seek.
func (i *Input) See(w io.Writer) { i.ReadCloser = &seen{i.ReadCloser, w} }

// seen is read before the eyes of w, which never fails.
type seen struct {
	io.ReadCloser
	w io.Writer
}

func (s *seen) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	_, _ = s.w.Write(p[:n])
	return n, err
}

// Whole returns all bytes of a file that is in memory, not to be changed nor used after Close; nil for any other.
func (i *Input) Whole() []byte {
	if i.whole == nil {
		return nil
	}
	return i.whole.b
}

// Unchanged reports a file that has changed since, by the size and time of it or of the zip that it is in, with
// retime.ErrChanged.
func (i *Input) Unchanged() error {
	if i.whole != nil {
		return unchanged(i.file, func() (int64, int64, error) { return stateOf(i.file.Path) })
	}
	if i.disk == nil {
		return i.file.zip.unchanged()
	}
	return unchanged(i.file, func() (size, time int64, err error) {
		info, err := i.disk.Stat()
		if err != nil {
			return 0, 0, err
		}
		return info.Size(), info.ModTime().UnixNano(), nil
	})
}

// unchanged compares what f is now with what it was.
func unchanged(f File, now func() (size, time int64, err error)) error {
	size, time, err := now()
	if err == nil && (size != f.Size || time != f.time) {
		err = Changed(f)
	}
	return err
}

// Changed is the error about a file that is not what it was.
func Changed(f File) error { return changed(f.Path) }

func changed(path string) error {
	return fmt.Errorf("%s: %w; try again when nothing writes to it", path, retime.ErrChanged)
}

// Small reads a file of at most limit bytes. Where f was not listed by Walk, and has but a Name and a Path, it is taken as
// it is now.
func Small(f File, limit int64) ([]byte, error) {
	var in io.ReadCloser
	var err error
	if f.listed() {
		in, err = Open(f)
	} else {
		in, err = os.Open(f.Path)
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", f.Path, err)
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("%s: larger than %d bytes", f.Path, limit)
	}
	return b, nil
}
