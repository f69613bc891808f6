package align

import (
	"cmp"
	"math"
	"slices"
)

// believedRate is how far a phone's rate may be from the slope taken off, when exchanges of a burst are compared:
// within a burst no clock wanders by more than 5 ppm.
const believedRate = 5e-6

// dropFalsetickers keeps in b the exchanges that can all be true at once, as far as most of them can: those whose range
// of offsets at the burst's centre x_c,
//
//	l_i - slope (x_i - x_c) - rate |x_i - x_c|  to  u_i - slope (x_i - x_c) + rate |x_i - x_c|
//
// covers the sub-range that is covered most often. The others contradict the majority: stale answers,
// corrupt stamps. slope is the preliminary drift, rate how far from it the clock's rate may be.
//
// A burst without a majority is refused whole, since which half is honest would be a guess, unless b is forced.
//
// Source: K. Marzullo, S. Owicki, 1983; D. Mills, RFC 5905 section 11.2.1.
func (b *burst) dropFalsetickers(slope, rate float64) {
	b.kept, b.refused, b.slope = nil, false, slope
	n := len(b.all)
	wild := b.dropped // not sane
	if n == 0 || b.unsure || b.outvoted {
		return
	}
	lo, hi := b.sides(slope, rate)
	from, to := mostCovered(lo, hi)
	for i, e := range b.all {
		if lo[i] <= from && hi[i] >= to {
			b.kept = append(b.kept, e)
		}
	}
	slices.SortStableFunc(b.kept, func(p, q exchange) int { return cmp.Compare(p.x, q.x) })
	b.lo, b.hi = from, to
	if total := n + wild; total > 1 && 2*len(b.kept) <= total && !b.forced {
		b.kept, b.refused = nil, true
	}
}

// dropFalsetickers drops those of all bursts, beside the slope of now.
func (s *session) dropFalsetickers() {
	for i := range s.bursts {
		s.bursts[i].dropFalsetickers(s.slope, s.believed)
	}
	s.used = usable(s.bursts)
}

// sides returns the range of offsets at the burst's centre that each exchange allows.
func (b *burst) sides(slope, rate float64) (lo, hi []float64) {
	lo, hi = make([]float64, len(b.all)), make([]float64, len(b.all))
	for i, e := range b.all {
		t := e.x - b.centre
		give := float64(rate * math.Abs(t))
		lo[i] = e.l - float64(slope*t) - give
		hi[i] = e.u - float64(slope*t) + give
	}
	return lo, hi
}

// drops returns how many of b's exchanges were dropped for being impossible.
func (b *burst) drops() int {
	if b.unsure {
		return b.dropped
	}
	return b.dropped + len(b.all) - len(b.kept)
}

// hidingShare is how many of the falsetickers found may have likes among those kept, since they happen to overlap the honest ones.
const hidingShare = 4

// hiding returns how many falsetickers may hide among those kept of b.
func (b *burst) hiding() int {
	if d := b.drops(); d > 0 {
		return min(1+d/hidingShare, len(b.kept)/2)
	}
	return 0
}

// mostCovered returns the first of the ranges that lie in most of the [lo, hi].
func mostCovered(lo, hi []float64) (from, to float64) {
	type edge struct {
		at   float64
		open int // 0 where a range begins, 1 where it ends: at one place beginnings come first
	}
	edges := make([]edge, 0, 2*len(lo))
	for i := range lo {
		edges = append(edges, edge{lo[i], 0}, edge{hi[i], 1})
	}
	slices.SortFunc(edges, func(p, q edge) int { return cmp.Or(cmp.Compare(p.at, q.at), cmp.Compare(p.open, q.open)) })
	best, depth := 0, 0
	for i, e := range edges {
		if e.open == 1 {
			depth--
			continue
		}
		if depth++; depth > best {
			best, from, to = depth, e.at, edges[i+1].at
		}
	}
	return from, to
}

// preliminarySlope returns the drift of a weighted line through the middles of the bursts' ranges, weight 1/width^2,
// or 0 where it is more than a phone's clock can drift.
func preliminarySlope(bursts []burst) float64 {
	var sw, sx, sy float64
	for _, b := range bursts {
		w := weightOf(b)
		sw, sx, sy = sw+w, sx+float64(w*b.centre), sy+float64(w*(b.lo+b.hi)/2)
	}
	if sw == 0 {
		return 0
	}
	mx, my := sx/sw, sy/sw
	var sxx, sxy float64
	for _, b := range bursts {
		w := weightOf(b)
		dx, dy := b.centre-mx, (b.lo+b.hi)/2-my
		sxx, sxy = sxx+float64(w*dx*dx), sxy+float64(w*dx*dy)
	}
	if sxx == 0 {
		return 0
	}
	if s := sxy / sxx; math.Abs(s) <= maxRate {
		return s
	}
	return 0
}

// slopeDoubt returns how far the clock's rate may be from the preliminary slope: bursts that are long or wide beside the time
// between them tell little, since any drift up to the largest moves their middles.
func slopeDoubt(bursts []burst) float64 {
	first, last := bursts[0], bursts[len(bursts)-1]
	span := math.Abs(last.centre - first.centre)
	long := first.kept[len(first.kept)-1].x - first.kept[0].x + last.kept[len(last.kept)-1].x - last.kept[0].x
	wide := first.hi - first.lo + last.hi - last.lo
	doubt := (float64(maxRate*long) + wide) / 2
	if doubt >= maxRate*span {
		return maxRate
	}
	return max(believedRate, doubt/span)
}

// weightOf returns 1/width^2 in us; no range counts for narrower than 1 us.
func weightOf(b burst) float64 {
	w := max((b.hi-b.lo)/1e3, 1)
	return 1 / float64(w*w)
}
