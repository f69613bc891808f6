package scenario

import (
	"math"
	"slices"
	"testing"
	"time"
)

var laws = []Law{Constant, Exponential, Gamma, LogNormal, Pareto}

func TestDrawStaysBetweenFloorAndMax(t *testing.T) {
	for _, law := range laws {
		d := Delay{Law: law, Floor: 2 * time.Millisecond, Scale: 5 * time.Millisecond, Max: 40 * time.Millisecond}
		r := Rand(1, 1)
		reached := false
		for range 20_000 {
			got := d.Draw(r)
			if got < d.Floor || got > d.Max {
				t.Fatalf("%s: %v, want %v to %v", law, got, d.Floor, d.Max)
			}
			reached = reached || got == d.Max
		}
		// Of a power tail of index 1.5 and median 5 ms, 8 % lie beyond 38 ms: 20 000 draws reach the limit.
		if law == Pareto && !reached {
			t.Error("pareto never reached its limit: where is its tail?")
		}
	}
}

func TestDrawHasTheScaleItNames(t *testing.T) {
	const n = 40_000
	scale := 10 * time.Millisecond
	for _, c := range []struct {
		law    Law
		median bool
	}{{Exponential, false}, {Gamma, false}, {LogNormal, true}, {Pareto, true}} {
		r := Rand(7, 3)
		draws := make([]time.Duration, n)
		var sum time.Duration
		for i := range draws {
			draws[i] = Delay{Law: c.law, Floor: time.Millisecond, Scale: scale}.Draw(r) - time.Millisecond
			sum += draws[i]
		}
		slices.Sort(draws)
		got, what := sum/n, "mean"
		if c.median {
			got, what = draws[n/2], "median"
		}
		// The standard error is at most 1.8/sqrt(n), 0.9 % of scale, for these medians and less for the means: 4 of them.
		if rel := math.Abs(float64(got-scale)) / float64(scale); rel > 0.036 {
			t.Errorf("%s: %s %v above the floor, want %v", c.law, what, got, scale)
		}
	}
}

func TestConstantNeedsNoLuck(t *testing.T) {
	for _, law := range []Law{"", Constant} {
		if got := (Delay{Law: law, Floor: 3, Scale: 5}).Draw(Rand(1, 1)); got != 3 {
			t.Errorf("law %q: %v, want the floor", law, got)
		}
	}
}

func TestEqualSeedsDrawEqualDelays(t *testing.T) {
	for _, law := range laws[1:] {
		d := Delay{Law: law, Scale: time.Millisecond}
		draw := func(seed, stream uint64) (out [50]time.Duration) {
			r := Rand(seed, stream)
			for i := range out {
				out[i] = d.Draw(r)
			}
			return out
		}
		first, again := draw(5, 1), draw(5, 1)
		if first != again {
			t.Errorf("%s: one seed, two answers", law)
		}
		if first == draw(6, 1) || first == draw(5, 2) {
			t.Errorf("%s: two seeds or two streams, one answer", law)
		}
	}
}

func TestDelayCheck(t *testing.T) {
	for _, d := range []Delay{
		{Law: "uniform"}, {Floor: -1}, {Scale: -1}, {Max: -1}, {Floor: 2, Max: 1},
		{Floor: math.MaxInt64}, {Scale: 2 * time.Hour}, {Max: 2 * time.Hour},
	} {
		if d.Check() == nil {
			t.Errorf("%+v is taken", d)
		}
	}
	for _, d := range []Delay{{}, {Law: Pareto, Floor: 1, Scale: 1, Max: 1}, {Floor: time.Hour, Scale: time.Hour, Max: time.Hour}} {
		if err := d.Check(); err != nil {
			t.Errorf("%+v: %v", d, err)
		}
	}
}
