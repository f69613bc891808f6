package main

import (
	"fmt"
	"math"
	"strings"
)

// target is one thing that the fit has to reach.
type target struct {
	name  string
	asked string
	got   string
	met   bool
	cases []string // what speaks against it
}

func (t target) String() string {
	s := "met    "
	if !t.met {
		s = "MISSED "
	}
	s += t.name + ": " + t.got + ", asked " + t.asked
	if len(t.cases) > 0 {
		s += " (" + strings.Join(t.cases, ", ") + ")"
	}
	return s
}

// What is asked for, in ms and shares. They were set before the estimator was written and are not to be loosened.
const (
	mostGeometric  = 0.13
	mostMedian     = 0.06
	mostP95        = 0.8
	leastCovered   = 0.95
	leastSteps     = 0.9
	mostFalseSteps = 0.01
	mostTooWide    = 3
)

// targetsOf compares all families with what is asked for.
func targetsOf(all []figures) []target {
	all = counted(all)
	return []target{
		geometricMean(all), medianCore(all), p95Core(all), worstCoverage(all), meanCoverage(all), notTooWide(all),
		boundHolds(all), phoneSteps(all), fewSteps(all), falseSteps(all), hostSteps(all), noRefusal(all),
	}
}

func geometricMean(all []figures) target {
	g := geometric(core(all), 0, func(e errorsOf) float64 { return e.rms })
	return target{"geometric mean over the core families of the RMS over sessions", upTo(mostGeometric), inMS(g), g <= mostGeometric, nil}
}

func medianCore(all []figures) target {
	var v []float64
	for _, f := range core(all) {
		for _, x := range f.outcomes {
			v = append(v, x.by[0].rmsOrInf())
		}
	}
	m := quantile(v, 0.5)
	return target{"RMS error of the median core session", upTo(mostMedian), inMS(m), m <= mostMedian, nil}
}

func p95Core(all []figures) target {
	var v []float64
	for _, f := range core(all) {
		for _, x := range f.outcomes {
			p := ms(x.by[0].P95)
			if x.by[0].err != nil {
				p = math.Inf(1)
			}
			v = append(v, p)
		}
	}
	q := quantile(v, 0.95)
	return target{"95 % quantile over the core sessions of a session's 95 % quantile of the error", upTo(mostP95), inMS(q), q <= mostP95, nil}
}

// rmsOrInf is a session's error; no mapping counts as an infinite one.
func (s scored) rmsOrInf() float64 {
	if s.err != nil {
		return math.Inf(1)
	}
	return ms(s.Typical)
}

func worstCoverage(all []figures) target {
	t := target{name: "share of instants inside the 95 % interval, worst family", asked: "at least " + percent(leastCovered), met: true}
	var worst figures
	for i, f := range all {
		if len(f.answered()) == 0 && f.family.MayRefuse {
			continue
		}
		if i == 0 || !(f.covered >= worst.covered) {
			worst = f
		}
		if !(f.covered >= leastCovered) {
			t.met = false
			t.cases = append(t.cases, f.family.Name+" "+percent(f.covered)+leastCoveredOf(f))
		}
	}
	t.got = percent(worst.covered) + " in " + worst.family.Name
	return t
}

// leastCoveredOf names the sessions that fall short.
func leastCoveredOf(f figures) string {
	var short []string
	for _, x := range f.outcomes {
		if x.by[0].err == nil && x.by[0].Covered < leastCovered {
			short = append(short, fmt.Sprintf("%d: %s", x.seed, percent(x.by[0].Covered)))
		}
	}
	return " (seeds " + strings.Join(short, ", ") + ")"
}

func meanCoverage(all []figures) target {
	sum, n := 0.0, 0.0
	for _, f := range all {
		if len(f.answered()) > 0 || !f.family.MayRefuse {
			sum, n = sum+f.covered, n+1
		}
	}
	mean := sum / n
	return target{"predicted error is true: share of instants off by no more than the 95 % interval, all families", "at least " + percent(leastCovered),
		percent(mean), mean >= leastCovered, nil}
}

// notTooWide looks at the families of more than three bursts whose floors are equal: none of those with so many bursts has others. With
// two or three bursts the interval has to allow for a rate that wanders between them, which steady simulated clocks do not: there it is
// many times as wide as the error of most families, and no narrower one would hold where a rate wanders.
func notTooWide(all []figures) target {
	t := target{name: "predicted error is not vague: half-width without the allowance over the actual 95 % quantile, worst family of more than three bursts and equal floors",
		asked: fmt.Sprintf("at most %d times", mostTooWide), got: "no such family", met: true}
	worst := 0.0
	for _, f := range all {
		if !f.manyBursts {
			continue
		}
		r := f.widthStat / 2 / f.by[0].p95
		if !(r <= worst) {
			worst = r
			t.got = fmt.Sprintf("%.2f times in %s", r, f.family.Name)
		}
		if !(r <= mostTooWide) {
			t.met = false
			t.cases = append(t.cases, fmt.Sprintf("%s %.2f times", f.family.Name, r))
		}
	}
	return t
}

// boundHolds leaves out the sessions in which a step was missed: without it the bound's assumptions do not hold.
func boundHolds(all []figures) target {
	t := target{name: "sessions with an instant outside the bound, but for those with a missed step", asked: "none", met: true}
	n := 0
	for _, f := range all {
		for _, x := range f.outcomes {
			missed := x.phone.right < x.phone.there || x.host.right < x.host.there
			if x.by[0].Outside > 0 && !missed {
				n++
				t.met = false
				t.cases = append(t.cases, fmt.Sprintf("%s %d: %s of the instants", f.family.Name, x.seed, percent(x.by[0].Outside)))
			}
		}
	}
	t.got = fmt.Sprint(n)
	return t
}

func hostSteps(all []figures) target {
	t := target{name: "settings of the host's wall clock found, in their gap and with their size", asked: "all, and no other", met: true}
	sum := found{}
	for _, f := range all {
		sum = sum.plus(f.host)
		for _, x := range f.outcomes {
			if x.host.right < x.host.there || x.host.extra > 0 {
				t.met = false
				t.cases = append(t.cases, fmt.Sprintf("%s %d: %d of %d, %d others", f.family.Name, x.seed, x.host.right, x.host.there, x.host.extra))
			}
		}
	}
	t.got = fmt.Sprintf("%d of %d, %d others", sum.right, sum.there, sum.extra)
	return t
}

// noRefusal: a refused session has no error, and would make the figures look better than they are.
func noRefusal(all []figures) target {
	t := target{name: "sessions refused, but for families in which a refusal is an honest answer", asked: "none", met: true}
	honest := 0
	for _, f := range all {
		for _, x := range f.outcomes {
			switch {
			case x.by[0].err == nil:
			case f.family.MayRefuse:
				honest++
			default:
				t.met = false
				t.cases = append(t.cases, fmt.Sprintf("%s %d: %v", f.family.Name, x.seed, x.by[0].err))
			}
		}
	}
	t.got = fmt.Sprintf("%d; %d in the families left out", len(t.cases), honest)
	return t
}

func upTo(v float64) string { return "at most " + inMS(v) }

func inMS(v float64) string { return digits(v) + " ms" }

// percent writes a share, a dash for none.
func percent(share float64) string {
	if math.IsNaN(share) {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}
