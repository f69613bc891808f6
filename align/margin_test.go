package align

import (
	"math"
	"math/rand/v2"
	"testing"
)

// No line keeps a larger distance than the maximum-margin line: none of a fine grid of slopes, each at its best height.
func TestMaximumMargin(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 5))
	margin := func(bursts []burst, slope float64) (f, a float64) {
		lo, hi := math.Inf(-1), math.Inf(1)
		for _, b := range bursts {
			for _, e := range b.kept {
				lo, hi = max(lo, e.lc-slope*e.x), min(hi, e.uc-slope*e.x)
			}
		}
		return (hi - lo) / 2, (lo + hi) / 2
	}
	for range 200 {
		drift := (2*r.Float64() - 1) * 150e-6
		bursts := burstsOf(honest(r, 20, 0, 7, drift), honest(r, 20, 600, 7, drift), honest(r, 1+r.IntN(20), 1800, 60, drift))
		l := maximumMargin(bursts)
		f, a := margin(bursts, l.b)
		// 0.01 ns: heights of some 1e8 ns in float64 are good to 1e-7
		if math.Abs(l.a-a) > 0.01 {
			t.Fatalf("the line is %v from the middle of its belt", l.a-a)
		}
		for i := -2000; i <= 2000; i++ {
			if g, _ := margin(bursts, float64(i)/2000*maxRate); g > f+0.01 {
				t.Fatalf("a slope of %v keeps %v, the answer %v only %v", float64(i)/2000*maxRate, g, l.b, f)
			}
		}
		// and the drift is about right: 1 ms of jitter over half an hour and more is below 2 ppm
		if math.Abs(l.b-drift) > 2e-6 {
			t.Errorf("slope %v, truth %v", l.b, drift)
		}
	}
}

func TestMaximumMarginOfOneBurstIsFlat(t *testing.T) {
	b := burstsOf([]exchange{{x: 0, lc: -3, uc: 9}, {x: 1e9, lc: -1, uc: 8}, {x: 2e9, lc: -5, uc: 7}})
	if got := maximumMargin(b); got != (line{a: 3}) {
		t.Errorf("%+v, want the flat line through the middle of -1 to 7", got)
	}
}
