package retime

import (
	"encoding/binary"
	"math"
)

// Number is a decimal number taken apart, as programs print it.
type Number struct {
	Neg         bool
	Whole, Frac []byte // digits before the point and behind it
	Exponent    int
	Plain       bool // without an exponent
}

// CutNumber reads an optional minus, digits, optionally a point with digits, and optionally an exponent as 1.5e-05. It takes no other spelling: no plus, no
// bare point, no 0x, no zeros before the number.
func CutNumber(b []byte) (n Number, ok bool) {
	if len(b) > 0 && b[0] == '-' {
		n.Neg, b = true, b[1:]
	}
	n.Whole, b = cutDigits(b)
	if len(n.Whole) == 0 || len(n.Whole) > 1 && n.Whole[0] == '0' {
		return n, false
	}
	if len(b) > 0 && b[0] == '.' {
		if n.Frac, b = cutDigits(b[1:]); len(n.Frac) == 0 {
			return n, false
		}
	}
	if n.Plain = len(b) == 0; n.Plain {
		return n, true
	}
	if b[0]|0x20 != 'e' {
		return n, false
	}
	b = b[1:]
	neg := len(b) > 0 && b[0] == '-'
	if neg || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	digits, rest := cutDigits(b)
	for _, c := range digits {
		n.Exponent = min(n.Exponent*10+int(c-'0'), 1000) // far beyond any double
	}
	if neg {
		n.Exponent = -n.Exponent
	}
	return n, len(digits) > 0 && len(digits) <= 3 && len(rest) == 0
}

// cutDigits splits b behind the digits that it begins with.
func cutDigits(b []byte) (digits, rest []byte) {
	for i, c := range b {
		if c-'0' > 9 {
			return b[:i], b[i:]
		}
	}
	return b, nil
}

// parseInt reads a whole number of ns as strconv.ParseInt does, and only in the one spelling that strconv.AppendInt
// would give back: no sign but a minus, no leading zero, no space, point or exponent.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 19 { // as all times between 2001 and 2286
		hi, ok1 := eight(b)
		mid, ok2 := eight(b[8:])
		if ok1 && ok2 && b[0] != '0' {
			x, y, z := b[16]-'0', b[17]-'0', b[18]-'0'
			if x > 9 || y > 9 || z > 9 {
				return 0, false
			}
			v := hi*100_000_000_000 + mid*1000 + uint64(x)*100 + uint64(y)*10 + uint64(z)
			return int64(v), v <= math.MaxInt64 // 19 nines are below 2^64
		}
	}
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 19 || b[0] == '0' && (neg || len(b) > 1) {
		return 0, false
	}
	var v uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + uint64(c-'0')
	}
	switch {
	case neg && v <= 1<<63:
		return -int64(v), true // -int64(1<<63) is the smallest int64 itself
	case !neg && v <= math.MaxInt64:
		return int64(v), true
	}
	return 0, false
}

// eight returns the value of the eight digits that b begins with, all at once: pairs, then fours, then eight.
func eight(b []byte) (uint64, bool) {
	x := binary.LittleEndian.Uint64(b)
	const high, threes = 0xF0F0F0F0F0F0F0F0, 0x3333333333333333
	if x&high|(x+0x0606060606060606)&high>>4 != threes { // 0x30 to 0x39 keep their high half when 6 is added
		return 0, false
	}
	x -= 0x3030303030303030
	x = x*10 + x>>8
	const mask = 0x000000FF000000FF
	return (x&mask*(100+1_000_000<<32) + x>>16&mask*(1+10_000<<32)) >> 32, true
}

// put19 writes the 19 digits of v, which is 10^18 or more.
func put19(b []byte, v int64) {
	_ = b[18]
	u := uint64(v)
	hi, lo := u/1e8, u%1e8
	top, mid := hi/1e8, hi%1e8
	b[0], b[1], b[2] = byte('0'+top/100), byte('0'+top/10%10), byte('0'+top%10)
	binary.LittleEndian.PutUint64(b[3:], digitsOf(mid))
	binary.LittleEndian.PutUint64(b[11:], digitsOf(lo))
}

// digitsOf is eight backwards: fours, then pairs, then single digits, all at once. v is below 10^8.
func digitsOf(v uint64) uint64 {
	x := v/10_000 | v%10_000<<32
	hundreds := x * 10_486 >> 20 & 0x0000007F0000007F // /100, right below 10,000
	x = hundreds | (x-hundreds*100)<<16
	tens := x * 103 >> 10 & 0x000F000F000F000F // /10, right below 100
	return tens | (x-tens*10)<<8 | 0x3030303030303030
}
