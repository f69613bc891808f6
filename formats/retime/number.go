package retime

import (
	"encoding/binary"
	"math"
)

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
