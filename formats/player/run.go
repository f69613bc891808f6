package player

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// run is one Check or Retime.
type run struct {
	*Recording
	ctx    context.Context
	opt    retime.Options
	groups []*group // parallel to scopes

	target  folder.Target // nowhere for a Check
	clocks  retime.Asking
	files   []folder.File
	leftOut []string
	scanned map[string]*scanned
}

// scanned is what a scan found out about one file, and did.
type scanned struct {
	g        *group
	action   string
	name     string // in the result; "": its own
	rows     int
	spans    []*retime.Span
	in, out  string
	warnings []string
}

func (s *scanned) span(column string) *retime.Span {
	p := &retime.Span{Column: column}
	s.spans = append(s.spans, p)
	return p
}

func (s *scanned) warn(format string, args ...any) {
	s.warnings = append(s.warnings, fmt.Sprintf(format, args...))
}

// stream returns a Retimer for one column of one recording.
func (u *run) stream(g *group) align.Retimer {
	return u.clocks.Retimer(g.clock)
}

func (u *run) relative(g *group, span *retime.Span) *relative {
	return &relative{g, mono(u.stream(g), span), span}
}

// begin asks for the clock of every recording and places it in time.
func (r *Recording) begin(ctx context.Context, clocks retime.Clocks, opt retime.Options) (*run, error) {
	if err := opt.Check(); err != nil {
		return nil, err
	}
	u := &run{Recording: r, ctx: ctx, opt: opt, clocks: retime.Asking{Clocks: clocks, Options: opt}, target: folder.Target{SHA256: opt.SHA256}, scanned: map[string]*scanned{}, leftOut: slices.Clone(r.tree.LeftOut)}
	for _, s := range r.scopes {
		g := &group{scope: s, name: s.name(r)}
		if s.info != nil {
			g.id, g.Begun, g.Begin = s.info.RecordingID, true, s.info.Start
			g.End, g.Ended = s.info.End(), s.info.End() > s.info.Start
		} else {
			g.id = r.idOf(s)
		}
		u.groups = append(u.groups, g)
		if err := u.choose(g); err != nil {
			return nil, err
		}
	}
	if err := u.clocks.Beyond(); err != nil {
		return nil, err
	}
	u.sort()
	if err := u.events(); err != nil {
		return nil, err
	}
	return u, u.placeByFirst()
}

// choose asks for the clock of a recording, and where it begins on it.
func (u *run) choose(g *group) (err error) {
	g.clock = u.clocks.Clock(g.name, g.device(), g.id)
	if g.info == nil {
		return nil
	}
	if u.clocks.Begins(g.name, g.clock, g.info.Start); u.clocks.Beyond() != nil {
		return nil
	}
	if g.start, err = u.stream(g)(g.info.Start); err != nil {
		return fmt.Errorf("%s: %s: %w", g.file.Path, infojson.StartTime, err)
	}
	return nil
}

// cache is where Pupil Player keeps what it makes of the recording, and makes again.
const cache = "offline_data"

// inCache reports whether a folder is part of that.
func inCache(dir string) bool { return strings.Contains("/"+dir+"/", "/"+cache+"/") }

// sort decides which files are taken along.
func (u *run) sort() {
	for _, f := range u.tree.Files {
		if inCache(f.Dir()) {
			u.leftOut = append(u.leftOut, f.Name)
			continue
		}
		u.files = append(u.files, f)
	}
}

// groupOf returns the recording of f.
func (u *run) groupOf(f folder.File) (*group, error) {
	s := u.scopeOf(f)
	if s == nil {
		return nil, fmt.Errorf("%s: %w: it holds times, and nothing says which of the %d recordings it is of", f.Path, ErrFile, len(u.scopes))
	}
	return u.groups[slices.Index(u.scopes, s)], nil
}

// scan reads and maps every time, and writes the files where there is a place for them.
func (u *run) scan() error {
	results, err := folder.EachBeside(&u.clocks, u.files, u.scanFile)
	if err != nil {
		return err
	}
	for i, f := range u.files {
		u.scanned[f.Name] = results[i]
	}
	return u.verdict()
}

func (u *run) scanFile(f folder.File) (*scanned, error) {
	in, err := folder.Open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	s, err := u.scanInput(f, in)
	return s, in.Blame(err)
}

func (u *run) scanInput(f folder.File, in *folder.Input) (*scanned, error) {
	if strings.HasSuffix(f.Base(), ".csv") {
		return u.scanTable(f, in)
	}
	s := &scanned{action: retime.Retimed}
	do, err := u.way(f, s)
	if err != nil {
		return nil, err
	}
	if do == nil { // no times, as far as its name says
		return s, u.copyFile(f, in, s)
	}
	if s.g, err = u.groupOf(f); err != nil {
		return nil, err
	}
	sum := digest.New(u.opt.SHA256)
	s.out, err = u.target.Output(f, func(w io.Writer) error { return do(s.g, w, io.TeeReader(in, sum)) })
	if err != nil {
		return nil, named(f, err)
	}
	s.in = sum.String()
	return s, in.Unchanged()
}

// named puts the file before an error that does not have it.
func named(f folder.File, err error) error {
	if strings.Contains(err.Error(), f.Path) {
		return err
	}
	return fmt.Errorf("%s: %w", f.Path, err)
}

// way says how a file's times are rewritten, nil if it has none.
func (u *run) way(f folder.File, s *scanned) (func(*group, io.Writer, io.Reader) error, error) {
	base := f.Base()
	add := u.opt.Mode == retime.Add // there is no place for a second time but in tables
	sc := u.scopeOf(f)
	switch {
	case strings.HasSuffix(base, ".dtype"), strings.HasSuffix(base, ".proto"), strings.HasSuffix(base, ".raw") && !sc.opened():
		return nil, fmt.Errorf("%s: %w: a file of the phone, of a recording that was not opened in Pupil Player; give the export's folder by itself", f.Path, ErrFile)
	case strings.HasSuffix(base, ".plcal"), strings.HasSuffix(base, ".plmodel"), strings.HasSuffix(base, ".msgpack"):
		return nil, fmt.Errorf("%s: %w: move it out of the folder; Pupil Player makes it again", f.Path, ErrFile)
	case strings.HasSuffix(base, ".npy"), strings.HasSuffix(base, ".pldata"):
		if sc == nil || sc.info == nil {
			return nil, fmt.Errorf("%s: %w", f.Path, noStart())
		}
		if add {
			return nil, nil
		}
		if strings.HasSuffix(base, ".npy") {
			return func(g *group, w io.Writer, r io.Reader) error { return u.npy(f, g, w, r, s) }, nil
		}
		return func(g *group, w io.Writer, r io.Reader) error { return u.pldata(f, g, w, r, s) }, nil
	case add && (base == playerInfoName || base == invisibleInfoName || base == infojson.Name):
		return nil, nil
	case isTime(base) && !add:
		return func(g *group, w io.Writer, r io.Reader) error { return u.times(f, g, w, r, s) }, nil
	case base == playerInfoName && !add:
		return func(g *group, w io.Writer, r io.Reader) error { return u.playerInfo(f, g, w, r, s) }, nil
	case sc != nil && sc.inside && sc.info != nil && !add && f.Dir() == sc.dir && (base == invisibleInfoName || base == infojson.Name):
		return func(g *group, w io.Writer, r io.Reader) error { return u.appInfo(f, g, w, r, s) }, nil
	}
	for _, end := range []string{".tsv", ".xlsx", ".parquet", ".feather", ".zip", ".gz"} {
		if strings.HasSuffix(base, end) {
			s.warn("%s: copied as it is; if it holds times, they are still the phone's", f.Name)
		}
	}
	if base == "manifest.json" {
		s.warn("%s: its checksums are of the phone's files under the names they had there; it is copied as it is", f.Name)
	}
	if strings.HasSuffix(base, ".tsv") || strings.HasSuffix(base, ".txt") || strings.HasSuffix(base, ".json") {
		return nil, u.left(f)
	}
	return nil, nil
}

// scanTable re-times a CSV, or copies it where it has no times.
func (u *run) scanTable(f folder.File, in *folder.Input) (*scanned, error) {
	s := &scanned{action: retime.Retimed, g: u.home(f)}
	do, about, err := u.table(f, s)
	if err != nil {
		return nil, named(f, err)
	}
	if do == nil {
		return s, u.copyFile(f, in, s)
	}
	sum := digest.New(u.opt.SHA256)
	fill := func(w io.Writer) error { return do(w, io.TeeReader(in, sum)) }
	if about != nil {
		s.name, s.out, err = u.target.Table(u.ctx, f, about, fill)
	} else {
		s.out, err = u.target.Output(f, fill)
	}
	if err != nil {
		return nil, named(f, err)
	}
	s.in = sum.String()
	if strings.HasPrefix(f.Base(), "annotations") {
		s.warn("%s: annotations are mapped as the phone's; where a program sent the time along, it is shifted twice", f.Name)
	}
	return s, in.Unchanged()
}

// copyFile copies a file without times.
func (u *run) copyFile(f folder.File, in *folder.Input, s *scanned) error {
	s.action, s.g = retime.Copied, u.home(f)
	var err error
	s.out, err = u.target.Copy(u.ctx, f, in)
	s.in = s.out
	if err != nil {
		return err
	}
	return in.Unchanged()
}

func (u *run) playerInfo(f folder.File, g *group, w io.Writer, r io.Reader, s *scanned) error {
	if _, err := u.whole(f, r, g.player.bytes); err != nil {
		return err
	}
	for _, at := range g.player.starts {
		s.span(at.key).Add(g.info.Start)
	}
	if w == nil {
		return nil
	}
	_, err := w.Write(g.player.retimed(int64(g.info.Start), g.start))
	return err
}

// appInfo re-times an info.invisible.json, and the info.json that may stand beside it.
func (u *run) appInfo(f folder.File, g *group, w io.Writer, r io.Reader, s *scanned) error {
	b, err := u.whole(f, r, nil)
	if err != nil {
		return err
	}
	in, err := infojson.Parse(b)
	if err != nil {
		return err
	}
	if in.Start != g.info.Start {
		return folder.Changed(f)
	}
	var host []int64
	for _, at := range in.Instants {
		h, err := u.instant(g, at.At, false, u.stream(g), s.span(at.Key))
		if err != nil {
			return fmt.Errorf("%s: %w", at.Key, err)
		}
		host = append(host, h)
	}
	lasted := int64(in.Duration)
	switch {
	case !u.opt.RecomputeDurations:
	case in.Lasted():
		if lasted, err = in.LastedBy(u.stream(g)); err != nil {
			return fmt.Errorf("duration: %w", err)
		}
	default:
		s.warn("%s: %s", f.Name, infojson.NotLasted)
	}
	if w != nil {
		_, err = w.Write(in.RetimedWith(host, lasted))
	}
	return err
}

// whole reads a small file, which must be what it was.
func (u *run) whole(f folder.File, r io.Reader, want []byte) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, infojson.MaxSize+1))
	if err == nil && (int64(len(b)) != f.Size || want != nil && string(b) != string(want)) {
		err = folder.Changed(f)
	}
	return b, err
}

// home returns the recording that a file without times belongs to, nil where that is open.
func (u *run) home(f folder.File) *group {
	g, err := u.groupOf(f)
	if err != nil {
		return nil
	}
	return g
}

// verdict is the error of a run whose every time is fine.
func (u *run) verdict() error {
	var sent retime.SenderError
	for _, g := range u.groups {
		sent.Total += g.senders
		sent.Stamps = append(sent.Stamps, g.sender...)
	}
	return u.clocks.Verdict(sent)
}
