package align

import (
	"math"
	"math/bits"
	"time"
)

// e18 is one, in the unit of Segment.DriftE18.
const e18 = 1_000_000_000_000_000_000

// Segment maps the device instants From <= p < To onto a host clock:
//
//	host = p + Offset + R(DriftE18 * (p - Ref) / 10^18)
//
// The product has 128 bits and R rounds half away from zero, so that the map is the same integer on every
// machine. Offset is host - device at Ref; DriftE18 is the growth of the offset in 1e-18 of device time (12 ppm
// is 12_000_000_000_000). Segments of one Piece follow each other without a step; a step of the phone's clock
// starts a new Piece, whose device instants may overlap those of the piece before.
type Segment struct {
	Piece    int
	From, To DeviceTime
	Ref      DeviceTime
	Offset   time.Duration
	DriftE18 int64
}

// at returns the host instant for p in ns, false where it does not fit in 64 bits. It ignores From and To.
func (s Segment) at(p DeviceTime) (int64, bool) {
	d, ok := subInt64(int64(p), int64(s.Ref))
	if !ok {
		return 0, false
	}
	corr, ok := mulDivRound(s.DriftE18, d)
	if !ok {
		return 0, false
	}
	h, ok := addInt64(int64(p), int64(s.Offset))
	if !ok {
		return 0, false
	}
	return addInt64(h, corr)
}

// inverse returns the smallest p with at(p) >= h. It ignores From and To.
//
// The map is non-decreasing for every drift above -1, so the answer is unique: a first guess from the inverse
// drift, then steps of the remaining difference until p is the smallest.
func (s Segment) inverse(h int64) (DeviceTime, bool) {
	p, ok := subInt64(h, int64(s.Offset))
	if !ok {
		return 0, false
	}
	for range 64 { // each round leaves at most |drift| of the error: two or three do for a clock
		got, ok := s.at(DeviceTime(p))
		if !ok {
			return 0, false
		}
		diff, ok := subInt64(h, got)
		if !ok {
			return 0, false
		}
		if diff == 0 {
			break
		}
		if p, ok = addInt64(p, diff); !ok {
			return 0, false
		}
	}
	for range 64 { // drift below zero maps two neighbours onto one instant: take the first
		got, ok := s.at(DeviceTime(p - 1))
		if !ok {
			return 0, false
		}
		if got < h {
			break
		}
		p--
	}
	for range 64 { // drift above zero skips an instant now and then: take the next
		got, ok := s.at(DeviceTime(p))
		if !ok {
			return 0, false
		}
		if got >= h {
			return DeviceTime(p), true
		}
		p++
	}
	return 0, false
}

// mulDivRound returns drift * d / 10^18, rounded half away from zero; false where that does not fit.
func mulDivRound(drift, d int64) (int64, bool) {
	neg := (drift < 0) != (d < 0)
	hi, lo := bits.Mul64(magnitude(drift), magnitude(d))
	lo, carry := bits.Add64(lo, e18/2, 0)
	hi += carry
	if hi >= e18 {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, e18)
	if q > math.MaxInt64 {
		return 0, false
	}
	if neg {
		return -int64(q), true
	}
	return int64(q), true
}

// magnitude returns |v|, right for the smallest int64 too.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func addInt64(a, b int64) (int64, bool) {
	c := a + b
	return c, (c > a) == (b > 0)
}

func subInt64(a, b int64) (int64, bool) {
	c := a - b
	return c, (c < a) == (b > 0)
}
