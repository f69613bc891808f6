package align

import (
	"math"
	"slices"
)

const (
	rateReadings = 20   // in a run, at least, for its rate to be known
	rateSpan     = 2e9  // ns that they must span
	rateAgrees   = 1e-6 // how far rates of one clock may be apart: a time service changes it by less from hour to hour
	rateKnown    = 1e-6 // a standard error above this tells nothing
)

// wallRate is the rate of wall - monotonic within one run of readings, and its standard error.
type wallRate struct{ rate, se float64 }

// rateWithin returns the rate of a run of readings by least squares; ok is false where they are too few or too coarse.
func rateWithin(run []point, ticks float64) (wallRate, bool) {
	if len(run) < rateReadings || run[len(run)-1].x-run[0].x < rateSpan {
		return wallRate{}, false
	}
	l := throughPoints(run, nil)
	residuals := make([]float64, len(run))
	mean := 0.0
	for i, p := range run {
		residuals[i] = math.Abs(p.y - l.at(p.x))
		mean += p.x / float64(len(run))
	}
	// once more without the readings that were interrupted between the two clocks
	limit := float64(5*medianOf(residuals)) + ticks
	run = slices.DeleteFunc(slices.Clone(run), func(p point) bool { return math.Abs(p.y-l.at(p.x)) > limit })
	l = throughPoints(run, nil)
	var sxx, ssr float64
	for _, p := range run {
		dx, r := p.x-mean, p.y-l.at(p.x)
		sxx, ssr = sxx+float64(dx*dx), ssr+float64(r*r)
	}
	n := float64(len(run))
	if n < rateReadings || sxx == 0 {
		return wallRate{}, false
	}
	v := max(ssr/(n-2), float64(ticks*ticks)/12)
	return wallRate{l.b, math.Sqrt(v / sxx)}, true
}

// drifted reports whether the change between two runs is the drift that both show by themselves, and how large a setting
// could hide in what is not known of it.
func drifted(rate, pause float64, before, after wallRate) (yes bool, hidden float64) {
	se := math.Sqrt(float64(before.se*before.se) + float64(after.se*after.se))
	if se > rateKnown {
		return false, 0
	}
	give := rateAgrees + float64(3*se)
	if math.Abs(rate-before.rate) > give || math.Abs(rate-after.rate) > give {
		return false, 0
	}
	return true, give * pause
}
