package align

import (
	"math"
	"slices"
	"time"
)

const (
	stepZ      = 7                // how many standard deviations a step must be away from 0,
	stepLeast  = time.Millisecond // how large it must be,
	stepRate   = 5e-6             // and how much larger than a change of rate could make of the gap
	stepWander = 3                // times the usual wander is allowed while looking
)

// findSteps returns for each burst how many steps of the phone's clock lie before it. It adds, one after the other, the step in
// the gap between two bursts that is the farthest from 0 in its standard deviations, as long as one is far
// enough, and as long as three bursts more than steps are left.
//
// The rule about the rate keeps changes of rate and slews from being called steps.
func findSteps(t, y []float64, cov [][]float64) ([]int, error) {
	piece := make([]int, len(t))
	c := component{q: stepWander * usualWander}
	if err := c.factor(t, cov); err != nil {
		return nil, err
	}
	yw := c.l.whiten(y)
	c.x = [][]float64{c.column(0, t, piece), c.column(1, t, piece)}
	for len(t)-piece[len(t)-1] >= 3 {
		best, bestZ, bestSize := -1, 0.0, 0.0
		var bestColumn []float64
		base := c.x
		for g := range len(t) - 1 {
			if piece[g] != piece[g+1] {
				continue
			}
			column := make([]float64, len(t))
			for i := g + 1; i < len(t); i++ {
				column[i] = 1
			}
			column = c.l.whiten(column)
			c.x = append(slices.Clone(base), column)
			if c.fit(yw) != nil {
				continue // two steps that the bursts cannot tell apart
			}
			last := len(c.beta) - 1
			if size := math.Abs(c.beta[last]); size/c.sdOf(last) > bestZ {
				best, bestZ, bestSize, bestColumn = g, size/c.sdOf(last), size, column
			}
		}
		c.x = base
		if best < 0 || bestZ <= stepZ || bestSize <= max(float64(stepLeast), float64(stepRate*1e9*(t[best+1]-t[best]))) {
			break
		}
		piece = splitAfter(piece, best)
		c.x = append(c.x, bestColumn)
	}
	return piece, nil
}

// splitAfter returns piece with one more step in the gap after burst g.
func splitAfter(piece []int, g int) []int {
	out := make([]int, len(piece))
	for i, p := range piece {
		out[i] = p
		if i > g {
			out[i]++
		}
	}
	return out
}
