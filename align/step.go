package align

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	stepZ      = 7                // how many standard deviations a step must be away from 0,
	stepLeast  = time.Millisecond // how large it must be,
	stepRate   = 5e-6             // and how much larger than a change of rate could make of the gap
	stepWander = 3                // times the usual wander is allowed while looking
	rivalDrift = 100e3            // ns/s, 100 ppm: a drift with which a gap explains nothing
	stepRival  = 10               // ln of how much likelier one gap must be than any other to hold the step
	mostSteps  = 12               // more are no clock's, and would cost the square of their number
)

// findSteps returns for each burst how many steps of the phone's clock lie before it. It adds, one after the other, to the clock model
//
//	y_k = beta0 + beta1 t_k + sum_j s_j 1[k > g_j] + w(t_k) + noise
//
// the step in the gap g between two bursts that is the farthest from 0 in its standard deviations, as long as
//
//	|s| / sd(s) > 7   and   |s| > max(1 ms, 5 ppm of the gap)
//
// and three bursts more than steps are left. A gap with which the drift is one of clocks comes before any with which it is not. t comes in s, y and the square root of cov in ns.
//
// The rule about the rate keeps changes of rate and slews from being called steps. A step that may as well lie in another gap is refused:
// of three bursts, the two that are taken for one piece set the drift, and either choice explains all.
//
// Source: L. Zhang, Z. Liu, C. Xia, INFOCOM 2002, for clocks that are reset; the test is the t-test of a regressor, of which the largest of many
// and of estimates that are only nearly normal is asked for 7.
//
// override takes the gap that explains most, wherever else the step may lie.
func findSteps(t, y []float64, cov [][]float64, override bool) ([]int, error) {
	piece := make([]int, len(t))
	c := component{q: stepWander * usualWander}
	if err := c.factor(t, cov); err != nil {
		return nil, err
	}
	yw := c.l.whiten(y)
	c.x = [][]float64{c.column(0, t, piece), c.column(1, t, piece)}
	var gaps []int
	for len(t)-piece[len(t)-1] >= 3 {
		if piece[len(t)-1] >= mostSteps && override {
			break
		}
		if piece[len(t)-1] >= mostSteps {
			return nil, fmt.Errorf("%w: more than %d steps of the phone's clock would be needed", ErrDisjoint, mostSteps)
		}
		best, bestZ, bestSize, bestLik, bestAbsurd := -1, 0.0, 0.0, 0.0, true
		liks := make([]float64, len(t)-1)
		var bestColumn []float64
		base := c.x
		for g := range len(t) - 1 {
			liks[g] = math.Inf(-1)
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
			liks[g] = c.logLik
			last := len(c.beta) - 1
			drift := math.Abs(c.beta[1])
			if drift > rivalDrift {
				liks[g] = math.Inf(-1)
			}
			absurd := drift-float64(stepDoubt*c.sdOf(1)) > rivalDrift
			z, size := math.Abs(c.beta[last])/c.sdOf(last), math.Abs(c.beta[last])
			if absurd == bestAbsurd && z > bestZ || bestAbsurd && !absurd {
				best, bestZ, bestSize, bestColumn, bestLik, bestAbsurd = g, z, size, column, c.logLik, absurd
			}
		}
		c.x = base
		if best < 0 || bestZ <= stepZ || bestSize <= leastStep(t, best) {
			break
		}
		for g, lik := range liks {
			if !override && g != best && piece[g] == piece[g+1] && bestLik-lik < stepRival {
				return nil, &rivalGaps{min(g, best), max(g, best), time.Duration(bestSize)}
			}
		}
		piece = splitAfter(piece, best)
		c.x, gaps = append(c.x, bestColumn), append(gaps, best)
	}
	return c.withoutSmall(yw, t, gaps), nil
}

// withoutSmall takes back the steps that the test does not find beside all others, the least certain first: one that was needed while another was not
// there yet. gaps are those of the columns from the third on. It returns the steps that lie before each burst.
func (c *component) withoutSmall(yw, t []float64, gaps []int) []int {
	for len(gaps) > 0 && c.fit(yw) == nil {
		least, leastZ := -1, math.Inf(1)
		for j, g := range gaps {
			size := math.Abs(c.beta[2+j])
			z := size / c.sdOf(2+j)
			if (z <= stepZ || size <= leastStep(t, g)) && z < leastZ {
				least, leastZ = j, z
			}
		}
		if least < 0 {
			break
		}
		gaps = slices.Delete(gaps, least, least+1)
		c.x = slices.Delete(c.x, 2+least, 3+least)
	}
	piece := make([]int, len(t))
	for _, g := range gaps {
		piece = splitAfter(piece, g)
	}
	return piece
}

// leastStep returns how large a step after burst g must be, in ns.
func leastStep(t []float64, g int) float64 {
	return max(float64(stepLeast), float64(stepRate*1e9*(t[g+1]-t[g])))
}

// rivalGaps says that a step by as much lies in the gap after the one burst or after the other.
type rivalGaps struct {
	first, second int
	by            time.Duration
}

func (r *rivalGaps) Error() string {
	return fmt.Sprintf("%v: the phone's clock was set by some %v, in the gap after burst %d or after burst %d, which these bursts cannot tell",
		ErrStepSuspected, r.by.Round(time.Millisecond/10), r.first+1, r.second+1)
}

func (r *rivalGaps) Unwrap() error { return ErrStepSuspected }

// between returns the burst between the two gaps, false where there are more than one: left out, it makes one gap of both.
func (r *rivalGaps) between() (int, bool) { return r.second, r.second == r.first+1 }

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
