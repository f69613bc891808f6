package retime

import (
	"github.com/pialign/pialign/align"
)

// instantDigits is how many digits times between 2001 and 2286 have.
const instantDigits = 19

// inWord are the bytes that stand in numbers and names: digits with one of them beside are part of something else.
var inWord = func() (in [256]bool) {
	for c := range in {
		in[c] = '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_' || c == '.'
	}
	return in
}()

// FindInstant looks in text for a time in ns that is wanted: 19 digits by themselves, behind which a point and zeros may stand.
func FindInstant(text []byte, wanted func(align.DeviceTime) bool) (align.DeviceTime, bool) {
	for i := 0; len(text)-i >= instantDigits; i++ {
		if !inWord[text[i]] {
			continue
		}
		from := i
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		digits := text[from:i]
		if i < len(text) && text[i] == '.' {
			for i++; i < len(text) && text[i] == '0'; i++ {
			}
		}
		if i < len(text) && inWord[text[i]] {
			for i < len(text) && inWord[text[i]] {
				i++
			}
			continue
		}
		if len(digits) != instantDigits {
			continue
		}
		if v, ok := wholeInt(digits); ok && wanted(align.DeviceTime(v)) {
			return align.DeviceTime(v), true
		}
	}
	return 0, false
}

// wholeInt reads 19 digits, leading zeros or not.
func wholeInt(digits []byte) (v int64, ok bool) {
	for _, c := range digits {
		next := v*10 + int64(c-'0')
		if next < v { // at the last digit alone, beyond 2^63
			return 0, false
		}
		v = next
	}
	return v, true
}
