package columnar

import (
	"bytes"
	"math"
	"strconv"

	"github.com/pialign/pialign/formats/retime"
)

// The powers of ten that doubles hold exactly, and below one the nearest.
var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// safeDigits is how many digits every double gives back. Source: C, DBL_DIG.
const safeDigits = 15

// mostDigits is how many digits of a number are looked at. No program prints more of a double than 17, but for the zeros around them.
const mostDigits = 19

// decimal is a number taken apart.
type decimal struct {
	neg      bool
	mantissa uint64 // of the first mostDigits
	digits   int    // that count: without zeros before the first
	places   int    // behind the point
	exponent int
	plain    bool // no exponent
}

// parseDecimal reads what retime.CutNumber takes.
func parseDecimal(b []byte) (decimal, bool) {
	n, ok := retime.CutNumber(b)
	if !ok {
		return decimal{}, false
	}
	d := decimal{neg: n.Neg, places: len(n.Frac), exponent: n.Exponent, plain: n.Plain}
	for _, digits := range [2][]byte{n.Whole, n.Frac} {
		for _, c := range digits {
			d.digit(c)
		}
	}
	return d, true
}

func (d *decimal) digit(c byte) {
	if d.digits < mostDigits {
		d.mantissa = d.mantissa*10 + uint64(c-'0')
	}
	if d.mantissa != 0 { // zeros before the first do not count
		d.digits++
	}
}

// value returns the double nearest to the number that text says, of which d was read. It reports false where there is none.
func (d *decimal) value(text []byte) (v float64, ok bool) {
	if d.plain && d.mantissa < 1<<53 && d.digits < mostDigits && d.places < len(pow10) {
		v = float64(d.mantissa) / pow10[d.places] // both exact, so that the quotient is the nearest. Source: Clinger 1990
		if d.neg {
			v = -v // also of zero
		}
		return v, true
	}
	v, err := strconv.ParseFloat(string(text), 64)
	return v, err == nil
}

// exact reports whether no other number of so many digits has the double v too: then that says all that the text says.
func (d *decimal) exact(v float64) bool {
	switch {
	case d.digits > mostDigits:
		return false
	case d.digits == 0:
		return true
	case math.Abs(v) < 0x1p-1022: // underflow: fewer digits than the others have
		return false
	case d.digits <= safeDigits:
		return true
	}
	// The double is at most half its spacing away from the number. Where the last digit is worth more than the spacing, writing the double
	// with so many digits gives the number back.
	if last := d.exponent - d.places; d.digits <= 17 && last <= 0 && -last < len(pow10) {
		if spacing := math.Nextafter(math.Abs(v), math.Inf(1)) - math.Abs(v); spacing*pow10[-last] < 1 {
			return true
		}
	}
	return d.written(v, -1) || d.written(v, d.digits-1)
}

// written reports whether v, with so many digits behind the first, reads as the number did.
func (d *decimal) written(v float64, precision int) bool {
	buf := strconv.AppendFloat(make([]byte, 0, 64), v, 'e', precision, 64)
	e, ok := parseDecimal(buf)
	if !ok || e.neg != d.neg {
		return false
	}
	return d.same(&e)
}

// same reports whether two decimals of at most mostDigits are one number.
func (d *decimal) same(e *decimal) bool {
	a, at := d.mantissa, d.exponent-d.places
	b, bt := e.mantissa, e.exponent-e.places
	for a != 0 && a%10 == 0 {
		a, at = a/10, at+1
	}
	for b != 0 && b%10 == 0 {
		b, bt = b/10, bt+1
	}
	return a == b && (a == 0 || at == bt)
}

// What programs write where there is no number, or none that is finite, in the spelling of Python.
var notFinite = map[string]float64{"nan": math.NaN(), "inf": math.Inf(1), "-inf": math.Inf(-1)}

// short reads a number without an exponent and with few digits, as nearly all are.
func short(b []byte) (v float64, ok bool) {
	if len(b) == 0 || len(b) > safeDigits {
		return 0, false
	}
	digits := b
	if b[0] == '-' {
		digits = b[1:]
	}
	var m uint64
	point := -1
	for i, c := range digits {
		switch d := c - '0'; {
		case d <= 9:
			m = m*10 + uint64(d)
		case c == '.' && point < 0:
			point = i
		default:
			return 0, false
		}
	}
	whole, places := len(digits), 0
	if point >= 0 {
		whole, places = point, len(digits)-1-point
		if places == 0 {
			return 0, false
		}
	}
	if whole == 0 || whole > 1 && digits[0] == '0' {
		return 0, false
	}
	v = float64(m) / pow10[places] // both exact, so that the quotient is the nearest. Source: Clinger 1990
	if b[0] == '-' {
		v = -v // also of zero
	}
	return v, true
}

// exactly reports whether a cell is a number that a double holds as the cell says it.
func exactly(b []byte) bool {
	if _, ok := short(b); ok {
		return true
	}
	d, ok := parseDecimal(b)
	if !ok {
		return len(b) <= 4 && isNotFinite(b)
	}
	v, ok := d.value(b)
	return ok && d.exact(v)
}

func isNotFinite(b []byte) bool {
	_, ok := notFinite[string(b)]
	return ok
}

// double reads a cell that is a number exactly.
func double(b []byte) (v float64, ok bool) {
	if v, ok := short(b); ok {
		return v, true
	}
	d, ok := parseDecimal(b)
	if !ok {
		v, ok = notFinite[string(b)]
		return v, ok
	}
	return d.value(b)
}

var (
	trueText  = []byte("true")
	falseText = []byte("false")
)

// boolean reads a cell of a column of booleans.
func boolean(b []byte) (v, ok bool) {
	if bytes.Equal(b, trueText) {
		return true, true
	}
	return false, bytes.Equal(b, falseText)
}
