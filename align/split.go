package align

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// A phone's clock that is set within a burst leaves two runs of exchanges there. Either they cannot be true together,
//
//	gain(i) = most(1..i) + most(i+1..n) - most(1..n) > 0
//
// where most counts the exchanges that dropFalsetickers keeps, or all that bounds the offset, from below and from above, moves one way:
//
//	shift(i) = min(|dl|, |du|),   dl = max l(i+1..n) - max l(1..i),   du = min u(i+1..n) - min u(1..i),   dl du > 0
//
// Or a run of exchanges within agree with each other but not with the rest: the clock was set and set back.
//
// Chance alone rarely moves both the same way: of few exchanges the sides lie farther apart. A cut is but tried: it stays where a step is
// found across it, by the test that holds between bursts.
const (
	splitGain  = 3 // so many more exchanges that can be true; one or two are stale answers
	splitLeast = 5 // exchanges on either side of a shift
	mostSplits = 4 // of one burst

	mostExcursions = 20  // places that are tried for the beginning of one
	excursionMost  = 200 // exchanges of one
)

// split cuts bursts where the phone's clock may have been set within them. It returns whether it did.
func (s *session) split() bool {
	var out []burst
	for _, b := range s.bursts {
		out = b.parts(out, s.slope, s.believed, mostSplits)
	}
	if len(out) == len(s.bursts) {
		return false
	}
	s.bursts = out
	s.used = usable(s.bursts)
	return true
}

// join undoes the cuts across which e has no step. It returns whether there were such.
func (s *session) join(e *estimate) bool {
	used := 0
	piece := make([]int, len(s.bursts)) // -1: refused
	for k, b := range s.bursts {
		piece[k] = -1
		if len(b.kept) > 0 {
			piece[k] = e.piece[used]
			used++
		}
	}
	var out []burst
	for k, b := range s.bursts {
		if !b.cut || b.unsure || s.bursts[k-1].unsure || (piece[k] >= 0 && piece[k-1] >= 0 && piece[k] != piece[k-1]) {
			out = append(out, b)
			continue
		}
		last := &out[len(out)-1]
		all := slices.Concat(last.all, b.all)
		*last = burst{phase: b.phase, all: all, centre: centreOf(all), dropped: last.dropped + b.dropped, cut: last.cut, forced: b.forced}
		last.dropFalsetickers(s.slope, s.believed)
	}
	if len(out) == len(s.bursts) {
		return false
	}
	s.bursts = out
	s.used = usable(s.bursts)
	return true
}

// parts adds b to out, cut at most so many times.
func (b burst) parts(out []burst, slope, rate float64, most int) []burst {
	i := 0
	if most > 0 && !b.unsure && !b.outvoted {
		i = b.splitAt(slope, rate)
	}
	if i == 0 {
		return append(out, b)
	}
	first, second := b.part(0, i), b.part(i, len(b.all))
	first.dropped, first.cut, second.cut = b.dropped, b.cut, true
	first.dropFalsetickers(slope, rate)
	second.dropFalsetickers(slope, rate)
	return second.parts(first.parts(out, slope, rate, most/2), slope, rate, most/2)
}

func (b burst) part(from, to int) burst {
	all := b.all[from:to:to]
	return burst{phase: b.phase, all: all, centre: centreOf(all), forced: b.forced}
}

// splitAt returns how many exchanges lie before the cut that explains b best, 0 where none is called for.
func (b burst) splitAt(slope, rate float64) int {
	lo, hi := b.sides(slope, rate)
	n := len(lo)
	most := mostTogether(lo, hi)
	slices.Reverse(lo)
	slices.Reverse(hi)
	behind := mostTogether(lo, hi)
	best, gain := 0, splitGain-1
	for i := 1; i < n; i++ {
		if g := most[i-1] + behind[n-i-1] - most[n-1]; g > gain {
			best, gain = i, g
		}
	}
	if best == 0 {
		best = b.excursionAt(slope, rate)
	}
	if best == 0 {
		best = b.shiftAt(slope)
	}
	return best
}

// excursionAt returns how many exchanges lie before a run of them that agree with each other but not with the rest, 0 where there is none: a clock that was
// set and set back. Its end is found by another cut.
func (b burst) excursionAt(slope, rate float64) int {
	n := len(b.all)
	if len(b.kept) > n-splitGain {
		return 0
	}
	lo, hi := b.sides(slope, rate)
	kept := make([]int, n+1) // of the first i
	for i := range n {
		kept[i+1] = kept[i]
		if lo[i] <= b.lo && hi[i] >= b.hi {
			kept[i+1]++
		}
	}
	best, gain, tried := 0, splitGain-1, 0
	for i := 1; i < n && tried < mostExcursions; i++ {
		if kept[i+1] != kept[i] || kept[i] == kept[i-1] { // not the first of a run of those dropped
			continue
		}
		tried++
		for j, together := range mostTogether(lo[i:min(i+excursionMost, n)], hi[i:min(i+excursionMost, n)]) {
			if g := together - (kept[i+j+1] - kept[i]); g > gain {
				best, gain = i, g
			}
		}
	}
	return best
}

// shiftAt returns before which exchange the sides of those kept shift most, 0 where by less than the least step.
func (b burst) shiftAt(slope float64) int {
	kept := slices.Clone(b.kept)
	slices.SortStableFunc(kept, func(p, q exchange) int { return cmp.Compare(p.a, q.a) })
	n := len(kept)
	if n < 2*splitLeast {
		return 0
	}
	lower, upper := make([]float64, n+1), make([]float64, n+1) // of those from i on
	lower[n], upper[n] = math.Inf(-1), math.Inf(1)
	side := func(e exchange) (l, u float64) {
		off := float64(slope * (e.x - b.centre))
		return e.l - off, e.u - off
	}
	for i := n - 1; i >= 0; i-- {
		l, u := side(kept[i])
		lower[i], upper[i] = max(lower[i+1], l), min(upper[i+1], u)
	}
	best, most := 0, float64(stepLeast)
	before, above := math.Inf(-1), math.Inf(1)
	for i, e := range kept {
		if dl, du := lower[i]-before, upper[i]-above; i >= splitLeast && n-i >= splitLeast && (dl > 0) == (du > 0) && min(math.Abs(dl), math.Abs(du)) > most {
			best, most = i, min(math.Abs(dl), math.Abs(du))
		}
		l, u := side(e)
		before, above = max(before, l), min(above, u)
	}
	if best == 0 {
		return 0
	}
	return slices.IndexFunc(b.all, func(e exchange) bool { return e.a >= kept[best].a })
}

// mostTogether returns, for each beginning of the ranges [lo, hi], how many of it share an offset.
//
// The ranges' ends divide the offsets into places; a tree over them holds how many ranges cover each, and the most below.
func mostTogether(lo, hi []float64) []int {
	ends := slices.Concat(lo, hi)
	slices.Sort(ends)
	ends = slices.Compact(ends)
	size := 1
	for size < len(ends) {
		size *= 2
	}
	cover, most := make([]int, 2*size), make([]int, 2*size)
	var add func(node, from, to, i, j int)
	add = func(node, from, to, i, j int) {
		switch {
		case j < from || to < i:
			return
		case i <= from && to <= j:
			cover[node]++
			most[node]++
			return
		}
		mid := (from + to) / 2
		add(2*node, from, mid, i, j)
		add(2*node+1, mid+1, to, i, j)
		most[node] = cover[node] + max(most[2*node], most[2*node+1])
	}
	out := make([]int, len(lo))
	for k := range lo {
		add(1, 0, size-1, sort.SearchFloat64s(ends, lo[k]), sort.SearchFloat64s(ends, hi[k]))
		out[k] = most[1]
	}
	return out
}
