package table

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/retime"
)

// The years from which times are taken for absolute ones: others are of another unit, or count from something else.
const (
	year2000 = 946_684_800_000_000_000
	year2200 = 7_258_118_400_000_000_000
)

// run is one pass over the table.
type run struct {
	*Recording
	streams []retime.Stream
	spans   []retime.Span
	places  []retime.Places // by column
	usual   []int           // likewise, once they are counted
	placed  bool
	first   align.DeviceTime
}

// run maps the table and writes it to w, if there is one, whose digest is sum.
func (r *Recording) run(ctx context.Context, w io.Writer, sum *digest.Digest, clocks retime.Clocks, opt retime.Options) (*retime.Report, error) {
	if err := opt.Check(); err != nil {
		return nil, err
	}
	asking := retime.Asking{Clocks: clocks, Options: opt}
	clock := asking.Clock(r.Name(), "", "")
	if err := asking.Verdict(retime.SenderError{}); err != nil {
		return nil, err
	}
	in, err := os.Open(r.path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	u := &run{Recording: r, places: make([]retime.Places, len(r.at))}
	for i := range r.at {
		u.spans = append(u.spans, retime.Span{Column: r.columns[i].Name})
	}
	for i := range r.at {
		u.streams = append(u.streams, retime.Stream{Retime: clock.New(), Pauses: &u.spans[i].Pauses})
	}
	before := digest.New(opt.SHA256)
	t := retime.Table{Name: r.path, Comma: r.comma, Text: u.measure}
	t.Plan = func([]string) (retime.Plan, error) { return retime.Plan{Times: slices.Clone(r.at), Key: -1}, nil }
	first, err := t.Rewrite(ctx, nil, io.TeeReader(in, io.MultiWriter(before, u)))
	if err != nil {
		return nil, err
	}
	about := r.columnar(first.Header, opt)
	if opt.Format.Columnar() {
		if err := about.Check(); err != nil {
			return nil, err
		}
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	for i := range u.places {
		u.usual = append(u.usual, u.places[i].Usual())
	}
	after := digest.New(opt.SHA256)
	t.Text, t.Mode, t.KeepDeviceTime = u.cell, opt.Mode, opt.KeepDeviceTime
	var columns *columnar.Writer
	if w != nil && opt.Format.Columnar() {
		columns = columnar.New(ctx, w, opt.Format, func() (columnar.Table, error) {
			about.Alignment = clock.Digest
			return about, nil
		}, func() (io.ReadCloser, error) { return os.Open(r.path) })
		w = columns
	}
	stats, err := t.Rewrite(ctx, w, io.TeeReader(in, io.MultiWriter(after, u)))
	if columns != nil {
		err = columns.Close(err)
	}
	if err != nil {
		return nil, err
	}
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if before.String() != after.String() || info.Size() != r.size || info.ModTime().UnixNano() != r.changed {
		return nil, fmt.Errorf("%s: %w; try again when nothing writes to it", r.path, retime.ErrChanged)
	}
	return u.report(stats.Rows, before.String(), sum, clock, opt.Format), nil
}

// Write counts what is read of the table.
func (u *run) Write(p []byte) (int, error) {
	u.read.Add(int64(len(p)))
	return len(p), nil
}

// columnar says what the table is.
func (r *Recording) columnar(header []string, opt retime.Options) columnar.Table {
	t := columnar.Of(r.path, header, r.at, opt)
	t.Comma = r.comma
	for _, c := range r.columns {
		t.Times = append(t.Times, columnar.Time{Unit: c.Unit})
	}
	return t
}

// measure counts the digits behind the point.
func (u *run) measure(c *retime.Cell, dst, text []byte) ([]byte, error) {
	d, err := retime.ParseDecimal(text, u.columns[c.Column].Unit)
	if err == nil && d.Lost {
		err = fmt.Errorf("%w: %s is written with an exponent, and its last digits are lost; take the table from where it came from again", retime.ErrDecimal, text)
	}
	if err == nil {
		u.places[c.Column].Add(d)
	}
	return dst, err
}

// cell maps one time.
func (u *run) cell(c *retime.Cell, dst, text []byte) ([]byte, error) {
	unit := u.columns[c.Column].Unit
	d, err := retime.ParseDecimal(text, unit)
	if err != nil {
		return dst, err
	}
	at := align.DeviceTime(d.Ns)
	switch {
	case d.Ns < year2000 || d.Ns > year2200:
		return dst, fmt.Errorf("%w: %s is not between the years 2000 and 2200 (another unit, or no absolute time)", retime.ErrFar, text)
	case !u.placed:
		u.placed, u.first = true, at
	case !retime.Near(at, u.first, u.first):
		return dst, fmt.Errorf("%w: %s is more than a day from the first time in the table (cut off, or of another recording)", retime.ErrFar, text)
	}
	host, blank, err := u.streams[c.Column].Next(at)
	if err != nil {
		return dst, err
	}
	if c.Blank = blank; blank {
		return dst, nil
	}
	u.spans[c.Column].Add(at)
	if host == d.Ns {
		return append(dst, text...), nil
	}
	return d.Append(dst, host, unit, d.Places, max(d.Places, u.usual[c.Column])), nil
}

func (u *run) report(rows int, in string, out *digest.Digest, clock retime.Clock, format retime.Format) *retime.Report {
	f := retime.FileReport{Name: u.Name(), Action: retime.Retimed, Rows: rows, Input: in}
	f.Rename(columnar.Name(u.Name(), format))
	f.SetSpans(u.spans)
	if out != nil {
		f.Output = out.String()
	}
	for _, c := range u.columns {
		f.Columns = append(f.Columns, c.String())
	}
	rec := &retime.RecordingReport{Name: u.Name(), Alignment: clock.Digest, Warnings: []string{"no info.json says which phone recorded it"}}
	rec.Take(f)
	rep := &retime.Report{Files: []retime.FileReport{f}}
	rep.Finish(nil, []*retime.RecordingReport{rec}, nil)
	return rep
}
