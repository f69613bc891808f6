package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// What Windows answers while a virus scanner or the search indexer looks at a file that was just closed.
const (
	errAccessDenied     = syscall.Errno(5)
	errSharingViolation = syscall.Errno(32)
)

// rename tries for about two seconds while something else holds the file: scanners let go within less.
func rename(from, to string) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := os.Rename(from, to)
		busy := errors.Is(err, errAccessDenied) || errors.Is(err, errSharingViolation)
		if !busy || wait > time.Second {
			return err
		}
		time.Sleep(wait)
	}
}

// syncDir does nothing: Windows has no call to flush a folder.
func syncDir(string) error { return nil }

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) { // read-only
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
