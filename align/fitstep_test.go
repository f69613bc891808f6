package align_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// A step of the phone's clock among bursts is found, located and not bridged.
func TestPhoneStep(t *testing.T) {
	for _, by := range []time.Duration{50 * ms, -50 * ms, time.Hour, -time.Hour} {
		l := twoBursts(8)
		l.bursts = []time.Duration{0, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute}
		l.clock.Steps = []scenario.Step{{At: start.Add(15 * time.Minute), By: by}}
		al := fit(t, l.samples(), align.Options{})
		steps := al.Wall.Parts().Steps
		if len(steps) != 1 || (steps[0].By+by).Abs() > ms || steps[0].From > l.clock.Steps[0].At || steps[0].To < l.clock.Steps[0].At || !steps[0].Proved {
			t.Errorf("step of %v: found %+v", by, steps)
			continue
		}
		for _, at := range []time.Duration{5 * time.Minute, 25 * time.Minute} {
			h := start.Add(at)
			c := al.Wall.Candidates(l.clock.Device(h))
			ok := slices.ContainsFunc(c, func(e align.Estimate[align.HostTime]) bool { return e.Bound.Contains(h.Sub(e.Host)) })
			if !ok {
				t.Errorf("step of %v: at %v none of %d candidates holds the truth", by, at, len(c))
			}
		}
		if by.Abs() == 50*ms { // the phone's clock shows this within the gap, before or after the step
			d := l.clock.Device(start.Add(14 * time.Minute))
			if _, err := al.Wall.Host(d); !errors.Is(err, align.ErrAmbiguous) {
				t.Errorf("step of %v: an instant in the gap: %v, want ambiguous", by, err)
			}
		}
	}
}

// A host clock that was set does not disturb the monotonic fit; on the wall clock it is found, and the interval holds both.
func TestHostStep(t *testing.T) {
	l := twoBursts(9)
	l.bursts = []time.Duration{0, 20 * time.Minute, 40 * time.Minute, 60 * time.Minute}
	const by = 200 * ms
	at := start.Add(30 * time.Minute)
	s := l.samples()
	for i := range s {
		if s[i].A > at {
			s[i].A, s[i].B = s[i].A.Add(by), s[i].B.Add(by)
		}
	}
	al := fit(t, s, align.Options{})
	if len(al.HostSteps) != 1 || (al.HostSteps[0].By-by).Abs() > 10*us || len(al.Wall.Parts().Steps) != 0 {
		t.Fatalf("found host steps %+v, phone steps %+v", al.HostSteps, al.Wall.Parts().Steps)
	}
	for m := time.Duration(0); m <= 60; m += 5 {
		h := start.Add(m * time.Minute)
		d := l.clock.Device(h)
		if est, err := al.Mono.Estimate(d); err != nil || !est.Bound.Contains(align.MonoTime(h-boot).Sub(est.Host)) {
			t.Errorf("monotonic, %d min: %+v, %v", m, est, err)
		}
		wall := h
		if h > at {
			wall = wall.Add(by)
		}
		if est, err := al.Wall.Estimate(d); err != nil || !est.Bound.Contains(wall.Sub(est.Host)) || !est.Likely.Contains(wall.Sub(est.Host)) {
			t.Errorf("wall, %d min: truth - estimate %v, %+v, %v", m, wall.Sub(est.Host), est, err)
		}
	}
}

// A stream is followed across a step back, by its order, where it is dense; elsewhere it is refused, or done as told.
func TestStreamAcrossStep(t *testing.T) {
	l := twoBursts(12)
	l.bursts = []time.Duration{0, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute}
	stepAt := start.Add(15 * time.Minute)
	for _, c := range []struct {
		by, every time.Duration
		resolved  bool
	}{
		{-50 * ms, 5 * ms, true},
		{-50 * ms, 30 * time.Second, false}, // too sparse: the fall does not show
		{50 * ms, 5 * ms, false},            // forward: looks like a pause
	} {
		l.clock.Steps = []scenario.Step{{At: stepAt, By: c.by}}
		al := fit(t, l.samples(), align.Options{})
		worst := func(a align.Ambiguity) (off time.Duration, refused, blank int) {
			host := al.Wall.Retimer(a)
			for h := start.Add(5 * time.Minute); h < start.Add(25*time.Minute); h = h.Add(c.every) {
				got, err := host(l.clock.Device(h))
				switch {
				case errors.Is(err, align.ErrAmbiguous):
					refused++
				case errors.Is(err, align.ErrBlank):
					blank++
				case err != nil:
					t.Fatal(err)
				default:
					off = max(off, h.Sub(align.HostTime(got)).Abs())
				}
			}
			return off, refused, blank
		}
		off, refused, _ := worst(align.AmbiguousRefused)
		if off > ms || (refused == 0) != c.resolved {
			t.Errorf("step of %v, every %v: off by up to %v, %d refused", c.by, c.every, off, refused)
		}
		if off, refused, blank := worst(align.AmbiguousEmpty); off > ms || refused != 0 || (blank == 0) != c.resolved {
			t.Errorf("step of %v, every %v, empty: off by up to %v, %d refused, %d blank", c.by, c.every, off, refused, blank)
		}
		if off, refused, _ := worst(align.AmbiguousFirst); refused != 0 || (off > 40*ms) == c.resolved {
			t.Errorf("step of %v, every %v, first: off by up to %v, %d refused", c.by, c.every, off, refused)
		}
	}
}
