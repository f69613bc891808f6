package cloud

import (
	"fmt"
	"io"
	"os"
	"strings"

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
		if strings.HasSuffix(f.base(), ".tsv") {
			if _, err := u.left(f, nil, nil); err != nil {
				return err
			}
		}
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
	warning, err := u.left(f, m.header, stats.Plan.Times)
	if err != nil {
		return err
	}
	if len(m.cols.Other) > 0 {
		warning = fmt.Sprintf("%s: column %q may hold times in another unit; it is left as it is", f.name, m.header[m.cols.Other[0]])
	}
	if warning != "" {
		u.warn(f, "%s", warning)
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
