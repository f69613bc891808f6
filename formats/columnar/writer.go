package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/pialign/pialign/formats/retime"
)

// ErrColumns: the columns of the table cannot be those of a file with types.
var ErrColumns = errors.New("columns that only CSV can have")

// Writer takes the text of a re-timed table and writes it in another format.
type Writer struct {
	ctx    context.Context
	w      io.Writer
	format retime.Format
	about  func() (Table, error)
	open   func() (io.ReadCloser, error)

	table   Table
	columns []column
	rows    *retime.Rows // to find where they end
	text    []byte       // not in a group yet
	at      int          // text up to here is whole rows
	n       int          // of them
	row     int          // of the file, the first of them
	begun   bool
	waived  error // of the first reading: whoever writes finds it too, and says it better
	err     error

	encoder encoder
	work    chan *group
	order   chan *group   // as they are to be written
	failed  chan struct{} // closed when nothing more will be written
	written chan error
	workers sync.WaitGroup
	stopped bool
}

// New makes a Writer to w. With the first bytes it asks about what they are, and opens the original table to see, from all of its cells, what
// types the columns can have. A Writer that was given nothing writes nothing.
func New(ctx context.Context, w io.Writer, format retime.Format, about func() (Table, error), open func() (io.ReadCloser, error)) *Writer {
	return &Writer{ctx: ctx, w: w, format: format, about: about, open: open}
}

// Begun reports whether there was a table at all.
func (w *Writer) Begun() bool { return w.begun }

// Write takes the next piece of the text, which may end anywhere.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if w.waived != nil {
		return len(p), nil
	}
	if need := len(w.text) + len(p); need > cap(w.text) {
		w.text = append(make([]byte, 0, max(2*cap(w.text), need, pieceSize)), w.text...)
	}
	w.text = append(w.text, p...)
	if w.err = w.take(false); w.err != nil {
		w.stop()
		return 0, w.err
	}
	return len(p), nil
}

// take cuts off groups.
func (w *Writer) take(eof bool) error {
	if !w.begun {
		if ok, err := w.begin(eof); !ok || err != nil || w.waived != nil {
			return err
		}
	}
	for many := true; ; { // at once, where the group does not end among them
		if many {
			many = false
			if size, lines := w.rows.Whole(w.text[w.at:]); w.n+lines < groupRows && w.at+size < groupSize {
				w.at, w.n = w.at+size, w.n+lines
			}
		}
		next, ok, err := w.rows.End(w.text, w.at, eof)
		if err != nil {
			return &retime.CellError{File: w.table.Name, Row: w.row + w.n, Err: err}
		}
		if !ok {
			break
		}
		w.at = next
		w.n++
		if w.n == groupRows || w.at >= groupSize {
			if err := w.hand(); err != nil {
				return err
			}
			many = true
		}
	}
	return nil
}

// hand gives a group to those that work on them.
func (w *Writer) hand() error {
	var g *group
	select {
	case g = <-crew():
	case <-w.ctx.Done():
		return w.ctx.Err()
	case <-w.failed:
		err := <-w.written
		w.written <- err
		return err
	}
	rest := w.text[w.at:]
	g.first, g.lines, g.err = w.row, w.n, nil
	spare := g.text[:0]
	if size := w.at + w.at/8 + len(rest); cap(spare) < w.at { // the next is about as large
		spare = make([]byte, 0, size)
	}
	g.text, w.text = w.text[:w.at], append(spare, rest...)
	g.done = make(chan struct{})
	w.row += w.n
	w.at, w.n = 0, 0
	w.order <- g // never full: as long as there are groups
	w.work <- g
	return nil
}

// begin reads the header and starts the work. It reports false where there is not enough of it yet.
func (w *Writer) begin(eof bool) (bool, error) {
	about, err := w.about()
	if err != nil {
		return false, err
	}
	w.table = about
	w.columns = about.plan()
	w.rows = retime.NewRows(about.Comma, len(w.columns))
	if !eof && len(w.text) < retime.MarkSize {
		return false, nil
	}
	mark := len(w.text) - len(retime.TrimMark(w.text)) // before a cell that begins with a quote
	end, ok, err := w.rows.End(w.text, mark, eof)
	if !ok || err != nil {
		return false, err
	}
	w.rows.Piece(w.text[mark:end])
	if n, _, err := w.rows.Row(0); err != nil || n != len(w.columns) {
		return false, fmt.Errorf("%s: %w: the header has %d columns where %d were planned", about.Name, retime.ErrTable, n, len(w.columns))
	}
	if err := about.Check(); err != nil {
		return false, err
	}
	w.begun = true
	w.text = w.text[:copy(w.text, w.text[end:])]
	w.row = 2
	if err := w.types(); err != nil || w.waived != nil {
		w.text = nil
		return true, err
	}
	w.encoder = newEncoder(w.format, &w.table, w.columns)
	w.start()
	return true, nil
}

// types decides what the columns are.
func (w *Writer) types() error {
	in, err := w.open()
	if err != nil {
		return err
	}
	defer in.Close()
	s, err := infer(w.ctx, in, w.table.Comma, w.table.Header, w.table.look())
	if errors.Is(err, retime.ErrTable) {
		w.waived = err
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", w.table.Name, err)
	}
	for i := range w.columns {
		c := &w.columns[i]
		if c.unit == 0 {
			c.kind = s[c.from].kind(w.table.Header[c.from])
		}
		c.required = !s[c.from].empty && !(c.unit != 0 && w.table.Blanks)
	}
	return nil
}

// start starts those that work on groups, and the one that writes them in order.
func (w *Writer) start() {
	tables.Add(1)
	w.work, w.order = make(chan *group, cap(crew())), make(chan *group, cap(crew()))
	w.failed, w.written = make(chan struct{}), make(chan error, 1)
	for range workers() {
		w.workers.Go(func() {
			rows := retime.NewRows(w.table.Comma, len(w.columns))
			for g := range w.work {
				g.err = w.make(g, rows)
				close(g.done)
			}
		})
	}
	w.workers.Go(w.deliver)
}

// stop lets those who work finish what they have.
func (w *Writer) stop() {
	if !w.stopped && w.work != nil {
		w.stopped = true
		close(w.work)
		close(w.order)
	}
}

// Close ends the table. It must be called, with the error of whoever wrote into w if there is one: then the result is not whole.
func (w *Writer) Close(why error) error {
	if why == nil {
		why = w.err
	}
	if why == nil && w.waived == nil && len(w.text) > 0 {
		if why = w.take(true); why == nil && w.n > 0 {
			why = w.hand()
		}
	}
	if why == nil && w.waived != nil {
		why = fmt.Errorf("%s: %w", w.table.Name, w.waived)
	}
	if w.work == nil {
		return why
	}
	w.stop()
	w.workers.Wait()
	leave()
	w.work = nil
	if err := <-w.written; why == nil {
		why = err
	}
	return why
}
