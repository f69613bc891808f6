//go:build !windows

package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func rename(from, to string) error { return os.Rename(from, to) }

func syncDir(dir string) error { return flush(dir) }

func syncFile(path string) error { return flush(path) }

// flush brings path onto the disk. What may not be read (a copied file without permissions) or lies on a file
// system that cannot flush it (EINVAL, ENOTSUP: some network ones) is left to the system.
func flush(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
