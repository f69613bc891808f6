package pieces

import (
	"context"
	"io"
)

// Copy copies r to w, and returns how many bytes it read. name is for errors of reading.
func Copy(ctx context.Context, w io.Writer, name string, r io.Reader) (n int64, err error) {
	in, out := NewReader(ctx, name, r, 0), NewWriter(w)
	defer in.Close()
	defer func() {
		if e := out.Close(); err == nil {
			err = e
		}
	}()
	for {
		p, err := in.Next()
		if err != nil {
			return n, err
		}
		n += int64(p.To - p.From)
		last := p.Last
		if err := out.Write(p); err != nil || last {
			return n, err
		}
	}
}
