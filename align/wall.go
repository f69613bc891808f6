package align

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// wallStep is how much wall - monotonic may change between two readings before it counts as a change at all, unless
// twice the wall clock's tick is more.
const wallStep = 500 * time.Microsecond

// wallWindow is over how long readings are put together to one.
const wallWindow = 10 * time.Second

// pair is wall - monotonic of the host at x, the device instant (less E0) about which it was read.
type pair struct {
	x      float64
	d      float64 // less D of the first pair
	lo, hi float64 // likewise: where the truth lies
	wall   HostTime
}

// wallClock converts from the host's monotonic clock to its wall clock, as readings of both show it: wall - monotonic is
// taken for a clock of its own, constant between settings on Linux, where both are slewed alike, a line plus steps on
// Windows and macOS, whose monotonic clock runs free.
type wallClock struct {
	base      int64 // wall - monotonic of the first pair
	pairs     []pair
	threshold float64
	slope     float64 // of a line through the pairs, where one explains them
	straight  bool
	told      bool // by three or more runs of readings: a line through two explains nothing
}

// newWallClock takes the samples in order and their exchanges. qw and qm are the ticks of the two clocks.
func newWallClock(samples []Sample, ex []exchange, qw, qm time.Duration) wallClock {
	w := wallClock{threshold: float64(max(wallStep, 2*qw))}
	type reading struct {
		x, d float64
		wall HostTime
		mono MonoTime
	}
	var window []reading
	flush := func() {
		if len(window) == 0 {
			return
		}
		d := make([]float64, len(window))
		sum := 0.0
		for i, r := range window {
			d[i] = r.d
			sum += r.x
		}
		slices.Sort(d)
		// the middle of the wall tick less that of the monotonic one; the range leaves out a tenth at each side, which are
		// readings that were interrupted between the two clocks
		w.pairs = append(w.pairs, pair{x: sum / float64(len(d)), wall: window[0].wall,
			d:  quantile(d, 0.5) + float64(qw-1)/2 - float64(qm-1)/2,
			lo: quantile(d, 0.1) - float64(qm), hi: quantile(d, 0.9) + float64(qw)})
		window = window[:0]
	}
	first := true
	for i, s := range samples {
		if !ex[i].sane {
			continue
		}
		for _, r := range []struct {
			wall HostTime
			mono MonoTime
			x    float64
		}{{s.A, s.MonoA, ex[i].x}, {s.B, s.MonoB, ex[i].x}} {
			d, ok := subInt64(int64(r.wall), int64(r.mono))
			if !ok {
				continue
			}
			if first {
				w.base, first = d, false
			}
			rel, ok := subInt64(d, w.base)
			if !ok || !near(rel) {
				continue
			}
			if n := len(window); n > 0 {
				jump := math.Abs(float64(rel)-window[n-1].d) > w.threshold
				if jump || r.mono.Sub(window[0].mono) > wallWindow {
					flush()
				}
			}
			window = append(window, reading{r.x, float64(rel), r.wall, r.mono})
		}
	}
	flush()
	slices.SortStableFunc(w.pairs, func(p, q pair) int { return cmp.Compare(p.x, q.x) })
	w.straighten()
	return w
}

// straighten finds the line that explains the pairs, if one does.
func (w *wallClock) straighten() {
	n := len(w.pairs)
	if n == 0 {
		return
	}
	a, z := w.pairs[0], w.pairs[n-1]
	if z.x > a.x {
		w.slope = (z.d - a.d) / (z.x - a.x)
	}
	w.straight = math.Abs(w.slope) <= maxRate
	for _, p := range w.pairs {
		if math.Abs(p.d-a.d-float64(w.slope*(p.x-a.x))) > w.threshold {
			w.straight = false
		}
	}
	if !w.straight {
		w.slope = 0
	}
	runs := 1
	for i := 1; i < n; i++ {
		if w.pairs[i].x-w.pairs[i-1].x > float64(3*wallWindow) {
			runs++
		}
	}
	w.told = w.straight && runs >= 3
}

// at returns wall - monotonic at x less base, and where the truth may lie. Where three or more runs of readings lie on
// a line, that is how the clock drifts. Else, between two readings, the truth is somewhere in the hull of both, whether the
// clock drifted or was set; beyond the last one it may stay or go on as it went.
func (w wallClock) at(x float64) (d, lo, hi float64) {
	n := len(w.pairs)
	if n == 0 {
		return 0, 0, 0
	}
	i := 0
	for i < n && w.pairs[i].x < x {
		i++
	}
	switch {
	case i == 0 || i == n:
		p := w.pairs[min(i, n-1)]
		on := float64(w.slope * (x - p.x))
		return p.d + on, p.lo + min(on, 0), p.hi + max(on, 0)
	}
	p, q := w.pairs[i-1], w.pairs[i]
	f := (x - p.x) / (q.x - p.x)
	d = p.d + float64(f*(q.d-p.d))
	if w.told {
		return d, d - max(p.d-p.lo, q.d-q.lo), d + max(p.hi-p.d, q.hi-q.d)
	}
	return d, min(p.lo, q.lo), max(p.hi, q.hi)
}

// steps returns the changes that no line explains: settings of the wall clock. Where the changes could as well be the
// drift of a free-running clock, as with two readings they always can, doubt is what changed.
func (w wallClock) steps() (steps []Step, doubt time.Duration) {
	for i := 1; i < len(w.pairs); i++ {
		p, q := w.pairs[i-1], w.pairs[i]
		if w.told || math.Abs(q.d-p.d) <= w.threshold {
			continue
		}
		if w.straight {
			doubt = max(doubt, time.Duration(math.Abs(q.d-p.d)))
			continue
		}
		steps = append(steps, Step{From: p.wall, To: q.wall, By: time.Duration(math.Round(q.d - p.d)), Proved: true})
	}
	return steps, doubt
}
