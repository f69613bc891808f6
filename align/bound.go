package align

import (
	"cmp"
	"math"
	"slices"
)

// wanders are how far the momentary rate may be from one common rate, as the bound allows: the first that is not less than what
// the bursts show, and that the exchanges can be true with. 1 ppm is what a phone's crystal does within a session;
// more is a clock of the host that is slewed. More than contradictory without being shown, a contradiction explains no more.
var wanders = []float64{1e-6, 2e-6, 3e-6, 5e-6, 10e-6, 20e-6, 50e-6}

// contradictory is the wander beyond which exchanges that contradict each other are believed to do so.
const contradictory = 5e-6

// bounder answers what the exchanges of a step-free span prove about theta, the offset of the base clock less D0.
//
// For a target t, with y = theta(t), a common rate b and the wander w, every exchange i demands
//
//	l_i - w|t-x_i| <= y + b(x_i-t) <= u_i + w|t-x_i|,   |b| <= 200 ppm
//
// so the bound is the range of y over a linear programme in (y, b). Left of t the wander turns the slope by -w for the
// lower side and +w for the upper, right of t the other way round, so only the hulls of what lies left and right of t count.
//
// Source: S. Moon, P. Skelly, D. Towsley, INFOCOM 1999; L. Zhang, Z. Liu, C. Xia, INFOCOM 2002 (w = 0).
type bounder struct {
	w     float64
	from  []float64 // first and last x of each burst
	to    []float64
	left  []belt // left[k]: bursts 0..k-1
	right []belt // right[k]: bursts k..
	here  []belt // burst k, relaxed so that it may be taken for left and for right of a target inside
}

// newBounder takes usable bursts. Where hidden says that falsetickers were found, others that still overlap the honest
// ones may be there: the tightest lower and upper side of each burst are left out, or of each neighbourhood of smaller ones. Bursts that overlap in
// time count as one.
func newBounder(bursts []burst, w float64, hidden bool) *bounder {
	sorted := slices.Clone(bursts)
	slices.SortStableFunc(sorted, func(a, b burst) int { return cmp.Compare(a.kept[0].x, b.kept[0].x) })
	bo := &bounder{w: w}
	var own []belt
	belts := beltsOf(sorted, hidden)
	for i, b := range sorted {
		from, to := b.kept[0].x, b.kept[len(b.kept)-1].x
		if n := len(own); n > 0 && from <= bo.to[n-1] {
			bo.to[n-1], own[n-1] = max(bo.to[n-1], to), own[n-1].join(belts[i])
			continue
		}
		bo.from, bo.to, own = append(bo.from, from), append(bo.to, to), append(own, belts[i])
	}
	n := len(own)
	bo.left, bo.right, bo.here = make([]belt, n+1), make([]belt, n+1), make([]belt, n)
	for k := range n {
		bo.here[k] = own[k].relaxed(float64(2 * w * (bo.to[k] - bo.from[k])))
		bo.left[k+1] = bo.left[k].join(own[k])
	}
	for k := n - 1; k >= 0; k-- {
		bo.right[k] = bo.right[k+1].join(own[k])
	}
	return bo
}

const (
	hiddenAlone = 5  // exchanges of a burst that is a neighbourhood by itself
	hiddenAmong = 10 // exchanges of a neighbourhood of smaller bursts
)

// beltsOf returns what the kept exchanges of each burst prove. Where hidden, those of each neighbourhood do without its tightest sides, beside the
// drift: one on either side, or as many as falsetickers may hide there.
func beltsOf(bursts []burst, hidden bool) []belt {
	out := make([]belt, len(bursts))
	for _, group := range neighbourhoods(bursts) {
		leave := 0
		if hidden {
			leave = 1
			n := 0
			for _, k := range group {
				n += bursts[k].hiding()
			}
			leave = max(leave, n)
		}
		lower := proving(bursts, group, leave, 1, func(e exchange) float64 { return e.l })
		upper := proving(bursts, group, leave, -1, func(e exchange) float64 { return e.u })
		for g, k := range group {
			out[k] = beltOf(lower[g], upper[g])
		}
	}
	return out
}

// proving returns one side of the exchanges of each burst of the group, without the tightest: the highest where sign is 1, the lowest where it is -1.
func proving(bursts []burst, group []int, leave int, sign float64, side func(exchange) float64) [][]point {
	type place struct {
		tight    float64
		burst, i int
	}
	var all []place
	out := make([][]point, len(group))
	for g, k := range group {
		for i, e := range bursts[k].kept {
			y := side(e)
			out[g] = append(out[g], point{e.x, y})
			all = append(all, place{sign * (y - float64(bursts[k].slope*e.x)), g, i})
		}
	}
	if leave == 0 {
		return out
	}
	slices.SortStableFunc(all, func(p, q place) int { return cmp.Compare(q.tight, p.tight) })
	left := all[:min(leave, len(all))]
	slices.SortFunc(left, func(p, q place) int { return cmp.Or(cmp.Compare(p.burst, q.burst), cmp.Compare(q.i, p.i)) })
	for _, p := range left { // from the end of each burst
		out[p.burst] = slices.Delete(out[p.burst], p.i, p.i+1)
	}
	return out
}

// neighbourhoods puts bursts together until they have enough exchanges that one is a small part of them; what is left over at the end joins the last.
func neighbourhoods(bursts []burst) [][]int {
	var out [][]int
	var small []int
	count := 0
	last := -1 // the neighbourhood of small ones before
	for k, b := range bursts {
		if len(b.kept) >= hiddenAlone {
			out = append(out, []int{k})
			continue
		}
		small, count = append(small, k), count+len(b.kept)
		if count >= hiddenAmong {
			last = len(out)
			out, small, count = append(out, small), nil, 0
		}
	}
	switch {
	case len(small) == 0:
	case last >= 0:
		out[last] = append(out[last], small...)
	default:
		out = append(out, small)
	}
	return out
}

// proof is the answer at one target: lo <= theta <= hi; bounded is false where a side is open. feasible is false
// where no offset and rate satisfy all exchanges.
type proof struct {
	lo, hi            float64
	bounded, feasible bool
}

// at returns what is proved at t.
func (bo *bounder) at(t float64) proof {
	k, _ := slices.BinarySearch(bo.to, t) // how many bursts end before t
	left, right := bo.left[k], bo.right[k]
	if k < len(bo.from) && bo.from[k] <= t {
		left, right = left.join(bo.here[k]), bo.right[k+1].join(bo.here[k])
	}
	// the sides as functions of the rate: lower is convex, upper concave
	lower := func(b float64) float64 {
		l, okL, _, _ := left.over(b-bo.w, t)
		r, okR, _, _ := right.over(b+bo.w, t)
		return pick(l, okL, r, okR, math.Max, math.Inf(-1))
	}
	upper := func(b float64) float64 {
		_, _, l, okL := left.over(b+bo.w, t)
		_, _, r, okR := right.over(b-bo.w, t)
		return pick(l, okL, r, okR, math.Min, math.Inf(1))
	}
	width := func(b float64) float64 { return upper(b) - lower(b) }
	if w := width(0); math.IsInf(w, 1) {
		return proof{feasible: true}
	}
	best := peak(width, -maxRate, maxRate)
	if width(best) < 0 {
		return proof{}
	}
	b1, b2 := crossing(width, best, -maxRate), crossing(width, best, maxRate)
	return proof{
		lo:      lower(peak(func(b float64) float64 { return -lower(b) }, b1, b2)),
		hi:      upper(peak(upper, b1, b2)),
		bounded: true, feasible: true,
	}
}

// feasible says whether some clock satisfies all exchanges, as far as looking from the bursts' ends can tell.
func (bo *bounder) feasible() bool {
	for k := range bo.from {
		if !bo.at(bo.from[k]).feasible || !bo.at(bo.to[k]).feasible {
			return false
		}
	}
	return true
}

func pick(l float64, okL bool, r float64, okR bool, f func(a, b float64) float64, none float64) float64 {
	switch {
	case okL && okR:
		return f(l, r)
	case okL:
		return l
	case okR:
		return r
	}
	return none
}

// peak returns where the concave f is largest between a and b, by golden section. 72 rounds shrink 400 ppm to below
// 1e-18, less than a ns over any reach. An end that is as good as the inside is returned itself.
func peak(f func(float64) float64, a, b float64) float64 {
	const g = 0.6180339887498949
	lo, hi := a, b
	x1, x2 := hi-float64(g*(hi-lo)), lo+float64(g*(hi-lo))
	f1, f2 := f(x1), f(x2)
	for range 72 {
		if f1 < f2 {
			lo, x1, f1 = x1, x2, f2
			x2 = lo + float64(g*(hi-lo))
			f2 = f(x2)
		} else {
			hi, x2, f2 = x2, x1, f1
			x1 = hi - float64(g*(hi-lo))
			f1 = f(x1)
		}
	}
	best, at := f(lo+(hi-lo)/2), lo+(hi-lo)/2
	for _, x := range []float64{a, b} {
		if y := f(x); y > best {
			best, at = y, x
		}
	}
	return at
}

// crossing returns the point between inside, where f >= 0, and outside at which f falls below 0, or outside where it
// does not. The point returned is on the outer side, so that nothing possible is cut off.
func crossing(f func(float64) float64, inside, outside float64) float64 {
	if f(outside) >= 0 {
		return outside
	}
	for range 64 { // halving: below 1e-22
		m := inside + (outside-inside)/2
		if f(m) >= 0 {
			inside = m
		} else {
			outside = m
		}
	}
	return outside
}
