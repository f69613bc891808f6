package align

import (
	"math"
	"time"
)

// tolerance is how far, in ns, a segment may leave the estimate: less than the 1 us that the alignment file promises.
const tolerance = 500

// alignment puts the answer together.
func (s *session) alignment(l line, rs []rated, wander float64) (*Alignment, error) {
	al := &Alignment{Diagnosis: s.diagnosis(l, rs, wander)}
	first, last := s.ends()
	edges := Parts{First: s.origin.e + DeviceTime(first), Last: s.origin.e + DeviceTime(last)}
	var err error
	if s.base == BaseWall {
		al.Wall, err = NewModel[HostTime](s.parts(edges, rs, s.origin.d))
		al.notice(s, rs, wander)
		return al, err
	}
	if al.Mono, err = NewModel[MonoTime](s.parts(edges, rs, s.origin.d)); err != nil {
		return nil, err
	}
	w := newWallClock(s.samples, s.ex, s.qw, s.qm)
	onWall := make([]rated, 0, len(rs)+len(w.pairs))
	for _, x := range withPairs(rs, w.pairs) {
		r := between(rs, x)
		d, lo, hi := w.at(x)
		onWall = append(onWall, rated{x: x, theta: r.theta + d,
			proof: proof{lo: r.lo + lo, hi: r.hi + hi, bounded: r.bounded, feasible: true}})
	}
	if al.Wall, err = NewModel[HostTime](s.parts(edges, onWall, s.origin.d+w.base)); err != nil {
		return nil, err
	}
	var doubt time.Duration
	al.HostSteps, doubt = w.steps()
	al.notice(s, rs, wander)
	if len(al.HostSteps) > 0 || doubt > 0 {
		al.noticeHostSteps(doubt)
	}
	return al, nil
}

// withPairs returns the x of the knots and of the pairs of readings between the first and the last of them, in order.
func withPairs(rs []rated, pairs []pair) []float64 {
	var xs []float64
	i := 0
	for _, r := range rs {
		for i < len(pairs) && pairs[i].x < r.x {
			if x := math.Round(pairs[i].x); len(xs) > 0 && x > xs[len(xs)-1] && x < r.x {
				xs = append(xs, x)
			}
			i++
		}
		xs = append(xs, r.x)
	}
	return xs
}

// between returns what the knots around x say at x.
func between(rs []rated, x float64) rated {
	i := 0
	for i < len(rs)-1 && rs[i].x < x {
		i++
	}
	if i == 0 || rs[i].x == x {
		return rs[i]
	}
	a, b := rs[i-1], rs[i]
	f := (x - a.x) / (b.x - a.x)
	mix := func(p, q float64) float64 { return p + float64(f*(q-p)) }
	return rated{x: x, theta: mix(a.theta, b.theta), proof: proof{lo: mix(a.lo, b.lo), hi: mix(a.hi, b.hi),
		bounded: a.bounded && b.bounded, feasible: true}}
}

// parts makes segments and knots of rated instants of one piece. d is the offset that theta is counted from.
func (s *session) parts(p Parts, rs []rated, d int64) Parts {
	p.Segments = segments(rs, s.origin.e, d)
	i := 0
	for _, r := range rs {
		at := s.origin.e + DeviceTime(r.x)
		for i < len(p.Segments)-1 && p.Segments[i].To <= at {
			i++
		}
		h, _ := p.Segments[i].at(at)
		// what the segment says, which is within the tolerance of the estimate
		said := float64(h - int64(at) - d)
		k := Knot{At: at, Bounded: r.bounded}
		if r.bounded {
			k.Bound = Interval{Lo: time.Duration(math.Floor(r.lo-said)) - 1, Hi: time.Duration(math.Ceil(r.hi-said)) + 1}
		}
		k.Stat, k.Likely = k.Bound, k.Bound
		p.Knots = append(p.Knots, k)
	}
	return p
}

// segments draws the fewest straight lines that stay within the tolerance of the estimates, from one estimate to
// another: each reaches as far as some slope keeps all estimates passed within the tolerance.
func segments(rs []rated, e DeviceTime, d int64) []Segment {
	var out []Segment
	for i := 0; i < len(rs)-1; {
		y0 := math.Round(rs[i].theta)
		if i > 0 { // take up where the line before ended
			last := out[len(out)-1]
			h, _ := last.at(last.To)
			y0 = float64(h - int64(last.To) - d)
		}
		lo, hi, slope, j := math.Inf(-1), math.Inf(1), 0.0, i
		for k := i + 1; k < len(rs); k++ {
			dx := rs[k].x - rs[i].x
			through := (rs[k].theta - y0) / dx
			if k > i+1 && (through < lo || through > hi) {
				break
			}
			lo, hi = max(lo, through-tolerance/dx), min(hi, through+tolerance/dx)
			slope, j = through, k
		}
		out = append(out, Segment{From: e + DeviceTime(rs[i].x), To: e + DeviceTime(rs[j].x), Ref: e + DeviceTime(rs[i].x),
			Offset: time.Duration(d + int64(y0)), DriftE18: int64(math.Round(slope * 1e18))})
		i = j
	}
	if len(out) == 1 { // a line is told by where it passes the origin, which no shift of the clocks moves
		slope := (rs[len(rs)-1].theta - rs[0].theta) / (rs[len(rs)-1].x - rs[0].x)
		out[0].Offset = time.Duration(d + int64(math.Round(rs[0].theta-float64(slope*rs[0].x))))
		out[0].Ref = e
	}
	return out
}
