package align

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// exchange is a Sample in the small numbers that the fit calculates with: spans in ns from E0, the device instant that
// serves as origin, and from D0, the offset of the base clock there. Both are taken off in int64, after which a
// float64 is good to far below 1 ns over any session.
type exchange struct {
	x        float64 // E - E0
	l, u     float64 // what it proves: l <= host - device - D0 <= u at the instant stamped x
	lc, uc   float64 // what it would prove if the device truncated, unless it is said to round: for estimates
	rtt      float64
	rawLower float64 // A - E - D0 as stamped
	phase    string
	a        int64    // when it was sent, on the base clock
	wall     HostTime // and on the wall clock
	sane     bool     // false: impossible by itself
}

// farthest is how far, in ns, a stamp may lie from the origin before it is taken for corrupt: 52 days, up to where
// float64 counts in ns.
const farthest = 1 << 52

// maxRate is the largest departure of a phone's rate from nominal that is believed: 200 ppm.
const maxRate = 200e-6

// origin is what exchanges are counted from.
type origin struct {
	e DeviceTime
	d int64 // base clock - device at e
}

// baseStamps returns the readings of a sample on the base clock.
func (b Base) stamps(s Sample) (sent, heard int64) {
	if b == BaseMono {
		return int64(s.MonoA), int64(s.MonoB)
	}
	return int64(s.A), int64(s.B)
}

// canonical returns the samples in an order that depends on nothing but them, each once.
func canonical(samples []Sample, b Base) []Sample {
	out := slices.Clone(samples)
	slices.SortFunc(out, func(s, t Sample) int {
		sa, sb := b.stamps(s)
		ta, tb := b.stamps(t)
		return cmp.Or(cmp.Compare(sa, ta), cmp.Compare(sb, tb), cmp.Compare(s.E, t.E), cmp.Compare(s.A, t.A),
			cmp.Compare(s.B, t.B), cmp.Compare(s.MonoA, t.MonoA), cmp.Compare(s.MonoB, t.MonoB), cmp.Compare(s.Phase, t.Phase),
			cmp.Compare(s.Protocol, t.Protocol), cmp.Compare(s.Seq, t.Seq), cmp.Compare(s.Host, t.Host), cmp.Compare(s.Boot, t.Boot))
	})
	return slices.Compact(out)
}

// originOf returns the sample with the median A - E as origin: a corrupt stamp cannot be it.
func originOf(samples []Sample, b Base) (origin, error) {
	type offset struct {
		d int64
		e DeviceTime
	}
	var all []offset
	for _, s := range samples {
		a, _ := b.stamps(s)
		if d, ok := subInt64(a, int64(s.E)); ok {
			all = append(all, offset{d, s.E})
		}
	}
	if len(all) == 0 {
		return origin{}, fmt.Errorf("the clocks are more than 292 years apart: %w", ErrRange)
	}
	slices.SortStableFunc(all, func(p, q offset) int { return cmp.Compare(p.d, q.d) })
	m := all[len(all)/2]
	return origin{m.e, m.d}, nil
}

// exchanges makes the small numbers of canonical samples. host is the resolution of the base clock, device that of
// the phone's stamps by protocol.
//
// The bounds: the true sending lies in [A, A+qH] and the true stamp in [E-before, E+after], so that
//
//	A - E - after <= host - device <= B - E + before + qH
//
// at the true stamp. Estimates take these sides too, with the rule that is likelier where it is unknown: they lie half a tick
// outside the middles of the ticks on both sides, so that their middle is the same, and unlike the middles they never
// contradict each other, which with ms stamps on a fast link they would. For the bound, the line is drawn at the written stamp, up to after away, for which the lower bound gives way by the
// largest believable rate times that.
func exchanges(samples []Sample, b Base, o origin, host time.Duration, device map[string]time.Duration, rule Rounding) []exchange {
	qh := float64(host)
	likelier := rule
	if rule == RoundingUnknown {
		likelier = RoundingTruncate
	}
	out := make([]exchange, 0, len(samples))
	for _, s := range samples {
		sent, heard := b.stamps(s)
		ex := exchange{phase: s.Phase, a: sent, wall: s.A}
		x, okX := subInt64(int64(s.E), int64(o.e))
		l, okL := offsetFrom(sent, s.E, o.d)
		u, okU := offsetFrom(heard, s.E, o.d)
		ex.sane = okX && okL && okU && near(x) && near(l) && near(u) && l <= u
		if ex.sane {
			e := slackOf(rule, device[s.Protocol])
			ex.x, ex.rtt, ex.rawLower = float64(x), float64(u-l), float64(l)
			ex.l = float64(l) - e.after - float64(maxRate*float64(device[s.Protocol]))
			ex.u = float64(u) + e.before + qh + float64(maxRate*float64(device[s.Protocol]))
			e = slackOf(likelier, device[s.Protocol])
			ex.lc, ex.uc = float64(l)-e.after, float64(u)+e.before+qh
		}
		out = append(out, ex)
	}
	return out
}

// offsetFrom returns host - e - d.
func offsetFrom(host int64, e DeviceTime, d int64) (int64, bool) {
	o, ok := subInt64(host, int64(e))
	if !ok {
		return 0, false
	}
	return subInt64(o, d)
}

func near(v int64) bool { return v > -farthest && v < farthest }

// quantile returns the p-quantile of sorted values, by the nearest rank.
func quantile(sorted []float64, p float64) float64 {
	i := int(math.Ceil(p*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}
