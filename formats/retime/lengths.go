package retime

import (
	"context"
	"io"
	"math"
	"slices"

	"github.com/pialign/pialign/align"
)

// Judge reads a table whose plan has durations and finds out how they were rounded, which Rewrite must know. A row whose duration is not
// that from its start to its end, by the same rule as the rows before, is a *CellError with ErrDuration. Of a table without durations it reads the header.
func (t *Table) Judge(ctx context.Context, r io.Reader) error {
	judge := *t
	judge.judging, judge.Mode, judge.KeepDeviceTime = true, Replace, false
	judge.Map = func(c *Cell) error {
		c.Host = int64(c.At)
		return nil
	}
	judge.Plan = func(header []string) (Plan, error) {
		p, err := t.Plan(header)
		if len(p.Durations) == 0 {
			p.Times = nil
		}
		return p, err
	}
	_, err := judge.Rewrite(ctx, nil, r)
	return err
}

// answered is a time cell of a row and what Map said of it.
type answered struct {
	cell     Cell
	at, in   span
	inQuotes bool
}

// cellsAndDurations is cells for a table with durations: all times of the row are mapped before any is written, since a duration may stand
// before its end.
func (s *rewriting) cellsAndDurations() error {
	if s.rec.n != s.cols {
		return s.wrongWidth()
	}
	c := &s.cell
	c.Row = s.row
	if s.key >= 0 {
		c.Key = s.rec.cells[s.key].text(s.buf)
	}
	for j, w := range s.texts {
		c.Texts[j] = s.rec.cells[w].text(s.buf)
	}
	s.answers = s.answers[:0]
	for i, w := range s.at {
		a := answered{at: s.rec.cells[w]}
		a.in, a.inQuotes = a.at.inner(s.buf)
		if a.in.from < a.in.to {
			at, ok := parseInt(s.buf[a.in.from:a.in.to])
			if !ok {
				return s.cellError(i, notATime(s.buf[a.in.from:a.in.to]))
			}
			c.Column, c.At = i, align.DeviceTime(at)
			c.Host, c.Blank, c.Kept = 0, false, false
			if err := s.t.Map(c); err != nil {
				return s.cellError(i, err)
			}
			a.cell = *c
		}
		s.answers = append(s.answers, a)
	}
	s.text = s.text[:0]
	next := 0 // of the times
	for j, d := range s.stats.Plan.Durations {
		from := len(s.text)
		blank, err := s.duration(d)
		if err != nil {
			return &CellError{File: s.t.Name, Row: s.row, Column: columnName(s.stats.Header, d.Column), Err: err}
		}
		if !s.writes {
			continue
		}
		for ; next < len(s.answers) && s.stats.Plan.Times[next] < d.Column; next++ {
			s.emitAnswer(s.answers[next])
		}
		cell := s.rec.cells[s.lengths[j]]
		in, inQuotes := cell.inner(s.buf)
		if in.from == in.to {
			s.empty(cell, inQuotes)
		} else {
			s.cell.Blank = blank
			s.emitDuration(cell, in, inQuotes, s.text[from:])
		}
	}
	if s.writes {
		for ; next < len(s.answers); next++ {
			s.emitAnswer(s.answers[next])
		}
	}
	return nil
}

func (s *rewriting) emitAnswer(a answered) {
	if a.in.from == a.in.to {
		s.empty(a.at, a.inQuotes)
		return
	}
	s.cell = a.cell
	s.emit(a.at, a.in, a.inQuotes)
}

// duration judges the duration of the row or appends the new one to s.text. blank: there is none, since a time of it is empty.
func (s *rewriting) duration(d *Duration) (blank bool, err error) {
	p := &s.stats.Plan
	j := slices.Index(p.Durations, d)
	cell := s.rec.cells[s.lengths[j]]
	in, _ := cell.inner(s.buf)
	if in.from == in.to {
		return true, nil
	}
	text := s.buf[in.from:in.to]
	start, end := s.answers[slices.Index(p.Times, d.Start)], s.answers[slices.Index(p.Times, d.End)]
	if start.in.from == start.in.to || end.in.from == end.in.to {
		return false, errNoLength
	}
	was, ok := between(int64(start.cell.At), int64(end.cell.At))
	if !ok {
		return false, errNoLength
	}
	if s.t.judging {
		return false, d.judge(text, was)
	}
	if start.cell.Blank || end.cell.Blank {
		return true, nil
	}
	now, ok := between(start.cell.host(), end.cell.host())
	if !ok {
		return false, errNoLength
	}
	s.text, err = d.write(s.text, text, was, now)
	return false, err
}

// host is the time that the row gets.
func (c *Cell) host() int64 {
	if c.Kept {
		return int64(c.At)
	}
	return c.Host
}

// between returns b - a, unless no int64 holds it.
func between(a, b int64) (int64, bool) {
	d := b - a
	return d, (d > 0) == (b > a) && d != math.MinInt64
}

// emitDuration writes the new text of a duration.
func (s *rewriting) emitDuration(cell, in span, inQuotes bool, text []byte) {
	before := s.text
	s.text = text
	s.emitText(cell, in, inQuotes)
	s.text = before
}
