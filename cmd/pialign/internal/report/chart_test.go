package report

import (
	"math"
	"testing"

	"gonum.org/v1/plot/plotter"
)

// TestStraightStaysClose claims that what is drawn of a bound is the bound: within a 1000th of its range, twice what straight allows itself.
func TestStraightStaysClose(t *testing.T) {
	var bent plotter.XYs
	for i := range 1001 {
		x := float64(i) / 1000
		bent = append(bent, plotter.XY{X: x, Y: 30 * math.Sqrt(x*(1-x))})
	}
	thinned := straight(bent)
	if len(thinned) > 200 {
		t.Errorf("%d of %d points are left", len(thinned), len(bent))
	}
	k := 0
	for _, p := range bent {
		for thinned[k+1].X < p.X {
			k++
		}
		a, b := thinned[k], thinned[k+1]
		if on := a.Y + (b.Y-a.Y)*(p.X-a.X)/(b.X-a.X); math.Abs(on-p.Y) > 15e-3 {
			t.Fatalf("at %v the line is %v off", p.X, on-p.Y)
		}
	}
	nan := math.NaN()
	steps := plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 0}, {X: 2, Y: 0}, {X: 2, Y: 5}, {X: 3, Y: 5}, {X: nan, Y: nan}, {X: 3, Y: 1}, {X: 4, Y: 1}}
	got := straight(steps)
	want := plotter.XYs{{X: 0, Y: 0}, {X: 2, Y: 0}, {X: 2, Y: 5}, {X: 3, Y: 5}, {X: nan, Y: nan}, {X: 3, Y: 1}, {X: 4, Y: 1}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range got {
		if got[i] != want[i] && !math.IsNaN(want[i].X) {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
}

// TestThinKeepsExtremes claims that of many marks the outliers are drawn.
func TestThinKeepsExtremes(t *testing.T) {
	var many plotter.XYs
	for i := range 50_000 {
		many = append(many, plotter.XY{X: float64(i), Y: math.Sin(float64(i))})
	}
	many[12_345].Y, many[40_000].Y = 99, -99
	few := thin(many)
	if len(few) > 2*(columns+1) {
		t.Errorf("%d are left", len(few))
	}
	lo, hi := 0.0, 0.0
	for _, p := range few {
		lo, hi = min(lo, p.Y), max(hi, p.Y)
	}
	if lo != -99 || hi != 99 {
		t.Errorf("the extremes are %v and %v", lo, hi)
	}
}
