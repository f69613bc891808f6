package align

import (
	"fmt"
	"sort"
	"time"
)

// Ambiguity says what a Retimer does with an instant that the phone's clock showed twice.
type Ambiguity string

// The ways out of an ambiguity; by default there is none, and the instant is refused.
const (
	AmbiguousRefused Ambiguity = ""
	AmbiguousFirst   Ambiguity = "first"
	AmbiguousSecond  Ambiguity = "second"
	AmbiguousEmpty   Ambiguity = "empty"
)

// Retimer returns a function that maps the device instants of one stream, in the stream's order.
func (m *Model[T]) Retimer(a Ambiguity) Retimer {
	return func(d DeviceTime) (int64, error) {
		if len(m.pieces) == 1 {
			h, err := m.Host(d)
			return int64(h), err
		}
		c := m.Candidates(d)
		switch {
		case len(c) == 0:
			return 0, m.outOfReach(d)
		case len(c) == 1, a == AmbiguousFirst:
			return int64(c[0].Host), nil
		case a == AmbiguousSecond:
			return int64(c[len(c)-1].Host), nil
		case a == AmbiguousEmpty:
			return 0, fmt.Errorf("device instant %d: %w", d, ErrBlank)
		}
		return 0, fmt.Errorf("device instant %d: %w", d, ErrAmbiguous)
	}
}

// WorstHalfWidth returns the largest half-width of the 95 % interval, the asymmetry allowance included, from first to last.
// ok is false where the interval is unknown somewhere between.
func (m *Model[T]) WorstHalfWidth(first, last DeviceTime) (worst time.Duration, ok bool) {
	half := func(v Interval) time.Duration { return max(-v.Lo, v.Hi) }
	for _, d := range []DeviceTime{first, last} {
		all := m.Candidates(d)
		if len(all) == 0 {
			return 0, false
		}
		for _, e := range all {
			if !e.Rated || !e.Bounded {
				return 0, false
			}
			worst = max(worst, half(e.Likely))
		}
	}
	for _, p := range m.pieces {
		i := sort.Search(len(p.knots), func(i int) bool { return p.knots[i].At >= first })
		for ; i < len(p.knots) && p.knots[i].At <= last; i++ {
			if !p.knots[i].Bounded {
				return 0, false
			}
			worst = max(worst, half(p.knots[i].Likely))
		}
	}
	return worst, true
}
