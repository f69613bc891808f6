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

// syncFile leaves files with several names alone: they may be somebody's originals (Link), which nothing opens for writing.
func syncFile(path string) error {
	if several, err := hasNames(path); several || err != nil {
		return err
	}
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

// hasNames reports whether the file at path has more than one name.
func hasNames(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	var info syscall.ByHandleFileInformation
	if err := syscall.GetFileInformationByHandle(syscall.Handle(f.Fd()), &info); err != nil {
		return false, err
	}
	return info.NumberOfLinks > 1, nil
}
