// Package scenario makes clocks and networks whose truth is known: for tests, for the demo, for planning and for
// the fake phone. Everything is drawn from a seed; equal seeds give equal instants on every machine.
package scenario

import (
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/pialign/pialign/align"
)

// Clock is a phone's clock against a host clock that is taken for true.
//
// At the host instant Origin, host - device is Offset; from there it grows by DriftE18 (1e-18 of host time, so
// 12 ppm is 12_000_000_000_000). Each Step moves the phone's clock at a host instant.
type Clock struct {
	Origin   align.HostTime
	Offset   time.Duration
	DriftE18 int64
	Steps    []Step // in order of At
}

// Step moves the phone's clock forward by By at the host instant At; host - device shrinks by as much.
type Step struct {
	At align.HostTime
	By time.Duration
}

// Check returns an error for a Clock that is none: one that runs at half or twice the host's speed or beyond, or
// whose steps are not in order.
func (c Clock) Check() error {
	if c.DriftE18 <= -e18/2 || c.DriftE18 >= e18/2 {
		return fmt.Errorf("a drift of %d e-18 is no clock's", c.DriftE18)
	}
	for i := 1; i < len(c.Steps); i++ {
		if c.Steps[i].At < c.Steps[i-1].At {
			return errors.New("the clock's steps are not in order of time")
		}
	}
	return nil
}

// Device returns what the phone's clock shows, to the ns, at the host instant h.
func (c Clock) Device(h align.HostTime) align.DeviceTime {
	d := int64(h) - int64(c.Offset) - scale(c.DriftE18, int64(h.Sub(c.Origin)))
	for _, s := range c.Steps {
		if h >= s.At {
			d += int64(s.By)
		}
	}
	return align.DeviceTime(d)
}

// Host returns the host instants at which the phone's clock showed d, earliest first: one as a rule, two where
// the clock stepped back over d, none where it jumped over d.
func (c Clock) Host(d align.DeviceTime) []align.HostTime {
	var out []align.HostTime
	var stepped int64
	for i := 0; i <= len(c.Steps); i++ {
		if i > 0 {
			stepped += int64(c.Steps[i-1].By)
		}
		h := c.solve(int64(d) - stepped)
		if (i == 0 || h >= c.Steps[i-1].At) && (i == len(c.Steps) || h < c.Steps[i].At) {
			out = append(out, h)
		}
	}
	return out
}

// solve returns the host instant at which the clock without its steps shows d. A clock that runs fast skips an
// instant now and then: then it is one whose reading is 1 ns off.
func (c Clock) solve(d int64) align.HostTime {
	plain := Clock{Origin: c.Origin, Offset: c.Offset, DriftE18: c.DriftE18}
	h := align.HostTime(d + int64(c.Offset))
	for range 64 { // each round leaves at most |drift|, less than half, of the error
		diff := d - int64(plain.Device(h))
		if diff == 0 {
			break
		}
		h += align.HostTime(diff)
	}
	return h
}

// e18 is one, in the unit of DriftE18.
const e18 = 1_000_000_000_000_000_000

// scale returns k * d / 10^18, rounded towards zero.
func scale(k, d int64) int64 {
	neg := (k < 0) != (d < 0)
	hi, lo := bits.Mul64(magnitude(k), magnitude(d))
	q, _ := bits.Div64(hi, lo, e18)
	if neg {
		return -int64(q)
	}
	return int64(q)
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}
