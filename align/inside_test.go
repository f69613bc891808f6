package align_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// A phone that is set within a burst breaks no bound: the burst is cut there, and instants around the place are ambiguous.
func TestStepWithinABurst(t *testing.T) {
	for i, by := range []time.Duration{4 * ms, -5 * ms, 12 * ms, -300 * ms, time.Hour} {
		for _, share := range []time.Duration{20, 50, 85} { // % of the burst
			l := twoBursts(uint64(50 + i))
			l.bursts, l.count, l.tick = nil, 40, 1
			for k := range 6 {
				l.bursts = append(l.bursts, time.Duration(k)*8*time.Minute)
			}
			at := start.Add(l.bursts[3] + share*40*85*ms/100)
			l.clock.Steps = []scenario.Step{{At: at, By: by}}
			al := fit(t, l.samples(), align.Options{})
			st := al.Wall.Parts().Steps
			if len(st) != 1 || st[0].From > at || st[0].To < at {
				t.Errorf("%v at %d %%: steps %+v", by, share, st)
				continue
			}
			// a step's size is known to about the estimates on either side, each to some 0.2 ms with half a burst
			if d := st[0].By + by; d.Abs() > ms {
				t.Errorf("%v at %d %%: found %v", by, share, -st[0].By)
			}
			for off := -time.Minute; off <= l.bursts[5]+time.Minute; off += 500 * ms {
				h := start.Add(off)
				est, err := al.Wall.Estimate(l.clock.Device(h))
				if errors.Is(err, align.ErrAmbiguous) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if !est.Bound.Contains(h.Sub(est.Host)) {
					t.Errorf("%v at %d %%: at %v outside the bound", by, share, off)
					break
				}
			}
		}
	}
}

// A phone that is set and set back within a burst: the exchanges between agree with each other, and are not taken for stale answers.
func TestStepToAndFroWithinABurst(t *testing.T) {
	for i, by := range []time.Duration{15 * ms, -60 * ms, 400 * ms} {
		l := twoBursts(uint64(70 + i))
		l.bursts, l.count, l.tick = nil, 60, 1
		for k := range 6 {
			l.bursts = append(l.bursts, time.Duration(k)*8*time.Minute)
		}
		there := start.Add(l.bursts[2] + 1500*ms)
		back := there.Add(1500 * ms)
		l.clock.Steps = []scenario.Step{{At: there, By: by}, {At: back, By: -by}}
		al := fit(t, l.samples(), align.Options{})
		st := al.Wall.Parts().Steps
		if len(st) != 2 || st[0].From > there || st[0].To < there || st[1].From > back || st[1].To < back {
			t.Errorf("%v: steps %+v", by, st)
		}
		for off := -time.Minute; off <= l.bursts[5]+time.Minute; off += 250 * ms {
			h := start.Add(off)
			est, err := al.Wall.Estimate(l.clock.Device(h))
			if !errors.Is(err, align.ErrAmbiguous) && (err != nil || !est.Bound.Contains(h.Sub(est.Host))) {
				t.Errorf("%v: at %v outside the bound: %v", by, off, err)
				break
			}
		}
	}
}

// Half a second between two bursts is no drift, whatever may be made of the exchanges within them.
func TestStepBetweenTwoBurstsIsRefused(t *testing.T) {
	for seed := range uint64(30) {
		l := twoBursts(200 + seed)
		jitter := scenario.Delay{Law: scenario.Gamma, Floor: 1500 * us, Scale: 5 * ms}
		l.up, l.down, l.count, l.tick = jitter, jitter, 30, 1
		l.clock.Steps = []scenario.Step{{At: start.Add(20 * time.Minute), By: time.Duration(1-2*int64(seed%2)) * (450 + time.Duration(seed)*7) * ms}}
		if al, err := align.Fit(l.samples(), align.Options{}); !errors.Is(err, align.ErrStepSuspected) {
			t.Errorf("seed %d: %v, %+v", seed, err, al.Wall.Parts().Steps)
		}
	}
}

// Few stamps in whole ms on a fast link meet the ticks at random: the interval without allowance knows that.
func TestFewCoarseStamps(t *testing.T) {
	for _, n := range []int{4, 10, 20} {
		missed := 0
		for seed := range uint64(60) {
			l := twoBursts(300 + seed)
			fast := scenario.Delay{Law: scenario.Exponential, Floor: 50 * us, Scale: 50 * us}
			l.up, l.down, l.count = fast, fast, n
			l.clock.Offset += time.Duration(seed*137) * us
			al := fit(t, l.samples(), align.Options{})
			h := start.Add(time.Hour)
			est, err := al.Wall.Estimate(l.clock.Device(h))
			if err != nil {
				t.Fatal(err)
			}
			if !est.Stat.Contains(h.Sub(est.Host)) {
				missed++
			}
		}
		// of sixty 95 % intervals more than 8 miss once in a hundred times
		if missed > 8 {
			t.Errorf("%d exchanges a burst: %d of 60 intervals miss", n, missed)
		}
	}
}

// Of lone exchanges minutes apart a wrong one is outvoted by its neighbours: no step is made of it, and the bound stays closed.
func TestLoneExchanges(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(s []align.Sample)
		want  bool // a warning
	}{
		{"all well", func([]align.Sample) {}, false},
		{"a stamp 300 ms late", func(s []align.Sample) { s[20].E += align.DeviceTime(300 * ms) }, true},
		{"a stamp 20 ms early", func(s []align.Sample) { s[20].E -= align.DeviceTime(20 * ms) }, true},
		{"heard before it was sent", func(s []align.Sample) {
			s[20].A, s[20].B, s[20].MonoA, s[20].MonoB = s[20].B, s[20].A, s[20].MonoB, s[20].MonoA
		}, true},
	} {
		l := twoBursts(5)
		l.bursts, l.count, l.tick = nil, 1, 1
		for k := range 28 {
			l.bursts = append(l.bursts, time.Duration(k)*4*time.Minute)
		}
		s := l.samples()
		c.spoil(s)
		al := fit(t, s, align.Options{})
		if st := al.Wall.Parts().Steps; len(st) > 0 {
			t.Errorf("%s: steps %+v", c.name, st)
		}
		worst, _, outside := l.check(t, al)
		// half a ms: a lone exchange of lognormal jitter with a median of 2 ms tells the offset to about 2 ms, 28 of them to a quarter of that or better
		if worst > ms/2 || outside > 0 {
			t.Errorf("%s: off by up to %v, %d instants outside the bound", c.name, worst, outside)
		}
		// a bound of half the shortest round trips of some neighbours, none of them above 8 ms, with 1 ppm of wander for some minutes
		if d, ok := al.Wall.WorstBoundHalfWidth(al.Wall.Parts().First, al.Wall.Parts().Last); !ok || d > 8*ms {
			t.Errorf("%s: bound +-%v", c.name, d)
		}
		warned := len(al.Diagnosis.Warnings) > 0
		if warned != c.want || warned && al.Diagnosis.Warnings[0].Kind != align.WarnFalsetickers {
			t.Errorf("%s: warnings %v", c.name, al.Diagnosis.Warnings)
		}
	}
}

// One exchange alone is no proof of a step: it is refused, or taken for one where that is asked for.
func TestStepToldByOneExchange(t *testing.T) {
	l := twoBursts(6)
	l.bursts, l.count, l.tick = nil, 1, 1
	for k := range 20 {
		l.bursts = append(l.bursts, time.Duration(k)*4*time.Minute)
	}
	s := l.samples()
	s[19].E += align.DeviceTime(300 * ms)
	if _, err := align.Fit(s, align.Options{}); !errors.Is(err, align.ErrStepSuspected) {
		t.Errorf("%v", err)
	}
	al := fit(t, s, align.Options{Override: true})
	if len(al.Wall.Parts().Steps) != 1 {
		t.Errorf("steps %+v", al.Wall.Parts().Steps)
	}
}

// What is refused can be asked for, and then says what it is worth.
func TestOverride(t *testing.T) {
	l := twoBursts(8)
	l.bursts, l.count, l.tick = []time.Duration{0, 6 * time.Minute, 12 * time.Minute}, 50, 1
	l.clock.Steps = []scenario.Step{{At: start.Add(9 * time.Minute), By: 20 * ms}}
	if _, err := align.Fit(l.samples(), align.Options{}); !errors.Is(err, align.ErrStepSuspected) {
		t.Errorf("a step in one of two gaps: %v", err)
	}
	if al := fit(t, l.samples(), align.Options{Override: true}); len(al.Wall.Parts().Steps) != 1 {
		t.Errorf("a step in one of two gaps: %+v", al.Wall.Parts().Steps)
	}

	half := twoBursts(9).samples()
	for i := range half {
		half[i].E += align.DeviceTime(time.Duration(i%2) * 200 * ms)
	}
	if _, err := align.Fit(half, align.Options{}); !errors.Is(err, align.ErrFalsetickers) {
		t.Errorf("half of all exchanges false: %v", err)
	}
	if al := fit(t, half, align.Options{Override: true}); al.Diagnosis.Used != len(half)/2 {
		t.Errorf("half of all exchanges false: %d of %d used", al.Diagnosis.Used, len(half))
	}

	al := fit(t, twoBursts(10).samples(), align.Options{Override: true})
	if _, err := al.Wall.Estimate(twoBursts(10).clock.Device(start.Add(20 * 24 * time.Hour))); err != nil {
		t.Errorf("20 days later: %v", err)
	}
}

// A phone set to and fro between lone exchanges is no clock: asked for nevertheless, the map has no bound, and says so.
func TestOverrideOfContradictions(t *testing.T) {
	l := twoBursts(11)
	l.bursts, l.count, l.tick = nil, 1, 1
	r := scenario.Rand(3, 5)
	for k := range 5 {
		at := time.Duration(k) * time.Minute
		l.bursts = append(l.bursts, at)
		l.clock.Steps = append(l.clock.Steps, scenario.Step{At: start.Add(at + 30*time.Second), By: time.Duration(r.Int64N(int64(30*ms))) - 15*ms})
	}
	if _, err := align.Fit(l.samples(), align.Options{}); !errors.Is(err, align.ErrDisjoint) {
		t.Fatalf("%v", err)
	}
	al := fit(t, l.samples(), align.Options{Override: true})
	if est, err := al.Wall.Estimate(l.clock.Device(start.Add(time.Minute))); err != nil || est.Bounded {
		t.Errorf("a bound where exchanges contradict each other: %+v, %v", est, err)
	}
	if !slices.ContainsFunc(al.Diagnosis.Warnings, func(w align.Warning) bool { return w.Kind == align.WarnWander }) || len(al.Diagnosis.Assumptions) > 0 {
		t.Errorf("not said: %v", al.Diagnosis)
	}
}
