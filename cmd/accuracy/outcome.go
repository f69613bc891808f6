package main

import (
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// outcome is what the methods make of one session.
type outcome struct {
	family int
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

// outcomes draws all sessions and fits them by all methods, on all cores. Each outcome has its own place, so that their order
// does not depend on which was done first.
func outcomes(o options) []outcome {
	out := make([]outcome, len(o.families)*o.seeds)
	each(len(out), func(i int) {
		f := i / o.seeds
		out[i] = outcomeOf(o.families[f], o.from+uint64(i%o.seeds))
		out[i].family = f
	})
	return out
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

func outcomeOf(f scenario.Family, seed uint64) outcome {
	s := f.Draw(seed)
	out := outcome{seed: seed, bursts: len(s.Bursts)}
	for _, m := range align.Methods {
		opt := s.Options
		opt.Method = m
		al, err := align.Fit(s.Samples, opt)
		if err != nil {
			out.by = append(out.by, scored{err: err})
			continue
		}
		out.by = append(out.by, scored{Score: s.Judge(al)})
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

// stepSize is how far off a step may be to count as found: a part of the smallest ones simulated, and more than any of the
// families' errors where a step is handled.
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
			if inGap && math.Abs(float64(x.By-sign*step.By)) <= float64(stepSize) {
				f.right++
				break
			}
		}
	}
	f.extra = len(said) - f.right
	return f
}
