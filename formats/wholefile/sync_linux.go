package wholefile

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// syncSystem brings all of the file system that dir is on onto the disk. It reports false where it would not tell of what could not be written:
// before Linux 5.8. Source: syncfs(2).
func syncSystem(dir string) (done bool, err error) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil || !since58(unix.ByteSliceToString(name.Release[:])) {
		return false, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return true, err
	}
	defer d.Close()
	switch err := unix.Syncfs(int(d.Fd())); {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOSYS): // some file systems cannot; some sandboxes do not let it
		return false, nil
	case err != nil:
		return true, &os.PathError{Op: "syncfs", Path: dir, Err: err}
	}
	return true, nil
}

// since58 reports whether a kernel of that release is at least 5.8.
func since58(release string) bool {
	var major, minor int
	n, _ := fmt.Sscanf(release, "%d.%d", &major, &minor)
	return n == 2 && (major > 5 || major == 5 && minor >= 8)
}
