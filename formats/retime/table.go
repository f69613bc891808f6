package retime

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/pieces"
)

// Plan says which columns of a table matter, by their index.
type Plan struct {
	Times []int // hold times; none: the table is not read further
	Key   int   // names the recording, negative for none
	Texts []int // whatever else Table.Map wants to see

	// Durations are made anew of the new times of their rows, ascending by column. Their times are among Times. Only with Map, and after Judge.
	Durations []*Duration
}

// Table rewrites the time cells of one CSV file and leaves every other byte as it is: line ends (also mixed, \r\r\n,
// or none at the end), byte order mark, quoting, empty cells, order of columns, empty lines.
//
// It does not parse and print: it looks for the few cells it needs by the rules of RFC 4180, and writes a new time over the old one where it has
// as many digits; else it copies what lies between. It holds some pieces of the file at a time, at most one row longer than a chunk: of a file of
// several, one is read and one written while a third is worked on.
type Table struct {
	Name string // of the file, for errors
	// Plan is asked once, with the names in the header.
	Plan func(header []string) (Plan, error)
	// Map answers for each time cell that is not empty, in the order of the file.
	Map func(*Cell) error
	// Many, if there is one, may answer in place of Map for the only times of rows that begin alike, in their order: it puts the new times of src into
	// dst and returns how many there are. blank and err are about the one that follows them. With nothing of the three Map is asked for the first.
	Many func(key []byte, dst []int64, src []align.DeviceTime) (n int, blank bool, err error)
	// Text, if there is one, is asked in place of Map: it appends to dst the new text of a cell that holds text, without
	// the quotes around it, which stay. Cell.At is not set, and of the answers in Cell only Blank counts.
	Text func(c *Cell, dst, text []byte) ([]byte, error)
	// Comma is what separates the cells; 0: a comma.
	Comma byte
	// How the new times are written. KeepDeviceTime is for Replace.
	Mode           Mode
	KeepDeviceTime bool

	chunk   int  // bytes read at once; 0: defaultChunk
	judging bool // durations are looked at
}

const defaultChunk = pieces.Size

// Stats is what Rewrite saw.
type Stats struct {
	Header []string
	Plan   Plan
	Rows   int // without the header and empty lines
}

// Rewrite copies the table from r to w. A nil w only reads and maps, with the same errors. An error in a row is a
// *CellError and leaves w incomplete. Where the plan names no time column it stops after the header and writes nothing.
// Both r and w may be used by other goroutines until it returns.
func (t *Table) Rewrite(ctx context.Context, w io.Writer, r io.Reader) (_ Stats, err error) {
	s := t.rewriting(ctx, w, r)
	defer func() { // also when Map panics
		s.r.Close()
		s.piece.Free()
		s.freeFound()
		if e := s.w.Close(); err == nil {
			err = e
		}
	}()
	err = s.run()
	return s.stats, err
}

func (t *Table) rewriting(ctx context.Context, w io.Writer, r io.Reader) *rewriting {
	s := &rewriting{t: t, writes: w != nil, w: pieces.NewWriter(w), r: pieces.NewReader(ctx, t.Name, r, cmp.Or(t.chunk, defaultChunk)), piece: pieces.Fresh()}
	s.buf, s.pos, s.mark = s.piece.Bytes()[:s.piece.To], s.piece.To, s.piece.To
	return s
}

// rewriting is one run of Rewrite. buf[mark:pos] is read and judged but not yet copied to out.
type rewriting struct {
	t      *Table
	writes bool
	w      *pieces.Writer
	r      *pieces.Reader

	piece     *pieces.Piece // that buf is in
	buf       []byte
	held      *pieces.Piece // that out is in; nil as long as nothing needs to be copied
	out       []byte
	left      []byte // of the piece before
	mark, pos int
	quote     int // the first quote in buf at or after pos, len(buf) if none, -1 if not known
	eof       bool

	row   int
	rec   record
	want  []int // the wanted columns, ascending
	at    []int // where in want each of Plan.Times is
	key   int   // where in want Plan.Key is
	texts []int
	cell  Cell
	text  []byte // the answer of Table.Text
	// of Plan.Durations:
	lengths []int // where in want each is
	answers []answered
	cols    int
	alike   alike
	over    bool // a time may be written over the one it replaces
	stats   Stats
}

func (s *rewriting) run() error {
	if err := s.header(); err != nil {
		return err
	}
	if len(s.stats.Plan.Times) == 0 {
		return nil
	}
	s.alike.can = s.armable()
	for {
		if s.alike.can {
			done, err := s.again()
			if err != nil {
				return err
			}
			if done {
				continue
			}
		}
		ok, err := s.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if s.rec.content > s.pos { // an empty line is no row
			if len(s.lengths) > 0 {
				err = s.cellsAndDurations()
			} else {
				err = s.cells()
			}
			if err != nil {
				return err
			}
			s.stats.Rows++
		}
		s.pos = s.rec.next
	}
	return s.flush()
}

// next finds the row at pos, reading on as needed. It reports false at the end of the file.
func (s *rewriting) next() (bool, error) {
	if s.row++; s.quote < s.pos {
		s.quote = -1
	}
	for {
		rest := s.buf[s.pos:]
		if s.eof && len(rest) == 0 {
			return false, nil
		}
		if s.quote < 0 {
			if s.quote = bytes.IndexByte(rest, '"'); s.quote < 0 {
				s.quote = len(rest)
			}
			s.quote += s.pos
		}
		lf := bytes.IndexByte(rest, '\n')
		end := len(rest)
		if lf >= 0 {
			end = lf
		}
		long := end > maxRecord || lf == maxRecord
		switch {
		case s.quote >= s.pos+end && (lf >= 0 || s.eof) && !long:
			s.rec.plain(s.buf, s.pos, s.pos+end, s.want)
			s.rec.next = s.pos + end
			if lf >= 0 {
				s.rec.next++
			}
			return true, nil
		case s.quote < s.pos+end && (lf >= 0 || s.eof || long):
			ok, err := s.rec.quoted(s.buf, s.pos, s.eof, s.want)
			if err != nil {
				return false, s.rowError(err)
			}
			if ok {
				return true, nil
			}
			long = len(rest) > maxRecord
		}
		if long {
			return false, s.rowError(fmt.Errorf("%w: longer than %d bytes; a quote that is not closed, or no table at all", ErrTable, maxRecord))
		}
		if err := s.fill(); err != nil {
			return false, err
		}
	}
}

// fill goes on to the next piece, with the unfinished row before it.
func (s *rewriting) fill() error {
	s.left = append(s.left[:0], s.buf[s.pos:]...)
	if s.cols == 0 { // not before it is known that there is something to re-time
		s.copyTo(s.pos)
	} else if err := s.flush(); err != nil {
		return err
	}
	p, err := s.r.Next()
	if err != nil {
		return err
	}
	p.Follow(s.left)
	s.piece.Free()
	s.piece, s.eof, s.quote = p, p.Last, -1
	s.buf, s.pos, s.mark = p.Bytes()[:p.To], p.From, p.From
	return nil
}

// cells maps the time cells of the row.
func (s *rewriting) cells() error {
	if s.rec.n != s.cols {
		return s.wrongWidth()
	}
	c := &s.cell
	c.Row = s.row
	filled := false
	for i, w := range s.at {
		cell := s.rec.cells[w]
		in, inQuotes := cell.inner(s.buf)
		if in.from == in.to {
			if s.writes {
				s.empty(cell, inQuotes)
			}
			continue
		}
		var at int64
		if s.t.Text == nil {
			var ok bool
			if at, ok = parseInt(s.buf[in.from:in.to]); !ok {
				return s.cellError(i, notATime(s.buf[in.from:in.to]))
			}
		}
		if !filled {
			filled = true
			if s.key >= 0 {
				c.Key = s.rec.cells[s.key].text(s.buf)
			}
			for j, w := range s.texts {
				c.Texts[j] = s.rec.cells[w].text(s.buf)
			}
		}
		if s.alike.can {
			s.arm(s.buf[s.pos:cell.from], in, c.Key, s.quote >= s.rec.next)
		}
		c.Column, c.At = i, align.DeviceTime(at)
		c.Host, c.Blank, c.Kept = 0, false, false
		if s.t.Text != nil {
			var err error
			if s.text, err = s.t.Text(c, s.text[:0], cell.text(s.buf)); err != nil {
				return s.cellError(i, err)
			}
			if s.writes {
				s.emitText(cell, in, inQuotes)
			}
			continue
		}
		if err := s.t.Map(c); err != nil {
			return s.cellError(i, err)
		}
		if s.writes {
			s.emit(cell, in, inQuotes)
		}
	}
	return nil
}

// emit writes the answer to one cell.
func (s *rewriting) emit(cell, in span, inQuotes bool) {
	c := &s.cell
	if s.t.Mode == Add {
		s.copyTo(cell.to)
		s.out = append(s.out, s.rec.comma)
		host := c.Host
		if c.Kept {
			host = int64(c.At)
		}
		s.digits(inQuotes, c.Blank, host)
		return
	}
	switch {
	case c.Kept:
	case s.over && !c.Blank && in.to-in.from == 19 && c.Host >= 1e18:
		put19(s.buf[in.from:in.to], c.Host)
	default:
		s.copyTo(in.from)
		if !c.Blank {
			s.out = strconv.AppendInt(s.out, c.Host, 10)
		}
		s.mark = in.to
	}
	if s.t.KeepDeviceTime {
		s.copyTo(cell.to)
		s.out = append(s.out, s.rec.comma)
		s.digits(inQuotes, c.Kept, int64(c.At)) // a time of the host's has no place in a column of the device's
	}
}

// emitText writes the answer of Table.Text to one cell.
func (s *rewriting) emitText(cell, in span, inQuotes bool) {
	text := s.text
	if s.cell.Blank {
		text = nil
	}
	switch {
	case s.t.Mode == Add:
		s.copyTo(cell.to)
		s.whole(inQuotes, text)
	default:
		s.copyTo(in.from)
		s.out = append(s.out, text...)
		s.mark = in.to
		if s.t.KeepDeviceTime {
			s.copyTo(cell.to)
			s.whole(inQuotes, s.buf[in.from:in.to])
		}
	}
}

// whole writes a separator and a cell of text that needs no quotes but those that are asked for.
func (s *rewriting) whole(inQuotes bool, text []byte) {
	s.out = append(s.out, s.rec.comma)
	if inQuotes {
		s.out = append(s.out, '"')
	}
	s.out = append(s.out, text...)
	if inQuotes {
		s.out = append(s.out, '"')
	}
}

// digits writes a whole cell.
func (s *rewriting) digits(inQuotes, blank bool, v int64) {
	if inQuotes {
		s.out = append(s.out, '"')
	}
	if !blank {
		s.out = strconv.AppendInt(s.out, v, 10)
	}
	if inQuotes {
		s.out = append(s.out, '"')
	}
}

// empty writes the second cell of one that is empty, if there is to be one.
func (s *rewriting) empty(cell span, inQuotes bool) {
	if s.t.Mode == Add || s.t.KeepDeviceTime {
		s.copyTo(cell.to)
		s.out = append(s.out, s.rec.comma)
		s.digits(inQuotes, true, 0)
	}
}

// copyTo copies what was read up to the index end of the buffer.
func (s *rewriting) copyTo(end int) {
	if s.writes {
		s.hold()
		s.out = append(s.out, s.buf[s.mark:end]...)
	}
	s.mark = end
}

// hold makes room for out.
func (s *rewriting) hold() {
	if s.held == nil {
		s.held = pieces.Fresh()
		s.out = s.held.Bytes()[:0]
	}
}

// flush writes what is done: the piece itself, where all that changed was written over what was there.
func (s *rewriting) flush() error {
	if !s.writes {
		s.mark = s.pos
		return nil
	}
	if s.held == nil {
		p := s.piece
		p.From, p.To = s.mark, s.pos
		s.piece, s.mark = pieces.Fresh(), s.pos
		return s.w.Write(p)
	}
	s.copyTo(s.pos)
	p := s.held
	p.Set(s.out)
	s.held, s.out = nil, nil
	return s.w.Write(p)
}

func (s *rewriting) wrongWidth() error {
	err := fmt.Errorf("%w: %d cells where the header has %d (cut off, or text with a comma that is not quoted)", ErrTable, s.rec.n, s.cols)
	for i, col := range s.stats.Plan.Times {
		if col >= s.rec.n {
			return s.cellError(i, err)
		}
	}
	return s.rowError(err)
}

func (s *rewriting) rowError(err error) error {
	return &CellError{File: s.t.Name, Row: s.row, Err: err}
}

func (s *rewriting) cellError(i int, err error) error {
	return &CellError{File: s.t.Name, Row: s.row, Column: columnName(s.stats.Header, s.stats.Plan.Times[i]), Err: err}
}

// columnName quotes the name of a column and numbers it where it is not the only one of its name.
func columnName(header []string, i int) string {
	for j, name := range header {
		if name == header[i] && j != i {
			return fmt.Sprintf("%q (column %d)", name, i+1)
		}
	}
	return strconv.Quote(header[i])
}
