package align

import (
	"cmp"
	"math"
	"slices"
)

// unsureSD is within how many standard deviations of an exchange's range a clock is taken to allow it.
const unsureSD = 3

// dropUnsure leaves out the exchanges next to a step that may as well lie on its other side: with theta of the other side, they are
// possible too. The first that is not says where its side surely begins. Where there is none, because the step is within the floors of the delays,
// the bound holds for either and nothing is left out.
//
// The gap of the step, in which instants are ambiguous, grows to where the sides surely begin. It returns whether anything was left out.
func (s *session) dropUnsure(e *estimate) bool {
	var at []int // in s.bursts
	for k, b := range s.bursts {
		if len(b.kept) > 0 {
			at = append(at, k)
		}
	}
	found := false
	for _, st := range e.steps {
		before, after := st.before-1, st.before
		for _, side := range []struct {
			burst, other int
			last         bool // the step is at its end
		}{{before, e.piece[after], true}, {after, e.piece[before], false}} {
			b := &s.bursts[at[side.burst]]
			if n := b.possibleBeyond(e, side.burst, side.other, side.last); n > 0 {
				b.leaveOut(n, side.last)
				found = true
			}
		}
	}
	s.used = usable(s.bursts)
	return found
}

// possibleBeyond returns how many of b's kept exchanges, from its end or its beginning, are possible in the other piece. k is its number.
func (b *burst) possibleBeyond(e *estimate, k, other int, last bool) int {
	for n := range b.kept {
		x := b.kept[n]
		if last {
			x = b.kept[len(b.kept)-1-n]
		}
		mean, variance := e.clock.at(e.t[k]+(x.x-b.centre)/1e9, other)
		if doubt := float64(unsureSD * math.Sqrt(variance)); mean+doubt < x.l || mean-doubt > x.u {
			return n
		}
	}
	return 0
}

// leaveOut takes n kept exchanges off b's end or beginning, and all that were sent beyond them.
func (b *burst) leaveOut(n int, last bool) {
	kept := b.kept[n:]
	if last {
		kept = b.kept[:len(b.kept)-n]
	}
	byTime := func(p, q exchange) int { return cmp.Compare(p.a, q.a) }
	first, final := slices.MinFunc(kept, byTime).a, slices.MaxFunc(kept, byTime).a
	b.all = slices.DeleteFunc(slices.Clone(b.all), func(e exchange) bool { return last && e.a > final || !last && e.a < first })
	b.kept = kept
	b.centre = centreOf(b.all)
}
