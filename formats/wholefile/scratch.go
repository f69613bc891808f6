package wholefile

import "os"

// Scratch returns an empty file in dir for work that is not for keeps, and what removes it. Where the system lets an
// open file go, it has no name already, so that even a process that is killed leaves nothing.
func Scratch(dir string) (f *os.File, remove func(), err error) {
	name, f, err := tempFile(dir)
	if err != nil {
		return nil, nil, err
	}
	gone := os.Remove(name) == nil
	return f, func() {
		f.Close()
		if !gone {
			os.Remove(name)
		}
	}, nil
}
