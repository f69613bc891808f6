package main

import (
	"errors"
	"time"

	"github.com/pialign/pialign/align"
)

// The years that an instant of a wall clock lies in, computer or phone, if it is in ns since 1970.
const (
	since2000 = 946_684_800_000_000_000
	until2200 = 7_258_118_400_000_000_000
)

// plausible reports whether v may be an instant in ns of a wall clock.
func plausible(v int64) bool { return v >= since2000 && v < until2200 }

// perUnit are the ns in units that people write instants in.
var perUnit = map[string]int64{"us": 1e3, "ms": 1e6, "s": 1e9}

// unitOf returns the unit other than ns in which v would be a plausible instant, "" for none. No number is one in two of them.
func unitOf(v int64) string {
	for name, ns := range perUnit {
		if v >= since2000/ns && v < until2200/ns {
			return name
		}
	}
	return ""
}

// explainMap adds to a refusal of the instant v what may be wrong with it.
func explainMap[T align.HostClock](err error, m *align.Model[T], v int64, inverse bool) error {
	switch {
	case errors.Is(err, align.ErrAmbiguous):
		return withHint(err, "give the instants in the order of their stream: where that does not tell, the alignment cannot")
	case !errors.Is(err, align.ErrOutOfReach):
		return err
	}
	_, wall := any(T(0)).(align.HostTime)
	if u := unitOf(v); u != "" && (wall || !inverse) { // monotonic readings begin anywhere
		return withHint(err, "it looks like %s since 1970: want ns", u)
	}
	p := m.Parts()
	if _, e := m.Host(align.DeviceTime(v)); inverse && e == nil {
		return withHint(err, "the alignment has it as an instant of the phone: leave --inverse out?")
	}
	if _, e := m.Device(T(v)); !inverse && e == nil {
		return withHint(err, "the alignment has it as an instant of the computer: --inverse?")
	}
	return withHint(err, "is it the right session? Its exchanges are from %s to %s by the phone's clock, %s apart", instant(int64(p.First)), instant(int64(p.Last)),
		span(time.Duration(p.Last-p.First)))
}
