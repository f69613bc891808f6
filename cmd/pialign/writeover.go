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

// ours tells by its beginning whether a file is of a kind that pialign writes, and may write over.
type ours struct {
	what string // how messages call it
	is   func(head []byte) bool
}

// headSize is how much of a file tells what it is.
const headSize = 4 << 10

// writeOver writes b to path, as refuse allows. What is there, if it is another than b, is kept as path.bak, and talk is told so.
func (o ours) writeOver(talk io.Writer, path string, b []byte) error {
	if err := o.refuse(path); err != nil {
		return err
	}
	if differs(path, b) {
		if err := o.refuse(path + olderEnding); err != nil {
			return err
		}
		if err := wholefile.Replace(path, path+olderEnding); err != nil {
			return err
		}
		fmt.Fprintf(talk, "pialign: the %s that was there is another, and is now %s\n", o.what, path+olderEnding)
	}
	return wholefile.Write(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// refuse reports why a file at path may not be replaced: it is none of ours. Whether it can be written to is seen when it is.
func (o ours) refuse(path string) error {
	if !holdsBytes(path) {
		return nil
	}
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		head := make([]byte, headSize)
		n, _ := io.ReadFull(f, head) // what cannot be read is not known to be ours
		if o.is(head[:n]) {
			return nil
		}
	}
	return withHint(fmt.Errorf("not replaced: %s is there already, and it is no %s", path, o.what), "give another name: -o FILE")
}

// holdsBytes reports whether there is a file at path with something in it. A pipe would be waited for.
func holdsBytes(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// differs reports whether the file at path, if there is one, holds other bytes than b.
func differs(path string, b []byte) bool {
	if !holdsBytes(path) {
		return false
	}
	if info, err := os.Stat(path); err != nil || info.Size() != int64(len(b)) {
		return true
	}
	was, err := os.ReadFile(path)
	return err != nil || !bytes.Equal(was, b)
}
