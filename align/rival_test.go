package align_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// Of three bursts two set the drift, so that a step explains them in either gap. That is refused, not guessed: the wrong gap would
// leave the truth outside the bound.
func TestStepAmongThreeBursts(t *testing.T) {
	for _, by := range []time.Duration{20 * ms, -50 * ms, 100 * ms, 300 * ms} {
		for _, gap := range []time.Duration{6 * time.Minute, 30 * time.Minute} {
			for in := range time.Duration(2) {
				l := twoBursts(uint64(20 + in))
				l.bursts = []time.Duration{0, gap, 2 * gap}
				l.clock.Steps = []scenario.Step{{At: start.Add(gap*in + gap/2), By: by}}
				al, err := align.Fit(l.samples(), align.Options{})
				if errors.Is(err, align.ErrStepSuspected) || errors.Is(err, align.ErrDisjoint) {
					continue
				}
				if err != nil {
					t.Errorf("%v in gap %d of %v: %v", by, in, gap, err)
					continue
				}
				// where a drift that no phone has rules the other gap out, the step has to be in the right one
				st := al.Wall.Parts().Steps
				if len(st) != 1 || st[0].From > l.clock.Steps[0].At || st[0].To < l.clock.Steps[0].At {
					t.Errorf("%v in gap %d of %v: found %+v", by, in, gap, st)
				}
			}
		}
	}
}

// A monotonic clock that stopped while the computer slept is not taken for a phone that was set, however many bursts there are.
func TestSuspend(t *testing.T) {
	for _, n := range []int{2, 3, 5, 8} {
		for _, slept := range []time.Duration{50 * ms, time.Second, 2 * time.Minute} {
			l := twoBursts(30)
			l.bursts = nil
			for i := range n {
				l.bursts = append(l.bursts, time.Duration(i)*15*time.Minute)
			}
			s := l.samples()
			for i := range s {
				if s[i].A > start.Add(7*time.Minute) {
					s[i].MonoA, s[i].MonoB = s[i].MonoA-align.MonoTime(slept), s[i].MonoB-align.MonoTime(slept)
				}
			}
			al, err := align.Fit(s, align.Options{})
			if err != nil {
				t.Errorf("%d bursts, %v: %v", n, slept, err)
				continue
			}
			if len(al.Wall.Parts().Steps) > 0 {
				t.Errorf("%d bursts, %v: steps of the phone %+v", n, slept, al.Wall.Parts().Steps)
			}
			if _, _, outside := l.check(t, al); outside > 0 {
				t.Errorf("%d bursts, %v: %d instants outside the bound, base %s", n, slept, outside, al.Diagnosis.Base)
			}
		}
	}
}

// A slew that the readings of the raw clock show widens the bound, however slow it is, however dense the readings are, and whatever rate
// the system says that it runs at.
func TestSlewsShown(t *testing.T) {
	for _, ppm := range []int64{10, 25, 500} {
		for _, every := range []time.Duration{time.Second, 10 * time.Second} {
			l := twoBursts(40)
			host := scenario.Host{Boot: boot, WallTick: 1, MonoTick: 1, SlewsMono: true,
				Slews: []scenario.Slew{{At: start.Add(20 * time.Minute), By: 20 * ms, PPM: ppm}}}
			s := l.samples()
			for i := range s {
				a, b := s[i].A, s[i].B
				s[i].A, s[i].MonoA, s[i].B, s[i].MonoB = host.Wall(a), host.Mono(a), host.Wall(b), host.Mono(b)
			}
			var opt align.Options
			for at := start; at < start.Add(time.Hour+10*time.Second); at = at.Add(every) {
				r := host.Reading(at)
				r.RateE18 = 0
				if host.Wall(at.Add(time.Second)).Sub(host.Wall(at)) != time.Second {
					r.RateE18 = ppm * 1_000_000_000_000 // as a time service that slews by the frequency says
				}
				opt.HostClock = append(opt.HostClock, r)
			}
			al := fit(t, s, opt)
			if !slices.ContainsFunc(al.Diagnosis.Warnings, func(w align.Warning) bool { return w.Kind == align.WarnSlew }) {
				t.Errorf("%d ppm every %v: not said", ppm, every)
			}
			outside := 0
			for at := time.Duration(0); at <= time.Hour; at += 10 * time.Second {
				h := start.Add(at)
				est, err := al.Wall.Estimate(l.clock.Device(h))
				if err != nil || !est.Bound.Contains(host.Wall(h).Sub(est.Host)) {
					outside++
				}
			}
			if outside > 0 {
				t.Errorf("%d ppm every %v: %d instants outside the bound", ppm, every, outside)
			}
		}
	}
}
