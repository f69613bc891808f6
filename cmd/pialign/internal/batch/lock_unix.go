//go:build linux || darwin

package batch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// hold locks f until it is closed or the process ends, where the file system can do that.
func hold(f *os.File) { _ = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// abandoned reports whether no living process holds the lock at path. One without a file was left between two calls.
func abandoned(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return true
	}
	defer f.Close()
	return !errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK)
}
