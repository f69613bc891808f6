package align

import (
	"math"
	"math/bits"
)

// stretch is a Segment made ready for many instants: its map to the last ns, with a multiplication in place of the division.
//
// With m = |p - ref| the correction is floor(T), T = |drift| m / 10^18 + 1/2, which is what rounding half away from zero means for a magnitude.
// Be F = floor(|drift| 2^64 / 10^18), which has 64 bits since |drift| < 10^18 / 2, and A = (F m + 2^63) / 2^64, which
// the 128-bit product F m + 2^63 = hi 2^64 + lo holds exactly: floor(A) = hi. F falls short by less than 1, so that
// 0 <= 2^64 (T - A) < max(m, 1). Hence floor(T) is hi unless lo + m reaches 2^64. That is so for one instant in 2^64 / m, one in 500,000 at ten hours
// from ref, and for every tie, which A falls short of. There the division decides.
type stretch struct {
	from, to DeviceTime // answers from <= p < to; none where they are equal
	ref      DeviceTime
	offset   int64
	factor   uint64 // F
	sign     int64  // -1 where the drift is negative, else 0
	drift    int64
}

// stretch returns s made ready. NewModel has made sure that both ends of s have a host instant. Between them nothing overflows: every term
// of the map is monotonic, and so is their sum, since drift is within half.
func (s Segment) stretch() stretch {
	f, _ := bits.Div64(magnitude(s.DriftE18), 0, e18)
	return stretch{from: s.From, to: s.To, ref: s.Ref, offset: int64(s.Offset), factor: f, sign: s.DriftE18 >> 63, drift: s.DriftE18}
}

// holds reports whether p is one of those that l answers for.
func (l *stretch) holds(p DeviceTime) bool { return l.from <= p && p < l.to }

// at returns what Segment.at does, for an instant that l holds.
func (l *stretch) at(p DeviceTime) int64 {
	d := int64(p - l.ref)
	s := d >> 63
	m := uint64((d ^ s) - s)
	hi, lo := bits.Mul64(m, l.factor)
	lo, carry := bits.Add64(lo, 1<<63, 0)
	if lo > math.MaxUint64-m {
		corr, _ := mulDivRound(l.drift, d)
		return int64(p) + l.offset + corr
	}
	s ^= l.sign
	return int64(p) + l.offset + ((int64(hi+carry) ^ s) - s)
}

// run maps the instants that src begins with and l holds, as far as they lie on one side of its ref, and returns how many there are. dst is at least
// as long as src.
func (l *stretch) run(dst []int64, src []DeviceTime) int {
	if len(src) == 0 || !l.holds(src[0]) {
		return 0
	}
	dst = dst[:len(src)]
	from, to, side := l.from, l.to, int64(0) // side is -1 before ref: what the sign of a distance says of each is known of all
	if src[0] < l.ref {
		to, side = min(to, l.ref), -1
	} else {
		from = max(from, l.ref)
	}
	width, ref, factor := uint64(to-from), l.ref, l.factor
	sign := l.sign ^ side
	offset := l.offset - sign
	for i, p := range src {
		if uint64(p-from) >= width {
			return i
		}
		m := uint64((int64(p-ref) ^ side) - side)
		hi, lo := bits.Mul64(m, factor)
		if lo^1<<63 > ^m { // lo + 2^63, which carries where lo has that bit, plus m
			dst[i] = l.at(p)
			continue
		}
		dst[i] = int64(p) + offset + (int64(hi+lo>>63) ^ sign)
	}
	return len(src)
}
