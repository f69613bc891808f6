package pieces

import (
	"errors"
	"io"
	"runtime"
)

// Writer writes pieces in their order. It must be closed.
//
// As with a Reader, another goroutine begins to write only with the second piece.
type Writer struct {
	w      io.Writer
	begun  bool
	queue  chan *Piece
	failed chan struct{} // closed when err is set
	over   chan struct{}
	err    error
	panic  any // of the writing goroutine, handed on to who asks next
}

// NewWriter returns a Writer to w, which nobody else may write to until it is closed. A nil w only frees the pieces.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write takes p over and writes it. An error may be that of a piece before.
func (w *Writer) Write(p *Piece) error {
	if w.w == nil || p.From == p.To {
		p.Free()
		return nil
	}
	if w.queue == nil {
		if alone := runtime.GOMAXPROCS(0) == 1; !w.begun || alone {
			w.begun = true
			return w.write(p)
		}
		w.queue, w.failed, w.over = make(chan *Piece, ahead), make(chan struct{}), make(chan struct{})
		go w.writeOn()
	}
	select {
	case <-w.failed:
		p.Free()
		w.handOn()
		return w.err
	case w.queue <- p:
		return nil
	}
}

// Close waits until all is written. The error is that of any piece.
func (w *Writer) Close() error {
	if w.queue != nil {
		close(w.queue)
		<-w.over
		w.queue = nil
	}
	w.handOn()
	return w.err
}

// handOn panics where the caller cleans up, once.
func (w *Writer) handOn() {
	if p := w.panic; p != nil {
		w.panic = nil
		panic(p)
	}
}

func (w *Writer) writeOn() {
	defer close(w.over)
	for p := range w.queue {
		if w.err != nil {
			p.Free()
		} else if w.writeSafely(p) != nil {
			close(w.failed)
		}
	}
}

// writeSafely is write that keeps a panic for the caller, whose error it is until then.
func (w *Writer) writeSafely(p *Piece) (err error) {
	defer func() {
		if w.panic = recover(); w.panic != nil {
			w.err = errPanic
			err = w.err
		}
	}()
	return w.write(p)
}

var errPanic = errors.New("writing panicked")

func (w *Writer) write(p *Piece) error {
	if w.err == nil {
		_, w.err = w.w.Write(p.b[p.From:p.To])
	}
	p.Free()
	return w.err
}
