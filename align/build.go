package align

import (
	"fmt"
	"math"
	"time"
)

// tolerance is how far, in ns, a segment may leave the estimates at the knots, between which it bends by less than knotBend:
// together less than the 1 us that the alignment file promises.
const tolerance = 500

// alignment puts the answer together.
func (s *session) alignment(e *estimate, spans []span, wander float64, readings []HostReading) (*Alignment, error) {
	al := &Alignment{Diagnosis: s.diagnosis(e, wander)}
	first, last := endsOf(s.used)
	parts := Parts{First: s.origin.e + DeviceTime(first), Last: s.origin.e + DeviceTime(last)}
	for _, st := range e.steps {
		before, after := s.used[st.before-1], s.used[st.before]
		parts.Steps = append(parts.Steps, Step{From: before.kept[len(before.kept)-1].wall, To: after.kept[0].wall,
			By: time.Duration(math.Round(st.by)), Proved: st.proved})
	}
	var err error
	if s.base == BaseWall {
		if al.Wall, err = NewModel[HostTime](s.parts(parts, spans, s.origin.d)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDisjoint, err)
		}
		al.notice(s, e, wander)
		return al, nil
	}
	if al.Mono, err = NewModel[MonoTime](s.parts(parts, spans, s.origin.d)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDisjoint, err)
	}
	w := newWallClock(s.samples, readings, s.origin, s.qw, s.qm)
	var onWall []span
	for _, sp := range spans {
		onWall = append(onWall, w.spans(sp)...)
	}
	if al.Wall, err = NewModel[HostTime](s.parts(parts, onWall, s.origin.d+w.base)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDisjoint, err)
	}
	var doubt time.Duration
	al.HostSteps, doubt = w.steps()
	al.notice(s, e, wander)
	al.noticeHostSteps(doubt)
	return al, nil
}

// steep is the rate above which a change of wall - monotonic between two readings is not drawn as a line, since it would stretch or
// turn back the times between: the map is in two pieces there, as at a step of the phone's clock.
const steep = 0.1

// spans returns sp on the wall clock, cut where that clock was set within a short time. Both parts reach into the gap of the setting.
func (w wallClock) spans(sp span) []span {
	var out []span
	from := math.Inf(-1) // where the part begins: at the last reading before the setting
	for i, j := 0, 0; j <= len(w.pairs); j++ {
		to := math.Inf(1)
		if j > 0 && j < len(w.pairs) {
			if d, pause := w.change(j, w.slope); math.Abs(d) <= max(w.threshold, steep*pause) {
				continue
			}
			to = w.pairs[j].h
		} else if j == 0 && len(w.pairs) > 0 {
			continue
		}
		part := w
		part.pairs = w.pairs[i:j]
		if knots := clipped(sp.knots, from, to); len(knots) > 1 {
			cut := sp
			cut.knots = part.convert(knots)
			out = append(out, cut)
		}
		if j > 0 && j < len(w.pairs) {
			from = w.pairs[j-1].h
		}
		i = j
	}
	return out
}

// clipped returns the knots whose host instants lie between from and to, with one at each end.
func clipped(knots []rated, from, to float64) []rated {
	var out []rated
	for k, r := range knots {
		h := r.x + r.theta
		if k > 0 {
			prev := knots[k-1]
			before := prev.x + prev.theta
			for _, end := range []float64{from, to} {
				if before < end && end < h {
					x := math.Round(prev.x + float64((end-before)/(h-before)*(r.x-prev.x)))
					if x > prev.x && x < r.x {
						out = append(out, between(prev, r, x))
					}
				}
			}
		}
		if h >= from && h <= to {
			out = append(out, r)
		}
	}
	return out
}

// convert returns knots on the wall clock, with further ones where its drift changes.
func (w wallClock) convert(knots []rated) []rated {
	var out []rated
	add := func(r rated) {
		h := r.x + r.theta
		d, lo, hi := w.at(h)
		// at a reading what is known differs on its two sides, which rounding must not choose between
		for _, aside := range []float64{h - 2, h + 2} {
			_, l, u := w.at(aside)
			lo, hi = min(lo, l), max(hi, u)
		}
		// the interval holds wherever wall - monotonic may be
		give := max(d-lo, hi-d)
		out = append(out, rated{x: r.x, theta: r.theta + d, stat: r.stat + give, likely: r.likely + give,
			proof: proof{lo: r.lo + lo, hi: r.hi + hi, bounded: r.bounded, feasible: true}})
	}
	i := 0
	for k, r := range knots {
		for i < len(w.pairs) && w.pairs[i].h < r.x+r.theta {
			if k > 0 {
				prev := knots[k-1]
				from, to := prev.x+prev.theta, r.x+r.theta
				if x := math.Round(prev.x + float64((w.pairs[i].h-from)/(to-from)*(r.x-prev.x))); x > out[len(out)-1].x && x < r.x {
					add(between(prev, r, x))
				}
			}
			i++
		}
		add(r)
	}
	return out
}

// between returns what the knots a and b say at x between them.
func between(a, b rated, x float64) rated {
	f := (x - a.x) / (b.x - a.x)
	mix := func(p, q float64) float64 { return p + float64(f*(q-p)) }
	return rated{x: x, theta: mix(a.theta, b.theta), stat: mix(a.stat, b.stat), likely: mix(a.likely, b.likely),
		proof: proof{lo: mix(a.lo, b.lo), hi: mix(a.hi, b.hi), bounded: a.bounded && b.bounded, feasible: true}}
}

// parts makes segments and knots of the spans. d is the offset that theta is counted from.
func (s *session) parts(p Parts, spans []span, d int64) Parts {
	for piece, sp := range spans {
		segs := segments(sp.knots, s.origin.e, d)
		i := 0
		for _, r := range sp.knots {
			at := s.origin.e + DeviceTime(r.x)
			for i < len(segs)-1 && segs[i].To <= at {
				i++
			}
			h, _ := segs[i].at(at)
			k := r.knot(float64(h - int64(at) - d)) // about what the segment says
			k.Piece, k.At = piece, at
			p.Knots = append(p.Knots, k)
		}
		for _, seg := range segs {
			seg.Piece = piece
			p.Segments = append(p.Segments, seg)
		}
	}
	return p
}

// knot returns the intervals of truth less said.
func (r rated) knot(said float64) Knot {
	around := func(half float64) Interval {
		v := Interval{Lo: down(r.theta - half - said), Hi: up(r.theta + half - said)}
		if r.bounded {
			v = v.Intersect(Interval{Lo: down(r.lo-said) - 1, Hi: up(r.hi-said) + 1})
		}
		return v
	}
	k := Knot{Stat: around(r.stat), Likely: around(r.likely), Bounded: r.bounded}
	if r.bounded {
		k.Bound = Interval{Lo: down(r.lo-said) - 1, Hi: up(r.hi-said) + 1}
	}
	return k
}

func down(v float64) time.Duration { return time.Duration(math.Floor(v)) }
func up(v float64) time.Duration   { return time.Duration(math.Ceil(v)) }

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
	if len(out) == 1 && rs[0].x <= 0 { // a line is told by where it passes the origin, which no shift of the clocks moves
		slope := (rs[len(rs)-1].theta - rs[0].theta) / (rs[len(rs)-1].x - rs[0].x)
		out[0].Offset = time.Duration(d + int64(math.Round(rs[0].theta-float64(slope*rs[0].x))))
		out[0].Ref = e
	}
	return out
}
