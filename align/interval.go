package align

import (
	"math"
	"time"
)

// Interval is a closed range of spans: an offset lies in it, or a truth lies in it around an estimate.
type Interval struct{ Lo, Hi time.Duration }

// Width returns Hi - Lo.
func (v Interval) Width() time.Duration { return v.Hi - v.Lo }

// Mid returns the middle, rounded down.
func (v Interval) Mid() time.Duration { return v.Lo + v.Width()/2 }

// Contains reports whether Lo <= d <= Hi.
func (v Interval) Contains(d time.Duration) bool { return v.Lo <= d && d <= v.Hi }

// Empty reports whether no span lies in v.
func (v Interval) Empty() bool { return v.Lo > v.Hi }

// Intersect returns what v and w share. It is Empty where they share nothing.
func (v Interval) Intersect(w Interval) Interval {
	return Interval{Lo: max(v.Lo, w.Lo), Hi: min(v.Hi, w.Hi)}
}

// Hull returns the smallest interval that holds both.
func (v Interval) Hull(w Interval) Interval {
	return Interval{Lo: min(v.Lo, w.Lo), Hi: max(v.Hi, w.Hi)}
}

const (
	mismatch  = 0.1  // of the difference of the directions' 10 % quantiles: how far off the floor of the poorly seen one may be
	asymmetry = 0.25 // standard deviation of (f1 - f2)/(f1 + f2), the floors of the two directions: a judgement
	normal95  = 1.96
)

// doubts returns the half-widths, in ns, of the 95 % interval at t, without and with the allowance for what no exchange can show:
//
//	stat^2   = 1.96^2 (variance + (0.1 |q10 up - q10 down|)^2)
//	likely^2 = stat^2 + 1.96^2 ((rho F/2)^2 + (tick/4)^2)
//
// variance is the clock model's. q10 are the 10 % quantiles of the excess delays: where one direction jitters more, its floor is seen worse. F is the
// floor of the round trip, f1 + f2, and rho the standard deviation of (f1 - f2)/(f1 + f2): unequal floors move every estimate by (f1 - f2)/2. tick, the
// coarsest of the phone's stamps, counts where it is unknown whether they are cut or rounded, which differ by half of it.
//
// Source: D. Mills, RFC 5905, section 4, for the offset's error by unequal delays; the rest is our judgement.
func (e *estimate) doubts(variance, t float64, rho float64, rule Rounding, tick time.Duration) (stat, likely float64) {
	law, floor := 0.0, 0.0
	for _, fe := range e.near(t) {
		law = max(law, math.Abs(fe.upQ-fe.downQ))
		floor = max(floor, fe.floor)
	}
	law *= mismatch
	v := variance + float64(law*law)
	asym := float64(rho*floor) / 2
	a := float64(asym * asym)
	if rule == RoundingUnknown {
		q := float64(tick) / 4
		a += float64(q * q)
	}
	return normal95 * math.Sqrt(v), normal95 * math.Sqrt(v+a)
}

// near returns the paths of the bursts next to time t.
func (e *estimate) near(t float64) []*floorEdge {
	before, after := -1, -1
	for k, tk := range e.t {
		if tk <= t && (before < 0 || tk > e.t[before]) {
			before = k
		}
		if tk >= t && (after < 0 || tk < e.t[after]) {
			after = k
		}
	}
	var out []*floorEdge
	for _, k := range []int{before, after} {
		if k >= 0 {
			out = append(out, e.paths[e.path[k]])
		}
	}
	return out
}
