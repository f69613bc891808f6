package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// exchange is one exchange beside the map, in spans only.
type exchange struct {
	at       time.Duration // of the phone's stamp since the first burst
	phase    string
	rtt      time.Duration
	known    bool          // the next two are
	up, down time.Duration // from the sending to the stamp and from there to the answer, by the map: unequal floors are in them
	untrue   bool          // the bound does not allow it: a stamp is wrong, or the path of the fit left it out
}

// residual is host - device by the middle of the exchange, less that of the map.
func (x exchange) residual() time.Duration { return (x.down - x.up) / 2 }

// measure puts exchanges beside the map onto the clock that the fit was made against.
func measure(a *align.Alignment, samples []align.Sample) []exchange {
	if a.Diagnosis.Base == align.BaseMono && a.Mono != nil {
		return beside(a.Mono, a, samples, func(s align.Sample) (align.MonoTime, align.MonoTime, bool) { return s.MonoA, s.MonoB, s.HasMono() })
	}
	return beside(a.Wall, a, samples, func(s align.Sample) (align.HostTime, align.HostTime, bool) { return s.A, s.B, true })
}

func beside[T align.HostClock](m *align.Model[T], al *align.Alignment, samples []align.Sample, sides func(align.Sample) (a, b T, ok bool)) []exchange {
	if m == nil {
		return nil
	}
	first := m.Parts().First
	out := make([]exchange, 0, len(samples))
	for _, s := range samples {
		x := exchange{at: s.E.Sub(first), phase: s.Phase, rtt: s.RoundTrip()}
		a, b, ok := sides(s)
		if e, found := nearest(m, s.E, a, b); ok && found {
			x.known, x.up, x.down = true, time.Duration(e.Host-a), time.Duration(b-e.Host)
			// host(E) + truth lies between A and B, ticks of the phone's stamps aside
			x.untrue = e.Bounded && (x.up+e.Bound.Hi+tickOf(al, s.Protocol) < 0 || x.down-e.Bound.Lo < 0)
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b exchange) int { return int(min(1, max(-1, a.at-b.at))) })
	return out
}

// nearest returns the estimate for d that lies closest to the exchange: where the phone's clock was set, two are possible.
func nearest[T align.HostClock](m *align.Model[T], d align.DeviceTime, a, b T) (best align.Estimate[T], found bool) {
	var least time.Duration
	for _, e := range m.Candidates(d) {
		far := max(time.Duration(a-e.Host), time.Duration(e.Host-b))
		if !found || far < least {
			best, least, found = e, far, true
		}
	}
	return best, found
}

func tickOf(a *align.Alignment, protocol string) time.Duration {
	for _, q := range a.Diagnosis.Quanta {
		if q.Clock == "device" && q.Protocol == protocol {
			return q.Resolution
		}
	}
	return 0
}

// TickNote says how far the tick of the phone's stamps shifts a delay, "" where that is too little to be seen: docs/method.md, "Exchange".
func (a *Alignment) TickNote() string {
	tick := time.Duration(0)
	for _, q := range a.file.Diagnosis.Quanta {
		if q.Clock == "device" {
			tick = max(tick, q.Resolution)
		}
	}
	if tick < a.file.Diagnosis.SmallestRTT/100 || tick <= 0 {
		return ""
	}
	switch a.file.Diagnosis.Rounding {
	case align.RoundingNearest:
		return fmt.Sprintf("The phone rounds its stamps to %s: each delay is shown up to half of that too short or too long.", human.MS(tick))
	case align.RoundingTruncate:
		return fmt.Sprintf("The phone cuts its stamps to %s: a delay to the phone is shown too short by up to that, and one back too long.", human.MS(tick))
	}
	return fmt.Sprintf("The phone's stamps have a tick of %s. It is taken to cut them, which nothing confirms: a delay to the phone is then shown too short by up to that, and one back too long.", human.MS(tick))
}

// quantile returns the p-quantile of sorted spans: the smallest that is not exceeded by that share.
func quantile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, max(0, int(p*float64(len(sorted))+0.999999)-1))]
}

// point is the map at one instant, in spans only.
type point struct {
	at                  time.Duration // since the first burst
	offset              time.Duration // host - device, less the reference
	drift               int64         // 1e-18
	stat, likely, bound align.Interval
	rated, bounded      bool
}

// curve is a map between the steps of the phone's clock, a run each.
type curve struct {
	runs      [][]point
	reference time.Duration // host - device, as offsets are less it
	length    time.Duration // from the first to the last burst
}

// positions is how many instants a run is looked at, beside its knots: two for each pixel of a plot.
const positions = 600

func curveOf(a *align.Alignment) curve {
	if a.Wall != nil {
		return curveOn(a.Wall)
	}
	return curveOn(a.Mono)
}

func curveOn[T align.HostClock](m *align.Model[T]) (c curve) {
	p := m.Parts()
	c.length = p.Last.Sub(p.First)
	margin := c.length/40 + time.Second
	from, to := p.First.Add(-margin), p.Last.Add(margin)
	have := false
	for i := 0; i < len(p.Segments); {
		n := i
		for n < len(p.Segments) && p.Segments[n].Piece == p.Segments[i].Piece {
			n++
		}
		segments := p.Segments[i:n]
		lo, hi := max(from, segments[0].From), min(to, segments[len(segments)-1].To-1)
		i = n
		if lo > hi {
			continue
		}
		var run []point
		for _, d := range instants(lo, hi, p.Knots, segments) {
			for _, e := range m.Candidates(d) {
				if e.Piece != segments[0].Piece {
					continue
				}
				offset := time.Duration(int64(e.Host) - int64(d))
				if !have {
					c.reference, have = offset.Round(time.Millisecond), true
				}
				run = append(run, point{at: d.Sub(p.First), offset: offset - c.reference, drift: driftAt(segments, d),
					stat: e.Stat, likely: e.Likely, bound: e.Bound, rated: e.Rated, bounded: e.Bounded})
			}
		}
		c.runs = append(c.runs, run)
	}
	return c
}

// instants returns where a run is looked at, in order.
func instants(lo, hi align.DeviceTime, knots []align.Knot, segments []align.Segment) []align.DeviceTime {
	var out []align.DeviceTime
	for i := range positions + 1 {
		out = append(out, lo.Add(time.Duration(int64(hi.Sub(lo)/positions)*int64(i))))
	}
	out = append(out, hi)
	if len(knots) <= 4*positions {
		for _, k := range knots {
			if k.Piece == segments[0].Piece && k.At > lo && k.At < hi {
				out = append(out, k.At)
			}
		}
	}
	if len(segments) <= 4*positions {
		for _, s := range segments[1:] {
			if s.From > lo && s.From < hi {
				out = append(out, s.From-1, s.From)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func driftAt(segments []align.Segment, d align.DeviceTime) int64 {
	n, _ := slices.BinarySearchFunc(segments, d, func(s align.Segment, d align.DeviceTime) int {
		switch {
		case s.To <= d:
			return -1
		case s.From > d:
			return 1
		}
		return 0
	})
	return segments[min(n, len(segments)-1)].DriftE18
}
