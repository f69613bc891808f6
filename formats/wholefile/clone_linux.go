package wholefile

import (
	"os"

	"golang.org/x/sys/unix"
)

func clone(from *os.File, to string) bool {
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return false
	}
	err = unix.IoctlFileClone(int(w.Fd()), int(from.Fd()))
	if e := w.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(to)
	}
	return err == nil
}
