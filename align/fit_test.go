package align_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

const (
	ms = time.Millisecond
	us = time.Microsecond
	// start is an epoch of today; boot what the monotonic clock counts from.
	start = align.HostTime(1_780_000_000_000_000_000)
	boot  = align.HostTime(1_779_900_000_123_456_789)
)

// lab is a session to simulate: bursts of exchanges at instants after start.
type lab struct {
	clock    scenario.Clock
	up, down scenario.Delay
	bursts   []time.Duration // when each begins
	count    int             // exchanges in each
	tick     time.Duration   // of the phone
	seed     uint64
	noMono   bool
}

// twoBursts is a session of an hour: 840 ms, 12 ppm, ms stamps, Wi-Fi-like delays.
func twoBursts(seed uint64) lab {
	wifi := scenario.Delay{Law: scenario.LogNormal, Floor: 1500 * us, Scale: 2 * ms}
	return lab{
		clock: scenario.Clock{Origin: start, Offset: 840 * ms, DriftE18: 12_000_000_000_000},
		up:    wifi, down: wifi, bursts: []time.Duration{0, time.Hour}, count: 100, tick: ms, seed: seed,
	}
}

func (l lab) samples() []align.Sample {
	r := scenario.Rand(l.seed, 7)
	var out []align.Sample
	for k, at := range l.bursts {
		for i := range l.count {
			a := start.Add(at + time.Duration(i)*70*ms + time.Duration(r.Int64N(int64(30*ms))))
			e := a.Add(l.up.Draw(r))
			b := e.Add(l.down.Draw(r))
			s := align.Sample{A: a, B: b, E: floorTo(l.clock.Device(e), l.tick), Phase: fmt.Sprint("p", k), Seq: int64(i), Protocol: "event"}
			if !l.noMono {
				s.MonoA, s.MonoB = align.MonoTime(a-boot), align.MonoTime(b-boot)
			}
			out = append(out, s)
		}
	}
	return out
}

func floorTo(d align.DeviceTime, tick time.Duration) align.DeviceTime {
	return d - d%align.DeviceTime(max(tick, 1))
}

// errors of an alignment against a clock, every ten seconds from a minute before the first burst to a minute after the last.
func (l lab) check(t *testing.T, al *align.Alignment) (worst, mean time.Duration, outside int) {
	t.Helper()
	n := time.Duration(0)
	for at := -time.Minute; at <= l.bursts[len(l.bursts)-1]+time.Minute; at += 10 * time.Second {
		h := start.Add(at)
		est, err := al.Wall.Estimate(l.clock.Device(h))
		if err != nil {
			t.Fatal(err)
		}
		d := h.Sub(est.Host)
		worst = max(worst, d.Abs())
		mean += d
		n++
		if !est.Bound.Contains(d) {
			outside++
		}
	}
	return worst, mean / n, outside
}

func fit(t *testing.T, samples []align.Sample, opt align.Options) *align.Alignment {
	t.Helper()
	al, err := align.Fit(samples, opt)
	if err != nil {
		t.Fatal(err)
	}
	return al
}

// Without jitter and with ns stamps nothing is left to estimate: what remains is rounding, well below 1 us.
func TestExactData(t *testing.T) {
	for _, drift := range []int64{0, 12, -47, 200, -200} {
		for _, offset := range []time.Duration{840 * ms, -3 * time.Hour, 20 * 365 * 24 * time.Hour} {
			l := twoBursts(1)
			l.clock.DriftE18, l.clock.Offset, l.tick = drift*1_000_000_000_000, offset, 1
			l.up = scenario.Delay{Law: scenario.Constant, Floor: 2 * ms}
			l.down = l.up
			worst, _, outside := l.check(t, fit(t, l.samples(), align.Options{Override: true, Rounding: align.RoundingTruncate}))
			if worst >= us || outside > 0 {
				t.Errorf("drift %d ppm, offset %v: error up to %v, %d outside the bound", drift, offset, worst, outside)
			}
		}
	}
}

// Another epoch of any of the three clocks changes the offset and nothing else, to the last bit: that of the monotonic clock not even the map to wall time.
func TestShiftChangesOnlyTheOffset(t *testing.T) {
	const by = 1_000_000_000_000_000
	base := twoBursts(2).samples()
	wall, mono, device := slices.Clone(base), slices.Clone(base), slices.Clone(base)
	for i := range base {
		wall[i].A, wall[i].B = wall[i].A+by, wall[i].B+by
		mono[i].MonoA, mono[i].MonoB = mono[i].MonoA+by, mono[i].MonoB+by
		device[i].E += by
	}
	back := func(p align.Parts, off time.Duration, at align.DeviceTime) align.Parts {
		for i := range p.Segments {
			p.Segments[i].Offset -= off
			p.Segments[i].From -= at
			p.Segments[i].To -= at
			p.Segments[i].Ref -= at
		}
		for i := range p.Knots {
			p.Knots[i].At -= at
		}
		return p
	}
	want := fit(t, base, align.Options{})
	for _, c := range []struct {
		name      string
		samples   []align.Sample
		wall      time.Duration // what the offsets of the two maps change by
		monotonic time.Duration
		at        align.DeviceTime
	}{{"wall", wall, by, 0, 0}, {"monotonic", mono, 0, by, 0}, {"device", device, -by, -by, by}} {
		got := fit(t, c.samples, align.Options{})
		for _, m := range []struct {
			name string
			g, w align.Parts
		}{
			{"wall", back(got.Wall.Parts(), c.wall, c.at), want.Wall.Parts()},
			{"monotonic", back(got.Mono.Parts(), c.monotonic, c.at), want.Mono.Parts()},
		} {
			if !reflect.DeepEqual(m.g.Segments, m.w.Segments) || !reflect.DeepEqual(m.g.Knots, m.w.Knots) {
				t.Errorf("a shift of the %s clock changes more than the offset of the map to %s time:\n%+v\n%+v", c.name, m.name, m.g.Segments, m.w.Segments)
			}
		}
		if got.Diagnosis.DriftE18 != want.Diagnosis.DriftE18 || !reflect.DeepEqual(got.Diagnosis.Paths, want.Diagnosis.Paths) {
			t.Errorf("a shift of the %s clock changes drift or delays", c.name)
		}
	}
}

func TestOrderAndDuplicatesDoNotMatter(t *testing.T) {
	s := twoBursts(3).samples()
	want := fit(t, s, align.Options{})
	shuffled := slices.Clone(s)
	scenario.Rand(3, 3).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if got := fit(t, shuffled, align.Options{}); !reflect.DeepEqual(got, want) {
		t.Error("the order of samples matters")
	}
	if got := fit(t, append(shuffled, s[:50]...), align.Options{}); !reflect.DeepEqual(got, want) {
		t.Error("samples given twice count twice")
	}
}

// Exchanging the directions and negating time mirrors the answer: within 1 us, since the grids are not mirrored. The laws change places.
func TestMirror(t *testing.T) {
	for seed := range uint64(5) {
		l := twoBursts(500 + seed)
		l.tick = 1
		l.down.Scale = 5 * ms // so that the directions differ
		l.clock.DriftE18 = (int64(seed)*20 - 40) * 1_000_000_000_000
		s := l.samples()
		mirrored := slices.Clone(s)
		for i, x := range s {
			mirrored[i].A, mirrored[i].B = 2*start-x.B, 2*start-x.A
			mirrored[i].MonoA, mirrored[i].MonoB = align.MonoTime(2*start-boot)-x.MonoB, align.MonoTime(2*start-boot)-x.MonoA
			mirrored[i].E = align.DeviceTime(2*start) - x.E
		}
		opt := align.Options{Rounding: align.RoundingNearest} // the one rule that is its own mirror image
		a, b := fit(t, s, opt), fit(t, mirrored, opt)
		for at := time.Duration(0); at <= time.Hour; at += 10 * time.Minute {
			d := l.clock.Device(start.Add(at))
			x, err := a.Wall.Estimate(d)
			if err != nil {
				t.Fatal(err)
			}
			y, err := b.Wall.Estimate(align.DeviceTime(2*start) - d)
			if err != nil {
				t.Fatal(err)
			}
			if off := (2*start - y.Host).Sub(x.Host).Abs(); off > us {
				t.Errorf("seed %d at %v: the mirrored answer differs by %v", seed, at, off)
			}
			for _, w := range []time.Duration{x.Bound.Width() - y.Bound.Width(), x.Likely.Width() - y.Likely.Width(), x.Stat.Width() - y.Stat.Width()} {
				if w.Abs() > 2*us { // two ends of it
					t.Errorf("seed %d at %v: the mirrored bound or interval is wider by %v", seed, at, w)
				}
			}
		}
		p, q := a.Diagnosis.Paths[0], b.Diagnosis.Paths[0]
		if (p.Up.Q10-q.Down.Q10).Abs() > us || (p.Down.Q10-q.Up.Q10).Abs() > us || p.Up.Shape != q.Down.Shape || p.Down.Shape != q.Up.Shape {
			t.Errorf("seed %d: laws %+v, %+v; mirrored %+v, %+v", seed, p.Up, p.Down, q.Up, q.Down)
		}
	}
}

// ms stamps move nothing on average: over 12 sessions the mean shift against the ns stamps of the same exchanges stays
// below 0.05 ms, a tenth of the half tick that a method would be late by which takes stamps for instants.
func TestCoarseStampsDoNotShift(t *testing.T) {
	var shift time.Duration
	const sessions = 12
	for seed := range uint64(sessions) {
		coarse, fine := twoBursts(100+seed), twoBursts(100+seed)
		fine.tick = 1
		c, f := fit(t, coarse.samples(), align.Options{}), fit(t, fine.samples(), align.Options{})
		d := coarse.clock.Device(start.Add(30 * time.Minute))
		x, err1 := c.Wall.Host(d)
		y, err2 := f.Wall.Host(d)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		shift += x.Sub(y)
	}
	if mean := shift / sessions; mean.Abs() > 50*us {
		t.Errorf("ms stamps shift the answer by %v on average", mean)
	}
}

// A stale answer is dropped, counted, and moves neither the estimate, beyond what leaving the tightest exchange out of the bound costs, nor
// lets the truth out.
func TestStaleAnswerIsDropped(t *testing.T) {
	l := twoBursts(5)
	s := l.samples()
	clean := fit(t, s, align.Options{})
	stale := slices.Clone(s)
	stale = append(stale, s[10])
	stale[len(s)].E -= align.DeviceTime(700 * ms)
	stale[len(s)].Seq = 1000
	al := fit(t, stale, align.Options{})
	if al.Diagnosis.Bursts[0].Dropped != 1 || !slices.ContainsFunc(al.Diagnosis.Warnings, func(w align.Warning) bool { return w.Kind == align.WarnFalsetickers }) {
		t.Errorf("the stale answer was not reported: %+v", al.Diagnosis.Bursts)
	}
	for at := time.Duration(0); at <= time.Hour; at += 10 * time.Minute {
		d := l.clock.Device(start.Add(at))
		x, err1 := al.Wall.Host(d)
		y, err2 := clean.Wall.Host(d)
		// 1 us: the origin that the calculation counts from is another sample, and grids lie elsewhere by as much
		if err := errors.Join(err1, err2); err != nil || x.Sub(y).Abs() > us {
			t.Errorf("at %v the stale answer moved the map by %v, %v", at, x.Sub(y), err)
		}
	}
	if _, _, outside := l.check(t, al); outside > 0 {
		t.Errorf("%d instants outside the bound", outside)
	}
}

// Over many seeds the truth lies inside the bound and near the estimate. The wrong models are caught by the same check:
// a sign turned, half a tick forgotten, the directions exchanged.
func TestTruthInsideBoundAndWrongModelsCaught(t *testing.T) {
	var sum time.Duration
	const seeds = 10
	for seed := range uint64(seeds) {
		l := twoBursts(seed)
		worst, mean, outside := l.check(t, fit(t, l.samples(), align.Options{}))
		if outside > 0 || worst > ms { // 1 ms: the tick; the delays' own scale is 2 ms
			t.Errorf("seed %d: error up to %v, %d instants outside the bound", seed, worst, outside)
		}
		sum += mean
	}
	if mean := (sum / seeds).Abs(); mean > 100*us { // ten sessions, each good to some 0.1 ms
		t.Errorf("errors have a mean of %v", mean)
	}

	l := twoBursts(1)
	for _, wrong := range []struct {
		name string
		do   func(*align.Sample)
	}{
		{"the offset's sign turned", func(s *align.Sample) { s.E = align.DeviceTime(2*s.A) - s.E }},
		{"half a tick forgotten", func(s *align.Sample) { s.E += align.DeviceTime(500 * us) }},
		{"sent and heard exchanged", func(s *align.Sample) { s.A, s.B = s.B, s.A; s.MonoA, s.MonoB = s.MonoB, s.MonoA }},
	} {
		s := l.samples()
		for i := range s {
			wrong.do(&s[i])
		}
		al, err := align.Fit(s, align.Options{Override: true})
		if err != nil {
			continue // refused, which is as good
		}
		_, mean, outside := l.check(t, al)
		if outside == 0 && mean.Abs() < 300*us {
			t.Errorf("%s is not noticed", wrong.name)
		}
	}
}

func TestRefusals(t *testing.T) {
	l := twoBursts(6)
	fast := twoBursts(6)
	fast.clock.DriftE18 = 150_000_000_000_000
	stepped := twoBursts(6)
	stepped.bursts = []time.Duration{0, 5 * time.Second * 10}
	stepped.clock.Steps = []scenario.Step{{At: start.Add(30 * time.Second), By: time.Second}}
	hosts := l.samples()
	hosts[3].Host = "another"
	split := l.samples()
	for i := range split {
		split[i].E += align.DeviceTime(i%2) * align.DeviceTime(time.Second)
	}
	for _, c := range []struct {
		name    string
		samples []align.Sample
		want    error
	}{
		{"nothing", nil, align.ErrTooFew},
		{"hosts", hosts, align.ErrHosts},
		{"too much drift for two bursts", fast.samples(), align.ErrStepSuspected},
		{"a step between two bursts", stepped.samples(), align.ErrStepSuspected},
		{"half of the exchanges say this, half that", split, align.ErrFalsetickers},
	} {
		al, err := align.Fit(c.samples, align.Options{})
		if !errors.Is(err, c.want) || al != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := align.Fit(fast.samples(), align.Options{Override: true}); err != nil {
		t.Errorf("overridden: %v", err)
	}
}

func TestOneBurst(t *testing.T) {
	l := twoBursts(7)
	l.bursts = l.bursts[:1]
	al := fit(t, l.samples(), align.Options{})
	if !slices.ContainsFunc(al.Diagnosis.Warnings, func(w align.Warning) bool { return w.Kind == align.WarnOneBurst }) {
		t.Error("no warning")
	}
	h := start.Add(time.Hour)
	est, err := al.Wall.Estimate(l.clock.Device(h))
	if err != nil {
		t.Fatal(err)
	}
	d := h.Sub(est.Host)
	if !est.Bound.Contains(d) || !est.Likely.Contains(d) || est.Bound.Width() < 2*720*ms {
		t.Errorf("an hour away: truth - estimate %v, interval %v, bound %v", d, est.Likely, est.Bound)
	}
	if _, err := al.Wall.Host(l.clock.Device(start.Add(5 * time.Hour))); !errors.Is(err, align.ErrOutOfReach) {
		t.Errorf("five hours away: %v, want out of reach", err)
	}
}

// Without monotonic readings, after a restart or a suspend, the wall clock serves, and that is said.
func TestWallClockServes(t *testing.T) {
	plain := twoBursts(10)
	plain.noMono = true
	restarted := twoBursts(10).samples()
	suspended := twoBursts(10).samples()
	for i := range restarted {
		if restarted[i].Phase == "p1" {
			restarted[i].Boot = "second"
			restarted[i].MonoA, restarted[i].MonoB = restarted[i].MonoA-1e12, restarted[i].MonoB-1e12
			suspended[i].MonoA, suspended[i].MonoB = suspended[i].MonoA-600e9, suspended[i].MonoB-600e9
		}
	}
	for name, s := range map[string][]align.Sample{"no readings": plain.samples(), "restart": restarted, "suspend": suspended} {
		al := fit(t, s, align.Options{})
		if al.Mono != nil || al.Diagnosis.Base != align.BaseWall {
			t.Errorf("%s: fitted against %s", name, al.Diagnosis.Base)
		}
		if !slices.ContainsFunc(al.Diagnosis.Warnings, func(w align.Warning) bool { return w.Kind == align.WarnWall }) {
			t.Errorf("%s: not said", name)
		}
		if worst, _, outside := plain.check(t, al); worst > ms || outside > 0 {
			t.Errorf("%s: error up to %v, %d outside", name, worst, outside)
		}
	}
}

// Exchanges of two protocols are one measurement if they were answered from one clock; else the events are fitted alone, and the
// difference is said.
func TestTwoProtocols(t *testing.T) {
	for _, by := range []time.Duration{0, 40 * ms, -8 * ms} {
		l := twoBursts(11)
		s := l.samples()
		for i := range s {
			if i%2 == 1 {
				s[i].Protocol = "echo"
				s[i].E -= align.DeviceTime(by) // host - device is larger
			}
		}
		al := fit(t, s, align.Options{})
		i := slices.IndexFunc(al.Diagnosis.Warnings, func(w align.Warning) bool { return w.Kind == align.WarnTwoClocks })
		want := len(s)
		if by != 0 {
			want = len(s) / 2
		}
		if (i >= 0) != (by != 0) || al.Diagnosis.Samples != want {
			t.Errorf("apart by %v: %d samples fitted, warnings %+v", by, al.Diagnosis.Samples, al.Diagnosis.Warnings)
		}
		if worst, _, outside := l.check(t, al); worst > ms || outside > 0 {
			t.Errorf("apart by %v: error up to %v, %d outside", by, worst, outside)
		}
	}
}
