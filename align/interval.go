package align

import "time"

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
