package cloud

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/retime"
)

// scanned is what a scan found out about one file.
type scanned struct {
	action string
	stats  retime.Stats
	names  []string // of the time columns
	input  string   // digest; "" for a file that is only copied
	groups []*share // the recordings in it, in the order of the file
	start  int64    // the new start_time of an info.json
}

// share is the part of a file that belongs to one recording.
type share struct {
	g     *group
	rows  int
	spans []retime.Span // by time column
}

// scan reads and maps every time, tables with well-known columns first: they place the recording in time.
func (u *run) scan() error {
	var others []file
	for _, f := range u.tree.files {
		if in := u.infos[f.dir()]; in != nil && in.file.name == f.name {
			if err := u.scanInfo(in); err != nil {
				return err
			}
			continue
		}
		switch _, known := tables[f.base()]; {
		case known:
			if err := u.scanTable(f); err != nil {
				return err
			}
		default:
			others = append(others, f)
		}
	}
	for _, f := range others {
		if err := u.scanOther(f); err != nil {
			return err
		}
	}
	return u.verdict()
}

func (u *run) scanOther(f file) error {
	if isTable(f.base()) {
		return u.scanTable(f)
	}
	if isOtherTable(f.base()) {
		u.warn(f, "%s: copied as it is; if it holds times, they are still the phone's", f.name)
	}
	in, err := os.Open(f.path) // whether it can be read, before anything is written
	if err != nil {
		return err
	}
	u.scanned[f.name] = &scanned{action: retime.Copied}
	return in.Close()
}

// scanInfo maps start_time. Mode add has nowhere to put it.
func (u *run) scanInfo(in *info) error {
	f := in.file
	s := &scanned{action: retime.Copied, input: digest.Bytes(in.bytes, u.opt.SHA256)}
	u.scanned[f.name] = s
	if u.opt.Mode == retime.Add {
		return nil
	}
	g, err := u.group(in, in.recordingID)
	if err != nil {
		return err
	}
	host, err := g.clock.New()(in.start)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", f.path, startKey, err)
	}
	s.action, s.start, s.names = retime.Retimed, host, []string{startKey}
	sh := &share{g: g, rows: 1, spans: []retime.Span{{Column: startKey}}}
	sh.spans[0].Add(in.start)
	s.groups = []*share{sh}
	s.stats.Rows = 1
	return nil
}

// scanTable maps every time cell of a table.
func (u *run) scanTable(f file) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	m := u.mapper(f)
	sum := digest.New(u.opt.SHA256)
	stats, err := m.table.Rewrite(u.ctx, nil, tee{in, sum})
	switch {
	case m.foreign(err):
		stats = retime.Stats{} // a file of somebody else's that only ends in .csv
	case err != nil:
		return err
	}
	s := &scanned{action: retime.Copied, stats: stats}
	if len(stats.Plan.Times) > 0 {
		s.action, s.input, s.groups = retime.Retimed, sum.String(), m.shares
		for _, i := range stats.Plan.Times {
			s.names = append(s.names, stats.Header[i])
		}
	}
	u.scanned[f.name] = s
	if len(m.cols.Other) > 0 {
		u.warn(f, "%s: column %q may hold times in another unit; it is left as it is", f.name, m.cols.Other[0])
	}
	return nil
}

// warn adds a warning to the recording that f belongs to.
func (u *run) warn(f file, format string, args ...any) {
	if in := u.scope(f); in != nil {
		if g, err := u.group(in, in.recordingID); err == nil {
			g.warn(format, args...)
			return
		}
	}
	u.loose = append(u.loose, fmt.Sprintf(format, args...))
}

// mapper answers for the cells of one table: once in the scan, once while writing, with new streams each time.
type mapper struct {
	*run
	file   file
	scope  *info
	table  retime.Table
	header []string
	cols   retime.Columns
	keyed  bool
	roles  eventRoles

	shares  []*share
	streams [][]stream // parallel to shares, by time column
	byGroup map[*group]int
	row     int
	key     []byte // of the row before
	now     int    // index into shares
}

// stream is one column of one recording.
type stream struct {
	retime align.Retimer
	any    bool
	device align.DeviceTime // the cell before
	host   int64
}

func (u *run) mapper(f file) *mapper {
	m := &mapper{run: u, file: f, scope: u.scope(f), byGroup: map[*group]int{}}
	m.table = retime.Table{Name: f.path, Plan: m.plan, Map: m.cell, Mode: u.opt.Mode, KeepDeviceTime: u.opt.KeepDeviceTime}
	return m
}

// plan decides which columns are times.
func (m *mapper) plan(header []string) (retime.Plan, error) {
	p, err := m.columns(header)
	if err != nil {
		err = fmt.Errorf("%s: %w", m.file.path, err)
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
	for _, want := range tables[m.file.base()] {
		if !slices.ContainsFunc(header, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), want) }) {
			return p, fmt.Errorf("%w: expected %q in the header; take the file from the download again", retime.ErrColumn, want)
		}
	}
	if len(m.cols.Times) == 0 {
		return p, nil
	}
	p.Times = m.cols.Times
	if p.Key, err = retime.Index(header, recordingID); err != nil {
		return p, err
	}
	m.keyed = p.Key >= 0
	switch m.file.base() {
	case eventsName:
		m.roles, err = findRoles(header)
		p.Texts = m.roles.texts
	case sectionsName:
		p.Texts, err = boundNames(header)
	}
	return p, err
}

// foreign reports whether a malformed table may be copied: it is none of Pupil Cloud's and no time in ns was seen.
func (m *mapper) foreign(err error) bool {
	_, known := tables[m.file.base()]
	return errors.Is(err, retime.ErrTable) && !known && len(m.cols.Times) == 0 && !m.mentionsTimes()
}

// mentionsTimes looks for [ns] near the beginning of the file, where its header should be, also in UTF-16.
func (m *mapper) mentionsTimes() bool {
	in, err := os.Open(m.file.path)
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
	}
	sh := m.shares[m.now]
	if m.sent(c, sh.g) {
		if c.Kept = m.opt.SenderStamps != retime.SenderDevice; c.Kept {
			return nil
		}
	} else if err := m.place(c, sh.g); err != nil {
		return err
	}
	st := &m.streams[m.now][c.Column]
	host, err := st.retime(c.At)
	if errors.Is(err, align.ErrBlank) {
		c.Blank = true
		return nil
	}
	if err != nil {
		return err
	}
	if st.any && c.At >= st.device && host < st.host {
		return fmt.Errorf("%w: %d after %d, mapped to %d after %d", retime.ErrOrder, c.At, st.device, host, st.host)
	}
	st.any, st.device, st.host = true, c.At, host
	sh.spans[c.Column].Add(c.At)
	c.Host = host
	return nil
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
	streams := make([]stream, len(m.cols.Times))
	for i, col := range m.cols.Times {
		sh.spans[i].Column = m.header[col]
		streams[i].retime = g.clock.New()
	}
	m.shares, m.streams = append(m.shares, sh), append(m.streams, streams)
	return nil
}

// place refuses a time that cannot belong to the recording: a cell that was cut off, a span of time, another day.
func (m *mapper) place(c *retime.Cell, g *group) error {
	known := m.cols.Known[c.Column]
	if known {
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

// sent reports whether a sender has stamped the cell.
func (m *mapper) sent(c *retime.Cell, g *group) bool {
	switch m.file.base() {
	case eventsName:
		name, typ := m.roles.of(c)
		return m.isStamp(c) && g.senderWhy(c.At, name, typ) != ""
	case sectionsName:
		return m.sentBound(c, g)
	}
	return false
}

// isStamp reports whether the cell is in the column of the events' own times.
func (m *mapper) isStamp(c *retime.Cell) bool {
	return strings.EqualFold(strings.TrimSpace(m.header[m.cols.Times[c.Column]]), timestamp)
}

// boundNames finds the two columns of sections.csv that name the events at its bounds.
func boundNames(header []string) ([]int, error) {
	start, err := retime.Index(header, "start event name")
	if err != nil || start < 0 {
		return nil, err
	}
	end, err := retime.Index(header, "end event name")
	if err != nil || end < 0 {
		return nil, err
	}
	return []int{start, end}, nil
}

// sentBound reports whether a bound of a section is the time of an event that a sender has stamped. Where the
// events themselves are not in the folder, as in enrichments, the bound is judged as an event would be, and mapping
// it is worth a warning.
func (m *mapper) sentBound(c *retime.Cell, g *group) bool {
	if g.listed {
		return g.stamped[c.At]
	}
	name := ""
	if column := strings.TrimSpace(m.header[m.cols.Times[c.Column]]); len(c.Texts) == 2 {
		if strings.EqualFold(column, sectionStart) {
			name = string(c.Texts[0])
		} else {
			name = string(c.Texts[1])
		}
	}
	why := g.senderWhy(c.At, name, "")
	if why == "" {
		return false
	}
	if m.opt.SenderStamps == "" {
		g.warn("%s: row %d: section bound %s (%s) is %s; it is mapped as if the phone had stamped it",
			m.file.name, c.Row, strconv.FormatInt(int64(c.At), 10), name, why)
		return false
	}
	return true
}

// tee hashes what is read.
type tee struct {
	r io.Reader
	d *digest.Digest
}

func (t tee) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	_, _ = t.d.Write(p[:n])
	return n, err
}
