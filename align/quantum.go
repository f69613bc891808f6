package align

import (
	"slices"
	"time"
)

// ticks are the resolutions that clocks are known to have, coarsest first.
var ticks = []time.Duration{time.Millisecond, time.Microsecond, 100 * time.Nanosecond, time.Nanosecond}

// resolution returns the coarsest of ticks that divides the differences between more than half of the stamps, and
// stated where that is coarser.
//
// The differences are looked at, not the stamps, since a constant may hide the tick (a phone's sensor stamps are whole
// us plus a constant; a monotonic clock derived from a ms wall clock has whole-ms differences only). More than half, since a
// few corrupt stamps must not make a ms clock look like a ns clock, which would make the bound too narrow. The share by
// chance is one in ten for the closest pair of ticks.
func resolution(stamps []int64, stated time.Duration) time.Duration {
	for _, q := range ticks {
		if q <= stated {
			return stated
		}
		if shareOfMode(stamps, int64(q)) > len(stamps)/2 {
			return q
		}
	}
	return max(stated, time.Nanosecond)
}

// shareOfMode returns how many of the stamps have the most frequent remainder modulo q.
func shareOfMode(stamps []int64, q int64) int {
	if q == 1 {
		return len(stamps)
	}
	rest := make([]int64, len(stamps))
	for i, s := range stamps {
		rest[i] = ((s % q) + q) % q
	}
	slices.Sort(rest)
	best, run := 0, 0
	for i, r := range rest {
		if i > 0 && r == rest[i-1] {
			run++
		} else {
			run = 1
		}
		best = max(best, run)
	}
	return best
}

// A stamp stands for instants around it: slack gives how far before and after the stamp the instant itself may lie.
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
