package align

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	ppm  = 1_000_000_000_000 // 1 ppm in 1e-18
	noon = 1_767_614_400_000_000_000
	year = 365 * 24 * int64(time.Hour)
)

// exact is the contract's formula in numbers without an end. fits says whether every partial result has 64 bits, the size
// of the correction 63: more takes a drift that no Model has.
func exact(s Segment, p DeviceTime) (h *big.Int, fits bool) {
	big64 := func(v int64) *big.Int { return big.NewInt(v) }
	d := new(big.Int).Sub(big64(int64(p)), big64(int64(s.Ref)))
	product := new(big.Int).Mul(big64(s.DriftE18), d)
	size := new(big.Int).Abs(product)
	size.Add(size, big64(e18/2)).Quo(size, big64(e18)) // half goes away from zero
	correction := new(big.Int).Mul(size, big64(int64(product.Sign())))
	shifted := new(big.Int).Add(big64(int64(p)), big64(int64(s.Offset)))
	h = new(big.Int).Add(shifted, correction)
	return h, d.IsInt64() && size.IsInt64() && shifted.IsInt64() && h.IsInt64()
}

func TestSegmentIsTheContractsFormula(t *testing.T) {
	check := func(t interface {
		Helper()
		Errorf(string, ...any)
	}, s Segment, p DeviceTime) {
		t.Helper()
		got, ok := s.at(p)
		want, fits := exact(s, p)
		switch {
		case ok != fits:
			t.Errorf("%+v at %d: ok %v, but the exact answer %v fits: %v", s, p, ok, want, fits)
		case ok && want.Cmp(big.NewInt(got)) != 0:
			t.Errorf("%+v at %d: %d, want %v", s, p, got, want)
		}
	}
	extremes := []int64{math.MinInt64, math.MinInt64 + 1, -noon, -e18 / 2, -2, -1, 0, 1, 2, e18 / 2, noon, math.MaxInt64 - 1, math.MaxInt64}
	drifts := []int64{math.MinInt64, -e18 - 1, -e18, -e18 / 2, -12 * ppm, -1, 0, 1, 12 * ppm, e18/2 - 1, e18 / 2, e18, math.MaxInt64}
	for _, p := range extremes {
		for _, ref := range extremes {
			for _, offset := range extremes {
				for _, drift := range drifts {
					check(t, Segment{Ref: DeviceTime(ref), Offset: time.Duration(offset), DriftE18: drift}, DeviceTime(p))
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, Segment{
			Ref: DeviceTime(rapid.Int64().Draw(t, "ref")), Offset: time.Duration(rapid.Int64().Draw(t, "offset")),
			DriftE18: rapid.Int64().Draw(t, "drift"),
		}, DeviceTime(rapid.Int64().Draw(t, "p")))
	})
}

func TestSegmentRoundsHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct{ drift, p, want int64 }{
		{e18 / 2, 1, 1}, {e18 / 2, -1, -1}, {-e18 / 2, 1, -1}, {-e18 / 2, -1, 1}, // 0.5
		{e18/2 - 1, 1, 0}, {e18/2 - 1, -1, 0}, // just below
		{e18 / 4, 6, 2}, {e18 / 4, -6, -2}, {e18 / 4, 5, 1}, // 1.5 and 1.25
	} {
		if got, ok := mulDivRound(c.drift, c.p); got != c.want || !ok {
			t.Errorf("R(%d * %d / 1e18) = %d, want %d", c.drift, c.p, got, c.want)
		}
	}
}

// inUse draws a segment of ten years about today; most drifts are a phone's, some as wild as NewModel takes.
func inUse(t *rapid.T) Segment {
	bound := int64(200 * ppm)
	if rapid.IntRange(0, 4).Draw(t, "wild") == 0 {
		bound = e18/2 - 1
	}
	ref := noon + rapid.Int64Range(-5*year, 5*year).Draw(t, "ref")
	return Segment{
		From: DeviceTime(noon - 5*year), To: DeviceTime(noon + 5*year), Ref: DeviceTime(ref),
		Offset:   time.Duration(rapid.Int64Range(-year, year).Draw(t, "offset")),
		DriftE18: rapid.Int64Range(-bound, bound).Draw(t, "drift"),
	}
}

func TestInverseIsTheSmallestInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := inUse(t)
		h := noon + rapid.Int64Range(-4*year, 4*year).Draw(t, "h")
		p, ok := s.inverse(h)
		if !ok {
			t.Fatalf("%+v has no inverse at %d", s, h)
		}
		at, _ := s.at(p)
		before, _ := s.at(p - 1)
		if at < h || before >= h {
			t.Errorf("%+v: inverse of %d is %d, which maps to %d, the instant before it to %d", s, h, p, at, before)
		}
	})
}

// Around the reference, where the rounding turns, every instant is tried.
func TestInverseAroundTheReference(t *testing.T) {
	for _, drift := range []int64{-e18/2 + 1, -e18 / 3, -200 * ppm, -1, 0, 1, 200 * ppm, e18 / 7, e18 / 3, e18/2 - 1} {
		s := Segment{Ref: noon, Offset: 840_000_000, DriftE18: drift}
		want := DeviceTime(noon - 200)
		for h := int64(noon + 840_000_000 - 60); h < noon+840_000_000+60; h++ {
			for at, _ := s.at(want); at < h; at, _ = s.at(want) {
				want++
			}
			if got, ok := s.inverse(h); got != want || !ok {
				t.Fatalf("drift %d: inverse of %d is %d, want %d", drift, h, got, want)
			}
		}
	}
}

func TestSegmentNeverTurnsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := inUse(t)
		p := s.Ref + DeviceTime(rapid.Int64Range(-2*year, 2*year).Draw(t, "p"))
		if rapid.Bool().Draw(t, "close") {
			p = s.Ref + DeviceTime(rapid.Int64Range(-3, 3).Draw(t, "from ref"))
		}
		a, _ := s.at(p)
		b, _ := s.at(p + 1)
		if b < a || b > a+2 { // a rate below 1.5 skips one instant at most
			t.Errorf("%+v: %d maps to %d, the next instant to %d", s, p, a, b)
		}
	})
}
