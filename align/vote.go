package align

import (
	"cmp"
	"math"
	"slices"
)

// A lone exchange has no majority around it that could find it false. Its neighbours in time are asked: of all bursts in order of time, those
// are believed for which
//
//	sum of the exchanges left out + jump * number of neighbours left that contradict each other
//
// is least. Two bursts contradict each other where no rate within the doubt of the voted one leads from what the one allows to what the other does.
// One exchange between others that agree is left out, since that costs less than two jumps; two that agree with each other are not, nor is
// one at either end: they may mean that the phone's clock was set.
const (
	loneMost   = 2 // exchanges in a burst that can be outvoted
	voteLeast  = 5 // bursts
	voteJump   = 0.9
	voteWindow = 12 // bursts in a row that can be outvoted
	voteFar    = 5  // standard deviations from the clock
	voteTried  = 10 // lone exchanges that are tried, where all of them together contradict each other
)

// outvote leaves out the lone exchanges that their neighbours contradict.
func (s *session) outvote() {
	var at []int // in s.bursts
	lone := false
	for k, b := range s.bursts {
		if len(b.kept) > 0 {
			at = append(at, k)
			lone = lone || len(b.kept) <= loneMost
		}
	}
	if !lone || len(at) < voteLeast {
		return
	}
	bursts := usable(s.bursts)
	slope, doubt := votedSlope(bursts)
	for _, i := range outvoted(bursts, slope, doubt) {
		b := &s.bursts[at[i]]
		b.kept, b.outvoted = nil, true
	}
}

// outvoteContradicting leaves out the lone exchanges of piece p without any one of which the others can be true together: each of two that contradict but
// each other, as which of them is false would be a guess. Those farthest from the clock are tried. Where all can be true, but with a rate that strays
// beyond belief, the farthest goes if it is far enough. It returns false where there are none.
func (s *session) outvoteContradicting(e *estimate, p int) bool {
	type suspect struct {
		burst int
		z     float64
	}
	var in []burst
	var lone []suspect
	for k, b := range s.used {
		if e.piece[k] != p {
			continue
		}
		if len(b.kept) <= loneMost {
			mean, _ := e.clock.at(e.t[k], p)
			lone = append(lone, suspect{k, math.Abs(e.y[k]-mean) / math.Sqrt(e.cov[k][k])})
		}
		in = append(in, b)
	}
	if len(in) < voteLeast {
		return false
	}
	slices.SortStableFunc(lone, func(a, b suspect) int { return cmp.Compare(b.z, a.z) })
	w := max(contradictory, e.usualWander())
	var out []float64 // centres
	if newBounder(in, w, true).feasible() {
		if len(lone) > 0 && lone[0].z > voteFar {
			out, lone = append(out, s.used[lone[0].burst].centre), nil
		} else {
			return false
		}
	}
	for _, c := range lone[:min(len(lone), voteTried)] {
		centre := s.used[c.burst].centre
		others := slices.DeleteFunc(slices.Clone(in), func(b burst) bool { return b.centre == centre })
		if newBounder(others, w, true).feasible() {
			out = append(out, centre)
		}
	}
	for k := range s.bursts {
		if b := &s.bursts[k]; len(b.kept) > 0 && slices.Contains(out, b.centre) {
			b.kept, b.outvoted = nil, true
		}
	}
	s.used = usable(s.bursts)
	return len(out) > 0
}

// outvoted returns which of bursts are to be left out.
func outvoted(bursts []burst, slope, doubt float64) []int {
	n := len(bursts)
	cost, from := make([]float64, n+1), make([]int, n+1) // of believing burst k, or the end; the one believed before
	for k := range n + 1 {
		cost[k], from[k] = math.Inf(1), -1
		left := 0.0
		for i := k - 1; i >= max(k-1-voteWindow, -1); i-- {
			c := left
			if i >= 0 {
				c += cost[i]
				if k < n && contradict(bursts[i], bursts[k], slope, doubt) {
					c += voteJump
				}
			}
			if c < cost[k] {
				cost[k], from[k] = c, i
			}
			if i < 0 || len(bursts[i].kept) > loneMost {
				break
			}
			left += float64(len(bursts[i].kept))
		}
	}
	var out []int
	for k := n; k >= 0; k = from[k] {
		for i := k - 1; i > from[k]; i-- {
			out = append(out, i)
		}
	}
	return out
}

// contradict reports whether no rate within doubt of slope leads from a to b.
func contradict(a, b burst, slope, doubt float64) bool {
	dt := b.centre - a.centre
	give := float64(doubt * math.Abs(dt))
	change := float64(slope * dt)
	return b.lo-a.hi > change+give || b.hi-a.lo < change-give
}

// votedSlope returns the weighted median of the slopes between bursts a quarter of their number apart, and how far it may be off. A few wild
// bursts or steps move it little.
//
// Source: H. Theil, 1950; P. K. Sen, 1968.
func votedSlope(bursts []burst) (slope, doubt float64) {
	type vote struct{ slope, weight float64 }
	var votes []vote
	total := 0.0
	lag := max(len(bursts)/4, 1)
	for i := lag; i < len(bursts); i++ {
		a, b := bursts[i-lag], bursts[i]
		dt := b.centre - a.centre
		if dt <= 0 {
			continue
		}
		sd := max(a.hi-a.lo+b.hi-b.lo, 1) / dt / 4 // half-widths for two standard deviations
		v := vote{(b.lo + b.hi - a.lo - a.hi) / 2 / dt, 1 / float64(sd*sd)}
		votes, total = append(votes, v), total+v.weight
	}
	slices.SortStableFunc(votes, func(p, q vote) int { return cmp.Compare(p.slope, q.slope) })
	sum := 0.0
	for _, v := range votes {
		if sum += v.weight; 2*sum >= total {
			return v.slope, believedRate + 3/math.Sqrt(total)
		}
	}
	return 0, maxRate
}
