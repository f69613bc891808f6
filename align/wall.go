package align

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	// wallStep is how much wall - monotonic may change between two readings before it counts as a change at all, unless twice
	// the wall clock's tick is more.
	wallStep = 500 * time.Microsecond
	// wallWindow is over how long readings are put together to one.
	wallWindow = 10 * time.Second
	// wallPause is the pause between two readings that can show a drift of some ppm above their noise.
	wallPause = time.Minute
)

// pair is wall - monotonic of the host about an instant of its monotonic clock.
type pair struct {
	h      float64 // monotonic, less the origin's
	d      float64 // wall - monotonic, less that of the first reading
	lo, hi float64 // where the truth lies
	first  edge    // the first and the last of its readings
	last   edge
	least  float64 // the range of all of them
	most   float64
}

// edge is an instant on both clocks.
type edge struct {
	h    float64
	wall HostTime
}

// wallClock converts from the host's monotonic clock to its wall clock, as readings of both show it: wall - monotonic is
// taken for a clock of its own, constant between settings on Linux, where both are slewed alike, a line plus steps on Windows and
// macOS, whose monotonic clock runs free.
type wallClock struct {
	base      int64 // wall - monotonic of the first reading
	pairs     []pair
	threshold float64
	slope     float64    // of the line that explains most changes
	told      bool       // by two pauses or more, or by the runs' own rates: a line through one pause explains nothing
	hidden    float64    // how large a setting could be that told overlooks
	rates     []wallRate // of the runs of readings between pauses; unknown ones have an infinite error
	// between which drifts, besides slope, the readings leave open what it does beyond them
	least, most float64
}

// newWallClock takes the samples and further readings. qw and qm are the ticks of the two clocks.
func newWallClock(samples []Sample, readings []HostReading, o origin, qw, qm time.Duration) wallClock {
	w := wallClock{threshold: float64(max(wallStep, 2*qw))}
	var window []wallReading
	flush := func() {
		if len(window) == 0 {
			return
		}
		d := make([]float64, len(window))
		sum := 0.0
		for i, r := range window {
			d[i] = r.d
			sum += r.h
		}
		slices.Sort(d)
		// the middle of the wall tick less that of the monotonic one; the range leaves out a tenth at each side, which are
		// readings that were interrupted between the two clocks
		begin, end := window[0], window[len(window)-1]
		w.pairs = append(w.pairs, pair{h: sum / float64(len(d)), first: edge{begin.h, begin.wall}, last: edge{end.h, end.wall},
			d:  typical(d, float64(qw+qm)) + float64(qw-1)/2 - float64(qm-1)/2,
			lo: quantile(d, 0.1) - float64(qm), hi: quantile(d, 0.9) + float64(qw),
			least: d[0] - float64(qm), most: d[len(d)-1] + float64(qw)})
		window = window[:0]
	}
	all := make([]HostReading, 0, 2*len(samples)+len(readings))
	for _, s := range samples {
		all = append(all, HostReading{Wall: s.A, Mono: s.MonoA}, HostReading{Wall: s.B, Mono: s.MonoB})
	}
	all = append(all, readings...)
	slices.SortStableFunc(all, func(a, b HostReading) int { return cmp.Or(cmp.Compare(a.Mono, b.Mono), cmp.Compare(a.Wall, b.Wall)) })
	var near []wallReading
	near, w.base = wallReadings(all, o)
	var run []point
	endRun := func() {
		if r, ok := rateWithin(run, float64(qw+qm)); ok {
			w.rates = append(w.rates, r)
		} else {
			w.rates = append(w.rates, wallRate{se: math.Inf(1)})
		}
		run = nil
	}
	for _, r := range uninterrupted(near, w.threshold) {
		if n := len(window); n > 0 && (math.Abs(r.d-window[n-1].d) > w.threshold || r.h-window[0].h > float64(wallWindow)) {
			flush()
		}
		window = append(window, r)
		if n := len(run); n > 0 && r.h-run[n-1].x > float64(wallPause) {
			endRun()
		}
		run = append(run, point{r.h, r.d})
	}
	flush()
	endRun()
	w.straighten()
	w.sharpen()
	w.leaveOpen()
	return w
}

// typical returns the mean of those of the sorted values that are within ticks and 50 us of the median: differences of ticks
// average out, readings that were interrupted between the two clocks do not.
func typical(sorted []float64, ticks float64) float64 {
	const interrupted = 50e3
	m := quantile(sorted, 0.5)
	sum, n := 0.0, 0.0
	for _, v := range sorted {
		if math.Abs(v-m) <= ticks+interrupted {
			sum, n = sum+(v-m), n+1
		}
	}
	return m + sum/n
}

// change returns what changed between pair i-1 and i beyond a drift of slope, and the time between.
func (w *wallClock) change(i int, slope float64) (d, pause float64) {
	p, q := w.pairs[i-1], w.pairs[i]
	return q.d - p.d - float64(slope*(q.h-p.h)), q.h - p.h
}

// straighten finds the drift that explains most changes: none, unless that of some pause explains more and holds over at
// least one other pause, or, where there is but one pause, is what the runs on both sides of it show by themselves.
func (w *wallClock) straighten() {
	changes := func(slope float64) (n, explained int) {
		for i := 1; i < len(w.pairs); i++ {
			d, pause := w.change(i, slope)
			switch {
			case math.Abs(d) > w.threshold:
				n++
			case pause > float64(wallPause):
				explained++
			}
		}
		return n, explained
	}
	least, pauses := changes(0)
	w.told = pauses >= 2
	for i, tried := 1, 0; i < len(w.pairs) && least > 0 && tried < 200; i++ {
		d, pause := w.change(i, 0)
		if pause <= float64(wallPause) || math.Abs(d) > float64(maxRate*pause) {
			continue
		}
		tried++
		if n, explained := changes(d / pause); n < least && explained >= 2 {
			least, w.slope, w.told = n, d/pause, true
		} else if len(w.rates) == 2 {
			if yes, hidden := drifted(d/pause, pause, w.rates[0], w.rates[1]); yes {
				least, w.slope, w.told, w.hidden = 0, d/pause, true, hidden
			}
		}
	}
}

// at returns wall - monotonic at h less base, and where the truth may lie: between two readings that the drift does not
// join, somewhere in the hull of both, whether the clock drifted or was set; beyond the last one it may stay, go on as it
// went, or drift as far as the readings leave open.
func (w wallClock) at(h float64) (d, lo, hi float64) {
	n := len(w.pairs)
	if n == 0 {
		return 0, 0, 0
	}
	i := 0
	for i < n && w.pairs[i].h < h {
		i++
	}
	if i == 0 || i == n {
		p := w.pairs[min(i, n-1)]
		on := float64(w.slope * (h - p.h))
		x, y := float64(w.least*(h-p.h)), float64(w.most*(h-p.h))
		return p.d + on, p.lo + min(on, 0) + min(x, y), p.hi + max(on, 0) + max(x, y)
	}
	p, q := w.pairs[i-1], w.pairs[i]
	f := (h - p.h) / (q.h - p.h)
	d = p.d + float64(f*(q.d-p.d))
	if c, _ := w.change(i, w.slope); w.told && math.Abs(c) <= w.threshold {
		give := math.Abs(c) + w.hidden
		return d, d - max(p.d-p.lo, q.d-q.lo) - give, d + max(p.hi-p.d, q.hi-q.d) + give
	}
	// up to a setting, whenever it was, the clock may have drifted on from p, and after it to q
	before, after := float64(w.slope*(h-p.h)), float64(w.slope*(h-q.h))
	lo = min(p.lo+min(before, 0), q.lo+min(after, 0))
	hi = max(p.hi+max(before, 0), q.hi+max(after, 0))
	if w.told {
		lo = min(lo, p.lo+before+min(float64(w.least*(h-p.h)), 0), q.lo+after+min(float64(w.most*(h-q.h)), 0))
		hi = max(hi, p.hi+before+max(float64(w.most*(h-p.h)), 0), q.hi+after+max(float64(w.least*(h-q.h)), 0))
	}
	return d, lo, hi
}

// sharpen puts a pair at the last reading before each change and at the first one after it, so that a setting is looked for between these
// two and nowhere else.
func (w *wallClock) sharpen() {
	var out []pair
	at := func(p pair, h float64) pair {
		on := float64(w.slope * (h - p.h))
		p.h, p.d = h, p.d+on
		p.lo, p.hi = min(p.lo, p.least)+min(on, 0), max(p.hi, p.most)+max(on, 0)
		return p
	}
	for i, p := range w.pairs {
		if i > 0 {
			if d, _ := w.change(i, w.slope); math.Abs(d) > w.threshold {
				if last := &out[len(out)-1]; last.last.h > last.h {
					out = append(out, at(*last, last.last.h))
				}
				if p.first.h < p.h {
					out = append(out, at(p, p.first.h))
				}
			}
		}
		out = append(out, p)
	}
	w.pairs = out
}

// leaveOpen finds the drifts that the longest stretch without a setting allows, as its first and last readings tell them. A pause
// that may have been a drift belongs to the stretch.
func (w *wallClock) leaveOpen() {
	longest := 0.0
	for i, j := 0, 0; i < len(w.pairs); i = j + 1 {
		for j = i; j+1 < len(w.pairs); j++ {
			if d, _ := w.change(j+1, w.slope); math.Abs(d) > w.threshold && !w.mayBeDrift(j+1) {
				break
			}
		}
		p, q := w.pairs[i], w.pairs[j]
		if span := q.h - p.h; span > longest {
			longest = span
			w.least = max(min((q.lo-p.hi)/span-w.slope, 0), -maxRate)
			w.most = min(max((q.hi-p.lo)/span-w.slope, 0), maxRate)
		}
	}
}

// mayBeDrift says whether the change before pair i may be a drift as well as a setting: where there is but one pause, no other tells.
func (w wallClock) mayBeDrift(i int) bool {
	pauses := 0
	for k := 1; k < len(w.pairs); k++ {
		if _, pause := w.change(k, 0); pause > float64(wallPause) {
			pauses++
		}
	}
	d, pause := w.change(i, w.slope)
	return pauses == 1 && pause > float64(wallPause) && math.Abs(d) <= float64(maxRate*pause)
}

// steps returns the changes that no drift explains: settings of the wall clock. With a single pause a change could be either,
// and doubt is how large it was.
func (w wallClock) steps() (steps []Step, doubt time.Duration) {
	for i := 1; i < len(w.pairs); i++ {
		d, _ := w.change(i, w.slope)
		if math.Abs(d) <= w.threshold {
			continue
		}
		p, q := w.pairs[i-1], w.pairs[i]
		if w.mayBeDrift(i) {
			doubt = max(doubt, time.Duration(math.Abs(d)))
			continue
		}
		steps = append(steps, Step{From: p.last.wall, To: q.first.wall, By: time.Duration(math.Round(d)), Proved: true})
	}
	return steps, doubt
}
