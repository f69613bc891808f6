package align

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Method names an estimator. All but the empty one are other people's recipes, each written from its published description, to
// compare with and not to use: they fit a line to the wall clock's readings, know neither steps nor
// falsetickers, and have no interval of their own.
type Method string

// The methods.
const (
	FloorEdge  Method = ""            // ours
	MaxMargin  Method = "max-margin"  // the line that keeps the largest distance from all exchanges: Huygens, NSDI 2018
	Median     Method = "median"      // one constant, the median of (A + B)/2 - E: Pupil Labs' event recipe, 2022
	OLS        Method = "ols"         // least squares through the middles: lsl-relay's linear model
	MedianLine Method = "median-line" // the median of the middles of each burst, and a line through these
	BestRTT    Method = "best-rtt"    // the middle of the fastest exchange of each burst, and a line: liblsl's choice in a wave of probes
	Huber      Method = "huber"       // a robust line, Huber's loss, through the best of every eight exchanges: pyxdf
)

// Methods are all of them, ours first.
var Methods = []Method{FloorEdge, MaxMargin, Median, OLS, MedianLine, BestRTT, Huber}

// check returns an error for what is none of Methods.
func (m Method) check() error {
	if !slices.Contains(Methods, m) {
		return fmt.Errorf("unknown method %q, want one of %q", string(m), Methods[1:])
	}
	return nil
}

// fitNamed fits a recipe's line. The bound is ours, where one can be had; the intervals are the bound.
func fitNamed(samples []Sample, opt Options) (*Alignment, error) {
	s, err := prepare(BaseWall, samples, opt)
	if err != nil {
		return nil, err
	}
	l := opt.Method.line(s)
	e := &estimate{piece: make([]int, len(s.used)), y: make([]float64, len(s.used)), t: make([]float64, len(s.used))}
	spans := s.spans(e)
	sp := &spans[0]
	bo := newBounder(sp.bursts, steadyWander, s.hidden())
	edges := []float64{sp.from, sp.to}
	for k := range bo.from {
		edges = append(edges, bo.from[k], bo.to[k])
	}
	slices.Sort(edges)
	for _, x := range slices.Compact(edges) {
		r := rated{x: x, theta: l.at(x), proof: bo.at(x)}
		r.bounded = r.bounded && r.feasible
		sp.knots = append(sp.knots, r)
	}
	first, last := endsOf(s.used)
	parts := s.parts(Parts{First: s.origin.e + DeviceTime(first), Last: s.origin.e + DeviceTime(last)}, spans, s.origin.d)
	parts.Knots = slices.DeleteFunc(parts.Knots, func(k Knot) bool { return !k.Bounded }) // where nothing bounds, nothing is known
	for i := range parts.Knots {
		parts.Knots[i].Stat, parts.Knots[i].Likely = parts.Knots[i].Bound, parts.Knots[i].Bound
	}
	al := &Alignment{Diagnosis: Diagnosis{Method: string(opt.Method), Base: BaseWall, Samples: len(s.samples), Rounding: s.rule,
		DriftE18: int64(math.Round(l.b * 1e18))}}
	for _, b := range s.bursts {
		b.dropped = b.drops()
		r := b.report(s.origin)
		al.Diagnosis.Bursts = append(al.Diagnosis.Bursts, r)
		al.Diagnosis.Used += r.Kept
		if r.Kept > 0 && (al.Diagnosis.SmallestRTT == 0 || r.RTTMin < al.Diagnosis.SmallestRTT) {
			al.Diagnosis.SmallestRTT = r.RTTMin
		}
	}
	al.warn(WarnMethod, "%s is a recipe to compare with: it has no interval of its own and checks nothing", opt.Method)
	al.Wall, err = NewModel[HostTime](parts)
	return al, err
}

// line returns the recipe's line, in the small numbers of s.
func (m Method) line(s *session) line {
	var all []exchange
	for _, x := range s.ex {
		if x.sane {
			all = append(all, x)
		}
	}
	switch m {
	case MaxMargin:
		return maximumMargin(s.used)
	case Median:
		return line{a: medianOf(middles(all))}
	case OLS:
		return throughPoints(points(all), nil)
	case Huber:
		return huberLine(points(bestOf(all, 8)))
	}
	var per []point
	for _, b := range s.bursts {
		if len(b.all) == 0 {
			continue
		}
		if m == BestRTT {
			per = append(per, points(bestOf(b.all, len(b.all)))...)
			continue
		}
		per = append(per, point{b.centre, medianOf(middles(b.all))})
	}
	return throughPoints(per, nil)
}

// raw returns the middle of an exchange as the recipes take it: (A + B)/2 - E, without regard to ticks.
func (e exchange) raw() float64 { return e.rawLower + e.rtt/2 }

func middles(ex []exchange) []float64 {
	out := make([]float64, len(ex))
	for i, e := range ex {
		out[i] = e.raw()
	}
	return out
}

func points(ex []exchange) []point {
	out := make([]point, len(ex))
	for i, e := range ex {
		out[i] = point{e.x, e.raw()}
	}
	return out
}

// bestOf returns the fastest of every n exchanges.
func bestOf(ex []exchange, n int) []exchange {
	var out []exchange
	for wave := range slices.Chunk(ex, n) {
		out = append(out, slices.MinFunc(wave, func(a, b exchange) int { return cmp.Compare(a.rtt, b.rtt) }))
	}
	return out
}

func medianOf(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	n := len(v)
	return v[(n-1)/2] + (v[n/2]-v[(n-1)/2])/2
}

// throughPoints returns the line of least squares with weights w, nil for equal ones; flat where all x are one.
func throughPoints(p []point, w []float64) line {
	var sw, sx, sy float64
	weight := func(i int) float64 {
		if w == nil {
			return 1
		}
		return w[i]
	}
	for i, q := range p {
		k := weight(i)
		sw, sx, sy = sw+k, sx+float64(k*q.x), sy+float64(k*q.y)
	}
	mx, my := sx/sw, sy/sw
	var sxx, sxy float64
	for i, q := range p {
		k, dx := weight(i), q.x-mx
		sxx, sxy = sxx+float64(k*float64(dx*dx)), sxy+float64(k*float64(dx*(q.y-my)))
	}
	l := line{a: my}
	if sxx > 0 {
		l.b = sxy / sxx
		l.a -= float64(l.b * mx)
	}
	return l
}

// huberLine returns the robust line by iterated weights, with 1.345 standard deviations (by the median absolute one) as the
// turn from squares to absolutes. Source: P. J. Huber, "Robust Statistics", 1981.
func huberLine(p []point) line {
	l := throughPoints(p, nil)
	for range 100 {
		r := make([]float64, len(p))
		for i, q := range p {
			r[i] = math.Abs(q.y - l.at(q.x))
		}
		turn := 1.345 * medianOf(r) / 0.6745
		if turn == 0 {
			return l
		}
		w := make([]float64, len(p))
		for i := range r {
			w[i] = 1
			if r[i] > turn {
				w[i] = turn / r[i]
			}
		}
		next := throughPoints(p, w)
		done := math.Abs(next.a-l.a) < 1e-3 && math.Abs(next.b-l.b) < 1e-16
		if l = next; done {
			break
		}
	}
	return l
}
