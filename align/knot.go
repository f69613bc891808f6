package align

import (
	"fmt"
	"math"
	"slices"
)

// A rated instant: what the estimator says at x, and what is proved there.
type rated struct {
	x     float64
	theta float64 // estimate, within the bound
	proof
}

const (
	knotSpacing  = 10e9 // ns; knots are at least so far apart
	knotWidening = 0.01 // of the bound's width is what interpolation may cost it
)

// prove returns the rated instants of the whole reach, with the least wander that the exchanges can be true with.
func (s *session) prove(l line) ([]rated, float64, error) {
	hidden := false
	for _, b := range s.bursts {
		hidden = hidden || b.drops() > 0
	}
	for _, w := range wanders {
		if out, ok := s.rate(l, newBounder(s.used, w, hidden)); ok {
			return out, w, nil
		}
	}
	return nil, 0, fmt.Errorf("%w: even with a rate that wanders by %.0f ppm; a clock was set between the exchanges, or some are corrupt",
		ErrDisjoint, wanders[len(wanders)-1]*1e6)
}

// rate asks bo at every knot; false where the exchanges contradict each other.
func (s *session) rate(l line, bo *bounder) ([]rated, bool) {
	first, last := s.ends()
	reach := max(float64(leastReach), last-first)
	edges := []float64{first - reach, last + reach + 1}
	for k := range bo.from {
		edges = append(edges, bo.from[k], bo.to[k])
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var out []rated
	add := func(x float64) (width float64, ok bool) {
		p := bo.at(x)
		r := rated{x: x, theta: l.at(x), proof: p}
		if p.bounded {
			r.theta = min(max(r.theta, p.lo), p.hi)
		}
		out = append(out, r)
		return p.hi - p.lo, p.feasible
	}
	for i, e := range edges {
		x := math.Round(e)
		for i > 0 {
			// between knots the rate is within w of a common one, so that no path leaves the chord of two
			// bounds by more than w/2 times their distance
			prev := out[len(out)-1]
			step := max(knotSpacing, 2*knotWidening*(prev.hi-prev.lo)/bo.w)
			if x-prev.x <= float64(1.5*step) {
				break
			}
			if _, ok := add(math.Round(prev.x + step)); !ok {
				return nil, false
			}
		}
		if _, ok := add(x); !ok {
			return nil, false
		}
	}
	for i := range out { // pay for the interpolation
		d := 0.0
		if i > 0 {
			d = out[i].x - out[i-1].x
		}
		if i+1 < len(out) {
			d = max(d, out[i+1].x-out[i].x)
		}
		out[i].lo -= float64(bo.w*d) / 2
		out[i].hi += float64(bo.w*d) / 2
	}
	return out, true
}
