package probelog

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock marks f as being worked on until it is closed or the program ends, however it ends. Windows keeps others from
// reading what is locked, so it is one byte far beyond the largest file that is locked, and everybody can read on.
func lock(f *os.File) error {
	at := windows.Overlapped{OffsetHigh: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	switch {
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return ErrInUse
	case err != nil:
		return errors.Join(errNoLock, err)
	}
	return nil
}
