package wholefile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// prefix begins every name that is not for keeps. The rest is short, so that a target with the longest name the
// file system allows still has a temporary one.
const prefix = ".pialign-"

// IsTemp reports whether name, the last part of a path, is one that this package gives while it works.
func IsTemp(name string) bool { return strings.HasPrefix(name, prefix) }

func tempName(dir string) string { return filepath.Join(dir, prefix+rand.Text()[:16]) }

// tempFile makes a file in dir with the permissions that the user's umask gives any file.
func tempFile(dir string) (string, *os.File, error) {
	for {
		name := tempName(dir)
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return name, f, err
		}
	}
}

func tempDir(dir string) (string, error) {
	for {
		name := tempName(dir)
		if err := os.Mkdir(name, 0o777); !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

// makeParents makes dir and what is missing above it, and returns what it made, outermost first.
func makeParents(dir string) (made []string, err error) {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err == nil {
			if !info.IsDir() {
				return nil, &fs.PathError{Op: "mkdir", Path: d, Err: errors.New("a file has the name of a folder that is needed")}
			}
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			return nil, err
		}
		missing = append(missing, d)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		switch err := os.Mkdir(missing[i], 0o777); {
		case err == nil:
			made = append(made, missing[i])
		case errors.Is(err, fs.ErrExist): // another process was faster
		default:
			removeParents(made)
			return nil, err
		}
	}
	return made, nil
}

// removeParents takes back what makeParents made, unless somebody put something there.
func removeParents(made []string) {
	for i := len(made) - 1; i >= 0; i-- {
		if os.Remove(made[i]) != nil {
			return
		}
	}
}

// syncParents brings the entry of a new file in dir onto the disk, and those of the folders made for it.
func syncParents(dir string, made []string) error {
	if err := syncDir(dir); err != nil {
		return err
	}
	for _, d := range made {
		if err := syncDir(filepath.Dir(d)); err != nil {
			return err
		}
	}
	return nil
}

// MakeDir makes dir and what is missing above it, and brings the new entries onto the disk.
func MakeDir(dir string) error {
	made, err := makeParents(dir)
	if err != nil {
		return err
	}
	if len(made) == 0 {
		return nil
	}
	return syncParents(dir, made)
}

// SyncDir brings the entries of dir onto the disk. On Windows it does nothing.
func SyncDir(dir string) error { return syncDir(dir) }
