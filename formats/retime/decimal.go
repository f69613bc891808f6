package retime

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// Decimal is a time in seconds, or another unit, as text holds it, taken apart without a rounding: Ns whole ns, the
// nearest, and Rest of them as a decimal beyond, so that equal texts are equal instants.
type Decimal struct {
	Ns     int64
	Places int  // digits behind the point as the text has them; with an exponent, as it would have without
	Lost   bool // an exponent puts zeros where digits may have been, as in a spreadsheet's 1.72656E+18
	rest   string
	up     bool // rest was rounded up into Ns, away from zero
	neg    bool
}

// Units are the units of a column of times: the names, and how many ns are one.
var Units = map[string]int64{"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}

// maxPlaces bounds the digits behind the point: Python prints at most 17 that count, and an exponent may add some.
const maxPlaces = 40

// ParseDecimal reads text as a number of units of the given ns (1, 1e3, 1e6 or 1e9): an optional minus, digits, and
// optionally a point with digits, and an exponent as programs print it for small numbers. Where that is no time, or none that
// has int64 ns, the error wraps ErrDecimal.
func ParseDecimal(text []byte, unit int64) (Decimal, error) {
	bad := func() (Decimal, error) {
		const most = 40 // enough to recognise the cell
		if len(text) > most {
			text = append(text[:most:most], "..."...)
		}
		return Decimal{}, fmt.Errorf("%q: %w; expected a number as 12.345678", text, ErrDecimal)
	}
	n, ok := CutNumber(text)
	if !ok {
		return bad()
	}
	d := Decimal{neg: n.Neg}
	whole, frac, exponent := n.Whole, n.Frac, n.Exponent
	digits := append(append(make([]byte, 0, len(whole)+len(frac)), whole...), frac...)
	d.Places = max(len(frac)-exponent, 0)
	point := len(whole) + exponent // of the point in digits
	d.Lost = exponent > len(frac)
	if d.Places > maxPlaces || point > 20 || point < -maxPlaces {
		return bad()
	}
	shift := places(unit)
	var v uint64
	for i := range max(point+shift, 0) { // digits of whole ns
		c := byte('0')
		if i < len(digits) {
			c = digits[i]
		}
		hi, lo := bits.Mul64(v, 10)
		sum, carry := bits.Add64(lo, uint64(c-'0'), 0)
		if hi != 0 || carry != 0 || sum > math.MaxInt64-1 {
			return Decimal{}, fmt.Errorf("%.40q: %w: more than 292 years, which no int64 holds in ns", text, ErrDecimal)
		}
		v = sum
	}
	if at := point + shift; at < len(digits) {
		for range max(-at, 0) {
			d.rest += "0"
		}
		d.rest += string(digits[max(at, 0):])
	}
	if d.rest != "" && d.rest[0] >= '5' {
		v, d.up = v+1, true
	}
	d.Ns = int64(v)
	if d.neg {
		d.Ns = -d.Ns
	}
	return d, nil
}

// Append appends the time ns in the unit, with d's digits beyond whole ns and as many digits behind the point as atLeast
// says or, if these are needed to say it exactly, up to most. What is cut off is rounded half away from zero.
func (d Decimal) Append(dst []byte, ns, unit int64, atLeast, most int) []byte {
	shift := places(unit)
	neg, rest := ns < 0, ""
	v := uint64(ns)
	if neg {
		v = -v
	}
	digits := strconv.AppendUint(nil, v, 10)
	if hasDigits(d.rest) {
		var all *big.Int
		all, rest = d.beyond(ns), d.rest
		neg = all.Sign() < 0
		digits = all.Abs(all).Append(digits[:0], 10)
	}
	shift += len(rest)
	for len(digits) <= shift {
		digits = append([]byte{'0'}, digits...)
	}
	whole := len(digits) - shift
	// cut to most digits behind the point, rounding
	if keep := whole + most; keep < len(digits) {
		up := digits[keep] >= '5'
		digits = digits[:keep]
		for i := keep - 1; up && i >= 0; i-- {
			if up = digits[i] == '9'; up {
				digits[i] = '0'
			} else {
				digits[i]++
			}
		}
		if up {
			digits, whole = append([]byte{'1'}, digits...), whole+1
		}
	}
	for len(digits) < whole+atLeast {
		digits = append(digits, '0')
	}
	for len(digits) > whole+atLeast && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	if neg && hasDigits(string(digits)) {
		dst = append(dst, '-')
	}
	dst = append(dst, digits[:whole]...)
	if len(digits) > whole {
		dst = append(append(dst, '.'), digits[whole:]...)
	}
	return dst
}

// Places counts how many digits behind the point the cells of a column have. Some programs leave out zeros at the end: a cell that
// happened to need few digits must not lose those that it needs at another time.
type Places struct{ cells [maxPlaces + 1]int }

// Add counts a cell.
func (p *Places) Add(d Decimal) { p.cells[d.Places]++ }

// Usual returns the number that most cells have, the largest of several.
func (p *Places) Usual() int {
	usual := 0
	for n, cells := range p.cells {
		if cells > 0 && cells >= p.cells[usual] {
			usual = n
		}
	}
	return usual
}

// Seconds returns ns seconds as text with nine digits behind the point, trailing zeros left out down to atLeast digits.
func Seconds(dst []byte, ns int64, atLeast int) []byte {
	return Decimal{}.Append(dst, ns, Units["s"], atLeast, 9)
}

// NearestDouble returns the double nearest to ns * 10^-9: both operands are exact below 2^53 ns, which are 104 days.
func NearestDouble(ns int64) float64 { return float64(ns) / 1e9 }

// beyond returns ns with d's digits beyond whole ns, as a number of the last of these digits.
func (d Decimal) beyond(ns int64) *big.Int {
	one := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(d.rest))), nil) // ns
	rest, _ := new(big.Int).SetString(d.rest, 10)
	if d.up {
		rest.Sub(rest, one)
	}
	if d.neg {
		rest.Neg(rest)
	}
	return rest.Add(rest, one.Mul(one, big.NewInt(ns)))
}

func hasDigits(s string) bool {
	for i := range len(s) {
		if s[i] != '0' {
			return true
		}
	}
	return false
}

// places is the power of ten that unit is.
func places(unit int64) (n int) {
	for ; unit > 1; unit /= 10 {
		n++
	}
	return n
}
