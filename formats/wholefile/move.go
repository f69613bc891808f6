package wholefile

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Move gives what Dir, Write or Create has made the name to, on the same file system: whole or not at all. Where to exists the error
// is fs.ErrExist, and from stays.
func Move(from, to string) error { return wrap(to, move(filepath.Clean(from), filepath.Clean(to))) }

// Replace is Move for a file that may take the place of another.
func Replace(from, to string) error {
	return wrap(to, replace(filepath.Clean(from), filepath.Clean(to)))
}

func move(from, to string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if err := free(to); err != nil {
		return err
	}
	return into(to, func() error {
		if info.IsDir() {
			return renameDir(from, to)
		}
		return renameNew(from, to)
	})
}

func replace(from, to string) error { return into(to, func() error { return rename(from, to) }) }

// into calls put, which makes the name to, with the folders above it there, and brings that onto the disk.
func into(to string, put func() error) error {
	parent := filepath.Dir(to)
	made, err := makeParents(parent)
	if err != nil {
		return err
	}
	if err := put(); err != nil {
		removeParents(made)
		return err
	}
	return syncParents(parent, made)
}

// renameDir gives a folder another name. One that appears there meanwhile is in the way, unless it is empty.
func renameDir(from, to string) error {
	err := rename(from, to)
	if err == nil {
		return nil
	}
	if _, e := os.Lstat(to); e == nil {
		return fs.ErrExist
	}
	return err
}
