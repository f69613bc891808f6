package pieces

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
)

// ahead is how many pieces are read that nobody has asked for yet, and how many wait to be written.
const ahead = 2

// Reader gives a file piece by piece. It must be closed.
//
// The first piece is read by who asks for it, and so is all of a file that is no longer. Only when more is asked for than that does
// another goroutine begin to read on.
type Reader struct {
	ctx   context.Context
	name  string
	r     io.Reader
	size  int
	begun bool
	ready chan *Piece
	stop  chan struct{}
}

// NewReader returns a Reader of r, which nobody else may read until it is closed. name is for errors; "": they are as r gives them. Its pieces have size bytes, of which Size is the most; 0: Size.
func NewReader(ctx context.Context, name string, r io.Reader, size int) *Reader {
	if size <= 0 || size > Size {
		size = Size
	}
	return &Reader{ctx: ctx, name: name, r: r, size: size}
}

// Next returns the next piece, which is the caller's to free or to write. It is full unless it is the last one, which may be empty; none follows it.
// The error is that of reading, or of the context.
func (r *Reader) Next() (*Piece, error) {
	if r.ready == nil {
		if alone := runtime.GOMAXPROCS(0) == 1; !r.begun || alone {
			r.begun = true
			return r.read().result()
		}
		r.ready, r.stop = make(chan *Piece, ahead), make(chan struct{})
		go r.readOn()
	}
	p, ok := <-r.ready
	if !ok {
		return nil, io.EOF
	}
	return p.result()
}

func (p *Piece) result() (*Piece, error) {
	if p.panicked != nil {
		panic(p.panicked) // where the caller cleans up
	}
	if p.err != nil {
		defer p.Free()
		return nil, p.err
	}
	return p, nil
}

// Close ends the reading ahead. No goroutine reads any more when it returns.
func (r *Reader) Close() {
	if r.ready == nil {
		return
	}
	close(r.stop)
	for p := range r.ready {
		p.Free()
	}
}

func (r *Reader) readOn() {
	defer close(r.ready)
	for {
		select {
		case <-r.stop:
			return
		default:
		}
		p := r.read()
		over := p.Last || p.err != nil || p.panicked != nil
		select {
		case r.ready <- p:
		case <-r.stop:
			p.Free()
			return
		}
		if over {
			return
		}
	}
}

func (r *Reader) read() (p *Piece) {
	p = Fresh()
	defer func() { p.panicked = recover() }()
	if p.err = r.ctx.Err(); p.err != nil {
		return p
	}
	n, err := io.ReadFull(r.r, p.b[p.To:p.To+r.size])
	p.To += n
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		p.Last = true
	case err != nil:
		p.err = err
		if r.name != "" {
			p.err = fmt.Errorf("reading %s: %w", r.name, err)
		}
	}
	return p
}
