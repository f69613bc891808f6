package retime

import (
	"bytes"
	"fmt"
)

// maxRecord is the longest row that is read, its line end included. The widest real rows have some 400 bytes; a
// megabyte without a line end is no table.
const maxRecord = 1 << 20

// span is a piece of the buffer. That of a quoted cell includes its quotes.
type span struct{ from, to int }

// record is one row: where the wanted cells are, how many cells there are, and where the row ends.
type record struct {
	comma   byte   // what separates cells
	cells   []span // parallel to the columns wanted
	n       int
	content int // end of the row without its line end
	next    int // start of the next row
}

// plain splits the row b[from:to], which holds no quote and no line feed. want is ascending.
func (r *record) plain(b []byte, from, to int, want []int) {
	for to > from && b[to-1] == '\r' {
		to--
	}
	r.content, r.n = to, 0
	w := 0
	for w < len(want) {
		comma := bytes.IndexByte(b[from:to], r.comma)
		end := to
		if comma >= 0 {
			end = from + comma
		}
		if r.n == want[w] {
			r.cells[w] = span{from, end}
			w++
		}
		r.n++
		if comma < 0 {
			return
		}
		from = end + 1
	}
	r.n += 1 + bytes.Count(b[from:to], []byte{r.comma})
}

// quoted splits the row at b[from:] by the rules of RFC 4180: a cell that begins with a quote ends with the next
// single one, and two are one quote inside it. A quote later in a cell is text. It reports false where b ends
// before the row does; eof says that nothing follows b.
func (r *record) quoted(b []byte, from int, eof bool, want []int) (bool, error) {
	if len(b)-from > maxRecord {
		b, eof = b[:from+maxRecord], false
	}
	r.n = 0
	w := 0
	for i := from; ; {
		start, inQuotes := i, i < len(b) && b[i] == '"'
		if inQuotes {
			for i++; ; i++ {
				q := bytes.IndexByte(b[i:], '"')
				if q < 0 {
					if eof {
						return false, fmt.Errorf("%w: a quote is not closed", ErrTable)
					}
					return false, nil
				}
				if i += q + 1; i == len(b) || b[i] != '"' {
					break
				}
			}
			if i == len(b) && !eof {
				return false, nil // another quote may follow
			}
		} else {
			for i < len(b) && b[i] != r.comma && b[i] != '\n' {
				i++
			}
			if i == len(b) && !eof {
				return false, nil
			}
		}
		end, stop := i, i
		if inQuotes {
			for stop < len(b) && b[stop] == '\r' {
				stop++
			}
			if stop == len(b) && !eof {
				return false, nil
			}
		} else if stop == len(b) || b[stop] == '\n' {
			for end > start && b[end-1] == '\r' {
				end--
			}
		}
		if w < len(want) && r.n == want[w] {
			r.cells[w] = span{start, end}
			w++
		}
		r.n++
		switch {
		case stop == len(b):
			r.content, r.next = end, stop
			return true, nil
		case b[stop] == '\n':
			r.content, r.next = end, stop+1
			return true, nil
		case b[stop] == r.comma && stop == end:
			i = stop + 1
		default:
			return false, fmt.Errorf("%w: text after a closing quote", ErrTable)
		}
	}
}

// inner returns the cell without its quotes, and whether it has some.
func (s span) inner(b []byte) (span, bool) {
	if s.from < s.to && b[s.from] == '"' {
		return span{s.from + 1, s.to - 1}, true
	}
	return s, false
}

// text returns what the cell says. It allocates only for a cell with quotes inside its quotes.
func (s span) text(b []byte) []byte {
	in, inQuotes := s.inner(b)
	t := b[in.from:in.to]
	if inQuotes && bytes.IndexByte(t, '"') >= 0 {
		t = bytes.ReplaceAll(t, []byte(`""`), []byte(`"`))
	}
	return t
}
