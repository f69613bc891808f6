package wholefile

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Move gives what Dir, Write or Create has made the name to, on the same file system: whole or not at all. Where to exists the error
// is fs.ErrExist, and from stays.
func Move(from, to string) error { return wrap(to, move(filepath.Clean(from), filepath.Clean(to))) }

func move(from, to string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if err := free(to); err != nil {
		return err
	}
	parent := filepath.Dir(to)
	made, err := makeParents(parent)
	if err != nil {
		return err
	}
	if info.IsDir() {
		err = renameDir(from, to)
	} else {
		err = renameNew(from, to)
	}
	if err != nil {
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
