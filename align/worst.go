package align

import (
	"sort"
	"time"
)

// HalfWidth returns the larger of the distances from an estimate to the ends of its interval v of truth - estimate.
func (v Interval) HalfWidth() time.Duration { return max(-v.Lo, v.Hi) }

// WorstHalfWidth returns the largest half-width of the 95 % interval, the asymmetry allowance included, from first to last.
// ok is false where the interval is unknown somewhere between.
func (m *Model[T]) WorstHalfWidth(first, last DeviceTime) (worst time.Duration, ok bool) {
	return m.worst(first, last, func(e Estimate[T]) Interval { return e.Likely }, func(k Knot) Interval { return k.Likely })
}

// WorstStatHalfWidth is WorstHalfWidth without the allowance for what no exchange can show.
func (m *Model[T]) WorstStatHalfWidth(first, last DeviceTime) (worst time.Duration, ok bool) {
	return m.worst(first, last, func(e Estimate[T]) Interval { return e.Stat }, func(k Knot) Interval { return k.Stat })
}

func (m *Model[T]) worst(first, last DeviceTime, ofEstimate func(Estimate[T]) Interval, ofKnot func(Knot) Interval) (worst time.Duration, ok bool) {
	for _, d := range []DeviceTime{first, last} {
		all := m.Candidates(d)
		if len(all) == 0 {
			return 0, false
		}
		for _, e := range all {
			if !e.Rated {
				return 0, false
			}
			worst = max(worst, ofEstimate(e).HalfWidth())
		}
	}
	for _, p := range m.pieces {
		i := sort.Search(len(p.knots), func(i int) bool { return p.knots[i].At >= first })
		for ; i < len(p.knots) && p.knots[i].At <= last; i++ {
			worst = max(worst, ofKnot(p.knots[i]).HalfWidth())
		}
	}
	return worst, true
}
