package align

import (
	"cmp"
	"slices"
	"sort"
)

// point is a stamp and an offset, in ns.
type point struct{ x, y float64 }

// hull is the upper convex hull of points: the only ones that a line from above can touch.
type hull []point

// upperHull returns the hull of points in any order. Source: A. M. Andrew's monotone chain, 1979.
func upperHull(points []point) hull {
	sorted := slices.Clone(points)
	slices.SortFunc(sorted, func(p, q point) int { return cmp.Or(cmp.Compare(p.x, q.x), cmp.Compare(p.y, q.y)) })
	var h hull
	for _, p := range sorted {
		for n := len(h); n > 0; n = len(h) {
			if h[n-1].x == p.x || (n > 1 && !above(h[n-2], h[n-1], p)) {
				h = h[:n-1]
				continue
			}
			break
		}
		h = append(h, p)
	}
	return h
}

// above reports whether q lies above the line from p to r.
func above(p, q, r point) bool {
	return float64((q.y-p.y)*(r.x-p.x)) > float64((r.y-p.y)*(q.x-p.x))
}

// join returns the hull of both.
func (h hull) join(g hull) hull {
	return upperHull(slices.Concat(h, g))
}

// support returns the largest y - s*(x-t) of the hull: where the lowest line of slope s that lies on no point's lower
// side passes t. ok is false for an empty hull.
func (h hull) support(s, t float64) (y float64, ok bool) {
	if len(h) == 0 {
		return 0, false
	}
	// the slopes of the edges fall from left to right: the line touches where they pass s
	i := sort.Search(len(h)-1, func(i int) bool {
		return h[i+1].y-h[i].y <= float64(s*(h[i+1].x-h[i].x))
	})
	return h[i].y - float64(s*(h[i].x-t)), true
}

// belt is what a set of exchanges proves: no offset below the lower hull's points, none above the upper one's. The
// upper bounds are kept with their sign turned, so that both are upper hulls.
type belt struct{ lower, upper hull }

func beltOf(lower, upper []point) belt {
	turned := make([]point, len(upper))
	for i, p := range upper {
		turned[i] = point{p.x, -p.y}
	}
	return belt{upperHull(lower), upperHull(turned)}
}

func (b belt) join(c belt) belt { return belt{b.lower.join(c.lower), b.upper.join(c.upper)} }

// relaxed returns b with both sides moved apart by d.
func (b belt) relaxed(d float64) belt {
	out := belt{slices.Clone(b.lower), slices.Clone(b.upper)}
	for i := range out.lower {
		out.lower[i].y -= d
	}
	for i := range out.upper {
		out.upper[i].y -= d
	}
	return out
}

// over returns the range of offsets at t that a line of slope s may have, as the lower and the upper side say.
func (b belt) over(s, t float64) (lo float64, okLo bool, hi float64, okHi bool) {
	lo, okLo = b.lower.support(s, t)
	hi, okHi = b.upper.support(-s, t)
	return lo, okLo, -hi, okHi
}
