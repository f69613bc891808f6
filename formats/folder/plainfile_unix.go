//go:build unix

package folder

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// plainFile is a file of which the operating system is asked for nothing but what is done with it. An os.File is asked about, set not to block and
// offered to the poller, none of which a plain file needs: six calls more for each of ten thousand.
type plainFile struct {
	fd   int
	path string
}

func openPlain(path string, flag int) (plainFile, error) {
	fd, err := again(func() (int, error) { return unix.Open(path, flag|unix.O_CLOEXEC, 0o666) })
	if err != nil {
		return plainFile{}, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return plainFile{fd, path}, nil
}

// again repeats a call that a signal has interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

func createPlain(path string) (plainFile, error) {
	return openPlain(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
}

func (f plainFile) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := again(func() (int, error) { return unix.Read(f.fd, p) })
	switch {
	case err != nil:
		return 0, &fs.PathError{Op: "read", Path: f.path, Err: err}
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func (f plainFile) Write(p []byte) (done int, err error) {
	for done < len(p) {
		n, err := again(func() (int, error) { return unix.Write(f.fd, p[done:]) })
		if err == nil && n == 0 {
			err = io.ErrShortWrite
		}
		if err != nil {
			return done, &fs.PathError{Op: "write", Path: f.path, Err: err}
		}
		done += n
	}
	return done, nil
}

// state returns what an Input must have kept.
func (f plainFile) state() (size, time int64, err error) {
	var s unix.Stat_t
	if _, err := again(func() (int, error) { return 0, unix.Fstat(f.fd, &s) }); err != nil {
		return 0, 0, &fs.PathError{Op: "stat", Path: f.path, Err: err}
	}
	return s.Size, s.Mtim.Nano(), nil
}

// stateOf is state of the file at path.
func stateOf(path string) (size, time int64, err error) {
	var s unix.Stat_t
	if _, err := again(func() (int, error) { return 0, unix.Stat(path, &s) }); err != nil {
		return 0, 0, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return s.Size, s.Mtim.Nano(), nil
}

func (f plainFile) Close() error {
	if err := unix.Close(f.fd); err != nil && !errors.Is(err, unix.EINTR) { // after which it is closed
		return &fs.PathError{Op: "close", Path: f.path, Err: err}
	}
	return nil
}
