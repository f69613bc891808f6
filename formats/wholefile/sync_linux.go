package wholefile

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// system is the file system that a folder is on, held open since before the first file in it was written: what another program's flush has been
// told of meanwhile, it tells too. Source: syncfs(2).
type system struct{ dir *os.File }

// holdSystem holds that of dir, if it may serve: before Linux 5.8 none tells of what could not be written.
func holdSystem(dir string) system {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil || !since58(unix.ByteSliceToString(name.Release[:])) {
		return system{}
	}
	d, err := os.Open(dir)
	if err != nil {
		return system{}
	}
	return system{d}
}

func (s system) close() {
	if s.dir != nil {
		s.dir.Close()
	}
}

// sync brings all of it onto the disk. It reports false where it cannot.
func (s system) sync() (done bool, err error) {
	if s.dir == nil {
		return false, nil
	}
	switch err := unix.Syncfs(int(s.dir.Fd())); {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS): // some file systems cannot; some sandboxes do not let it
		return false, nil
	case err != nil:
		return true, &os.PathError{Op: "syncfs", Path: s.dir.Name(), Err: err}
	}
	return true, nil
}

// since58 reports whether a kernel of that release is at least 5.8.
func since58(release string) bool {
	var major, minor int
	n, _ := fmt.Sscanf(release, "%d.%d", &major, &minor)
	return n == 2 && (major > 5 || major == 5 && minor >= 8)
}
