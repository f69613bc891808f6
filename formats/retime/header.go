package retime

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
)

// What Mode Add and KeepDeviceTime put before the name of a column.
const (
	hostPrefix   = "host "
	devicePrefix = "device "
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// ReadHeader returns the names in the header of a table and reads hardly further. name is for errors.
func ReadHeader(ctx context.Context, name string, r io.Reader) ([]string, error) {
	t := Table{Name: name, Plan: func([]string) (Plan, error) { return Plan{Key: -1}, nil }, chunk: 4 << 10}
	stats, err := t.Rewrite(ctx, nil, r)
	return stats.Header, err
}

// header reads the first row, asks for the plan and writes the row with its additional names.
func (s *rewriting) header() error {
	if s.rec.comma = s.t.Comma; s.rec.comma == 0 {
		s.rec.comma = ','
	}
	if err := s.fill(); err != nil {
		return err
	}
	for !s.eof && len(s.buf)-s.pos < fewBytes {
		if err := s.fill(); err != nil {
			return err
		}
	}
	rest := s.buf[s.pos:]
	if first := rest[:min(len(rest), fewBytes)]; bytes.HasPrefix(first, []byte("\xff\xfe")) || bytes.HasPrefix(first, []byte("\xfe\xff")) || bytes.IndexByte(first, 0) >= 0 {
		return s.wide()
	}
	if bytes.HasPrefix(rest, byteOrderMark) {
		s.pos += len(byteOrderMark)
	}
	ok, err := s.next()
	if err != nil {
		return err
	}
	if !ok { // an empty file
		s.stats.Plan, err = s.t.Plan(nil)
		s.stats.Plan.Times = nil
		return err
	}
	if bytes.IndexByte(s.buf[s.pos:s.rec.content], 0) >= 0 {
		return s.wide()
	}
	cells := s.headerCells()
	row := string(s.buf[s.pos:s.rec.content]) // the names are parts of it
	s.stats.Header = make([]string, 0, len(cells))
	for _, c := range cells {
		text := c.text(s.buf)
		if bytes.IndexByte(text, '\r') >= 0 {
			return s.rowError(fmt.Errorf("%w: lines end with a bare carriage return; expected line feeds", ErrTable))
		}
		name := row[c.from-s.pos : c.to-s.pos]
		if len(name) != len(text) { // quoted
			name = string(text)
		}
		s.stats.Header = append(s.stats.Header, name)
	}
	if s.stats.Plan, err = s.t.Plan(s.stats.Header); err != nil {
		return err
	}
	p := &s.stats.Plan
	slices.Sort(p.Times)
	s.cols = len(cells)
	s.wanted()
	if s.writes {
		for _, i := range p.changed() {
			s.nameColumn(cells[i])
		}
	}
	s.pos = s.rec.next
	return nil
}

// fewBytes of UTF-16 or UTF-32 without a mark hold a NUL, unless two of its letters are far from ASCII.
const fewBytes = 4

// wide is the error about a table that is not read byte by byte: its cells would look like others, and its times like none.
func (s *rewriting) wide() error {
	err := fmt.Errorf("%w: it is UTF-16 or UTF-32, or no text; expected UTF-8 (take the file from the download again, "+
		"or convert it: iconv -f UTF-16 -t UTF-8)", ErrTable)
	return &CellError{File: s.t.Name, Row: 1, Err: err}
}

// headerCells splits the whole first row, of which next found the end.
func (s *rewriting) headerCells() []span {
	all := make([]int, s.rec.n)
	for i := range all {
		all[i] = i
	}
	r := record{comma: s.rec.comma, cells: make([]span, s.rec.n)}
	if s.quote >= s.rec.next {
		r.plain(s.buf, s.pos, s.rec.content, all)
	} else {
		r.quoted(s.buf[:s.rec.next], s.pos, true, all)
	}
	return r.cells
}

// wanted sets up where the wanted columns are found.
func (s *rewriting) wanted() {
	p := s.stats.Plan
	s.want = slices.Concat(p.Times, p.Texts)
	if p.Key >= 0 {
		s.want = append(s.want, p.Key)
	}
	for _, d := range p.Durations {
		s.want = append(s.want, d.Column)
	}
	asked := len(s.want)
	slices.Sort(s.want)
	s.want = slices.Compact(s.want)
	place := func(col int) int {
		i, _ := slices.BinarySearch(s.want, col)
		return i
	}
	for _, col := range p.Times {
		s.at = append(s.at, place(col))
	}
	for _, col := range p.Texts {
		s.texts = append(s.texts, place(col))
	}
	for _, d := range p.Durations {
		s.lengths = append(s.lengths, place(d.Column))
	}
	if s.key = -1; p.Key >= 0 {
		s.key = place(p.Key)
	}
	s.over = len(s.want) == asked // a cell that is both a time and a text must stay as it is for the next call of Map
	s.rec.cells = make([]span, len(s.want))
	s.cell.Texts = make([][]byte, len(p.Texts))
}

// changed returns every column that gets new values, ascending.
func (p *Plan) changed() []int {
	all := slices.Clone(p.Times)
	for _, d := range p.Durations {
		all = append(all, d.Column)
	}
	slices.Sort(all)
	return all
}

// nameColumn writes the name of the column that is added after cell, quoted if that is.
func (s *rewriting) nameColumn(cell span) {
	prefix := hostPrefix
	switch {
	case s.t.Mode == Add:
	case s.t.KeepDeviceTime:
		prefix = devicePrefix
	default:
		return
	}
	in, inQuotes := cell.inner(s.buf)
	s.copyTo(cell.to)
	s.out = append(s.out, s.rec.comma)
	if inQuotes {
		s.out = append(s.out, '"')
	}
	s.out = append(s.out, prefix...)
	s.out = append(s.out, s.buf[in.from:in.to]...)
	if inQuotes {
		s.out = append(s.out, '"')
	}
}
