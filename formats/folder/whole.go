package folder

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
)

// small is up to which size a file is read as a whole when it is opened: one call for its bytes, one that tells whether it was what it should be, and
// nothing on its way any more while it is worked on.
const small = 64 << 10

// whole is a file in memory.
type whole struct {
	bytes.Reader
	b []byte
}

var wholes = sync.Pool{New: func() any { return &whole{b: make([]byte, 0, small+1)} }} // one more shows that a file has grown

func openWhole(f File) (*Input, error) {
	in, err := openPlain(f.Path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	w := wholes.Get().(*whole)
	n, err := io.ReadFull(in, w.b[:f.Size+1])
	switch {
	case err == nil:
		err = Changed(f)
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		err = nil
	default:
		err = fmt.Errorf("reading %s: %w", f.Path, err)
	}
	if err == nil {
		var size, time int64
		if size, time, err = in.state(); err == nil && (size != f.Size || time != f.time || int64(n) != size) {
			err = Changed(f)
		}
	}
	if err != nil {
		wholes.Put(w)
		return nil, err
	}
	w.b = w.b[:n]
	w.Reset(w.b)
	return &Input{ReadCloser: w, file: f, whole: w}, nil
}

// Close gives the memory back.
func (w *whole) Close() error {
	if w.b == nil {
		return os.ErrClosed
	}
	again := &whole{b: w.b[:0]}
	w.b = nil
	w.Reset(nil)
	wholes.Put(again)
	return nil
}
