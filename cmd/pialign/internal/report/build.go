package report

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/alignfile"
)

// Widths are the worst half-widths of an alignment between its first and its last burst. Nil: not known.
type Widths struct{ Likely, Stat, Bound *Number }

// Logs is what was found of the logs that an alignment was made of.
type Logs struct {
	Samples    []align.Sample
	Unanswered int
	Clocks     []align.HostReading // of the computer's clocks, where a log of them is there
}

// NewAlignment describes an alignment, with the exchanges of its logs where they were found (nil: they were not). recipe says that it is by a method to compare with.
func NewAlignment(source, digest string, f *alignfile.File, w Widths, recipe bool, logs *Logs) *Alignment {
	al := f.Alignment
	d := al.Diagnosis
	a := &Alignment{Source: source, Digest: digest, Program: f.Program, DeviceID: f.Device.ID, DeviceName: f.Device.Name, Recordings: known(f.RecordingIDs),
		Method: d.Method, Recipe: recipe, Base: string(d.Base), Rounding: string(d.Rounding), Samples: d.Samples, Used: d.Used,
		Drift: number(time.Duration(d.DriftE18)), HalfWidth: w.Likely, StatWidth: w.Stat, BoundWidth: w.Bound, Assumptions: d.Assumptions, file: al}
	for _, l := range f.Logs {
		a.Logs = append(a.Logs, l.Name)
	}
	if d.DriftSDE18 != 0 {
		a.DriftSD = number(time.Duration(d.DriftSDE18))
	}
	for _, q := range d.Quanta {
		if q.Clock == "device" {
			a.Protocols = append(a.Protocols, or(q.Protocol, "unknown")+", stamps of "+q.Resolution.String())
		}
	}
	for _, p := range d.Paths {
		a.Paths = append(a.Paths, Path{p.Bursts, Number(p.Floor), Number(p.FloorSD), Number(p.Up.Q10), Number(p.Down.Q10), lawText(p.Up), lawText(p.Down)})
	}
	for _, s := range al.HostSteps {
		a.HostSteps = append(a.HostSteps, Step{Number(s.From), Number(s.To), Number(s.By), s.Proved})
	}
	for _, w := range d.Warnings {
		a.Warnings = append(a.Warnings, w.Text)
	}
	if al.Wall != nil {
		a.Clock = "wall"
		placeOn(a, al.Wall)
	} else {
		a.Clock = "monotonic"
		placeOn(a, al.Mono)
	}
	a.Bursts, a.Gaps = nil, nil
	if al.Wall != nil {
		burstsOn(a, al.Wall)
	} else {
		burstsOn(a, al.Mono)
	}
	if al.Mono != nil && d.Base == align.BaseMono {
		a.MeanDrift = meanDrift(al.Mono)
	} else if al.Wall != nil {
		a.MeanDrift = meanDrift(al.Wall)
	}
	if d.Used > 0 {
		a.RTTMin = number(d.SmallestRTT)
	}
	if logs != nil {
		a.LogsRead, a.Unanswered = true, logs.Unanswered
		a.exchanges = measure(al, logs.Samples)
		a.phases()
		a.hostClock(logs.Clocks)
	}
	if !d.DriftKnown() {
		a.Drift, a.MeanDrift = nil, nil
	}
	a.Methods, a.Cite = a.methods(), a.cite()
	return a
}

// known leaves out ids that nobody knows.
func known(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
}

func lawText(l align.LawReport) LawText {
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	return LawText{f(l.Shape), Number(l.Scale), f(l.Tail), f(l.Flat)}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// placeOn says when the session was and what the map is in its middle.
func placeOn[T align.HostClock](a *Alignment, m *align.Model[T]) {
	p := m.Parts()
	for _, s := range p.Steps {
		a.Steps = append(a.Steps, Step{Number(s.From), Number(s.To), Number(s.By), s.Proved})
	}
	all := m.Candidates(p.First)
	if len(all) > 0 {
		a.First = number(time.Duration(all[0].Host))
	}
	if all = m.Candidates(p.Last); len(all) > 0 {
		a.Last = number(time.Duration(all[len(all)-1].Host))
	}
	if a.First != nil && a.Last != nil {
		a.Length = number(time.Duration(*a.Last - *a.First))
	}
	middle := p.First + (p.Last-p.First)/2
	if e, err := m.Estimate(middle); err == nil {
		a.Offset = number(time.Duration(int64(e.Host) - int64(middle)))
	}
}

// meanDrift is how much host - device grows between the first and the last burst, the steps of the phone's clock aside, in 1e-18.
func meanDrift[T align.HostClock](m *align.Model[T]) *Number {
	p := m.Parts()
	grown, length := 0.0, 0.0
	for _, s := range p.Segments {
		if from, to := max(s.From, p.First), min(s.To, p.Last); from < to {
			grown += float64(float64(s.DriftE18) * float64(to.Sub(from)))
			length += float64(to.Sub(from))
		}
	}
	if length == 0 {
		return nil
	}
	return number(time.Duration(math.Round(grown / length)))
}

// burstsOn lists the bursts and the pauses between them.
func burstsOn[T align.HostClock](a *Alignment, m *align.Model[T]) {
	var end *Number
	for _, b := range a.file.Diagnosis.Bursts {
		r := Burst{Phase: b.Phase, Kept: b.Kept, Dropped: b.Dropped, Length: Number(b.Last - b.First), RTTMin: Number(b.RTTMin), RTTMedian: Number(b.RTTMedian),
			RTTP95: Number(b.RTTP95), RTTMax: Number(b.RTTMax), Path: b.Path + 1}
		if e, err := m.Estimate(b.First); err == nil {
			r.First = number(time.Duration(e.Host))
			if end != nil && *r.First > *end {
				a.Gaps = append(a.Gaps, Gap{From: end, Length: *r.First - *end})
			}
		}
		if e, err := m.Estimate(b.Last); err == nil {
			end = number(time.Duration(e.Host))
		}
		middle := b.First + (b.Last-b.First)/2
		if e, err := m.Estimate(middle); err == nil && b.Kept > 0 {
			r.Offset = number(time.Duration(int64(e.Host) - int64(middle)))
			if e.Rated && !a.Recipe {
				r.HalfWidth = number(e.Likely.HalfWidth())
			}
			if e.Bounded {
				r.Bound = number(e.Bound.HalfWidth())
			}
		}
		a.Bursts = append(a.Bursts, r)
	}
}

// phases sums up the exchanges of the logs by their label, in order of time.
func (a *Alignment) phases() {
	var names []string
	of := map[string][]exchange{}
	var trips, misses []time.Duration
	for _, e := range a.exchanges {
		if of[e.phase] == nil {
			names = append(names, e.phase)
		}
		of[e.phase] = append(of[e.phase], e)
		trips = append(trips, e.rtt)
		if e.known {
			misses = append(misses, e.residual().Abs())
		}
	}
	for _, name := range names {
		var rtt, up, down []time.Duration
		for _, e := range of[name] {
			rtt = append(rtt, e.rtt)
			if e.known && !e.untrue {
				up, down = append(up, e.up), append(down, e.down)
			}
		}
		for _, v := range [][]time.Duration{rtt, up, down} {
			slices.Sort(v)
		}
		p := Phase{Name: name, Exchanges: len(rtt), RTTMin: Number(quantile(rtt, 0)), RTTMedian: Number(quantile(rtt, 0.5)),
			RTTP95: Number(quantile(rtt, 0.95)), RTTMax: Number(quantile(rtt, 1))}
		if len(up) > 0 {
			p.UpMin, p.UpMedian, p.UpP95 = number(quantile(up, 0)), number(quantile(up, 0.5)), number(quantile(up, 0.95))
			p.DownMin, p.DownMedian, p.DownP95 = number(quantile(down, 0)), number(quantile(down, 0.5)), number(quantile(down, 0.95))
		}
		a.Phases = append(a.Phases, p)
	}
	if len(trips) > 0 {
		slices.Sort(trips)
		a.RTTMedian, a.RTTP95, a.RTTMax = number(quantile(trips, 0.5)), number(quantile(trips, 0.95)), number(quantile(trips, 1))
	}
	if len(misses) > 0 {
		slices.Sort(misses)
		a.Residual = number(quantile(misses, 0.5))
	}
}

// Title names an alignment.
func (a *Alignment) Title() string {
	id := or(a.DeviceID, "unknown")
	if a.DeviceName != "" {
		return a.DeviceName + " (" + id + ")"
	}
	return id
}

// Name names an alignment among all of a page: by its session too, where there are several.
func (a *Alignment) Name() string { return a.within + a.Title() }

// Unaligned is a device of which there is no alignment.
func Unaligned(source, id, name string, err string) *Alignment {
	return &Alignment{Source: source, DeviceID: id, DeviceName: name, Error: err}
}

// Placed is when one device's recording or session was, and how well its times are known.
type Placed struct {
	Name, Device, Clock string
	First, Last         Number // on the host's clock
	HalfWidth, Bound    *Number
}

// Place says when the session of a was.
func (a *Alignment) Place() (Placed, bool) {
	if a.First == nil || a.Last == nil {
		return Placed{}, false
	}
	return Placed{a.Name(), a.DeviceID, a.Clock, *a.First, *a.Last, a.HalfWidth, a.BoundWidth}, true
}

// placeOfRow says when a recording of a study was.
func placeOfRow(r *batch.Row) (Placed, bool) {
	rec := r.Recording
	if r.Verdict != batch.VerdictOK && r.Verdict != batch.VerdictInexact || rec == nil || rec.Offset == nil || rec.First == 0 && rec.Last == 0 {
		return Placed{}, false
	}
	return Placed{nameOf(r), rec.DeviceID, rec.Clock, rec.First + *rec.Offset, rec.Last + *rec.Offset, rec.HalfWidth, rec.BoundHalfWidth}, true
}

// nameOf names a row by its result, and by its recording where the result has another name: a download of one recording is named after it.
func nameOf(r *batch.Row) string {
	if r.Recording == nil {
		return r.Record.Output
	}
	return batch.Label(r.Record.Output, r.Recording.Name)
}
