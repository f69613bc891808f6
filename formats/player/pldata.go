package player

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/pialign/pialign/formats/folder"
)

// maxDatum is far above a real datum of some hundred bytes.
const maxDatum = 16 << 20

// pldata re-times a .pldata: pairs of a topic and a datum, which is msgpack within msgpack.
func (u *run) pldata(f folder.File, g *group, w io.Writer, r io.Reader, s *scanned) error {
	rel := u.relative(g, s.span("timestamp"))
	in := bufio.NewReaderSize(r, piece)
	var out *bufio.Writer
	if w != nil {
		out = bufio.NewWriterSize(w, piece)
	}
	for ; ; s.rows++ {
		b, err := readDatum(u.ctx, in)
		if err == io.EOF {
			break
		}
		if err == nil {
			err = b.walk(0, func(at []byte) error { return double(at, rel.double) })
		}
		if err == nil && b.at != len(b.b) {
			err = fmt.Errorf("%w: %d bytes after its end", ErrFile, len(b.b)-b.at)
		}
		if err != nil {
			return fmt.Errorf("datum %d: %w", s.rows+1, err)
		}
		if out != nil {
			if _, err := out.Write(b.whole); err != nil {
				return err
			}
		}
	}
	if out != nil {
		return out.Flush()
	}
	return nil
}

// datum is one pair: all its bytes, and the packed part of them.
type datum struct {
	pack
	whole []byte
}

// readDatum reads a pair. At the end of the file it returns io.EOF.
func readDatum(ctx context.Context, in *bufio.Reader) (*datum, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	first, err := in.ReadByte()
	if err != nil {
		return nil, err
	}
	if first != 0x92 {
		return nil, fmt.Errorf("%w: expected a pair of topic and datum; no .pldata as Pupil Player writes it, or damaged: "+copyAgain, ErrFile)
	}
	d := &datum{whole: []byte{first}}
	for _, kinds := range []string{"s", "bs"} {
		n, err := d.head(in, kinds)
		if err != nil {
			return nil, err
		}
		from := len(d.whole)
		d.whole = append(d.whole, make([]byte, n)...)
		if _, err := io.ReadFull(in, d.whole[from:]); err != nil {
			return nil, cutOff(err)
		}
		d.pack = pack{b: d.whole[from:]} // of the second
	}
	return d, nil
}

// head reads the type and length of a text or of bytes.
func (d *datum) head(in *bufio.Reader, kinds string) (int, error) {
	b, err := in.Peek(1)
	if err != nil {
		return 0, cutOff(err)
	}
	more := map[byte]int{0xc4: 1, 0xc5: 2, 0xc6: 4, 0xd9: 1, 0xda: 2, 0xdb: 4}[b[0]]
	b, err = in.Peek(1 + more)
	if err != nil {
		return 0, cutOff(err)
	}
	p := pack{b: b}
	kind, n, err := p.next()
	switch {
	case err != nil:
		return 0, err
	case kind != kinds[0] && kind != kinds[len(kinds)-1]:
		return 0, fmt.Errorf("%w: expected a topic and then bytes", ErrFile)
	case n > maxDatum:
		return 0, fmt.Errorf("%w: a datum of %d bytes", ErrFile, n)
	}
	d.whole = append(d.whole, b...)
	_, err = in.Discard(len(b))
	return n, err
}

// copyAgain is what to try. Pupil Player makes its .pldata of the phone's files anew.
const copyAgain = "copy it again, or, if the original is so, open the phone's own files in Pupil Player once more, or move it out of the folder"

func cutOff(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: cut off; "+copyAgain, ErrFile)
	}
	return err
}
