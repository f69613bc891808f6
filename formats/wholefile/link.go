package wholefile

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Link gives the file at from one more name, to, which must not exist. Symbolic links on the way to it are followed: of those that
// git-annex makes the file itself gets the name. Neither its bytes nor its permissions are touched.
//
// is says which file from was when it was opened. Where it is another by now the error is fs.ErrInvalid, and to is not made.
func Link(from, to string, is fs.FileInfo) error {
	real, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	if err := os.Link(real, to); err != nil {
		return err
	}
	if info, err := os.Lstat(to); err != nil || !os.SameFile(info, is) {
		os.Remove(to)
		return &fs.PathError{Op: "link", Path: from, Err: fs.ErrInvalid}
	}
	return nil
}
