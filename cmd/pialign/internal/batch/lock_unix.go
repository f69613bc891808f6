//go:build linux || darwin

package batch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// hold locks f until it is closed or the process ends, where the file system can do that. It reports false where another process has just locked it.
func hold(f *os.File) bool {
	return !errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK)
}

// takeAway removes the lock at path, unless a living process holds it. Who comes too late to lock it sees that.
func takeAway(path string) (done bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if !hold(f) {
		return false, nil
	}
	return true, os.Remove(path) // while it is locked
}
