package align

import (
	"math"
	"slices"
)

// An edged burst: the two sides of its exchanges with the drift within the burst taken off, about its centre.
type edged struct {
	lower, upper []float64
	centre       float64
	c, d         float64 // the edges believed: no delay puts a lower side above c, an upper side below d
}

// floorEdge is what the bursts of one path say of theta at their centres.
//
// What a burst knows sits near two edges: c = theta - F/2, which the lower sides approach from below, and
// d = theta + F/2, which the upper sides approach from above; F is the floor of the round trip, the same for all bursts of a
// path. How fast they are approached depends on the law of the delays, and that decides whether the extreme exchanges or the
// average knows more; so the laws are fitted, not assumed, and averaged over.
//
// Source: the edges are those of D. Mills' clock filter and of Moon, Skelly and Towsley, INFOCOM 1999; how extremes and averages compare is
// told by R. Smith, "Maximum likelihood estimation in a class of nonregular cases", Biometrika 72, 1985; the average over laws is that of J. Hoeting et al.,
// "Bayesian Model Averaging", Statistical Science 14, 1999.
type floorEdge struct {
	y          []float64   // theta at the centres
	cov        [][]float64 // of y
	floor      float64     // mean of F
	floorSD    float64
	alone      []spread // F as each burst by itself sees it
	pooled     float64  // weight of the models with one law for both directions
	up, down   law      // the most plausible ones
	upQ, downQ float64  // 10 % quantiles of the excesses
}

// lawsShared is how many times its own exchanges a burst needs elsewhere, for the laws to count as learnt as much as assumed.
const lawsShared = 16

// spread is a mean and a standard deviation.
type spread struct{ mean, sd float64 }

// searchState carries the searches from round to round.
type searchState map[[2]int]*[3]float64

// findFloorEdge estimates from the bursts with the slope taken off within each. cell is the spacing of the lattice that
// coarse stamps of both clocks make. With few exchanges the laws are mostly prior: theta is not believed to be known better than
// the range that all n exchanges of a burst allow, taken for uniform, divided by n; the less so, the more exchanges of other bursts the laws were
// learnt from. state is from an earlier call, or empty.
//
// Three more limits: stamps of a tick q that n exchanges meet at random leave q/n to either edge; and what an edge moves by when the falsetickers that may
// hide among those kept are left out is how well it is known:
//
//	var >= (range/n)^2/12 / (1 + others/(16 n)),   var >= (q/n)^2/2,   var >= ((move of c + move of d)/2)^2
func findFloorEdge(bursts []burst, slope, cell, tick float64, state searchState) *floorEdge {
	eb := make([]edged, len(bursts))
	width := 0.0
	least := make([]float64, len(bursts)) // variance of each theta that no law may undercut
	total := 0
	for _, b := range bursts {
		total += len(b.kept)
	}
	for k, b := range bursts {
		eb[k] = edgedOf(b, slope)
		width = max(width, eb[k].d-eb[k].c)
		one := (eb[k].d - eb[k].c) / float64(len(b.kept))
		others := float64(total-len(b.kept)) / float64(len(b.kept))
		least[k] = float64(one*one) / 12 / (1 + others/lawsShared)
		if tick > smallCell {
			one = tick / float64(len(b.kept))
			least[k] = max(least[k], float64(one*one)/2)
		}
		if n := b.hiding(); n > 0 {
			move := eb[k].slack(n)
			least[k] = max(least[k], float64(move*move))
		}
	}
	n := 300
	if len(bursts) > 8 {
		n = 160
	}
	h := 1.2 * max(width, 20) / float64(n) // 20 ns: a grid finer than the clocks would say nothing
	grids := make([]grid, len(eb))
	for k := range eb {
		grids[k] = grid{from: eb[k].c + (eb[k].d-eb[k].c)/2 - float64(float64(n-1)*h)/2, h: h, n: n}
		give := float64(0.05 * (eb[k].d - eb[k].c))
		eb[k].c, eb[k].d = eb[k].c+give, eb[k].d-give
	}
	var fe *floorEdge
	for range 2 {
		fe = combine(eb, grids, fitLaws(eb, h/4, cell, state))
		for k := range eb {
			eb[k].c, eb[k].d = fe.y[k]-fe.floor/2, fe.y[k]+fe.floor/2
		}
	}
	for k, v := range least {
		fe.cov[k][k] = max(fe.cov[k][k], v)
	}
	return fe
}

// edgedOf takes the slope off, with the intersection of all exchanges as edges. Sides that overlap by less than
// nothing are parted: floors are not negative.
func edgedOf(b burst, slope float64) edged {
	e := edged{centre: b.centre, c: math.Inf(-1), d: math.Inf(1)}
	for _, x := range b.kept {
		off := float64(slope * (x.x - b.centre))
		e.lower, e.upper = append(e.lower, x.lc-off), append(e.upper, x.uc-off)
		e.c, e.d = max(e.c, x.lc-off), min(e.d, x.uc-off)
	}
	if e.c > e.d {
		e.c, e.d = e.d, e.c
	}
	return e
}

// slack returns half of what the edges move apart by, if the n tightest sides are left out on either side.
func (e edged) slack(n int) float64 {
	n = min(n, len(e.lower)-1)
	lower, upper := slices.Clone(e.lower), slices.Clone(e.upper)
	slices.Sort(lower)
	slices.Sort(upper)
	last := len(lower) - 1
	return (lower[last] - lower[last-n] + upper[n] - upper[0]) / 2
}

// laws are the fitted ones: for both directions pooled, for the way up and for the way down, one of each beginning.
type laws struct {
	pooled, up, down []law
	least            float64 // excesses below count as this
	cell             float64 // spacing of the lattice on which the sides lie
	n                int     // exchanges
	upQ, downQ       float64
}

const (
	pooledSet = iota
	upSet
	downSet
)

func fitLaws(eb []edged, least, cell float64, state searchState) laws {
	var up, down []float64
	for _, b := range eb {
		for i := range b.lower {
			up, down = append(up, b.c-b.lower[i]), append(down, b.upper[i]-b.d)
		}
	}
	l := laws{least: least, cell: cell, n: len(up)}
	for set, values := range [][]float64{append(append([]float64(nil), up...), down...), up, down} {
		x := excessesOf(values, least, cell)
		switch set {
		case upSet:
			l.upQ = x.quantile(0.1)
		case downSet:
			l.downQ = x.quantile(0.1)
		}
		for i, k := range beginnings {
			key := [2]int{set, i}
			fitted, p := fitLaw(x, k, cell, state[key])
			state[key] = &p
			switch set {
			case pooledSet:
				l.pooled = append(l.pooled, fitted)
			case upSet:
				l.up = append(l.up, fitted)
			default:
				l.down = append(l.down, fitted)
			}
		}
	}
	return l
}

// sides are the curves of one law over all bursts.
type sides struct {
	curve [][]float64
	top   float64 // the sum of what was taken off them
}

func sidesOf(g law, l laws, eb []edged, grids []grid, up bool) sides {
	t := tableOf(g, l.least, l.cell)
	s := sides{curve: make([][]float64, len(eb))}
	for k, b := range eb {
		edge := b.upper
		if up {
			edge = b.lower
		}
		c, top := grids[k].curve(t, edge, up)
		s.curve[k] = c
		s.top += top
	}
	return s
}

// model is a pair of laws with what it makes of the bursts.
type model struct {
	up, down law
	pooled   bool
	evidence float64
	weight   []float64   // of F = 2 m h, by m
	mean     [][]float64 // of theta_k given F, by m and k
	variance [][]float64
	logZ     [][]float64 // by m and k
}

// combine averages over pairs of laws and over F:
//
//	P_k(theta | F) ~ exp(l1_k(theta - F/2) + l2_k(theta + F/2)),  Z_k(F) its sum over theta
//	weight of F    ~ F^2 prod_k Z_k(F)
//	evidence       = ln sum_F F^2 prod_k Z_k - (d/2) ln n,   d = 3 pooled, 6 separate; n exchanges
//
// F^2 is a mild prior that keeps the floor of a very diffuse direction from being put far below its fastest exchange.
func combine(eb []edged, grids []grid, l laws) *floorEdge {
	var models []model
	for _, g := range l.pooled {
		models = append(models, weigh(g, g, true, sidesOf(g, l, eb, grids, true), sidesOf(g, l, eb, grids, false), grids, l.n))
	}
	ups, downs := make([]sides, len(l.up)), make([]sides, len(l.down))
	for i := range l.up {
		ups[i], downs[i] = sidesOf(l.up[i], l, eb, grids, true), sidesOf(l.down[i], l, eb, grids, false)
	}
	for i := range ups {
		for j := range downs {
			models = append(models, weigh(l.up[i], l.down[j], false, ups[i], downs[j], grids, l.n))
		}
	}
	top := math.Inf(-1)
	for _, m := range models {
		top = max(top, m.evidence)
	}
	share := make([]float64, len(models))
	total := 0.0
	for i, m := range models {
		share[i] = exp(m.evidence - top)
		total += share[i]
	}
	fe := &floorEdge{upQ: l.upQ, downQ: l.downQ}
	best := 0
	for i := range share {
		share[i] /= total
		if share[i] > share[best] {
			best = i
		}
		if models[i].pooled {
			fe.pooled += share[i]
		}
	}
	fe.up, fe.down = models[best].up, models[best].down
	fe.average(models, share, grids)
	return fe
}

// weigh works one pair of laws out.
func weigh(up, down law, pooled bool, a, b sides, grids []grid, n int) model {
	m := model{up: up, down: down, pooled: pooled}
	size, h := grids[0].n, grids[0].h
	count := (size + 1) / 2
	logs := make([]float64, count)
	top := math.Inf(-1)
	for f := range count {
		mean, variance, logZ := make([]float64, len(grids)), make([]float64, len(grids)), make([]float64, len(grids))
		sum := 2 * ln(float64(2*f)+0.5) // F^2 in units of h; half a step for F = 0
		for k, g := range grids {
			z, m1, m2 := 0.0, 0.0, 0.0
			lo, hi := a.curve[k], b.curve[k]
			for j := f; j < size-f; j++ { // theta at place j, its edges f places to either side
				p := float64(lo[j-f] * hi[j+f])
				z += p
				t := float64(j)
				m1 += float64(p * t)
				m2 += float64(p * float64(t*t))
			}
			logZ[k] = ln(z)
			sum += logZ[k]
			if z > 0 {
				m1 /= z
				mean[k] = g.at(0) + float64(m1*h)
				variance[k] = max(m2/z-float64(m1*m1), 0) * float64(h*h)
			}
		}
		m.mean, m.variance, m.logZ = append(m.mean, mean), append(m.variance, variance), append(m.logZ, logZ)
		logs[f] = sum
		top = max(top, sum)
	}
	total := 0.0
	m.weight = make([]float64, count)
	for f, s := range logs {
		m.weight[f] = exp(s - top)
		total += m.weight[f]
	}
	for f := range m.weight {
		m.weight[f] /= total
	}
	d := 6.0
	if pooled {
		d = 3
	}
	m.evidence = top + ln(total) + a.top + b.top - float64(d/2*ln(float64(n)))
	return m
}

// average fills in mean and covariance:
//
//	C = sum_models w [ sum_F w_F (m(F) - y)(m(F) - y)^T + diag(sum_F w_F v(F)) ] + h^2/12 I
func (fe *floorEdge) average(models []model, share []float64, grids []grid) {
	const negligible = 1e-9
	n, h := len(grids), grids[0].h
	fe.y = make([]float64, n)
	fe.cov = make([][]float64, n)
	for k := range fe.cov {
		fe.cov[k] = make([]float64, n)
		fe.cov[k][k] = float64(h*h) / 12
	}
	each := func(f func(w float64, m *model, i int)) {
		for j := range models {
			for i, wf := range models[j].weight {
				if w := float64(share[j] * wf); w > negligible {
					f(w, &models[j], i)
				}
			}
		}
	}
	total, f2 := 0.0, 0.0
	each(func(w float64, m *model, i int) {
		total += w
		floor := float64(2*i) * h
		fe.floor += float64(w * floor)
		f2 += float64(w * float64(floor*floor))
		for k := range fe.y {
			fe.y[k] += float64(w * m.mean[i][k])
		}
	})
	for k := range fe.y {
		fe.y[k] /= total
	}
	fe.floor /= total
	fe.floorSD = math.Sqrt(max(f2/total-float64(fe.floor*fe.floor), 0) + float64(h*h)/3)
	dev := make([]float64, n)
	each(func(w float64, m *model, i int) {
		w /= total
		for k := range dev {
			dev[k] = m.mean[i][k] - fe.y[k]
		}
		for k := range dev {
			fe.cov[k][k] += float64(w * m.variance[i][k])
			d := float64(w * dev[k])
			for j := 0; j <= k; j++ {
				fe.cov[k][j] += float64(d * dev[j])
			}
		}
	})
	for k := range fe.cov {
		for j := range k {
			fe.cov[j][k] = fe.cov[k][j]
		}
	}
	fe.alone = aloneFloors(models, share, n, h)
}

// aloneFloors returns F as each burst by itself sees it, under the models' weights: bursts that differ by far were not
// measured over the same path.
func aloneFloors(models []model, share []float64, n int, h float64) []spread {
	out := make([]spread, n)
	for k := range out {
		var m1, m2 float64
		for j, m := range models {
			if share[j] < 1e-6 {
				continue
			}
			top := math.Inf(-1)
			for f := range m.weight {
				top = max(top, m.logZ[f][k]+2*ln(float64(2*f)+0.5))
			}
			var z, s1, s2 float64
			for f := range m.weight {
				p := exp(m.logZ[f][k] + 2*ln(float64(2*f)+0.5) - top)
				x := float64(2*f) * h
				z, s1, s2 = z+p, s1+float64(p*x), s2+float64(p*float64(x*x))
			}
			m1, m2 = m1+float64(share[j]*s1)/z, m2+float64(share[j]*s2)/z
		}
		out[k] = spread{m1, math.Sqrt(max(m2-float64(m1*m1), 0) + float64(h*h)/3)}
	}
	return out
}
