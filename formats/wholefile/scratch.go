package wholefile

import "os"

// Scratch returns an empty file in dir for work that is not for keeps, and what closes and removes it.
func Scratch(dir string) (f *os.File, remove func(), err error) {
	name, f, err := tempFile(dir)
	if err != nil {
		return nil, nil, err
	}
	return f, func() {
		f.Close()
		os.Remove(name)
	}, nil
}
