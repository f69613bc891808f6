package main

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// freshError simulates sessions that no forecast has seen, over paths whose shortest delays do differ, and returns what 95 % of
// all errors are within, and the mean bound.
func freshError(t *testing.T, p scenario.Plan, w scenario.Setting, asymmetry float64, sessions int) (p95, bound time.Duration) {
	errs := make([][]time.Duration, sessions)
	bounds := make([]time.Duration, sessions)
	free := make(chan struct{}, 2)
	var work sync.WaitGroup
	for i := range sessions {
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			// One asymmetry of each forty-th of the normal law, in an order of its own.
			q := (float64(i*7%sessions) + 0.5) / float64(sessions)
			a := max(min(asymmetry*math.Sqrt2*math.Erfinv(2*q-1), 0.95), -0.95)
			own := w
			half := float64(w.Up.Floor+w.Down.Floor) / 2
			own.Up.Floor, own.Down.Floor = time.Duration(half*(1+a)), time.Duration(half*(1-a))
			s := p.Draw(own, 1000+uint64(i))
			al, err := align.Fit(s.Samples, s.Options)
			if err != nil {
				t.Error(err)
				return
			}
			errs[i], bounds[i] = s.Errors(al), s.Judge(al).Bound
		})
	}
	work.Wait()
	all := slices.Concat(errs...)
	for i := range all {
		all[i] = all[i].Abs()
	}
	slices.Sort(all)
	for _, b := range bounds {
		bound += b / time.Duration(sessions)
	}
	return all[len(all)*95/100], bound
}

// TestForecastsComeTrue: what is foretold agrees within 20 % with sessions of other seeds, which is what a plan is good for. The 95 %
// quantile of n independent errors is itself known to 0.95/sqrt(n): of 100 to 10 %. Where most of the variance is that of the
// asymmetry, which is stratified, or a session has many independent errors, 40 are as good.
func TestForecastsComeTrue(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("simulates sessions for half a minute; with the race detector for ten")
	}
	for _, c := range []struct {
		rtt       time.Duration
		asymmetry float64
		plan      int
		sessions  int
	}{
		{8 * time.Millisecond, usualAsymmetry, 1, 40}, // start and end
		{8 * time.Millisecond, 0, 1, 100},
		{8 * time.Millisecond, 0, 3, 40},              // a burst each 15 minutes
		{2 * time.Millisecond, usualAsymmetry, 5, 40}, // a trickle
	} {
		t.Run(fmt.Sprint(c.rtt, c.asymmetry, c.plan), func(t *testing.T) {
			o := adviseOptions{span: time.Hour, rtt: c.rtt, asymmetry: c.asymmetry}
			w, _, err := o.setting(nil)
			if err != nil {
				t.Fatal(err)
			}
			p := plansFor(o.span, w)[c.plan : c.plan+1]
			if err := forecastAll(t.Context(), w, c.asymmetry, p, forecastSeeds); err != nil {
				t.Fatal(err)
			}
			p95, bound := freshError(t, p[0].Plan, w, c.asymmetry, c.sessions)
			t.Logf("%s, round trips of %v, asymmetry %v: error foretold %v, came %v; bound foretold %v, came %v",
				p[0].name(), c.rtt, c.asymmetry, p[0].Error, p95, p[0].Bound, bound)
			for _, x := range []struct {
				what           string
				foretold, came time.Duration
			}{{"error", p[0].Error, p95}, {"bound", p[0].Bound, bound}} {
				if r := float64(x.foretold) / float64(x.came); r < 1/1.2 || r > 1.2 {
					t.Errorf("%s: foretold %v, came %v, %.0f %% off", x.what, x.foretold, x.came, 100*(r-1))
				}
			}
		})
	}
}

// TestForecastIsTheSameOnAnyNumberOfProcessors: the table must not depend on who computes it.
func TestForecastIsTheSameTwice(t *testing.T) {
	w, _, err := adviseOptions{rtt: time.Millisecond, span: time.Hour}.setting(nil)
	if err != nil {
		t.Fatal(err)
	}
	a, b := plansFor(time.Hour, w)[:1], plansFor(time.Hour, w)[:1]
	for _, p := range [][]planned{a, b} {
		if err := forecastAll(t.Context(), w, usualAsymmetry, p, forecastSeeds); err != nil {
			t.Fatal(err)
		}
	}
	if a[0].forecast != b[0].forecast || a[0].Error == 0 {
		t.Errorf("%+v, then %+v", a[0].forecast, b[0].forecast)
	}
}

// TestDelayLike: round trips drawn from a law give delays whose round trips have the same quantiles. Of 300 drawn the 10 % quantile is
// known to some 5 % of the jitter, the median to 7 %, thus 20 % is three standard deviations.
func TestDelayLike(t *testing.T) {
	for _, law := range []scenario.Law{scenario.LogNormal, scenario.Exponential, scenario.Gamma, scenario.Pareto} {
		for _, floor := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond} {
			d := scenario.Delay{Law: law, Floor: floor, Scale: 2 * time.Millisecond}
			r := scenario.Rand(5, 5)
			trips := make([]time.Duration, 300)
			for i := range trips {
				trips[i] = d.Draw(r) + d.Draw(r)
			}
			got, misfit := delayLike(trips)
			if got.Check() != nil || misfit > 0.25 {
				t.Errorf("%s: %+v, misfit %.2f", law, got, misfit)
			}
			for _, p := range []int{10, 50} {
				want := float64(2*floor) + unitSums(law)[p]*float64(d.Scale)
				is := float64(2*got.Floor) + unitSums(got.Law)[p]*float64(got.Scale)
				if jitter := unitSums(law)[50] * float64(d.Scale); math.Abs(is-want) > 0.2*jitter {
					t.Errorf("%s from %v: quantile %d %% is %v, want %v", law, floor, p, time.Duration(is), time.Duration(want))
				}
			}
		}
	}
	same := slices.Repeat([]time.Duration{time.Millisecond}, 30)
	if d, _ := delayLike(same); d.Check() != nil || d.Floor != time.Millisecond/2 || d.Scale != 0 {
		t.Errorf("of a path without jitter: %+v", d)
	}
}

func TestPlansFit(t *testing.T) {
	w, _, err := adviseOptions{rtt: usualRTT, span: time.Minute}.setting(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, span := range []time.Duration{time.Minute, time.Hour, 48 * time.Hour} {
		plans := plansFor(span, w)
		if len(plans) < 3 {
			t.Errorf("%v: %d plans", span, len(plans))
		}
		for _, p := range plans {
			// Bursts are whole seconds apart: up to 120 roundings of half a second.
			if d := (p.Span() - span).Abs(); d > time.Minute || d > span/50 {
				t.Errorf("%v: %s spans %v", span, p.name(), p.Span())
			}
		}
	}
}

func TestRough(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 ms", 1: "0.0000 ms", 234567: "0.23 ms", 1234567: "1.2 ms", 12345678: "12 ms", 123456789: "123 ms"} {
		if got := rough(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{15 * time.Minute: "15m", time.Hour: "1h", 90 * time.Second: "1m30s", 90 * time.Minute: "1h30m", 20 * time.Second: "20s"} {
		if got := short(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
