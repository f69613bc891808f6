package retime

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"github.com/pialign/pialign/align"
)

// spelled is what FindInstant looks for, as a regular expression. It takes the byte behind a time for its own, so that of two with one byte between
// it sees the first: hence the search goes on from that byte.
var spelled = regexp.MustCompile(`(^|[^0-9A-Za-z_.])([0-9]{19})(\.0*)?($|[^0-9A-Za-z_.])`)

func allSpelled(text []byte) (all []align.DeviceTime) {
	for from := 0; from <= len(text); {
		m := spelled.FindSubmatchIndex(text[from:])
		if m == nil {
			break
		}
		if m[0] == 0 && m[2] == m[3] && from > 0 { // ^ is not the beginning of the text here
			from++
			continue
		}
		if v, err := strconv.ParseInt(string(text[from+m[4]:from+m[5]]), 10, 64); err == nil {
			all = append(all, align.DeviceTime(v))
		}
		from += m[5]
	}
	return all
}

func allFound(text []byte) (all []align.DeviceTime) {
	FindInstant(text, func(at align.DeviceTime) bool { all = append(all, at); return false })
	return all
}

func TestFindInstantIsItsExpression(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	parts := []string{"1700000000000000015", "1700000000000000015.0", "1700000000000000015.", "9999999999999999999", "0000000000000000001", "9223372036854775807", "9223372036854775808",
		"17000000000000000150", "170000000000000001", ",", ";", " ", "\n", ".", "0", "x", "_", "-", "\xff", "é", "\"", "1.5", "a1700000000000000015"}
	found := 0
	for range 200_000 {
		var text []byte
		for range r.IntN(7) {
			text = append(text, parts[r.IntN(len(parts))]...)
		}
		want, got := allSpelled(text), allFound(text)
		if len(got) != len(want) {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%q: %v, want %v", text, got, want)
			}
		}
		found += len(want)
	}
	if found < 10_000 {
		t.Errorf("hardly anything to find: %d", found)
	}
}
