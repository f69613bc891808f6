package cloud

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// scanned is what a scan found out about one file, and did.
type scanned struct {
	action   string
	name     string // in the result; "": its own
	stats    retime.Stats
	names    []string // of the time columns
	in, out  string   // digests; "" where that was not read or written
	groups   []*share // the recordings in it, in the order of the file
	warnings []warning
}

// share is the part of a file that belongs to one recording.
type share struct {
	g     *group
	rows  int
	spans []retime.Span // by time column
}

// warning is about a recording or, without one, about the file it was found in.
type warning struct {
	g    *group
	text string
}

// ownFirst puts the tables of recordings before those of enrichments, which have parts of the same streams.
func (u *run) ownFirst(files []file) []file {
	of := func(own bool) (some []file) {
		for _, f := range files {
			if own == (u.scope(f) != nil) {
				some = append(some, f)
			}
		}
		return some
	}
	return slices.Concat(of(true), of(false))
}

// scan reads and maps every time, and writes the files where there is a place for them. Tables with well-known
// columns come first, since they place the recording in time; files that hold no times come last, since they may be
// large and give no reason to refuse.
func (u *run) scan() error {
	var tablesKnown, tablesOther, rest []file
	for _, f := range u.tree.Files {
		_, known := tables[f.Base()]
		switch {
		case known || u.isInfo(f):
			tablesKnown = append(tablesKnown, f)
		case isTable(f.Base()):
			tablesOther = append(tablesOther, f)
		default:
			rest = append(rest, f)
		}
	}
	work := [][]file{tablesKnown, tablesOther, rest}
	if u.clocks.Steps() {
		work = [][]file{rest}
		if err := u.inTurn(u.ownFirst(folder.ByDensity(slices.Concat(tablesKnown, tablesOther))), u.scanFile); err != nil {
			return err
		}
	}
	for _, files := range work {
		if err := u.each(files, u.scanFile); err != nil {
			return err
		}
	}
	return u.verdict()
}

func (u *run) isInfo(f file) bool {
	in := u.infos[f.Dir()]
	return in != nil && in.file.Name == f.Name
}

func (u *run) scanFile(f file) (*scanned, error) {
	in, err := folder.Open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var s *scanned
	switch {
	case u.isInfo(f):
		s, err = u.scanInfo(f, in)
	case isTable(f.Base()):
		s, err = u.scanTable(f, in)
	default:
		s, err = u.scanOther(f, in)
	}
	if err == nil {
		err = in.Unchanged()
	}
	return s, in.Blame(err)
}

// scanInfo maps start_time. Mode add has nowhere to put it.
func (u *run) scanInfo(f file, in *folder.Input) (*scanned, error) {
	info := u.infos[f.Dir()]
	b, err := io.ReadAll(io.LimitReader(in, infojson.MaxSize+1))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(b, info.Bytes) {
		return nil, folder.Changed(f)
	}
	s := &scanned{action: retime.Copied, in: digest.Bytes(b, u.opt.SHA256)}
	g, err := u.group(info, info.RecordingID)
	if err != nil {
		return nil, err
	}
	if u.opt.Mode != retime.Add && g.clock.Unaligned() == "" { // of which nothing is known, the start stays the phone's
		sh := &share{g: g, rows: 1}
		var hosts []int64
		for _, at := range info.Instants {
			host, err := u.stream(g)(at.At)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", f.Path, at.Key, err)
			}
			hosts = append(hosts, host)
			s.names = append(s.names, at.Key)
			sh.spans = append(sh.spans, retime.Span{Column: at.Key, First: at.At, Last: at.At, Cells: 1})
		}
		lasted := int64(info.Duration)
		switch {
		case !u.opt.RecomputeDurations:
		case info.Lasted():
			if lasted, err = info.LastedBy(u.stream(g)); err != nil {
				return nil, fmt.Errorf("%s: duration: %w", f.Path, err)
			}
		default:
			s.warn(f.Name + ": " + infojson.NotLasted)
		}
		b = info.RetimedWith(hosts, lasted)
		s.action, s.stats.Rows = retime.Retimed, 1
		s.groups = []*share{sh}
	}
	s.out, err = u.target.Output(f, func(w io.Writer) error {
		if w == nil {
			return nil
		}
		_, err := w.Write(b)
		return err
	})
	return s, err
}

// scanTable maps every time cell of a table.
func (u *run) scanTable(f file, in *folder.Input) (*scanned, error) {
	m := u.mapper(f)
	if err := u.judge(m, in); err != nil {
		return nil, err
	}
	sum := digest.New(u.opt.SHA256)
	s := &scanned{action: retime.Copied}
	var err error
	s.name, s.out, err = u.target.Table(u.ctx, f, m.columnar(), func(w io.Writer) error {
		var err error
		s.stats, err = m.table.Rewrite(u.ctx, w, tee{in, sum})
		return err
	})
	switch {
	case m.foreign(err):
		s.stats = retime.Stats{} // a file of somebody else's that only ends in .csv
	case err != nil:
		return nil, err
	}
	s.warnings = m.warnings
	warning, err := u.left(f, in, m.header, s.stats.Plan.Times)
	if err != nil {
		return nil, err
	}
	if len(m.cols.Other) > 0 {
		warning = fmt.Sprintf("%s: column %q may hold times in another unit; it is left as it is", f.Name, m.header[m.cols.Other[0]])
	}
	s.warn(warning)
	if m.alone != "" {
		s.warn(fmt.Sprintf("%s: column %q stays as it is: beside it stand no start and end to make it of anew", f.Name, m.alone))
	}
	if len(s.stats.Plan.Times) == 0 {
		if _, err := in.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		return s, u.copy(f, in, s)
	}
	s.action, s.in, s.groups = retime.Retimed, sum.String(), m.shares
	for _, i := range s.stats.Plan.Times {
		s.names = append(s.names, s.stats.Header[i])
	}
	if before, ok := u.sums[f.Name]; ok && before != s.in {
		return nil, folder.Changed(f)
	}
	return s, nil
}

func (u *run) scanOther(f file, in *folder.Input) (*scanned, error) {
	s := &scanned{action: retime.Copied}
	if isOtherTable(f.Base()) {
		if strings.HasSuffix(f.Base(), ".tsv") {
			if _, err := u.left(f, in, nil, nil); err != nil {
				return nil, err
			}
		}
		s.warn(f.Name + ": copied as it is; if it holds times, they are still the phone's")
	}
	return s, u.copy(f, in, s)
}

func (s *scanned) warn(text string) {
	if text != "" {
		s.warnings = append(s.warnings, warning{text: text})
	}
}

// take enters the result for f. Results are taken in the order of the files, whichever was ready first.
func (u *run) take(f file, s *scanned) {
	u.scanned[f.Name] = s
	for _, w := range s.warnings {
		g := w.g
		if in := u.scope(f); g == nil && in != nil {
			g = u.groups[groupKey(in, in.RecordingID)]
		}
		if g != nil {
			g.warn("%s", w.text)
		} else {
			u.loose = append(u.loose, w.text)
		}
	}
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
