package retime

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
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

// All values of the parts it works on at once, each beside others.
func TestDigitsAsStrconvPrints(t *testing.T) {
	for v := range uint64(10_000) {
		for _, u := range []uint64{v, v * 10_000, v*10_000 + 9_999 - v, 99_990_000 + v} {
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], digitsOf(u))
			if want := fmt.Sprintf("%08d", u); string(b[:]) != want {
				t.Fatalf("%s, want %s", b, want)
			}
		}
	}
	for i := range 100_000 {
		v := 1e18 + rand.Int64N(math.MaxInt64-1e18+1)
		if i < 2 {
			v = []int64{1e18, math.MaxInt64}[i]
		}
		var b [19]byte
		if put19(b[:], v); string(b[:]) != strconv.FormatInt(v, 10) {
			t.Fatalf("%s, want %d", b, v)
		}
	}
}
