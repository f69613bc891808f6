package main

import (
	"time"

	"github.com/pialign/pialign/align"
)

// runningDrift bounds the drift of host - device, as exchanges come, under the assumption that it is steady: each
// exchange bounds the offset at its instant, and a line must pass through all these bounds. Only the tightest of each stretch of
// time are kept, so that it costs next to nothing over hours.
type runningDrift struct {
	first     align.DeviceTime
	stretch   time.Duration // the length of those below
	stretches []driftBounds
	fine      bool // stamps are seen to be finer than 1 ms
}

// driftBounds are the tightest bounds of one stretch, each a fact at an instant of its own, relative to first.
type driftBounds struct {
	some       bool
	loAt, hiAt time.Duration
	lo, hi     time.Duration
}

// mostStretches keeps the drift, which looks at each pair of them, below 10 us.
const mostStretches = 64

func (d *runningDrift) add(s align.Sample) {
	if d.stretch == 0 {
		d.first, d.stretch = s.E, time.Second
	}
	at := s.E.Sub(d.first)
	if at < 0 { // a clock was set back
		*d = runningDrift{first: s.E, stretch: time.Second}
		at = 0
	}
	d.fine = d.fine || int64(s.E)%int64(coarse) != 0
	v := s.Offset(0)
	for at/d.stretch >= mostStretches {
		d.double()
	}
	for int(at/d.stretch) >= len(d.stretches) {
		d.stretches = append(d.stretches, driftBounds{})
	}
	d.stretches[at/d.stretch].add(driftBounds{some: true, loAt: at, hiAt: at, lo: v.Lo, hi: v.Hi})
}

// double joins stretches in pairs.
func (d *runningDrift) double() {
	d.stretch *= 2
	for i := range d.stretches {
		b := d.stretches[i]
		if i%2 == 1 {
			d.stretches[i/2].add(b)
		} else {
			d.stretches[i/2] = b
		}
	}
	d.stretches = d.stretches[:(len(d.stretches)+1)/2]
}

func (b *driftBounds) add(c driftBounds) {
	switch {
	case !c.some:
	case !b.some:
		*b = c
	default:
		if c.lo > b.lo {
			b.lo, b.loAt = c.lo, c.loAt
		}
		if c.hi < b.hi {
			b.hi, b.hiAt = c.hi, c.hiAt
		}
	}
}

// mostUnsure is the half-width of a drift that is worth showing, in 1e-18: 100 ppm are more than any phone drifts.
const mostUnsure = 100e12

// drift returns the middle and the half-width of the drifts that the exchanges leave possible, in 1e-18.
func (d *runningDrift) drift() (e18, half int64, ok bool) {
	var quantum time.Duration // as in runningBound
	if !d.fine {
		quantum = coarse
	}
	const none = 1e18
	lo, hi := -none, none // of the slope, a ratio
	for i, a := range d.stretches {
		for _, b := range d.stretches[i:] {
			if !a.some || !b.some {
				continue
			}
			lo, hi = steepen(a, b, quantum, lo, hi)
			lo, hi = steepen(b, a, quantum, lo, hi)
		}
	}
	if lo > hi || hi-lo > 2*mostUnsure/1e18 {
		return 0, 0, false
	}
	return int64((lo + hi) / 2 * 1e18), int64((hi - lo) / 2 * 1e18), true
}

// steepen narrows the slopes of lines above a's lower bound and below b's upper one.
func steepen(a, b driftBounds, quantum time.Duration, lo, hi float64) (float64, float64) {
	room := float64(b.hi + quantum/2 - (a.lo - quantum))
	switch apart := float64(b.hiAt - a.loAt); {
	case apart > 0:
		hi = min(hi, room/apart)
	case apart < 0:
		lo = max(lo, room/apart)
	}
	return lo, hi
}
