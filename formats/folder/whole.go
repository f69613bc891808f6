package folder

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// small is up to which size a file is read as a whole when it is opened: one call for its bytes, one that tells whether it was what it should be, and
// nothing on its way any more while it is worked on.
const small = 64 << 10

// whole is a file in memory.
type whole struct {
	bytes.Reader
	b []byte
}

// spare is memory for some, of one byte more, which shows that a file has grown.
var spare = make(chan []byte, 16)

func room() []byte {
	select {
	case b := <-spare:
		return b
	default:
		return make([]byte, small+1)
	}
}

func giveBack(b []byte) {
	select {
	case spare <- b[:small+1]:
	default:
	}
}

func openWhole(f File) (*Input, error) {
	in, err := openPlain(f.Path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b := room()
	n, err := io.ReadFull(in, b[:f.Size+1])
	switch {
	case err == nil:
		err = Changed(f)
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		err = nil
	default:
		err = fmt.Errorf("reading %s: %w", f.Path, err)
	}
	if err == nil {
		err = unchanged(f, in.state)
	}
	if err == nil && int64(n) != f.Size {
		err = Changed(f)
	}
	if err != nil {
		giveBack(b)
		return nil, err
	}
	w := &whole{b: b[:n]}
	w.Reset(w.b)
	return &Input{ReadCloser: w, file: f, whole: w}, nil
}

// Close gives the memory back.
func (w *whole) Close() error {
	if w.b == nil {
		return os.ErrClosed
	}
	giveBack(w.b)
	w.b = nil
	w.Reset(nil)
	return nil
}
