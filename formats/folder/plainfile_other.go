//go:build !unix

package folder

import "os"

// plainFile is an os.File where that costs no more than it must.
type plainFile struct{ *os.File }

func openPlain(path string, flag int) (plainFile, error) {
	f, err := os.OpenFile(path, flag, 0o666)
	return plainFile{f}, err
}

func createPlain(path string) (plainFile, error) {
	return openPlain(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
}

// state returns what an Input must have kept.
func (f plainFile) state() (size, time int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), info.ModTime().UnixNano(), nil
}

// stateOf is state of the file at path.
func stateOf(path string) (size, time int64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), info.ModTime().UnixNano(), nil
}
