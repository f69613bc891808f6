package columnar

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestDoubles: every double that is printed in a usual way is held, every number that is held comes back, and the double is the nearest.
func TestDoubles(t *testing.T) {
	const seed = 7
	r := rand.New(rand.NewPCG(seed, seed))
	held, not := 0, 0
	for range 200_000 {
		v := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 { // of a size that is measured
			v = r.NormFloat64() * math.Pow(10, float64(r.IntN(8)-3))
		}
		if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) < 0x1p-1022 {
			continue
		}
		for _, text := range []string{strconv.FormatFloat(v, 'g', -1, 64), strconv.FormatFloat(v, 'e', 16, 64), strconv.FormatFloat(v, 'e', -1, 64)} {
			if !exactly([]byte(text)) {
				t.Fatalf("seed %d: %s is not held", seed, text)
			}
			if got, ok := double([]byte(text)); !ok || got != v {
				t.Fatalf("seed %d: %s is read as %v", seed, text, got)
			}
		}
		// Any digits, of which some are no double's.
		text := strconv.FormatFloat(v, 'f', r.IntN(22), 64)
		if len(text) > 30 || !strings.Contains(text, ".") {
			continue
		}
		b := []byte(text)
		b[len(b)-1] = '0' + byte(r.IntN(10))
		text = string(b)
		want, _ := strconv.ParseFloat(text, 64)
		got, ok := double(b)
		if !ok || got != want || math.Signbit(got) != math.Signbit(want) {
			t.Fatalf("seed %d: %s is read as %v, want %v", seed, text, got, want)
		}
		if !exactly(b) {
			not++
			continue
		}
		held++
		number, _ := new(big.Rat).SetString(text)
		digits := len(strings.TrimLeft(strings.ReplaceAll(strings.TrimPrefix(text, "-"), ".", ""), "0"))
		back := false
		for _, precision := range []int{-1, max(digits-1, 0)} {
			again, _ := new(big.Rat).SetString(strconv.FormatFloat(want, 'e', precision, 64))
			back = back || again.Cmp(number) == 0
		}
		if !back {
			t.Fatalf("seed %d: %s is held, and comes back as %v", seed, text, want)
		}
	}
	if held < 10_000 || not < 1000 {
		t.Errorf("%d are held and %d are not: the test tries too little", held, not)
	}
}
