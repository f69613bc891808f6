package player

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// table says how a CSV's times are rewritten; nil: it has none. about says what table it is; nil: none that other formats have.
func (u *run) table(f folder.File, s *scanned) (do func(io.Writer, io.Reader) error, about func() columnar.Table, err error) {
	header, err := readHeader(f)
	if errors.Is(err, retime.ErrTable) && !slices.Contains(timed, f.Base()) && !speaksOfTimes(f) { // a file of somebody else's that only ends in .csv
		return nil, nil, u.left(f)
	}
	if err != nil {
		return nil, nil, err
	}
	kind, times, err := judge(header)
	switch {
	case err != nil:
		return nil, nil, err
	case kind == timeless && f.Size > 0 && slices.Contains(timed, f.Base()):
		return nil, nil, fmt.Errorf("%w: no column of times in the header, which has %q; take the file from the export again", retime.ErrColumn, header)
	case kind == timeless:
		return nil, nil, u.left(f)
	case kind == exportInfo && u.opt.Mode == retime.Add: // there is no place for a second time in it
		return nil, nil, nil
	}
	g, err := u.groupOf(f)
	if err != nil {
		return nil, nil, err
	}
	m := &mapper{run: u, g: g, file: f, s: s, header: header, times: times}
	t := retime.Table{Name: f.Path, Mode: u.opt.Mode, KeepDeviceTime: u.opt.KeepDeviceTime && kind != exportInfo}
	t.Plan = func([]string) (retime.Plan, error) { return retime.Plan{Times: times, Key: -1}, nil }
	switch kind {
	case inNs:
		err = m.planNs(&t)
	case inSeconds:
		err = m.planSeconds(&t)
	case exportInfo:
		err = m.planExportInfo(&t)
	}
	if err == nil && kind != inNs {
		err = m.measure(t)
	}
	if err != nil {
		return nil, nil, err
	}
	m.open()
	if kind != exportInfo {
		about = m.columnar(kind)
	}
	return func(w io.Writer, r io.Reader) error {
		stats, err := t.Rewrite(u.ctx, w, r)
		s.rows = stats.Rows
		return err
	}, about, nil
}

// mapper answers for the cells of one table.
type mapper struct {
	*run
	g      *group
	file   folder.File
	s      *scanned
	header []string
	times  []int
	known  []bool // ns: parallel to times

	places    []retime.Places // seconds: by column
	usual     []int           // likewise, once they are counted
	streams   []align.Retimer
	spans     []*retime.Span
	measuring bool
	roles     [2]int // ns: where in the texts of a row its name and type are, -1 for none
	base      int    // ns: likewise base_data
}

// open begins the streams.
func (m *mapper) open() {
	for _, i := range m.times {
		span := m.s.span(m.header[i])
		m.spans = append(m.spans, span)
		if columnKey(m.header[i]) == baseData { // repeats times of other streams, in any order
			m.streams = append(m.streams, m.stream(m.g))
		} else {
			m.streams = append(m.streams, mono(m.stream(m.g), span))
		}
	}
}

// measure counts the digits behind the point.
func (m *mapper) measure(t retime.Table) error {
	in, err := folder.Open(m.file)
	if err != nil {
		return err
	}
	defer in.Close()
	m.places, m.measuring = make([]retime.Places, len(m.times)), true
	_, err = t.Rewrite(m.ctx, nil, in)
	m.measuring = false
	for i := range m.places {
		m.usual = append(m.usual, m.places[i].Usual())
	}
	return err
}

// planSeconds maps columns of seconds and of texts with seconds in them.
func (m *mapper) planSeconds(t *retime.Table) error {
	if m.g.info == nil {
		return noStart()
	}
	if m.opt.RecomputeDurations {
		if i := slices.IndexFunc(m.header, func(name string) bool { return columnKey(name) == "duration" }); i >= 0 {
			m.warnDuration(m.header[i])
		}
	}
	t.Text = func(c *retime.Cell, dst, text []byte) ([]byte, error) {
		if columnKey(m.header[m.times[c.Column]]) == baseData {
			return m.words(c, dst, text)
		}
		return m.seconds(c, dst, text)
	}
	return nil
}

func noStart() error {
	return fmt.Errorf("%w: its times count from there, and %s, which has it, is missing: copy that of the recording into this folder, "+
		"or give the recording's folder. If it is a recording of Pupil Core, its clock is no phone's", ErrStart, invisibleInfoName)
}

// seconds maps one number.
func (m *mapper) seconds(c *retime.Cell, dst, text []byte) ([]byte, error) {
	d, err := retime.ParseDecimal(text, second)
	if err != nil {
		return dst, err
	}
	if m.measuring {
		m.places[c.Column].Add(d)
		return dst, nil
	}
	rel := relative{m.g, m.streams[c.Column], m.spans[c.Column]}
	ns, err := rel.ns(d.Ns)
	switch {
	case errors.Is(err, align.ErrBlank):
		c.Blank = true
		return dst, nil
	case err != nil:
		return dst, err
	case m.opt.Mode == retime.Add: // an instant of the host's: the start that it would count from stays the phone's
		return retime.Seconds(dst, ns+m.g.start, 9), nil
	case ns == d.Ns:
		return append(dst, text...), nil
	}
	return d.Append(dst, ns, second, d.Places, max(d.Places, m.usual[c.Column])), nil
}

// words maps the numbers in a text: "10.5 10.6", or with the eye behind each "10.5-0 10.6-1".
func (m *mapper) words(c *retime.Cell, dst, text []byte) ([]byte, error) {
	for i, word := range bytes.Split(text, []byte(" ")) {
		if i > 0 {
			dst = append(dst, ' ')
		}
		if len(word) == 0 {
			continue
		}
		number, eye := word, []byte(nil)
		if at := bytes.LastIndexByte(word, '-'); at > 0 && word[at-1] != 'e' && word[at-1] != 'E' {
			number, eye = word[:at], word[at:]
			if len(eye) != 2 || eye[1] < '0' || eye[1] > '9' {
				return dst, fmt.Errorf("%.40q: %w; expected a time, and an eye behind it", word, retime.ErrDecimal)
			}
		}
		var err error
		if dst, err = m.seconds(c, dst, number); err != nil {
			return dst, err
		}
		if c.Blank {
			return dst, nil
		}
		dst = append(dst, eye...)
	}
	return dst, nil
}

// planNs maps columns of UTC ns, as Neon Player and Pupil Cloud write them.
func (m *mapper) planNs(t *retime.Table) error {
	cols := retime.Find(m.header)
	if cols.Retimed != "" {
		return fmt.Errorf("column %q: %w; give the folder as it was exported", cols.Retimed, retime.ErrRetimed)
	}
	if len(cols.Other) > 0 {
		m.s.warn("%s: column %q may hold times in another unit; it is left as it is", m.file.Name, m.header[cols.Other[0]])
	}
	m.known = cols.Known
	key, err := retime.Index(m.header, recordingID)
	if err != nil {
		return err
	}
	p := retime.Plan{Times: m.times, Key: key}
	if p.Texts, m.roles, err = eventTexts(m.header); err != nil {
		return err
	}
	base, err := retime.Index(m.header, baseData)
	if err != nil {
		return err
	}
	if m.base = -1; base >= 0 {
		m.base = len(p.Texts)
		p.Texts = append(p.Texts, base)
	}
	if m.opt.RecomputeDurations {
		d, alone, err := retime.FindDuration(m.header)
		if err != nil {
			return err
		}
		if d != nil {
			p.Durations = []*retime.Duration{d}
		}
		m.warnDuration(alone)
	}
	t.Plan = func([]string) (retime.Plan, error) { return p, nil }
	t.Map = m.ns
	return m.judge(t)
}

// judge finds out how durations were rounded.
func (m *mapper) judge(t *retime.Table) error {
	if !m.opt.RecomputeDurations {
		return nil
	}
	in, err := folder.Open(m.file)
	if err != nil {
		return err
	}
	defer in.Close()
	return t.Judge(m.ctx, in)
}

// warnDuration tells of a column of durations that are not made anew, unless there is none.
func (m *mapper) warnDuration(column string) {
	if column != "" {
		m.s.warn("%s: column %q stays as it is: beside it stand no start and end in ns to make it of anew", m.file.Name, column)
	}
}

func (m *mapper) ns(c *retime.Cell) error {
	if len(c.Key) > 0 && string(c.Key) != m.g.id {
		if m.g.id != "" {
			return fmt.Errorf("%w: recording id %q, but the others are of %q", retime.ErrTable, c.Key, m.g.id)
		}
	}
	if m.base >= 0 && len(c.Texts[m.base]) > 0 {
		return fmt.Errorf("%w: %s beside times in ns", ErrFile, baseData)
	}
	event := m.isEvent() && strings.EqualFold(columnKey(m.header[m.times[c.Column]]), timestampNs)
	name, typ := m.textsOf(c)
	switch {
	case event && m.g.senderWhy(c.At, name, typ) != "":
		if m.opt.SenderStamps != retime.SenderDevice {
			c.Kept = true
			return nil
		}
	case m.g.near(c.At):
	case !m.known[c.Column]:
		return fmt.Errorf("%w: %d is more than a day from the recording, so that the column is no column of times; "+
			"rename it so that it does not end in [ns]", retime.ErrFar, c.At)
	default:
		return farError(m.g, c.At)
	}
	host, err := m.streams[c.Column](c.At)
	if errors.Is(err, align.ErrBlank) {
		c.Blank = true
		return nil
	}
	if err != nil {
		return err
	}
	m.spans[c.Column].Add(c.At)
	c.Host = host
	return nil
}

// isEvent reports whether the rows of the table are events.
func (m *mapper) isEvent() bool { return m.roles[0] >= 0 && m.roles[1] >= 0 }

func (m *mapper) textsOf(c *retime.Cell) (name, typ string) {
	if m.isEvent() {
		return string(c.Texts[m.roles[0]]), string(c.Texts[m.roles[1]])
	}
	return "", ""
}

// eventTexts finds the columns that make a table one of events.
func eventTexts(header []string) (texts []int, roles [2]int, err error) {
	for i, name := range []string{"name", "type"} {
		at, err := retime.Index(header, name)
		if err != nil {
			return nil, roles, err
		}
		if roles[i] = -1; at >= 0 {
			roles[i] = len(texts)
			texts = append(texts, at)
		}
	}
	return slices.Clone(texts), roles, nil
}
