package align

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// A rated instant: what the estimator says at x, how sure it is, and what is proved there.
type rated struct {
	x            float64
	theta        float64 // estimate, within the bound
	stat, likely float64 // half-widths of the 95 % intervals
	proof
}

const (
	knotSpacing  = 10e9  // ns; knots are at least so far apart, unless the estimate bends
	openSpacing  = 300e9 // ns; where nothing bounds, only the spread has to be followed
	knotWidening = 0.01  // of the bound's width is what interpolation may cost it
	knotBend     = 300.0 // ns: how far the estimate may leave the line between two knots,
	leastBend    = 2e6   // ns: unless they are closer than this
)

// span is a part of the map without a step of the phone's clock.
type span struct {
	bursts   []burst
	from, to float64 // x, where the map is offered
	shift    float64 // host time of x, in ns from the first burst: x + shift
	knots    []rated
}

// unproved is the wander where nothing is proved, as asked for in spite of contradictions.
const unproved = 0

// prove returns the spans with their knots over the whole reach, with the least wander that the bursts show and the exchanges
// can be true with. Where they cannot be true together, a step that makes them so is proved; it is put where it is most
// plausible.
func (s *session) prove(e *estimate) ([]span, float64, error) {
	for {
		spans := s.spans(e)
		contradiction := -1
		shown, where := e.shownWander()
		for _, w := range wanders {
			if w < shown || (w > contradictory && contradiction >= 0) {
				continue
			}
			contradiction = -1
			for p := range spans {
				if !s.rate(e, &spans[p], p, w) {
					contradiction = p
					break
				}
			}
			if contradiction < 0 {
				s.proveSteps(e, spans)
				return spans, w, nil
			}
		}
		if contradiction >= 0 {
			where = contradiction
		}
		if s.outvoteContradicting(e, where) {
			again, err := s.estimate()
			if err != nil {
				return nil, 0, err
			}
			*e = *again
			continue
		}
		if contradiction < 0 || !s.stepInside(e, contradiction) {
			if s.override {
				for p := range spans {
					s.rate(e, &spans[p], p, unproved)
				}
				return spans, unproved, nil
			}
			return nil, 0, fmt.Errorf("%w: even with a rate that wanders by %.0f ppm; a clock was set between the exchanges, or some are corrupt",
				ErrDisjoint, max(shown, contradictory)*1e6)
		}
		if err := e.fitClock(s.used); err != nil {
			return nil, 0, err
		}
	}
}

// spans cuts the session at the steps. Into the gap that holds a step both neighbours reach.
func (s *session) spans(e *estimate) []span {
	n := e.piece[len(e.piece)-1] + 1
	out := make([]span, n)
	for k, b := range s.used {
		sp := &out[e.piece[k]]
		if len(sp.bursts) == 0 {
			sp.shift = e.y[k] - s.used[0].centre - e.y[0]
		}
		sp.bursts = append(sp.bursts, b)
	}
	for p := range out {
		out[p].from, out[p].to = endsOf(out[p].bursts)
	}
	whole := out[n-1].to + out[n-1].shift - out[0].from - out[0].shift
	reach := max(float64(leastReach), whole)
	if s.override {
		reach = max(reach, float64(overrideReach))
	}
	for i, st := range e.steps { // host - device grows by st.by, so the same instant has an x smaller by as much
		before, after := out[i], out[i+1]
		out[i].to = max(before.to, after.from+st.by)
		out[i+1].from = min(after.from, before.to-st.by)
	}
	out[0].from -= reach
	out[n-1].to += reach
	for p := range out {
		out[p].from, out[p].to = math.Floor(out[p].from), math.Ceil(out[p].to)+1
	}
	return out
}

// endsOf returns the first and the last x of bursts.
func endsOf(bursts []burst) (first, last float64) {
	first, last = math.Inf(1), math.Inf(-1)
	for _, b := range bursts {
		first, last = min(first, b.kept[0].x), max(last, b.kept[len(b.kept)-1].x)
	}
	return first, last
}

// hidden says whether falsetickers were found, so that there may be more that overlap the honest exchanges.
func (s *session) hidden() bool {
	return slices.ContainsFunc(s.bursts, func(b burst) bool { return b.drops() > 0 })
}

// proveSteps marks the steps without which the exchanges on either side contradict each other.
func (s *session) proveSteps(e *estimate, spans []span) {
	for i := range e.steps {
		both := slices.Concat(spans[i].bursts, spans[i+1].bursts)
		shown, _ := e.shownWander()
		e.steps[i].proved = !newBounder(both, max(contradictory, shown), s.hidden()).feasible()
	}
}

// stepInside adds a step to piece p, in the gap that splits it into two parts without contradiction and across which the bursts
// change most for their spread. It returns false where there is no such gap.
func (s *session) stepInside(e *estimate, p int) bool {
	var in []int
	for k, q := range e.piece {
		if q == p {
			in = append(in, k)
		}
	}
	if len(s.used) < 3 {
		return false
	}
	best, most, second := -1, 0.0, 0.0
	for i := 1; i < len(in); i++ {
		var parts [2][]burst
		for j, k := range in {
			parts[min(j/i, 1)] = append(parts[min(j/i, 1)], s.used[k])
		}
		if !newBounder(parts[0], contradictory, s.hidden()).feasible() || !newBounder(parts[1], contradictory, s.hidden()).feasible() {
			continue
		}
		k, l := in[i-1], in[i]
		sd := math.Sqrt(e.cov[k][k] + e.cov[l][l])
		if z := math.Abs(e.y[l]-e.y[k]-float64(s.slope*(s.used[l].centre-s.used[k].centre))) / sd; z > most {
			best, most, second = k, z, most
		} else {
			second = max(second, z)
		}
	}
	if best < 0 || second > most/2 { // none, or two that explain it
		return false
	}
	e.piece = splitAfter(e.piece, best)
	return true
}

// rate fills in the knots of sp; false where its exchanges contradict each other.
func (s *session) rate(e *estimate, sp *span, p int, w float64) bool {
	bo := newBounder(sp.bursts, w, s.hidden())
	proved := bo.at
	if w == unproved {
		proved = func(float64) proof { return proof{feasible: true} }
	}
	tick := s.coarsest()
	at := func(x float64) rated {
		t := (x + sp.shift) / 1e9
		theta, variance := e.clock.at(t, p)
		r := rated{x: x, theta: theta, proof: proved(x)}
		r.stat, r.likely = e.doubts(variance, t, s.rho, s.rule, tick)
		if r.bounded {
			r.theta = min(max(r.theta, r.lo), r.hi)
		}
		return r
	}
	edges := []float64{sp.from, sp.to}
	for k := range bo.from {
		for _, x := range []float64{bo.from[k], bo.to[k]} {
			if x > sp.from && x < sp.to {
				edges = append(edges, x)
			}
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	sp.knots = sp.knots[:0]
	feasible := true
	var fill func(a, b rated)
	fill = func(a, b rated) {
		if !feasible {
			return
		}
		// between knots the rate is within w of a common one, so that no path leaves the chord of two bounds by
		// more than w/2 times their distance
		step := max(knotSpacing, 2*knotWidening*min(a.hi-a.lo, b.hi-b.lo)/w)
		if !a.bounded || !b.bounded {
			step = openSpacing
		}
		m := math.Round(a.x + (b.x-a.x)/2)
		split := b.x-a.x > 1.5*step
		var r rated
		if bent := b.x-a.x > leastBend && bends(a, b, e.clock.mean((m+sp.shift)/1e9, p)); split || bent {
			r = at(m)
			split = split || bends(a, b, r.theta) // the mean may bend where the bound does not let the estimate
		}
		if split {
			feasible = feasible && r.feasible
			fill(a, r)
			fill(r, b)
			return
		}
		sp.knots = append(sp.knots, b)
	}
	for i, x := range edges {
		r := at(x)
		feasible = feasible && r.feasible
		if i == 0 {
			sp.knots = append(sp.knots, r)
			continue
		}
		fill(sp.knots[len(sp.knots)-1], r)
	}
	if !feasible {
		return false
	}
	for i := range sp.knots { // pay for the interpolation
		d := 0.0
		if i > 0 {
			d = sp.knots[i].x - sp.knots[i-1].x
		}
		if i+1 < len(sp.knots) {
			d = max(d, sp.knots[i+1].x-sp.knots[i].x)
		}
		sp.knots[i].lo -= float64(w*d) / 2
		sp.knots[i].hi += float64(w*d) / 2
	}
	return true
}

// bends says whether the estimate halfway leaves the line between a and b.
func bends(a, b rated, halfway float64) bool {
	return math.Abs(halfway-(a.theta+b.theta)/2) > knotBend
}

// coarsest returns the coarsest tick of the phone's stamps.
func (s *session) coarsest() time.Duration {
	tick := time.Duration(0)
	for _, q := range s.device {
		tick = max(tick, q)
	}
	return tick
}
