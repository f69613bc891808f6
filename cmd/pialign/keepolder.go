package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/pialign/pialign/formats/wholefile"
)

// olderEnding is put behind the name of a file that makes room for a new one: somebody may have edited it.
const olderEnding = ".bak"

// writeOver writes b to path. What is there is replaced only if it is one of ours, which is tells; if it is another than b it is kept as path.bak, and
// talk is told so. what is how messages call such a file.
func writeOver(talk io.Writer, path string, b []byte, what string, is func(path string) bool) error {
	older, err := olderThan(path, b, what, is)
	if err != nil {
		return err
	}
	if older {
		if _, err := olderThan(path+olderEnding, nil, what, is); err != nil {
			return err
		}
		if err := wholefile.Replace(path, path+olderEnding); err != nil {
			return err
		}
		fmt.Fprintf(talk, "pialign: the %s that was there is another, and is now %s\n", what, path+olderEnding)
	}
	return wholefile.Write(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// olderThan reports whether path is one of ours with other bytes than b. It is an error if it is somebody else's.
func olderThan(path string, b []byte, what string, is func(path string) bool) (bool, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 { // whether it can be written to is seen when it is
		return false, nil
	}
	if !is(path) {
		return false, withHint(fmt.Errorf("not replaced: %s is there already, and it is no %s", path, what), "give another name: -o FILE")
	}
	if info.Size() != int64(len(b)) {
		return true, nil
	}
	was, err := os.ReadFile(path)
	return !bytes.Equal(was, b), err
}
