package batch

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/pialign/pialign/formats/wholefile"
)

// Workplace is a folder in which one result is made by one process: OUT/pialign/.pialign-<digest of the output><random>. It is on the
// file system of the results, so that what is whole is there by a rename. A process that is killed leaves it behind, and whoever works on the
// same output next removes it. A file in it is locked as long as its process lives; nobody waits for that. Where the file system has no locks,
// a process may lose its workplace to another one that works on the same output, and then says so.
type Workplace struct {
	Path string // of the result while it is made
	out  string
	dir  string
	held *os.File
}

// ErrTaken: another process works on the same output, or has just done so.
var ErrTaken = errors.New("another run of pialign works on the same result")

// workPrefix begins the names of the workplaces of one output.
func workPrefix(output string) string {
	return fmt.Sprintf(".pialign-%016X", xxh3.HashString(output))
}

const lockName = "lock"

// OpenWorkplace makes one, in place of what is left of others of the same output.
func OpenWorkplace(out, output string) (w *Workplace, err error) {
	if err := ClearWorkplaces(out, output); err != nil {
		return nil, err
	}
	if err := wholefile.MakeDir(filepath.Join(out, ownDir)); err != nil {
		return nil, err
	}
	for range 10 { // another process that clears up may take it away until it is locked
		if w, err = openWorkplace(out, output); !errors.Is(err, ErrTaken) {
			break
		}
	}
	return w, err
}

func openWorkplace(out, output string) (*Workplace, error) {
	dir := filepath.Join(out, ownDir, workPrefix(output)+rand.Text()[:10])
	if err := os.Mkdir(dir, 0o777); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrTaken
	}
	if err != nil {
		_ = os.Remove(dir) // it is empty
		return nil, err
	}
	// what is made there has a name of its own, of which the ending may count
	w := &Workplace{Path: filepath.Join(dir, "result"+path.Ext(output)), out: out, dir: dir, held: f}
	if !hold(f) || !w.Owned() {
		f.Close()
		return nil, ErrTaken
	}
	return w, nil
}

// write makes the file path, in place of an older one, by way of the workplace: a process that is killed leaves nothing beside it.
func (w *Workplace) write(name, path string, fill func(io.Writer) error) error {
	made := filepath.Join(w.dir, name)
	if err := wholefile.Write(made, fill); err != nil {
		return err
	}
	return wholefile.Replace(made, path)
}

// Owned reports whether the workplace is still this process's.
func (w *Workplace) Owned() bool {
	_, err := os.Lstat(filepath.Join(w.dir, lockName))
	return err == nil
}

// Publish gives what was made there its place among the results. Where something is there already the error is fs.ErrExist.
func (w *Workplace) Publish(dst string) error {
	err := wholefile.Move(w.Path, dst)
	if errors.Is(err, fs.ErrNotExist) && !w.Owned() {
		return ErrTaken
	}
	return err
}

// Aside takes an older result out of the way; it goes with the workplace.
func (w *Workplace) Aside(dst string) error { return wholefile.Move(dst, w.old()) }

// Back puts it back.
func (w *Workplace) Back(dst string) error { return wholefile.Move(w.old(), dst) }

func (w *Workplace) old() string { return filepath.Join(w.dir, "old") }

// Close removes the workplace.
func (w *Workplace) Close() {
	w.held.Close()
	wholefile.RemoveAll(w.dir)
}

// ClearWorkplaces removes what killed processes have left of an output.
func ClearWorkplaces(out, output string) error {
	entries, err := os.ReadDir(filepath.Join(out, ownDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	prefix := workPrefix(output)
	for _, e := range entries {
		if dir := filepath.Join(out, ownDir, e.Name()); strings.HasPrefix(e.Name(), prefix) && abandoned(dir) {
			if output == ownDir {
				giveBack(out, dir)
			}
			wholefile.RemoveAll(dir)
		}
	}
	return nil
}

// abandoned reports whether no living process has the workplace dir. One makes its lock before anything else there, so that without a lock an empty one may be
// that of a process that is about to, and it sees that it is gone; one that is not empty was left while it was removed.
func abandoned(dir string) bool {
	for range 2 {
		done, err := takeAway(filepath.Join(dir, lockName))
		switch {
		case err == nil:
			return done
		case !errors.Is(err, fs.ErrNotExist):
			return false
		case os.Remove(dir) == nil:
			return true
		}
	}
	return true
}
