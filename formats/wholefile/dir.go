package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir makes the folder path of what fill puts into the folder it is given, which has another name meanwhile.
// Where path exists the error is fs.ErrExist; else it wraps that of fill. fill must have closed its files.
func Dir(path string, fill func(dir string) error) error { return wrap(path, writeDir(path, fill)) }

func writeDir(path string, fill func(dir string) error) error {
	path = filepath.Clean(path)
	if err := free(path); err != nil {
		return err
	}
	parent := filepath.Dir(path)
	made, err := makeParents(parent)
	if err != nil {
		return err
	}
	temp, err := tempDir(parent)
	if err != nil {
		removeParents(made)
		return err
	}
	done := false
	defer func() { // also when fill panics
		if !done {
			RemoveAll(temp)
			removeParents(made)
		}
	}()
	held := holdSystem(temp)
	defer held.close()
	if err := fill(temp); err != nil {
		return err
	}
	if err := syncTree(temp, held); err != nil {
		return err
	}
	if err := free(path); err != nil {
		return err
	}
	if err := rename(temp, path); err != nil {
		return err
	}
	done = true
	return syncParents(parent, made)
}

func free(path string) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return fs.ErrExist
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}

// RemoveAll removes a folder, as far as that is possible, read-only folders in it too. It leaves the permissions of files alone: they may be those
// of somebody's original (Link).
func RemoveAll(dir string) {
	if os.RemoveAll(dir) == nil {
		return
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	_ = os.RemoveAll(dir)
}

// manyFiles is from where on bringing the whole file system onto the disk at once takes less than one file after the other, each of which may
// wait for the disk by itself: ten thousand small ones took 13 s and 1 s.
const manyFiles = 256

// syncTree brings every file and folder under dir, which is on the file system held, onto the disk.
func syncTree(dir string, held system) error {
	if hasMany(dir) {
		if done, err := held.sync(); done {
			return err
		}
	}
	var dirs, files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			dirs = append(dirs, path)
		case d.Type().IsRegular():
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, path := range files {
		if err := syncFile(path); err != nil {
			return err
		}
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		if err := syncDir(dirs[i]); err != nil {
			return err
		}
	}
	return nil
}

// hasMany reports whether there are many files under dir, without looking at all of them.
func hasMany(dir string) bool {
	n := 0
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		if n >= manyFiles {
			return fs.SkipAll
		}
		return nil
	})
	return n >= manyFiles
}
