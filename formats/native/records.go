package native

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pialign/pialign/align"
)

// block is how much is read at once: larger gains nothing.
const block = 256 << 10

// mapping answers for one stamp: the new one, and true where the old one stays. record counts from 1, field is an
// index into the layout's times.
type mapping func(record, field int, at align.DeviceTime) (host int64, kept bool, err error)

// rewriteRecords copies records from r to w with their stamps mapped, and returns how many there are. A nil w only
// reads and maps. An error in a record is a *StampError and leaves w incomplete.
func rewriteRecords(ctx context.Context, name string, layout record, w io.Writer, r io.Reader, to mapping) (int, error) {
	buf := make([]byte, max(block/layout.size, 1)*layout.size)
	n := 0
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		got, err := io.ReadFull(r, buf)
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return n, fmt.Errorf("reading %s: %w", name, err)
		}
		for at := 0; at < got; at += layout.size {
			start := int64(n) * int64(layout.size)
			if got-at < layout.size {
				return n, &StampError{name, n + 1, start, "", fmt.Errorf("%w: %d bytes, expected %d; copy the recording from the phone again",
					ErrCutOff, got-at, layout.size)}
			}
			n++
			for i, f := range layout.times {
				b := buf[at+f.at : at+f.at+8]
				host, kept, err := to(n, i, align.DeviceTime(binary.LittleEndian.Uint64(b)))
				if err != nil {
					return n, &StampError{name, n, start + int64(f.at), f.name, err}
				}
				if !kept {
					binary.LittleEndian.PutUint64(b, uint64(host))
				}
			}
		}
		if w != nil && got > 0 {
			if _, err := w.Write(buf[:got]); err != nil {
				return n, err
			}
		}
		if end {
			return n, nil
		}
	}
}
