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
	return m.worst(first, last, func(e Estimate[T]) (Interval, bool) { return e.Likely, e.Rated },
		func(k Knot) (Interval, bool) { return k.Likely, true })
}

// WorstStatHalfWidth is WorstHalfWidth without the allowance for what no exchange can show.
func (m *Model[T]) WorstStatHalfWidth(first, last DeviceTime) (worst time.Duration, ok bool) {
	return m.worst(first, last, func(e Estimate[T]) (Interval, bool) { return e.Stat, e.Rated },
		func(k Knot) (Interval, bool) { return k.Stat, true })
}

// WorstBoundHalfWidth returns the largest half-width of the hard bound from first to last. ok is false where nothing bounds
// the truth somewhere between.
func (m *Model[T]) WorstBoundHalfWidth(first, last DeviceTime) (worst time.Duration, ok bool) {
	return m.worst(first, last, func(e Estimate[T]) (Interval, bool) { return e.Bound, e.Bounded },
		func(k Knot) (Interval, bool) { return k.Bound, k.Bounded })
}

func (m *Model[T]) worst(first, last DeviceTime, ofEstimate func(Estimate[T]) (Interval, bool), ofKnot func(Knot) (Interval, bool)) (worst time.Duration, ok bool) {
	if len(m.Candidates(first)) == 0 || len(m.Candidates(last)) == 0 {
		return 0, false
	}
	for i := range m.pieces {
		pc := &m.pieces[i]
		from, to := max(first, pc.segs[0].From), min(last, pc.segs[len(pc.segs)-1].To-1)
		if from > to {
			continue
		}
		// between knots the ends of the intervals lie on a line: they are farthest at a knot or where the span ends
		for _, d := range []DeviceTime{from, to} {
			v, known := ofEstimate(m.estimate(i, d, 0))
			if !known {
				return 0, false
			}
			worst = max(worst, v.HalfWidth())
		}
		n := sort.Search(len(pc.knots), func(i int) bool { return pc.knots[i].At >= from })
		for ; n < len(pc.knots) && pc.knots[n].At <= to; n++ {
			v, known := ofKnot(pc.knots[n])
			if !known {
				return 0, false
			}
			worst = max(worst, v.HalfWidth())
		}
	}
	return worst, true
}
