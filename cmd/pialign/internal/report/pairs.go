package report

import (
	"cmp"
	"math"
	"slices"
)

// maxPairs bounds the table of pairs: a room of 45 glasses.
const maxPairs = 1000

// PairsOf returns those of different devices whose times overlap on one clock, and how many there are beyond the most that are told.
//
// How far the difference of a time of one and a time of the other can be off: the bounds add up; the 95 % half-widths by the root of the sum of
// their squares, as if the two erred independently. Devices that one computer measured over one network may err alike, and then by less.
func PairsOf(all []Placed) (pairs []Pair, more int) {
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b Placed) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last), cmp.Compare(a.Name, b.Name))
	})
	for i, a := range order {
		for _, b := range order[i+1:] {
			if b.First >= a.Last {
				break
			}
			if a.Device == b.Device && a.Device != "" || a.Clock != b.Clock {
				continue
			}
			if len(pairs) == maxPairs {
				more++
				continue
			}
			p := Pair{A: a.Name, B: b.Name, Clock: a.Clock, From: b.First, Length: min(a.Last, b.Last) - b.First}
			if a.HalfWidth != nil && b.HalfWidth != nil {
				n := Number(math.Ceil(math.Hypot(float64(*a.HalfWidth), float64(*b.HalfWidth))))
				p.HalfWidth = &n
			}
			if a.Bound != nil && b.Bound != nil {
				n := *a.Bound + *b.Bound
				p.Bound = &n
			}
			pairs = append(pairs, p)
		}
	}
	return pairs, more
}
