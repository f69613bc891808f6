//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package probelog

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock marks f as being worked on until it is closed or the program ends, however it ends. Other programs can read and
// write it all the same: only another lock is kept out, with ErrInUse.
func lock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrInUse
		case err != nil:
			return errors.Join(errNoLock, err)
		default:
			return nil
		}
	}
}
