package align

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// pointsOf draws points whose coordinates are whole, few and often equal, so that ties and straight rows occur.
func pointsOf(t *rapid.T, least int) []point {
	n := rapid.IntRange(least, 12).Draw(t, "points")
	out := make([]point, n)
	for i := range out {
		out[i] = point{float64(rapid.IntRange(-6, 6).Draw(t, "x")), float64(rapid.IntRange(-6, 6).Draw(t, "y"))}
	}
	return out
}

// highest is support by looking at every point.
func highest(points []point, s, t float64) float64 {
	best := math.Inf(-1)
	for _, p := range points {
		best = max(best, p.y-s*(p.x-t))
	}
	return best
}

func TestSupportIsTheHighestPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := pointsOf(t, 1)
		given := slices.Clone(points)
		h := upperHull(points)
		if !slices.Equal(points, given) {
			t.Fatal("the points were moved")
		}
		// slopes that edges of such points have, and any other
		s := float64(rapid.IntRange(-12, 12).Draw(t, "rise")) / float64(rapid.IntRange(1, 12).Draw(t, "run"))
		at := float64(rapid.IntRange(-9, 9).Draw(t, "t"))
		// 1e-9: sums of numbers below 200 are good to 1e-13
		if got, ok := h.support(s, at); !ok || math.Abs(got-highest(points, s, at)) > 1e-9 {
			t.Errorf("support of slope %v at %v: %v, want %v", s, at, got, highest(points, s, at))
		}
	})
}

func TestHullIsOneAndTheSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := pointsOf(t, 1)
		h := upperHull(points)
		for i, p := range h {
			if !slices.Contains(points, p) {
				t.Errorf("%v is none of the points", p)
			}
			if i > 0 && h[i-1].x >= p.x {
				t.Errorf("the hull %v does not go from left to right", h)
			}
			if i > 1 && (h[i-1].y-h[i-2].y)*(p.x-h[i-1].x) <= (p.y-h[i-1].y)*(h[i-1].x-h[i-2].x) {
				t.Errorf("the hull %v does not bend down at %v", h, h[i-1])
			}
		}
	})
}

func TestJoinIsTheHullOfBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := pointsOf(t, 0), pointsOf(t, 0)
		if got, want := upperHull(p).join(upperHull(q)), upperHull(append(slices.Clone(p), q...)); !slices.Equal(got, want) {
			t.Errorf("joined %v, want %v", got, want)
		}
	})
}

func TestEmptyHull(t *testing.T) {
	if _, ok := upperHull(nil).support(0, 0); ok {
		t.Error("nothing has a highest point")
	}
	if _, okLo, _, okHi := (belt{}).over(0, 0); okLo || okHi {
		t.Error("nothing bounds something")
	}
}

// A belt's sides are what each exchange allows alone, put together; relaxed ones lie farther out by as much.
func TestBeltOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lower, upper := pointsOf(t, 1), pointsOf(t, 1)
		b := beltOf(lower, upper)
		s, at := rapid.Float64Range(-2, 2).Draw(t, "s"), rapid.Float64Range(-9, 9).Draw(t, "t")
		wantLo, wantHi := highest(lower, s, at), math.Inf(1)
		for _, p := range upper {
			wantHi = min(wantHi, p.y-s*(p.x-at))
		}
		lo, okLo, hi, okHi := b.over(s, at)
		if !okLo || !okHi || math.Abs(lo-wantLo) > 1e-9 || math.Abs(hi-wantHi) > 1e-9 {
			t.Errorf("%v to %v, want %v to %v", lo, hi, wantLo, wantHi)
		}
		lo, _, hi, _ = b.relaxed(3).over(s, at)
		if math.Abs(lo-wantLo+3) > 1e-9 || math.Abs(hi-wantHi-3) > 1e-9 {
			t.Errorf("relaxed: %v to %v, want %v to %v", lo, hi, wantLo-3, wantHi+3)
		}
	})
}

// At the size of a session's numbers, a day in ns with drift and delays, rounding costs far less than the ns that the bound is
// widened by.
func TestHullOfASession(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	points := make([]point, 3000)
	for i := range points {
		x := math.Round(r.Float64() * 86_400e9)
		points[i] = point{x, math.Round(150e-6*x - 5e6*r.ExpFloat64())}
	}
	h := upperHull(points)
	if len(h) > len(points)/10 {
		t.Fatalf("a hull of %d points", len(h))
	}
	for range 1000 {
		s, at := (2*r.Float64()-1)*200e-6, (2*r.Float64()-0.5)*86_400e9
		if got, _ := h.support(s, at); math.Abs(got-highest(points, s, at)) > 1e-3 {
			t.Fatalf("slope %v at %v: %v, want %v", s, at, got, highest(points, s, at))
		}
	}
}
