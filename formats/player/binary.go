package player

import (
	"context"
	"fmt"
	"io"
)

// piece is how much of a binary file is in memory at once.
const piece = 256 << 10

// eachRecord reads records of the given size, lets edit change one, and writes it. A nil w only reads. What is left over at
// the end is an error: a file that was cut off.
func eachRecord(ctx context.Context, w io.Writer, r io.Reader, size int, edit func(n int, record []byte) error) (int, error) {
	buf := make([]byte, max(piece/size, 1)*size)
	for n := 0; ; {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		got, err := io.ReadFull(r, buf)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return n, err
		}
		if got%size != 0 {
			return n, fmt.Errorf("%w: byte %d: the last of its records of %d bytes has %d (cut off)", ErrFile, n*size+got-got%size, size, got%size)
		}
		for at := 0; at < got; at += size {
			if err := edit(n, buf[at:at+size]); err != nil {
				return n, fmt.Errorf("record %d: %w", n+1, err)
			}
			n++
		}
		if w != nil && got > 0 {
			if _, err := w.Write(buf[:got]); err != nil {
				return n, err
			}
		}
		if err != nil {
			return n, nil
		}
	}
}
