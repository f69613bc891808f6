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
	slewPause = 60e9   // ns: readings closer to each other than that show a slew by themselves
)

// slewed returns by how much, in ns, the host's monotonic clock was moved by slewing while the session lasted: how far
// monotonic - raw left a straight line, and in long pauses between readings what the rate on both sides does not explain. 0 where nothing tells.
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
	if len(r) < 2 {
		return 0
	}
	// readings in between show how far the clock left the line through the first and the last one, whatever it was told to do
	total, span := moved(r, 0, len(r)-1)
	left := 0.0
	for i := 1; i < len(r)-1 && span > 0; i++ {
		d, t := moved(r, 0, i)
		left = max(left, math.Abs(d-float64(total/span*t)))
	}
	if left <= slewLeast {
		left = 0
	}
	// of what happened in a long pause between readings only the rate on both sides of it tells
	sum := left
	for i := 1; i < len(r); i++ {
		d, t := moved(r, i-1, i)
		if a, b := r[i-1], r[i]; t > slewPause && a.Rated && b.Rated {
			d = math.Abs(d - float64((float64(a.RateE18)+float64(b.RateE18))/2e18*t))
			if d > max(slewLeast, slewRate*t) {
				sum += d
			}
			// where the two rates differ, it changed at some moment between: a turn by r after a share f of the time leaves the straight
			// line by r f (1-f) t, a quarter of r t at most
			if turn := math.Abs(float64(a.RateE18-b.RateE18)) / 1e18 * t / 4; turn > max(slewLeast, slewRate*t) {
				sum += turn
			}
		}
	}
	return sum
}

// moved returns what monotonic - raw changed from reading i to k, and the time between.
func moved(r []HostReading, i, k int) (d, t float64) {
	t = float64(r[k].Mono.Sub(r[i].Mono))
	return t - float64(r[k].Raw.Sub(r[i].Raw)), t
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
