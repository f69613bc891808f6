package align

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// HostReading is one reading of the host's clocks between or beside the exchanges.
type HostReading struct {
	Wall HostTime
	Mono MonoTime
	Raw  MonoTime // the monotonic clock without the corrections of a time service; 0: there is none
	// RateE18 is how much faster the monotonic clock ran than Raw at that moment, as the system said, in 1e-18; Rated says
	// that it did.
	RateE18 int64
	Rated   bool
}

const (
	slewLeast = 20e3   // ns: a smaller change between two readings is their noise
	slewRate  = 0.3e-6 // of the time between them: what a time service changes of the rate as a matter of course
	slewDense = 5e9    // ns: readings so close to each other show the rate by themselves
)

// slewed returns by how much, in ns, the host's monotonic clock was moved by slewing while the session lasted: the changes of
// monotonic - raw that its steady rate does not explain, added up without regard to sign. 0 where nothing tells.
//
// On Linux a time service that finds the clock off by some ms makes it run faster or slower by up to 500 ppm until that is gone, wall
// and monotonic clock alike. Between two bursts nothing else shows it: the offset then does not run along any line.
func slewed(readings []HostReading, o origin) float64 {
	var r []HostReading
	for _, x := range readings {
		if h, ok := offsetFrom(int64(x.Mono), o.e, o.d); ok && near(h) && x.Raw != 0 {
			r = append(r, x)
		}
	}
	slices.SortStableFunc(r, func(a, b HostReading) int { return cmp.Compare(a.Mono, b.Mono) })
	change := func(i int) (d, t float64) {
		t = float64(r[i].Mono.Sub(r[i-1].Mono))
		return t - float64(r[i].Raw.Sub(r[i-1].Raw)), t
	}
	var seen []float64 // rates that dense readings show
	for i := 1; i < len(r); i++ {
		if d, t := change(i); t > 0 && t <= slewDense {
			seen = append(seen, d/t)
		}
	}
	sum := 0.0
	for i := 1; i < len(r); i++ {
		d, t := change(i)
		rate := 0.0
		switch a, b := r[i-1], r[i]; {
		case t <= 0:
			continue
		case a.Rated && b.Rated:
			rate = (float64(a.RateE18) + float64(b.RateE18)) / 2e18
		case len(seen) > 0:
			rate = medianOf(seen)
		default:
			continue
		}
		if d = math.Abs(d - float64(rate*t)); d > max(slewLeast, slewRate*t) {
			sum += d
		}
	}
	return sum
}

// widen makes room for a slew of the host's clock by d at some unknown time: up to d within the session, and beyond it up to d more
// for each length of the session, since the drift is wrong by as much.
func widen(spans []span, d float64) {
	first, last := spans[0].bursts[0].kept[0].x, 0.0
	for _, sp := range spans {
		_, last = endsOf(sp.bursts)
	}
	length := max(last-first, float64(time.Minute))
	for p := range spans {
		for i := range spans[p].knots {
			k := &spans[p].knots[i]
			beyond := max(first-k.x, k.x-last, 0)
			give := float64(d * (1 + beyond/length))
			k.lo, k.hi = k.lo-give, k.hi+give
			k.stat, k.likely = k.stat+give, k.likely+give
		}
	}
}
