package main

import (
	"math"
	"slices"
	"time"

	"github.com/pialign/pialign/align/scenario"
)

// figures are what the page says of one family. Spans are in ms.
type figures struct {
	family   scenario.Family
	outcomes []outcome
	by       []errorsOf // in the order of align.Methods, ours first

	covered, coveredStat float64 // mean share of instants inside the 95 % interval, with the allowance for unequal floors and without
	width, widthStat     float64 // median session's full width
	outside              float64 // mean share of instants outside the bound
	bound                float64 // median session's full width
	phone, host          found
	manyBursts           bool    // sessions of more than three bursts
	unanswered           float64 // mean share of instants without an answer
	twofold              float64 // with two answers
	steps                fates
}

// errorsOf are the errors of one method in one family.
type errorsOf struct {
	rms     float64 // root mean square over the sessions of a session's own root mean square error
	median  float64 // session's root mean square error
	p95     float64 // median session's 95 % quantile of |error|
	refused int
}

// figuresOf puts outcomes together by family.
func figuresOf(o options, all [][]outcome) []figures {
	out := make([]figures, len(o.families))
	for i, f := range o.families {
		out[i] = familyFigures(f, all[i])
	}
	return out
}

func familyFigures(f scenario.Family, all []outcome) figures {
	out := figures{family: f, outcomes: all, manyBursts: true}
	for m := range all[0].by {
		out.by = append(out.by, methodFigures(all, m))
	}
	var width, widthStat, bound []float64
	for _, x := range all {
		s := x.by[0]
		out.phone, out.host = out.phone.plus(x.phone), out.host.plus(x.host)
		out.manyBursts = out.manyBursts && x.bursts > 3
		out.steps = out.steps.plus(x)
		if s.err != nil {
			continue
		}
		out.covered, out.coveredStat, out.outside = out.covered+s.Covered, out.coveredStat+s.Stat, out.outside+s.Outside
		out.unanswered, out.twofold = out.unanswered+s.Refused, out.twofold+s.Twofold
		width, widthStat, bound = append(width, 2*ms(s.HalfWidth)), append(widthStat, 2*ms(s.StatWidth)), append(bound, 2*ms(s.Bound))
	}
	n := float64(len(width))
	out.covered, out.coveredStat, out.outside = out.covered/n, out.coveredStat/n, out.outside/n
	out.unanswered, out.twofold = out.unanswered/n, out.twofold/n
	out.width, out.widthStat, out.bound = quantile(width, 0.5), quantile(widthStat, 0.5), quantile(bound, 0.5)
	return out
}

func methodFigures(all []outcome, m int) errorsOf {
	var out errorsOf
	var typical, p95 []float64
	sum := 0.0
	for _, x := range all {
		s := x.by[m]
		if s.err != nil {
			out.refused++
			continue
		}
		v := ms(s.Typical)
		sum += v * v
		typical, p95 = append(typical, v), append(p95, ms(s.P95))
	}
	out.rms = math.Sqrt(sum / float64(len(typical)))
	out.median, out.p95 = quantile(typical, 0.5), quantile(p95, 0.5)
	return out
}

func (f found) plus(g found) found {
	return found{f.there + g.there, f.right + g.right, f.extra + g.extra}
}

// counted returns the families that targets count: those that break no assumption unseen.
func counted(all []figures) []figures {
	return slices.DeleteFunc(slices.Clone(all), func(f figures) bool { return f.family.Limit != "" })
}

// answered returns the sessions that were not refused.
func (f figures) answered() []outcome {
	return slices.DeleteFunc(slices.Clone(f.outcomes), func(x outcome) bool { return x.by[0].err != nil })
}

// core returns the families that methods are compared by.
func core(all []figures) []figures {
	var out []figures
	for _, f := range all {
		if f.family.Core {
			out = append(out, f)
		}
	}
	return out
}

// geometric returns the geometric mean over families of one figure of a method.
func geometric(all []figures, m int, of func(errorsOf) float64) float64 {
	sum := 0.0
	for _, f := range all {
		sum += math.Log(max(of(f.by[m]), 1e-6)) // no error counts for less than 1 ns
	}
	return math.Exp(sum / float64(len(all)))
}

// wins returns the share of sessions in which method m has a smaller root mean square error than ours.
func wins(all []figures, m int) float64 {
	won, n := 0.0, 0.0
	for _, f := range all {
		for _, x := range f.outcomes {
			if x.by[0].err == nil && x.by[m].err == nil {
				n++
				if x.by[m].Typical < x.by[0].Typical {
					won++
				}
			}
		}
	}
	return won / n
}

// quantile returns the p-quantile of v by linear interpolation, NaN of nothing.
func quantile(v []float64, p float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Clone(v)
	slices.Sort(v)
	at := p * float64(len(v)-1)
	i := int(at)
	if i+1 == len(v) {
		return v[i]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }
