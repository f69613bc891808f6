package main

import (
	"time"

	"github.com/pialign/pialign/align"
)

// runningBound is the hard bound of host - device at the latest exchange, kept up as exchanges come: what each
// leaves possible, wider by what the clocks may have drifted since. It costs nothing, where a fit after each
// exchange would keep the processor from measuring. It is preliminary: the fit also knows what comes later, how finely the clocks are
// read, and which exchanges contradict the others. So the fit's bound may be narrower or wider, and what is reported as the
// result, or ends a run by --until-bound, is the fit's.
type runningBound struct {
	offset align.Interval
	at     align.DeviceTime
	some   bool
	fine   bool // stamps are seen to be finer than 1 ms
}

// maxRate is the drift that the hard bound allows, 200 ppm and 1 of wander, in ppm. Source: the method's section 8.
const maxRate = 201

// coarse is the resolution of all stamps seen so far but ns ones.
const coarse = time.Millisecond

// add takes the next exchange and reports whether it goes with those before.
func (b *runningBound) add(s align.Sample) (goes bool) {
	b.fine = b.fine || int64(s.E)%int64(coarse) != 0
	var quantum time.Duration
	if !b.fine {
		quantum = coarse
	}
	v := s.Offset(quantum)
	v.Hi += quantum / 2 // phones may round to the nearest tick instead
	if b.some {
		passed := s.E.Sub(b.at).Abs()
		drift := passed/1_000_000*maxRate + maxRate
		v = v.Intersect(align.Interval{Lo: b.offset.Lo - drift, Hi: b.offset.Hi + drift})
		if v.Empty() { // a clock was set, or an answer was another's: begin anew
			*b = runningBound{fine: b.fine}
			b.add(s)
			return false
		}
	}
	b.offset, b.at, b.some = v, s.E, true
	return true
}

// halfWidth returns half of what is open.
func (b *runningBound) halfWidth() (time.Duration, bool) { return b.offset.Width() / 2, b.some }
