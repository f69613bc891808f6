package retime

import (
	"bytes"

	"github.com/pialign/pialign/align"
)

// alike is what the rows of a table of samples begin with, up to their only time: the same ids in each. Of a row that begins so nothing but the
// time, the separator behind it and the number of cells after that need to be looked at.
type alike struct {
	can    bool   // the table is of that kind
	prefix []byte // of the row before, "" too; nil: not known
	key    []byte // part of prefix
	hits   int
	misses int
}

// enough is how often rows may differ from the one before, beyond how often they do not, until it is no longer tried.
const enough = 64

// armable reports whether rows may be alike: a single time, and whatever else is wanted stands before it.
func (s *rewriting) armable() bool {
	return s.t.Text == nil && s.over && len(s.at) == 1 && len(s.texts) == 0 && s.at[0] == len(s.want)-1
}

// arm remembers the row that was just worked on, which holds no quote if plain.
func (s *rewriting) arm(row []byte, time span, key []byte, plain bool) {
	a := &s.alike
	if a.misses++; !plain || time.to-time.from != instantDigits {
		a.prefix = nil
		return
	}
	if a.misses > enough+a.hits {
		a.can, a.prefix = false, nil
		return
	}
	a.prefix = append(a.prefix[:0], row...)
	if a.prefix == nil {
		a.prefix = []byte{}
	}
	a.key = nil
	if s.key >= 0 {
		from := s.rec.cells[s.key].from - s.pos
		a.key = a.prefix[from : from+len(key)]
	}
}

// again works on the row at pos if it is like the one before. It reports false, with nothing done, where it is not, or the row is anything out of the
// ordinary: then it is looked at in full, which also says what is wrong with it.
func (s *rewriting) again() (bool, error) {
	a := &s.alike
	if a.prefix == nil {
		return false, nil
	}
	b, n := s.buf[s.pos:], len(a.prefix)
	after := n + instantDigits
	if len(b) <= after || b[after] != s.rec.comma || !bytes.Equal(b[:n], a.prefix) {
		return false, nil
	}
	at, ok := parseInt(b[n:after])
	lf := bytes.IndexByte(b[after:], '\n')
	if end := after + lf; !ok || lf < 0 || end >= maxRecord || s.nextQuote() < s.pos+end {
		return false, nil
	}
	rest := b[after : after+lf]
	for len(rest) > 0 && rest[len(rest)-1] == '\r' {
		rest = rest[:len(rest)-1]
	}
	if s.want[s.at[0]]+1+bytes.Count(rest, []byte{s.rec.comma}) != s.cols {
		return false, nil
	}
	a.hits++
	s.row++
	c := &s.cell
	c.Row, c.Column, c.At, c.Key = s.row, 0, align.DeviceTime(at), a.key
	c.Host, c.Blank, c.Kept = 0, false, false
	if err := s.t.Map(c); err != nil {
		return false, s.cellError(0, err)
	}
	if s.writes {
		cell := span{s.pos + n, s.pos + after}
		s.emit(cell, cell, false)
	}
	s.stats.Rows++
	s.pos += after + lf + 1
	return true, nil
}

// nextQuote returns the index of the first quote at or after pos, len(buf) if there is none.
func (s *rewriting) nextQuote() int {
	if s.quote < s.pos {
		if s.quote = bytes.IndexByte(s.buf[s.pos:], '"'); s.quote < 0 {
			s.quote = len(s.buf) - s.pos
		}
		s.quote += s.pos
	}
	return s.quote
}
