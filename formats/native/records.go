package native

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/pieces"
)

// block is how much is read at once: larger gains nothing.
const block = pieces.Size

// several is how many stamps are mapped at once: they fit into the fastest memory.
const several = 1024

// mapping answers for one stamp: the new one, and true where the old one stays. record counts from 1, field is an
// index into the layout's times.
type mapping func(record, field int, at align.DeviceTime) (host int64, kept bool, err error)

// manyMapping answers for many stamps in a row, all from lo to hi: as an align.Batch does.
type manyMapping func(dst []int64, src []align.DeviceTime, lo, hi align.DeviceTime) (int, error)

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
				return n, cutOff(name, n, layout.size, got-at)
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

// rewriteStamps is rewriteRecords for records that are a stamp and nothing else, which it maps many at a time. name is the file's, stamp the field's.
func rewriteStamps(ctx context.Context, name, stamp string, w io.Writer, r io.Reader, to manyMapping) (n int, err error) {
	in, out := pieces.NewReader(ctx, name, r, 0), pieces.NewWriter(w)
	defer in.Close()
	defer func() {
		if e := out.Close(); err == nil {
			err = e
		}
	}()
	src, dst := make([]align.DeviceTime, several), make([]int64, several)
	for {
		p, err := in.Next()
		if err != nil {
			return n, err
		}
		b := p.Bytes()[p.From:p.To]
		for len(b) >= 8 {
			some := b[:min(len(b)/8, several)*8]
			src, dst := src[:len(some)/8], dst[:len(some)/8]
			lo, hi := takeStamps(src, some)
			k, err := to(dst, src, lo, hi)
			n += k
			if err != nil {
				return n + 1, &StampError{name, n + 1, int64(n) * 8, stamp, err}
			}
			putStamps(some, dst)
			b = b[len(some):]
		}
		if len(b) > 0 {
			return n, cutOff(name, n, 8, len(b))
		}
		last := p.Last
		if err := out.Write(p); err != nil || last {
			return n, err
		}
	}
}

// cutOff is the error about the record that follows n whole ones of size bytes.
func cutOff(name string, n, size, got int) error {
	return &StampError{name, n + 1, int64(n) * int64(size), "", fmt.Errorf("%w: %d bytes, expected %d; copy the recording from the phone again", ErrCutOff, got, size)}
}
