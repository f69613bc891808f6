package align

import "time"

// ticks are the resolutions that clocks are known to have, coarsest first.
var ticks = []time.Duration{time.Millisecond, time.Microsecond, 100 * time.Nanosecond, time.Nanosecond}

// resolution returns the coarsest q of ticks that divides at least half of the differences between the n successive stamps x_i, and stated where that is
// coarser:
//
//	2 #{i: (x_(i+1) - x_i) mod q = 0} >= n
//
// A single stamp denies no tick.
//
// The differences are looked at, not the stamps, since a constant may hide the tick (a phone's sensor stamps are whole
// us plus a constant; a monotonic clock derived from a ms wall clock has whole-ms differences only), and another one after
// a restart. More than half, since a few corrupt stamps must not make a ms clock look like a ns clock, which would make
// the bound too narrow. The share by chance is one in ten for the closest pair of ticks.
func resolution(stamps []int64, stated time.Duration) time.Duration {
	for _, q := range ticks {
		if q <= stated {
			return stated
		}
		if n := len(stamps); n == 1 || n > 1 && 2*dividing(stamps, int64(q)) >= n {
			return q
		}
	}
	return max(stated, time.Nanosecond)
}

// dividing returns how many of the differences between successive stamps are multiples of q.
func dividing(stamps []int64, q int64) int {
	n := 0
	for i := 1; i < len(stamps); i++ {
		if d, ok := subInt64(stamps[i], stamps[i-1]); ok && d%q == 0 {
			n++
		}
	}
	return n
}

// A stamp x stands for instants around it, x - before <= instant <= x + after:
//
//	truncate   before 0     after q
//	round      before q/2   after q/2
//	unknown    before q/2   after q
//
// Source: B. Widrow, I. Kollar, "Quantization Noise", 2008, chapter 1, for the models of quantisers.
type slack struct{ before, after float64 }

// slackOf returns the slack of a clock with the tick q that follows the rule.
func slackOf(rule Rounding, q time.Duration) slack {
	t := float64(q)
	switch rule {
	case RoundingNearest:
		return slack{before: t / 2, after: t / 2}
	case RoundingTruncate:
		return slack{after: t}
	}
	return slack{before: t / 2, after: t}
}
