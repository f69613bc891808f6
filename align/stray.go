package align

import "math"

const (
	steadyWander  = 1e-6       // what a phone's rate strays within
	leastBaseline = 60.0       // s: over less, the noise of two bursts is no rate
	steadySpan    = 2 * 3600.0 // s; beyond, it may stray farther: as a random walk does, with the square root of time
)

// shownWander returns how far the bound must let the rate stray from the common one, b: what phones do over the session's span T and, if that is more,
// what the bursts show,
//
//	max(1 ppm sqrt(max(T/2 h, 1)), max over gaps of 1.5 (|(y_k - y_(k-1))/dt - b| - 2 sd/dt))
//
// a half more, since within the gap it may have strayed farther than on average. A bound that no exchange contradicts may still be too narrow.
//
// Source: D. Allan, "Time and frequency (time-domain) characterization", 1987, for the random walk of rates; the constants are our judgement.
//
// piece is that of the gap that shows most.
func (e *estimate) shownWander() (most float64, piece int) {
	most = e.usualWander()
	if len(e.t) < 3 {
		return most, 0
	}
	rate, _ := e.clock.drift()
	for k := 1; k < len(e.t); k++ {
		dt := e.t[k] - e.t[k-1]
		if e.piece[k] != e.piece[k-1] || dt < leastBaseline {
			continue
		}
		sd := math.Sqrt(max(e.cov[k][k]+e.cov[k-1][k-1]-2*e.cov[k][k-1], 0))
		strayed := math.Abs(e.y[k]-e.y[k-1]-float64(rate*dt)) - 2*sd
		if w := 1.5 * strayed / dt / 1e9; w > most {
			most, piece = w, e.piece[k]
		}
	}
	return most, piece
}

// usualWander returns how far phones' rates stray over the session's span.
func (e *estimate) usualWander() float64 {
	span := 0.0
	for _, t := range e.t {
		span = max(span, math.Abs(t))
	}
	return steadyWander * math.Sqrt(max(span/steadySpan, 1))
}
