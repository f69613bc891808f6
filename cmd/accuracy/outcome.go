package main

import (
	"cmp"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// outcome is what the methods make of one session.
type outcome struct {
	seed   uint64
	bursts int
	by     []scored // in the order of align.Methods, ours first
	phone  found    // steps, by ours
	host   found
}

// scored is the score of one method, or why it refused.
type scored struct {
	scenario.Score
	err error
}

// found says how many steps there are, how many of them were found, and how many more were.
type found struct{ there, right, extra int }

// sessions returns how many sessions of a family are drawn.
func (o options) sessions(f scenario.Family) int {
	if f.Most > 0 {
		return min(o.seeds, f.Most)
	}
	return o.seeds
}

// outcomes draws all sessions and fits them by all methods, on all cores: by family, in its order, and seed. Each outcome has its own place, so that
// their order does not depend on which was done first. The longest sessions come first, so that no core waits for them at the end.
func outcomes(o options) [][]outcome {
	type job struct{ family, session int }
	var jobs []job
	out := make([][]outcome, len(o.families))
	for i, f := range o.families {
		out[i] = make([]outcome, o.sessions(f))
		for k := range out[i] {
			jobs = append(jobs, job{i, k})
		}
	}
	slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(many(o.families[a.family]), many(o.families[b.family])) })
	each(len(jobs), func(i int) {
		j := jobs[i]
		out[j.family][j.session] = outcomeOf(o.families[j.family], o.from+uint64(j.session), o.methods)
	})
	return out
}

// many returns how many sessions of f are worth their time: the fewer, the longer each takes.
func many(f scenario.Family) int {
	if f.Most > 0 {
		return f.Most
	}
	return math.MaxInt
}

// each calls f for 0 to n-1, on all cores.
func each(n int, f func(i int)) {
	jobs := make(chan int)
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range jobs {
				f(i)
			}
		})
	}
	for i := range n {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
}

// errNoAnswer: a map that refuses every instant of its session counts as none.
var errNoAnswer = errors.New("no instant of the session has an answer")

func outcomeOf(f scenario.Family, seed uint64, methods []align.Method) outcome {
	s := f.Draw(seed)
	out := outcome{seed: seed, bursts: len(s.Bursts)}
	for _, m := range methods {
		opt := s.Options
		opt.Method = m
		al, err := align.Fit(s.Samples, opt)
		if err != nil {
			out.by = append(out.by, scored{err: err})
			continue
		}
		sc := s.Judge(al)
		if sc.Refused == 1 {
			out.by = append(out.by, scored{err: errNoAnswer})
			continue
		}
		out.by = append(out.by, scored{Score: sc})
		if m == align.FloorEdge {
			out.phone = foundOf(s, s.Phone.Steps, al.Wall.Parts().Steps, -1)
			out.host = foundOf(s, s.Host.Steps, al.HostSteps, 1)
		}
	}
	if out.by[0].err != nil {
		out.phone.there, out.host.there = len(s.Phone.Steps), len(s.Host.Steps)
	}
	return out
}

// stepSize is how far off a step may be to count as found, where it is not half of the step: more than any of the families' errors where
// a step is handled.
const stepSize = 2 * time.Millisecond

// foundOf compares steps said with those there are: found is one that was put into the gap it happened in, with its size. sign is
// that of a step as a clock's setting forward shows in what was said.
func foundOf(s *scenario.Session, there []scenario.Step, said []align.Step, sign time.Duration) found {
	f := found{there: len(there)}
	for _, step := range there {
		// the wall clock may have been the one that was set: on it, the instant has two times
		before, after := s.Host.Wall(step.At-1), s.Host.Wall(step.At)
		for _, x := range said {
			inGap := x.From <= max(before, after) && min(before, after) <= x.To
			if inGap && (x.By-sign*step.By).Abs() <= min(stepSize, step.By.Abs()/2) {
				f.right++
				break
			}
		}
	}
	f.extra = len(said) - f.right
	return f
}
