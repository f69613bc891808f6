package batch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pialign/pialign/formats/folder"
)

// Options of a plan.
type Options struct {
	Sessions []string // folders with more sessions or alignments
	Pairs    []Pair   // by hand; they outweigh whatever else says which session is whose
	Base     string   // the folder that paths are relative to
}

// Plan is the lines, and what is worth telling.
type Plan struct {
	Lines    []Line
	Sessions int      // how many sessions and alignments were found
	Sources  []string // their paths
	Retimed  int      // results of pialign that were passed over
	Notes    []string // about what is no line
}

// Make finds the recordings below roots and pairs them with the sessions and alignments there and below opt.Sessions. The lines
// are in the order of their paths. Its error is about a root, a table of pairs or ctx; what is wrong with one recording stands in its line.
func Make(ctx context.Context, roots []string, opt Options) (*Plan, error) {
	var f found
	for _, root := range roots {
		if err := f.walk(ctx, root, true); err != nil {
			return nil, err
		}
	}
	for _, dir := range opt.Sessions {
		if err := f.walk(ctx, dir, false); err != nil {
			return nil, err
		}
	}
	f.places = compact(f.places, func(p place) string { return p.path })
	f.sessions = compact(f.sessions, func(p string) string { return p })
	f.alignments = compact(alone(f.alignments, f.sessions), func(p string) string { return p })

	sources := make([]source, len(f.sessions)+len(f.alignments))
	units := make([]unit, len(f.places))
	err := each(ctx, len(sources)+len(units), func(i int) {
		switch n := i - len(sources); {
		case n >= 0:
			units[n] = f.places[n].open(ctx)
		case i < len(f.sessions):
			sources[i] = readSession(f.sessions[i])
		default:
			sources[i] = readAlignment(f.alignments[i-len(f.sessions)])
		}
	})
	if err != nil {
		return nil, err
	}
	units = slices.DeleteFunc(units, func(u unit) bool { return u.none })
	m := &making{opt: opt, sources: sources, index: newIndex(sources), plan: &Plan{Retimed: f.retimed}}
	for i, s := range sources {
		sources[i].path = m.path(s.path)
		if s.err == nil {
			m.plan.Sessions++
			m.plan.Sources = append(m.plan.Sources, sources[i].path)
		} else {
			m.plan.Notes = append(m.plan.Notes, fmt.Sprintf("not used: %v", s.err))
		}
	}
	for _, link := range f.links {
		m.plan.Notes = append(m.plan.Notes, link+": a link to a folder, which is not followed")
	}
	hand, err := m.byHand(units)
	if err != nil {
		return nil, err
	}
	for i, u := range units {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.plan.Lines = append(m.plan.Lines, m.line(u, hand[i]))
	}
	m.twins()
	m.outputs(units)
	return m.plan, nil
}

// making is a plan that is being made.
type making struct {
	opt     Options
	sources []source
	index   *index
	plan    *Plan
}

// path returns a path as the plan has it.
func (m *making) path(p string) string {
	base, err := filepath.Abs(m.opt.Base)
	if err != nil {
		return filepath.ToSlash(p)
	}
	abs, err := filepath.Abs(p)
	if err != nil {
		return filepath.ToSlash(p)
	}
	rel, err := filepath.Rel(base, abs)
	if err != nil { // on another volume
		return filepath.ToSlash(abs)
	}
	return filepath.ToSlash(rel)
}

// line is what the plan says of one unit.
func (m *making) line(u unit, hand []handPair) Line {
	l := Line{Format: formatVersion, Input: m.path(u.path), Kind: u.kind, Files: u.files, Bytes: u.bytes, State: Paired}
	if u.err != nil {
		l.State, l.Problem, l.Settle = Broken, u.err.Error(), "take it from where it came from again"
		l.NotWhole = errors.Is(u.err, folder.ErrZip)
		switch {
		case errors.Is(u.err, fs.ErrNotExist): // what a link stands for
			l.Settle = "get its files: datalad get, or git annex get"
		case errors.Is(u.err, fs.ErrPermission):
			l.Settle = "have its owner let you read it"
		}
		return l
	}
	l.Notes = m.rowsOf(u, hand)
	for _, h := range hand {
		m.use(&l, h.source)
		if err := m.sources[h.source].err; err != nil {
			l.State, l.Problem, l.Settle = Broken, err.Error(), "fetch the damaged log again from where it was made"
		}
	}
	for _, p := range u.parts {
		r := Recording{Name: p.Name, RecordingID: p.RecordingID, DeviceID: p.DeviceID, First: nanos(p.First), Last: nanos(p.Last)}
		var c choice
		if len(hand) > 0 {
			c = m.pairByHand(p, hand)
		} else {
			c = m.index.pair(p)
		}
		r.Why = c.why
		if c.source >= 0 {
			r.Source = m.sources[c.source].path
			m.use(&l, c.source)
		}
		if worse[c.state] > worse[l.State] {
			l.State, l.Problem, l.Settle, l.Mentions = c.state, c.problem, c.settle, c.mentions
			if len(u.parts) > 1 {
				l.Problem = p.Name + ": " + l.Problem
			}
		}
		if c.note != "" {
			l.Notes = append(l.Notes, c.note)
		}
		l.Recordings = append(l.Recordings, r)
	}
	slices.Sort(l.Sessions)
	slices.Sort(l.Alignments)
	return l
}

// use notes that a line needs a source.
func (m *making) use(l *Line, i int) {
	s := m.sources[i]
	to := &l.Sessions
	if s.alignment {
		to = &l.Alignments
	}
	if !slices.Contains(*to, s.path) {
		*to = append(*to, s.path)
	}
}

// twins notes recordings that stand in two lines, as a zip beside what was unpacked of it.
func (m *making) twins() {
	seen := map[string]int{}
	for i := range m.plan.Lines {
		for _, r := range m.plan.Lines[i].Recordings {
			j, ok := seen[r.RecordingID]
			switch {
			case r.RecordingID == "":
			case !ok:
				seen[r.RecordingID] = i
			case j != i:
				l := &m.plan.Lines[i]
				l.Notes = append(l.Notes, fmt.Sprintf("%s: also in %s", r.Name, m.plan.Lines[j].Input))
			}
		}
	}
}

// outputs gives every line a place below the folder of the results: where it lies below its root.
func (m *making) outputs(units []unit) {
	taken := map[string]bool{}
	for i, u := range units {
		rel, err := filepath.Rel(u.root, u.path)
		if err != nil || rel == "." {
			rel = filepath.Base(m.abs(u.path))
		}
		name := filepath.ToSlash(rel)
		for n := 2; taken[fold(name)]; n++ { // of another root
			name = fmt.Sprintf("%s/%s", filepath.Base(m.abs(u.root)), filepath.ToSlash(rel))
			if n > 2 {
				name = fmt.Sprintf("%s-%d/%s", filepath.Base(m.abs(u.root)), n-1, filepath.ToSlash(rel))
			}
		}
		taken[fold(name)] = true
		m.plan.Lines[i].Output = name
	}
}

func (m *making) abs(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// compact sorts by path and leaves out what was found twice, also by two names of one folder.
func compact[T any](all []T, path func(T) string) []T {
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(filepath.ToSlash(path(a)), filepath.ToSlash(path(b))) })
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(x T) bool {
		real, err := filepath.EvalSymlinks(path(x))
		if err == nil {
			real, err = filepath.Abs(real)
		}
		if err != nil {
			real = path(x)
		}
		twice := seen[real]
		seen[real] = true
		return twice
	})
}

// each calls do for every number below n, several at a time.
func each(ctx context.Context, n int, do func(int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n) && ctx.Err() == nil; i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
