package align

import (
	"slices"
	"testing"
)

// loneAt is a burst of n exchanges at t s, whose offset is y ms give or take 2.
func loneAt(t, y float64, n int) burst {
	return burst{centre: t * 1e9, lo: (y - 2) * 1e6, hi: (y + 2) * 1e6, kept: make([]exchange, n)}
}

func TestOutvoted(t *testing.T) {
	for _, c := range []struct {
		name string
		ms   []float64 // what a lone exchange every 4 minutes says, beside the drift
		many []int     // those that are bursts of five
		want []int
	}{
		{"all agree", []float64{0, 1, -1, 0, 2, 0}, nil, nil},
		{"one is wrong", []float64{0, 0, 0, 50, 0, 0, 0}, nil, []int{3}},
		{"one is wrong by the whole drift of a day", []float64{0, 0, -5000, 0, 0, 0, 0, 0}, nil, []int{2}},
		{"two wrong ones apart", []float64{0, 50, 0, 0, 0, -80, 0, 0, 0}, nil, []int{5, 1}},
		{"two wrong ones in a row that do not agree", []float64{0, 0, 0, 50, -80, 0, 0, 0}, nil, []int{4, 3}},
		{"two in a row that agree: the clock may have been set twice", []float64{0, 0, 0, 50, 50, 0, 0, 0}, nil, nil},
		{"the clock was set", []float64{0, 0, 0, 0, 50, 50, 50, 50}, nil, nil},
		{"the clock was set, and one is wrong", []float64{0, 0, 0, 0, 50, 50, -20, 50, 50}, nil, []int{6}},
		{"the last alone", []float64{0, 0, 0, 0, 0, 0, 50}, nil, nil},
		{"the first alone", []float64{50, 0, 0, 0, 0, 0, 0}, nil, nil},
		{"a burst of five has its own majority", []float64{0, 0, 0, 50, 0, 0, 0}, []int{3}, nil},
		{"a lone one beside bursts", []float64{0, 0, 50, 0, 0, 0}, []int{0, 1, 3, 4, 5}, []int{2}},
		{"too few to ask", []float64{0, 50, 0, 0}, nil, nil},
	} {
		const drift = 20.0 // ppm
		var bs []burst
		for i, y := range c.ms {
			n := 1
			if slices.Contains(c.many, i) {
				n = 5
			}
			at := float64(i) * 240
			bs = append(bs, loneAt(at, y+drift*at/1e3, n))
		}
		s := &session{bursts: slices.Clone(bs)}
		s.outvote()
		var got []int
		for i := len(bs) - 1; i >= 0; i-- {
			if s.bursts[i].outvoted {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v left out, want %v", c.name, got, c.want)
		}
	}
}

// Of bursts of few exchanges so many make a neighbourhood that one wrong exchange is a small part of it.
func TestNeighbourhoods(t *testing.T) {
	for _, c := range []struct {
		counts []int
		want   [][]int
	}{
		{[]int{50, 50}, [][]int{{0}, {1}}},
		{[]int{3, 3}, [][]int{{0, 1}}},
		{[]int{1, 1, 50, 1}, [][]int{{2}, {0, 1, 3}}},
		{[]int{4, 4, 4, 4, 4}, [][]int{{0, 1, 2, 3, 4}}},
		{[]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, [][]int{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19}}},
	} {
		var bs []burst
		for _, n := range c.counts {
			bs = append(bs, burst{kept: make([]exchange, n)})
		}
		got := neighbourhoods(bs)
		if !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%v: %v, want %v", c.counts, got, c.want)
		}
	}
}
