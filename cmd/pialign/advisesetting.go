package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/probelog"
)

// setting returns the network to simulate, assumed or as measured, and a sentence about it.
func (o adviseOptions) setting(talk io.Writer) (scenario.Setting, string, error) {
	w := scenario.Setting{Tick: time.Millisecond, Wander: usualWander} // stamps of phones are in whole ms
	if o.session == "" {
		way := scenario.Delay{Law: scenario.LogNormal, Floor: o.rtt / 4}
		way.Scale = time.Duration(float64(o.rtt-2*way.Floor) / unitSums(way.Law)[50])
		w.Up, w.Down = way, way
		return w, fmt.Sprintf("assumed: round trips of %s as a rule, %s at the least, over %s", rough(o.rtt), rough(2*way.Floor), short(o.span)), nil
	}
	s, err := readSession(talk, o.session)
	if err != nil {
		return w, "", err
	}
	var trips []time.Duration
	var fine bool
	lost, all := 0, 0
	for _, l := range s.Logs {
		for _, r := range l.Rows {
			if o.device != "" && r.DeviceID != o.device {
				continue
			}
			all++
			switch {
			case r.Status == probelog.StatusOK:
				trips = append(trips, r.RoundTrip())
				fine = fine || int64(r.E)%int64(time.Millisecond) != 0
			case r.Status != probelog.StatusWarmup:
				lost++
			}
		}
	}
	if len(trips) < leastTrips {
		return w, "", withHint(fmt.Errorf("%s: only %d answered exchanges%s, %d are needed to tell what the network is like",
			o.session, len(trips), ofDevice(o.device), leastTrips), "measure a burst: pialign probe --session %s", quoted(o.session))
	}
	if fine {
		w.Tick = 1
	}
	w.Loss = float64(lost) / float64(all)
	way, misfit := delayLike(trips)
	w.Up, w.Down = way, way
	slices.Sort(trips)
	about := fmt.Sprintf("measured: %d round trips of %s as a rule, %s at the least, %.0f %% lost; simulated with %s jitter over %s",
		len(trips), rough(trips[len(trips)/2]), rough(trips[0]), 100*w.Loss, way.Law, short(o.span))
	if misfit > 0.25 {
		about += "\nthese round trips follow no law that is known here: take the forecast for a rough one"
	}
	return w, about, nil
}

// leastTrips is how many round trips show quantiles from 5 to 90 %.
const leastTrips = 20

func ofDevice(id string) string {
	if id == "" {
		return ""
	}
	return " of device " + id
}

// delayLike returns the law of the way there and back, alike, whose round trips come closest to those measured, and how far they stay
// away at the worst, as a share of the jitter. What matters are the fast ones: the fit lives on them. So each quantile counts by its inverse.
func delayLike(trips []time.Duration) (best scenario.Delay, misfit float64) {
	trips = slices.Clone(trips)
	slices.Sort(trips)
	least := float64(trips[0])
	lowest := math.Inf(1)
	for _, law := range []scenario.Law{scenario.LogNormal, scenario.Exponential, scenario.Gamma, scenario.Pareto} {
		unit := unitSums(law)
		var sw, sx, sy, sxx, sxy float64
		for _, p := range percents {
			x, y := unit[p], float64(trips[len(trips)*p/100])
			wt := 1 / (x * x)
			sw, sx, sy, sxx, sxy = sw+wt, sx+wt*x, sy+wt*y, sxx+wt*x*x, sxy+wt*x*y
		}
		scale := max((sw*sxy-sx*sy)/(sw*sxx-sx*sx), 0)
		floor := (sy - scale*sx) / sw
		if floor > least || floor < 0 { // no round trip is below the floor, none is negative
			floor = min(max(floor, 0), least)
			scale = max((sxy-floor*sx)/sxx, 0)
		}
		sum, worst := 0.0, 0.0
		for _, p := range percents {
			x, y := unit[p], float64(trips[len(trips)*p/100])
			e := (y - floor - scale*x) / x
			sum += e * e
			worst = max(worst, math.Abs(e)/max(scale, 1))
		}
		if sum < lowest {
			lowest, misfit = sum, worst
			best = scenario.Delay{Law: law, Floor: time.Duration(math.Round(floor / 2)), Scale: time.Duration(math.Round(scale))}
		}
	}
	return best, misfit
}

// percents are the quantiles that are compared.
var percents = []int{5, 10, 25, 50, 75, 90}

// unitSums returns the quantiles of the sum of two delays of law with floor 0 and scale 1 ns * unit, by per cent, in units of
// scale: of 20000 draws of one seed, which makes 5 % of them good to some 2 %.
func unitSums(law scenario.Law) map[int]float64 {
	const draws, unit = 20000, time.Millisecond
	r := scenario.Rand(1, 1)
	d := scenario.Delay{Law: law, Scale: unit}
	sums := make([]float64, draws)
	for i := range sums {
		sums[i] = float64(d.Draw(r)+d.Draw(r)) / float64(unit)
	}
	slices.Sort(sums)
	out := make(map[int]float64, len(percents))
	for _, p := range percents {
		out[p] = sums[draws*p/100]
	}
	return out
}
