package align_test

import (
	"math"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// oneSided is a session in which one direction jitters far more than the other: a burst every ten minutes for an hour.
func oneSided(seed uint64, up bool) lab {
	l := twoBursts(seed)
	l.bursts = nil
	for at := time.Duration(0); at <= time.Hour; at += 10 * time.Minute {
		l.bursts = append(l.bursts, at)
	}
	l.count, l.tick = 40, 1
	little := scenario.Delay{Law: scenario.Exponential, Floor: 2 * ms, Scale: 200 * us}
	much := scenario.Delay{Law: scenario.Gamma, Floor: 2 * ms, Scale: 6 * ms}
	if l.up, l.down = little, much; up {
		l.up, l.down = much, little
	}
	return l
}

// A law fitted to one direction and used for the other is wrong by a ms and more where the directions differ.
func TestLawsBelongToTheirDirections(t *testing.T) {
	for _, up := range []bool{false, true} {
		var sum time.Duration
		const seeds = 3
		for seed := range uint64(seeds) {
			l := oneSided(50+seed, up)
			al := fit(t, l.samples(), align.Options{})
			_, mean, outside := l.check(t, al)
			sum += mean
			if outside > 0 {
				t.Errorf("up %v, seed %d: %d instants outside the bound", up, seed, outside)
			}
			p := al.Diagnosis.Paths[0]
			noisy, calm := p.Down, p.Up
			if up {
				noisy, calm = p.Up, p.Down
			}
			// the 10 % quantile of a gamma law of shape 3 and mean 6 ms is 2.2 ms, that of an exponential law of mean 0.2 ms 0.02 ms: the floor
			// itself is known to a fraction of a ms
			if noisy.Q10 < 1100*us || noisy.Q10 > 4400*us || calm.Q10 > 400*us {
				t.Errorf("up %v, seed %d: 10 %% quantiles %v of the noisy direction, %v of the calm one", up, seed, noisy.Q10, calm.Q10)
			}
			if middle(noisy) < 5*middle(calm) { // their means differ thirtyfold
				t.Errorf("up %v, seed %d: laws %+v of the noisy direction, %+v of the calm one", up, seed, noisy, calm)
			}
		}
		// the floor of the noisy direction is put too close to its fastest message, by some 0.2 ms
		if mean := (sum / seeds).Abs(); mean > 400*us {
			t.Errorf("up %v: errors have a mean of %v", up, mean)
		}
	}
}

// middle is about the median of a law without its flat part: of a beta prime distribution x = e/s, x/(1+x) has the mean k/(k+alpha).
func middle(l align.LawReport) time.Duration {
	return time.Duration(float64(l.Scale) * l.Shape / l.Tail)
}

// half returns the standard deviation that a 95 % interval stands for.
func half(v align.Interval) float64 { return float64(v.Width()) / 2 / 1.96 }

// The interval makes room for the poorly seen floor of a noisy direction: a tenth of the difference of the directions' 10 % quantiles. The
// model by itself knows the offset here to half of that at most, so that an interval without it is too narrow.
func TestIntervalAllowsForNoisyDirection(t *testing.T) {
	for _, up := range []bool{false, true} {
		l := oneSided(60, up)
		al := fit(t, l.samples(), align.Options{})
		p := al.Diagnosis.Paths[0]
		est, err := al.Wall.Estimate(l.clock.Device(start.Add(30*time.Minute + time.Second)))
		if err != nil {
			t.Fatal(err)
		}
		law := 0.1 * math.Abs(float64(p.Up.Q10-p.Down.Q10))
		if got := half(est.Stat); got < law-1 || got > 1.2*law { // 1 ns: rounding; 1.2: half of it more, in square
			t.Errorf("up %v: sd without the allowance %.0f ns, of which the laws ask for %.0f", up, got, law)
		}
	}
}

// With the allowance the interval is wider, in square, by a quarter of half the floor and, where the rule of the stamps is not known, by a quarter of the tick.
func TestAllowance(t *testing.T) {
	for _, c := range []struct {
		tick time.Duration
		opt  align.Options
		want func(floor, tick float64) float64
	}{
		{1, align.Options{}, func(floor, _ float64) float64 { return floor / 8 }},
		{ms, align.Options{}, func(floor, tick float64) float64 { return math.Hypot(floor/8, tick/4) }},
		{ms, align.Options{Rounding: align.RoundingTruncate}, func(floor, _ float64) float64 { return floor / 8 }},
		{ms, align.Options{Asymmetry: -1}, func(_, tick float64) float64 { return tick / 4 }},
		{1, align.Options{Asymmetry: 0.4}, func(floor, _ float64) float64 { return floor / 5 }},
	} {
		l := oneSided(61, false)
		l.down, l.tick = l.up, c.tick
		al := fit(t, l.samples(), c.opt)
		est, err := al.Wall.Estimate(l.clock.Device(start.Add(30*time.Minute + time.Second)))
		if err != nil {
			t.Fatal(err)
		}
		want := math.Hypot(half(est.Stat), c.want(float64(al.Diagnosis.Paths[0].Floor), float64(c.tick)))
		// 5 %: the floor reported is no longer than the shortest round trip seen, the one used may be
		if got := half(est.Likely); math.Abs(got/want-1) > 0.05 {
			t.Errorf("tick %v, %+v: sd with the allowance %.0f ns, want %.0f", c.tick, c.opt, got, want)
		}
	}
}

// Half a tick, of either clock: the mean error over four sessions on a fast path with ms stamps of one clock alone, where half a tick
// is far more than what is left of the jitter. Taking stamps for instants is wrong by 500 us.
func TestHalfTicks(t *testing.T) {
	const sessions = 4
	for _, c := range []struct {
		name        string
		phone, host time.Duration
		nearest     bool
	}{{"phone", ms, 1, false}, {"host", 1, ms, false}, {"both", ms, ms, false}, {"a phone that rounds", ms, 1, true}} {
		var sum time.Duration
		for seed := range uint64(sessions) {
			l := twoBursts(400 + seed)
			l.up = scenario.Delay{Law: scenario.Exponential, Floor: 300 * us, Scale: 100 * us}
			l.down, l.tick, l.count = l.up, c.phone, 50
			if c.nearest {
				l.clock.Offset -= c.phone / 2 // the device's clock reads half a tick more before it is cut: it rounds
			}
			s := l.samples()
			for i := range s {
				s[i].A, s[i].B = s[i].A-s[i].A%align.HostTime(c.host), s[i].B-s[i].B%align.HostTime(c.host)
				s[i].MonoA, s[i].MonoB = s[i].MonoA-s[i].MonoA%align.MonoTime(c.host), s[i].MonoB-s[i].MonoB%align.MonoTime(c.host)
			}
			opt := align.Options{}
			if c.nearest {
				opt.Rounding = align.RoundingNearest
				l.clock.Offset += c.phone / 2
			}
			al := fit(t, s, opt)
			_, mean, outside := l.check(t, al)
			sum += mean
			if outside > 0 {
				t.Errorf("%s, seed %d: %d instants outside the bound", c.name, seed, outside)
			}
			if drift := al.Diagnosis.DriftE18 - l.clock.DriftE18; max(drift, -drift) > 1e12 {
				t.Errorf("%s, seed %d: drift %d e-18, true %d", c.name, seed, al.Diagnosis.DriftE18, l.clock.DriftE18)
			}
		}
		// a session is good to some 0.1 ms here, four to 0.05; 125 us is a quarter of half a tick
		if mean := (sum / sessions).Abs(); mean > 125*us {
			t.Errorf("ms stamps of the %s: errors have a mean of %v", c.name, mean)
		}
	}
}

// The bound leaves room for the ticks and the rules that it says it holds for, and no more: of exchanges that all say the same its width is known.
func TestBoundIsAsWideAsTheRulesAsk(t *testing.T) {
	const trip, began = 4 * ms, align.MonoTime(1000)
	for _, c := range []struct {
		rule        align.Rounding
		phone, host time.Duration
		lo, hi      time.Duration // the bound of the offset less the sides A - E and B - E
	}{
		{align.RoundingTruncate, ms, 1, -ms, 0}, {align.RoundingNearest, ms, 1, -ms / 2, ms / 2}, {align.RoundingUnknown, ms, 1, -ms, ms / 2},
		{align.RoundingUnknown, 1, ms, 0, ms}, {align.RoundingUnknown, ms, ms, -ms, ms + ms/2},
	} {
		var s []align.Sample
		for i := range 10 {
			a := time.Duration(i*10_000_019 + 7) // so that the stamps show no coarser tick than the one stated
			s = append(s, align.Sample{A: start.Add(a), B: start.Add(a + trip), MonoA: began.Add(a), MonoB: began.Add(a + trip),
				E: align.DeviceTime(start.Add(a)), Protocol: "event"})
		}
		al := fit(t, s, align.Options{Rounding: c.rule, MonoResolution: c.host, WallResolution: c.host, DeviceResolution: map[string]time.Duration{"event": c.phone}})
		est, err := al.Mono.Estimate(align.DeviceTime(start.Add(45 * ms)))
		if err != nil {
			t.Fatal(err)
		}
		at := est.Host.Sub(began.Add(45 * ms)) // of the estimate; E began with A
		// 200 ppm of half the burst's length are 9 us; the rest pays for the interpolation between knots
		if lo, hi := at+est.Bound.Lo, at+est.Bound.Hi; (lo-c.lo).Abs() > 100*us || (hi-trip-c.hi).Abs() > 100*us {
			t.Errorf("%s, ticks of %v and %v: from %v to %v, want %v to %v", c.rule, c.phone, c.host, lo, hi, c.lo, trip+c.hi)
		}
	}
}

// Signs of what is reported: drift, the bursts' offsets, a step of each clock.
func TestReportedSigns(t *testing.T) {
	l := oneSided(70, false)
	l.down = l.up
	l.clock.Steps = []scenario.Step{{At: start.Add(32 * time.Minute), By: 80 * ms}} // forward, so that host - device shrinks
	s := l.samples()
	for i := range s {
		if s[i].A > start.Add(47*time.Minute) { // the wall clock is set forward
			s[i].A, s[i].B = s[i].A.Add(300*ms), s[i].B.Add(300*ms)
		}
	}
	al := fit(t, s, align.Options{})
	if got := float64(al.Diagnosis.DriftE18) / 1e12; math.Abs(got-12) > 1 { // a burst is good to 0.1 ms, an hour of them to far below 1 ppm
		t.Errorf("drift %.2f ppm, want 12", got)
	}
	steps := al.Wall.Parts().Steps
	if len(steps) != 1 || (steps[0].By+80*ms).Abs() > ms {
		t.Errorf("steps of the phone %+v, want host - device to change by -80 ms", steps)
	}
	if len(al.HostSteps) != 1 || (al.HostSteps[0].By-300*ms).Abs() > ms {
		t.Errorf("steps of the host %+v, want 300 ms", al.HostSteps)
	}
	for k, b := range al.Diagnosis.Bursts {
		d := b.First + (b.Last-b.First)/2
		h := l.clock.Host(d)
		if len(h) != 1 {
			t.Fatalf("burst %d has %d host instants", k, len(h))
		}
		want := time.Duration(int64(h[0]) - int64(boot) - int64(d)) // on the monotonic clock
		if off := (b.Offset - want).Abs(); off > ms {
			t.Errorf("burst %d: offset %v, true %v", k, b.Offset, want)
		}
	}
}

// Within a burst of half a minute a drift of 190 ppm comes to more than the round trip. It is taken off with its own sign: no exchange
// contradicts another then.
func TestDriftWithinBursts(t *testing.T) {
	for _, ppm := range []int64{190, -190} {
		l := twoBursts(80)
		l.clock.DriftE18, l.tick, l.count = ppm*1_000_000_000_000, 1, 400
		l.up = scenario.Delay{Law: scenario.Constant, Floor: 2 * ms}
		l.down = l.up
		al := fit(t, l.samples(), align.Options{Override: true})
		for k, b := range al.Diagnosis.Bursts {
			if b.Dropped > 0 || b.Kept != l.count {
				t.Errorf("%d ppm: of burst %d %d exchanges were kept", ppm, k, b.Kept)
			}
		}
	}
}
