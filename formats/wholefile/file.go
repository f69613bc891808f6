package wholefile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write makes the file path of what fill writes, replacing one that is there. The old one is untouched until the
// new one is complete. A symbolic link stays one: the file it points to is replaced. The error wraps that of fill.
func Write(path string, fill func(w io.Writer) error) error {
	return wrap(path, write(path, fill, true))
}

// Create is Write for a path that must not exist yet: else the error is fs.ErrExist, also if the file appears
// while fill runs.
func Create(path string, fill func(w io.Writer) error) error {
	return wrap(path, write(path, fill, false))
}

func wrap(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("writing %s: %w", path, err)
}

func write(path string, fill func(w io.Writer) error, replace bool) error {
	mode := fs.FileMode(0)
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if info, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return errors.New("it is a symbolic link to nothing")
		}
	}
	switch {
	case err == nil && !replace:
		return fs.ErrExist
	case err == nil && info.IsDir():
		return errors.New("a folder has that name")
	case err == nil && !info.Mode().IsRegular():
		return through(path, fill)
	case err == nil:
		mode = info.Mode().Perm()
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}

	dir := filepath.Dir(path)
	made, err := makeParents(dir)
	if err != nil {
		return err
	}
	temp, f, err := tempFile(dir)
	if err != nil {
		removeParents(made)
		return err
	}
	done := false
	defer func() { // also when fill panics
		if !done {
			f.Close()
			os.Remove(temp)
			removeParents(made)
		}
	}()

	w := bufio.NewWriterSize(f, 1<<16)
	if err := fill(writerOnly{w}); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if replace {
		err = rename(temp, path)
	} else {
		err = renameNew(temp, path)
	}
	if err != nil {
		return err
	}
	done = true
	return syncParents(dir, made)
}

// through writes into what is no regular file.
func through(path string, fill func(w io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	if err := fill(writerOnly{w}); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// writerOnly hides what else a writer can do: some libraries close what can be closed.
type writerOnly struct{ io.Writer }

// renameNew gives temp the name path, or fails with fs.ErrExist. A hard link is the portable way to do both in
// one step; where the file system has none, a look before the rename must do.
func renameNew(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil {
		os.Remove(temp) // of two names for one file; nothing to say if it stays
		return nil
	}
	if errors.Is(err, fs.ErrExist) {
		return fs.ErrExist
	}
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	return rename(temp, path)
}
