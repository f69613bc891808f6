package main

import (
	"context"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// forecast is what is to be expected of a plan, in 95 of 100 cases.
type forecast struct {
	Error     time.Duration // asymmetry included
	Symmetric time.Duration // for a path whose shortest delays are equal
	Stated    time.Duration // by fit: the worst half-width of its 95 % interval
	Bound     time.Duration // half-width of the hard bound
	failed    int           // sessions that fit refuses
}

// A fit takes some 30 to 150 ms, so six plans of 16 sessions take some 8 s of one processor. With 16 sessions the error is known to
// some 8 %: see forecastOf.
const (
	forecastSessions = 16
	forecastSeeds    = 1 // the first; tests take others
)

// plansFor returns the plans to choose from, in the order in which they are told, for the settings of w: bursts at both ends, bursts all through, a trickle.
func plansFor(span time.Duration, w scenario.Setting) []planned {
	spacing := 60*time.Millisecond + w.Up.Floor + w.Up.Scale + w.Down.Floor + w.Down.Scale // probe's pause, and the answer's way
	var out []planned
	for _, c := range []struct{ gaps, count int }{{1, 10}, {1, 30}, {1, 100}, {4, 20}, {12, 10}, {120, 1}} {
		every := (span / time.Duration(c.gaps)).Round(time.Second)
		if every < 10*time.Second {
			every = (span / time.Duration(c.gaps)).Round(100 * time.Millisecond)
		}
		if c.gaps > 1 && every < 4*time.Duration(c.count)*spacing {
			continue // one burst would run into the next
		}
		p := planned{Plan: scenario.Plan{Count: c.count, Spacing: spacing}}
		for i := range c.gaps + 1 {
			p.Starts = append(p.Starts, time.Duration(i)*every)
		}
		if c.gaps > 1 {
			p.Every = every
		}
		out = append(out, p)
	}
	return out
}

// outcome is what came of one simulated session.
type outcome struct {
	square        float64 // mean square error, ns^2
	strayed       float64 // of it, what the wander between bursts explains
	stated, bound time.Duration
	err           error
}

// forecastAll fills in the forecasts of plans, of the sessions that begin with seed first. Equal seeds give equal forecasts, on any number of processors.
func forecastAll(ctx context.Context, w scenario.Setting, asymmetry float64, plans []planned, first uint64) error {
	outcomes := make([][forecastSessions]outcome, len(plans))
	type job struct{ plan, session int }
	jobs := make(chan job)
	var work sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for j := range jobs {
				outcomes[j.plan][j.session] = simulateSession(plans[j.plan].Plan, w, asymmetry, first+uint64(j.session))
			}
		})
	}
	for i := range plans {
		for k := range forecastSessions {
			if ctx.Err() == nil {
				jobs <- job{i, k}
			}
		}
	}
	close(jobs)
	work.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range plans {
		plans[i].forecast = forecastOf(plans[i].Plan, w, asymmetry, outcomes[i][:])
	}
	return nil
}

// simulateSession draws a session, fits it as fit would, and looks at the truth.
func simulateSession(p scenario.Plan, w scenario.Setting, asymmetry float64, seed uint64) (out outcome) {
	s := p.Draw(w, seed)
	opt := s.Options
	if opt.Asymmetry = asymmetry; asymmetry == 0 {
		opt.Asymmetry = -1 // the library's zero is its default
	}
	al, err := align.Fit(s.Samples, opt)
	if err != nil {
		return outcome{err: err}
	}
	score := s.Judge(al)
	strayed := float64(s.Strayed())
	out = outcome{square: float64(score.Typical) * float64(score.Typical), strayed: strayed * strayed, bound: score.Bound}
	parts := al.Wall.Parts()
	out.stated, _ = al.Wall.WorstHalfWidth(parts.First, parts.Last)
	return out
}

// forecastOf sums up the sessions of a plan.
//
// Their mean square errors differ by more than their mean, since so does the wander of the clocks that were drawn. What that contributes
// on the average is known without simulation, so it is exchanged: mean(square - strayed) + expected. The error of shortest
// delays that differ is added in square: to a fit it is nothing but another offset.
func forecastOf(p scenario.Plan, w scenario.Setting, asymmetry float64, outcomes []outcome) forecast {
	var f forecast
	var square, strayed, n float64
	var stated, bound time.Duration
	for _, o := range outcomes {
		if o.err != nil {
			f.failed++
			continue
		}
		square, strayed, n = square+o.square, strayed+o.strayed, n+1
		stated, bound = stated+o.stated, bound+o.bound
	}
	if n == 0 {
		f.Error = math.MaxInt64
		f.Symmetric, f.Stated, f.Bound = f.Error, f.Error, f.Error
		return f
	}
	unseen := float64(p.Unseen(w.Wander))
	// The wander drawn cannot explain more than most of an error.
	rest := max((square-strayed)/n, 0.1*square/n)
	unknown := float64(unknowable(asymmetry, w.Up.Floor+w.Down.Floor)) / normal95
	f.Symmetric = within95(rest, unseen*unseen)
	f.Error = within95(rest+unknown*unknown, unseen*unseen)
	f.Stated, f.Bound = stated/time.Duration(n), bound/time.Duration(n)
	return f
}

// within95 returns what 95 % of all errors are within, over a gap between bursts: normal ones, of a variance that is the same everywhere
// and one of the mean unseen that is largest in the middle of the gap, as u^2 (1-u)^2.
func within95(everywhere, unseen float64) time.Duration {
	const steps = 100
	lo, hi := 0.0, 10*math.Sqrt(everywhere+2*unseen)
	for range 60 {
		x := (lo + hi) / 2
		outside := 0.0
		for i := range steps {
			u := (float64(i) + 0.5) / steps
			outside += math.Erfc(x/math.Sqrt(2*(everywhere+unseen*30*u*u*(1-u)*(1-u)))) / steps
		}
		if outside > 0.05 {
			lo = x
		} else {
			hi = x
		}
	}
	return time.Duration(hi)
}
