package retime

import (
	"math"
	"strconv"
	"testing"
)

// canonical is what parseInt must do, said with strconv.
func canonical(s string) (int64, bool) {
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(v, 10) != s {
		return 0, false
	}
	return v, true
}

func FuzzParseInt(f *testing.F) {
	for _, s := range []string{"", "0", "-0", "-1", "+1", "00", "1685088812484000000", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "9999999999999999999", "0999999999999999999", "16850888124840000:0",
		"168508881248400000/", "1_0", "１", "99999999999999999999", "18446744073709551617"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseInt([]byte(s))
		want, wantOK := canonical(s)
		if ok != wantOK || ok && got != want {
			t.Fatalf("%q: %d, %v; strconv says %d, %v", s, got, ok, want, wantOK)
		}
	})
}

func TestParseIntReadsBackEveryInt(t *testing.T) {
	for _, v := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1e18, 1e18 - 1, -1e18, 1685088812484000015} {
		for d := int64(-3); d <= 3; d++ {
			s := strconv.FormatInt(v+d, 10)
			if got, ok := parseInt([]byte(s)); !ok || got != v+d {
				t.Errorf("%s: %d, %v", s, got, ok)
			}
		}
	}
	// Every byte in every place of a 19-digit time.
	for i := range 19 {
		for c := range 256 {
			b := []byte("1685088812484000015")
			b[i] = byte(c)
			got, ok := parseInt(b)
			want, wantOK := canonical(string(b))
			if ok != wantOK || ok && got != want {
				t.Fatalf("%q: %d, %v; want %d, %v", b, got, ok, want, wantOK)
			}
		}
	}
}
