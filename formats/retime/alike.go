package retime

import (
	"bytes"
	"sync"

	"github.com/pialign/pialign/align"
)

// alike is what the rows of a table of samples begin with, up to their only time: the same ids in each. Of a row that begins so nothing but the
// time, the separator behind it and the number of cells after that need to be looked at. Such rows are worked on many at a time.
type alike struct {
	can    bool   // the table is of that kind
	prefix []byte // of the row before, "" too; nil: not known
	key    []byte // part of prefix
	hits   int
	misses int

	many  int // how many to take next
	found *found
}

// found are rows that are alike.
type found struct {
	at   [mostAlike]align.DeviceTime
	host [mostAlike]int64
	cell [mostAlike]int // where in the buffer each time begins
	next [mostAlike]int // and where its row ends
}

// spareFound are some to be used again: a small table is done before the memory for one is made.
var spareFound = sync.Pool{New: func() any { return new(found) }}

// enough is how often rows may differ from the one before, beyond how often they do not, until it is no longer tried.
const enough = 64

// mostAlike rows of a usual table are some 18 kB, which stay in the nearest cache.
const mostAlike = 128

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
	a.many = 1
}

// again works on the rows at pos that are like the one before. It reports false, with nothing done, where the first is not, or is anything out of the
// ordinary: then it is looked at in full, which also says what is wrong with it.
func (s *rewriting) again() (bool, error) {
	a := &s.alike
	if a.prefix == nil {
		return false, nil
	}
	if a.found == nil {
		a.found = spareFound.Get().(*found)
	}
	count := s.findAlike()
	if count == 0 {
		return false, nil
	}
	a.many = min(2*a.many, mostAlike)
	if s.t.Many != nil {
		n, blank, err := s.t.Many(a.key, a.found.host[:count], a.found.at[:count])
		for i := range n {
			s.answer(i, a.found.host[i], false)
		}
		switch {
		case err != nil:
			s.row++
			return false, s.cellError(0, err)
		case blank:
			s.answer(n, 0, true)
			return true, nil
		case n > 0:
			return true, nil
		}
	}
	a.many = 1
	c := &s.cell
	c.Row, c.Column, c.At, c.Key = s.row+1, 0, a.found.at[0], a.key
	c.Host, c.Blank, c.Kept = 0, false, false
	if err := s.t.Map(c); err != nil {
		s.row++
		return false, s.cellError(0, err)
	}
	s.done(0)
	return true, nil
}

// findAlike finds rows at pos that are like the one before, and returns how many.
func (s *rewriting) findAlike() (count int) {
	a, f := &s.alike, s.alike.found
	b, n, quote, comma := s.buf, len(a.prefix), s.nextQuote(), []byte{s.rec.comma}
	others := s.cols - s.want[s.at[0]] - 1 // cells after the time
	for pos := s.pos; count < a.many; count++ {
		from, after := pos+n, pos+n+instantDigits
		if len(b) <= after || b[after] != s.rec.comma || !bytes.Equal(b[pos:from], a.prefix) {
			break
		}
		at, ok := parseInt(b[from:after])
		lf := bytes.IndexByte(b[after:], '\n')
		end := after + lf
		if !ok || lf < 0 || end-pos >= maxRecord || quote < end {
			break
		}
		rest := b[after:end]
		for len(rest) > 0 && rest[len(rest)-1] == '\r' {
			rest = rest[:len(rest)-1]
		}
		if bytes.Count(rest, comma) != others {
			break
		}
		pos = end + 1
		f.at[count], f.cell[count], f.next[count] = align.DeviceTime(at), from, pos
	}
	return count
}

// answer writes the answer to one of the rows that were found.
func (s *rewriting) answer(i int, host int64, blank bool) {
	a, f := &s.alike, s.alike.found
	if !blank && host >= 1e18 && s.writes && s.t.Mode != Add && !s.t.KeepDeviceTime { // as emit would, of most
		put19(s.buf[f.cell[i]:f.cell[i]+instantDigits], host)
		a.hits++
		s.row++
		s.stats.Rows++
		s.pos = f.next[i]
		return
	}
	c := &s.cell
	c.At, c.Host, c.Blank, c.Kept = f.at[i], host, blank, false
	s.done(i)
}

// done writes what is in s.cell as the answer to one of the rows that were found, and goes on to the next.
func (s *rewriting) done(i int) {
	a, f := &s.alike, s.alike.found
	if s.writes {
		cell := span{f.cell[i], f.cell[i] + instantDigits}
		s.emit(cell, cell, false)
	}
	a.hits++
	s.row++
	s.stats.Rows++
	s.pos = f.next[i]
}

// freeFound gives back what rows that are alike needed.
func (s *rewriting) freeFound() {
	if s.alike.found != nil {
		spareFound.Put(s.alike.found)
		s.alike.found = nil
	}
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
