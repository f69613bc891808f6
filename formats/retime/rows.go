package retime

import (
	"bytes"
	"fmt"
)

// Rows splits a table, or pieces of one that are whole rows, into all of its cells, by the rules by which Table finds those it needs.
type Rows struct {
	rec   record
	want  []int // every column
	piece []byte
	quote int // the first quote in piece at or after where it was last looked for; len(piece) if none
}

// NewRows makes a Rows for tables of so many columns. comma separates the cells; 0: a comma.
func NewRows(comma byte, columns int) *Rows {
	if comma == 0 {
		comma = ','
	}
	r := &Rows{rec: record{comma: comma, cells: make([]span, columns)}, want: make([]int, columns)}
	for i := range r.want {
		r.want[i] = i
	}
	return r
}

// End returns where the row at b[from:] ends, its line end included. It reports false where that is not in b; eof says that
// nothing follows b.
func (r *Rows) End(b []byte, from int, eof bool) (next int, ok bool, err error) {
	rest := b[from:]
	lf := bytes.IndexByte(rest, '\n')
	end := lf
	if lf < 0 {
		end = len(rest)
	}
	switch {
	case eof && len(rest) == 0:
		return from, false, nil
	case bytes.IndexByte(rest[:end], '"') >= 0:
		if ok, err = r.rec.quoted(b, from, eof, nil); ok {
			return r.rec.next, true, nil
		}
	case lf >= 0:
		return from + lf + 1, true, nil
	case eof:
		return len(b), true, nil
	}
	if err == nil && len(rest) > maxRecord {
		err = fmt.Errorf("%w: longer than %d bytes; a quote that is not closed, or no table at all", ErrTable, maxRecord)
	}
	return from, false, err
}

// Whole returns how much of b, which begins with a row, is whole rows, and how many lines these are. It looks no further than to a quote: from
// there on it is for End.
func (r *Rows) Whole(b []byte) (size, lines int) {
	if q := bytes.IndexByte(b, '"'); q >= 0 {
		b = b[:q]
	}
	size = bytes.LastIndexByte(b, '\n') + 1
	return size, bytes.Count(b[:size], []byte{'\n'})
}

// Piece sets whole rows for Row to split.
func (r *Rows) Piece(b []byte) { r.piece, r.quote = b, -1 }

// Row splits the row of the piece that begins at from, and returns how many cells it has and where the next one begins. Rows are taken in
// their order. An empty line has no cells: it is no row. Another number of cells than columns is the caller's to judge.
func (r *Rows) Row(from int) (cells, next int, err error) {
	b := r.piece
	if r.quote < from {
		if r.quote = bytes.IndexByte(b[from:], '"'); r.quote < 0 {
			r.quote = len(b) - from
		}
		r.quote += from
	}
	end := len(b)
	next = end
	if lf := bytes.IndexByte(b[from:], '\n'); lf >= 0 {
		end = from + lf
		next = end + 1
	}
	if r.quote < end {
		ok, err := r.rec.quoted(b, from, true, r.want)
		if err != nil || !ok {
			return 0, from, err
		}
		next = r.rec.next
	} else {
		r.rec.plain(b, from, end, r.want)
	}
	if r.rec.content == from {
		return 0, next, nil
	}
	return r.rec.n, next, nil
}

// Cell returns what cell i of the row says, without the quotes around it. It is part of the piece, or new where quotes stand in it.
func (r *Rows) Cell(i int) []byte { return r.rec.cells[i].text(r.piece) }

// ParseInt reads a whole number in the one spelling that strconv.AppendInt would give back.
func ParseInt(b []byte) (int64, bool) { return parseInt(b) }

// MarkSize is that of a byte order mark.
const MarkSize = 3

// TrimMark returns b without the byte order mark that it may begin with.
func TrimMark(b []byte) []byte { return bytes.TrimPrefix(b, byteOrderMark) }

// HostName is what Mode Add calls the column that it puts after one of that name.
func HostName(name string) string { return hostPrefix + name }

// DeviceName is what KeepDeviceTime calls the column that it puts after one of that name.
func DeviceName(name string) string { return devicePrefix + name }
