package main

import (
	"fmt"
	"math"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// drawn are the recipes drawn beside ours: what the vendor does, the usual straight line, and the runner-up.
var drawn = []align.Method{align.Median, align.OLS, align.MaxMargin}

// looked is at how many instants a curve is drawn: enough to see it bend, few enough for a small file.
const looked = 161

// at is one instant of a session: errors are truth less estimate, in ms; NaN is unknown, or ambiguous because a clock was
// set thereabouts.
type at struct {
	minutes                float64 // from the first burst
	ours                   float64
	stat, likely, bound    align.Interval
	bounded, rated, absent bool
	recipes                []float64 // in the order of drawn
}

// curve is the error over one session.
type curve struct {
	seed   uint64
	at     []at
	bursts []float64 // minutes
}

// curveOf fits the session of a seed by our method and those drawn.
func curveOf(f scenario.Family, seed uint64) (curve, error) {
	s := f.Draw(seed)
	ours, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		return curve{}, fmt.Errorf("%s %d: %w", f.Name, seed, err)
	}
	recipes := make([]*align.Alignment, len(drawn)) // nil where a recipe makes no map of the session
	for i, m := range drawn {
		opt := s.Options
		opt.Method = m
		if al, err := align.Fit(s.Samples, opt); err == nil {
			recipes[i] = al
		}
	}
	begin := s.Bursts[0].From
	c := curve{seed: seed}
	for _, b := range s.Bursts {
		c.bursts = append(c.bursts, b.From.Sub(begin).Minutes())
	}
	for _, tr := range s.Truths(looked, 30*time.Second) {
		p := at{minutes: tr.At.Sub(begin).Minutes(), absent: true}
		for range drawn {
			p.recipes = append(p.recipes, math.NaN())
		}
		if e, _, ok := s.Side(ours, tr); ok && !tr.Ambiguous {
			p.absent, p.ours = false, ms(tr.Wall.Sub(e.Host))
			p.rated, p.stat, p.likely = e.Rated, e.Stat, e.Likely
			p.bounded, p.bound = e.Bounded, e.Bound
			for i, al := range recipes {
				if al == nil {
					continue
				}
				if e, _, ok := s.Side(al, tr); ok {
					p.recipes[i] = ms(tr.Wall.Sub(e.Host))
				}
			}
		}
		c.at = append(c.at, p)
	}
	return c, nil
}

// runs cuts the instants at those that are absent.
func (c curve) runs() [][]at {
	var out [][]at
	open := false
	for _, p := range c.at {
		switch {
		case p.absent:
			open = false
		case !open:
			out, open = append(out, []at{p}), true
		default:
			out[len(out)-1] = append(out[len(out)-1], p)
		}
	}
	return out
}

// reach returns the largest figure of v over the instants, at least least.
func (c curve) reach(least float64, v func(at) float64) float64 {
	for _, p := range c.at {
		if !p.absent {
			least = max(least, v(p))
		}
	}
	return least
}
