package cloud

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// mapper answers for the cells of one table.
type mapper struct {
	*run
	file   file
	kind   kind
	scope  *info
	table  retime.Table
	header []string
	cols   retime.Columns
	keyed  bool
	roles  eventRoles
	more   int // where in a cell's texts those of the columns begin that only look like times

	duration *retime.Duration // to be made anew; nil: none
	alone    string           // a column of durations that cannot be

	shares   []*share
	warnings []warning
	streams  [][]retime.Stream // parallel to shares, by time column
	byGroup  map[*group]int
	row      int
	key      []byte // of the row before
	now      int    // index into shares
}

func (u *run) mapper(f file) *mapper {
	m := &mapper{run: u, file: f, kind: u.kinds[f.Name], scope: u.scope(f), byGroup: map[*group]int{}}
	m.table = retime.Table{Name: f.Path, Plan: m.plan, Map: m.cell, Many: m.cells, Mode: u.opt.Mode, KeepDeviceTime: u.opt.KeepDeviceTime}
	return m
}

// plan decides which columns are times.
func (m *mapper) plan(header []string) (retime.Plan, error) {
	p, err := m.columns(header)
	if err != nil {
		err = fmt.Errorf("%s: %w", m.file.Path, err)
	}
	return p, err
}

func (m *mapper) columns(header []string) (p retime.Plan, err error) {
	m.header, m.cols = header, retime.Find(header)
	if m.cols.Retimed != "" {
		return p, fmt.Errorf("column %q: %w; give the folder as it was downloaded", m.cols.Retimed, retime.ErrRetimed)
	}
	if err := retime.Separated(header); err != nil {
		return p, err
	}
	for _, want := range tables[m.file.Base()] {
		if !slices.ContainsFunc(header, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), want) }) {
			return p, fmt.Errorf("%w: expected %q in the header; take the file from the download again", retime.ErrColumn, want)
		}
	}
	if m.opt.RecomputeDurations && m.duration == nil {
		if m.duration, m.alone, err = retime.FindDuration(header); err != nil {
			return p, err
		}
	}
	if m.duration != nil {
		p.Durations = []*retime.Duration{m.duration}
	}
	if len(m.cols.Times) == 0 {
		return p, nil
	}
	p.Times = m.cols.Times
	if p.Key, err = retime.Index(header, recordingID); err != nil {
		return p, err
	}
	m.keyed = p.Key >= 0
	switch m.kind {
	case eventsTable:
		m.roles, err = findRoles(header)
		p.Texts = m.roles.texts
	case sectionsTable:
		p.Texts, err = boundNames(header)
	}
	m.more = len(p.Texts)
	p.Texts = slices.Concat(p.Texts, m.cols.Other)
	return p, err
}

// judge finds out how the durations of a table were rounded, if they are to be made anew. What is wrong with the table otherwise says its scan.
func (u *run) judge(m *mapper, in *folder.Input) error {
	if !u.opt.RecomputeDurations {
		return nil
	}
	if err := m.table.Judge(u.ctx, in); err != nil && (u.ctx.Err() != nil || errors.Is(err, retime.ErrDuration) || errors.Is(err, retime.ErrDecimal)) {
		return err
	}
	_, err := in.Seek(0, io.SeekStart)
	return err
}

// foreign reports whether a malformed table may be copied: it is none of Pupil Cloud's and no time in ns was seen.
func (m *mapper) foreign(err error) bool {
	_, known := tables[m.file.Base()]
	return errors.Is(err, retime.ErrTable) && !known && len(m.cols.Times) == 0 && !m.mentionsTimes()
}

// mentionsTimes looks for [ns] near the beginning of the file, where its header should be, also in UTF-16.
func (m *mapper) mentionsTimes() bool {
	in, err := folder.Open(m.file)
	if err != nil {
		return true
	}
	defer in.Close()
	head := make([]byte, 64<<10)
	n, _ := io.ReadFull(in, head)
	return bytes.Contains(bytes.ReplaceAll(head[:n], []byte{0}, nil), []byte("[ns]"))
}

// cell maps one cell.
func (m *mapper) cell(c *retime.Cell) error {
	if c.Row != m.row {
		m.row = c.Row
		if len(m.shares) == 0 || !bytes.Equal(c.Key, m.key) {
			if err := m.turn(c.Key); err != nil {
				return err
			}
		}
		m.shares[m.now].rows++
		for i, text := range c.Texts[m.more:] {
			if at := m.instant(text); at.found {
				return fmt.Errorf("beside it %w", leftError(m.header[m.cols.Other[i]], at.v))
			}
		}
	}
	sh := m.shares[m.now]
	if m.sent(c, sh.g) {
		if c.Kept = m.opt.SenderStamps != retime.SenderDevice; c.Kept {
			return nil
		}
	} else if err := m.near(c, sh.g); err != nil {
		return err
	}
	st := &m.streams[m.now][c.Column]
	host, blank, err := st.Next(c.At)
	if err != nil {
		return err
	}
	if c.Blank = blank; blank {
		return nil
	}
	sh.spans[c.Column].Add(c.At)
	c.Host = host
	return nil
}

// cells maps many cells of one recording, which need nothing but that. It leaves what is out of the ordinary to cell.
func (m *mapper) cells(key []byte, dst []int64, src []align.DeviceTime) (n int, blank bool, err error) {
	if m.kind == eventsTable || m.kind == sectionsTable || len(m.shares) == 0 || !bytes.Equal(key, m.key) {
		return 0, false, nil
	}
	sh := m.shares[m.now]
	if !sh.g.known || !sh.g.near(slices.Min(src)) || !sh.g.near(slices.Max(src)) {
		return 0, false, nil
	}
	n, blank, err = m.streams[m.now][0].Map(dst, src)
	sh.rows += n
	if blank {
		sh.rows++
	}
	for _, at := range src[:n] {
		sh.spans[0].Add(at)
	}
	return n, blank, err
}

// turn goes on to the recording that key names.
func (m *mapper) turn(key []byte) error {
	g, err := m.pick(m.scope, m.keyed, key)
	if err != nil {
		return err
	}
	m.key = append(m.key[:0], key...)
	if i, ok := m.byGroup[g]; ok {
		m.now = i
		return nil
	}
	m.now = len(m.shares)
	m.byGroup[g] = m.now
	sh := &share{g: g, spans: make([]retime.Span, len(m.cols.Times))}
	streams := make([]retime.Stream, len(m.cols.Times))
	for i, col := range m.cols.Times {
		sh.spans[i].Column = m.header[col]
		streams[i] = m.clocks.Stream(g.clock)
		if !m.sectioned[m.file.Dir()] || m.infos[m.file.Dir()] != nil { // there one section follows on another, with a pause between them or none, in any order
			streams[i].Pauses = &sh.spans[i].Pauses
		} else {
			sh.spans[i].Pauses.Unwatched = true
		}
	}
	m.shares, m.streams = append(m.shares, sh), append(m.streams, streams)
	return nil
}

// near refuses a time that cannot belong to the recording: a cell that was cut off, a span of time, another day.
func (m *mapper) near(c *retime.Cell, g *group) error {
	known := m.cols.Known[c.Column]
	if known && !g.known {
		if m.parallel {
			return errInTurn
		}
		g.about(c.At, c.At)
	}
	switch {
	case g.known && g.near(c.At):
		return nil
	case known:
		return fmt.Errorf("%w: %d is more than a day from %d, where the recording begins (cut off, or of another recording)",
			retime.ErrFar, c.At, g.first)
	case !g.known:
		return fmt.Errorf("%w: nothing says when the recording was, so that this column cannot be told from a span of time; "+
			"rename it so that it does not end in [ns], or add the recording's info.json", retime.ErrFar)
	}
	return fmt.Errorf("%w: %d is more than a day from it, so that the column is no column of times; "+
		"rename it so that it does not end in [ns]", retime.ErrFar, c.At)
}
