package report

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// axis is the unit of time of the figures of a session.
type axis struct {
	unit string
	in   time.Duration
}

func axisOf(length time.Duration) axis {
	switch {
	case length > 5*time.Hour:
		return axis{"hours", time.Hour}
	case length > 5*time.Minute:
		return axis{"minutes", time.Minute}
	}
	return axis{"seconds", time.Second}
}

func (a axis) label() string               { return a.unit + " since the first exchange used" }
func (a axis) of(d time.Duration) float64  { return float64(d) / float64(a.in) }
func millis(d time.Duration) float64       { return float64(d) / 1e6 }
func (a axis) span(p *plot.Plot, c *curve) { p.X.Min, p.X.Max = c.ends(a) }

// ends returns where a curve begins and ends.
func (c *curve) ends(a axis) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, run := range c.runs {
		for _, x := range run {
			lo, hi = min(lo, a.of(x.at)), max(hi, a.of(x.at))
		}
	}
	if lo >= hi {
		return -1, 1
	}
	return lo, hi
}

// trace makes a line of a curve, parted between its runs and where of does not know.
func (c *curve) trace(a axis, of func(point) (float64, bool)) plotter.XYs {
	var out plotter.XYs
	for _, run := range c.runs {
		for _, x := range run {
			v, ok := of(x)
			if !ok {
				v = math.NaN()
			}
			out = append(out, plotter.XY{X: a.of(x.at), Y: v})
		}
		out = append(out, plotter.XY{X: math.NaN(), Y: math.NaN()})
	}
	return straight(out)
}

// straight leaves out points between others: what is drawn stays within a 2000th of the range, a fifth of a pixel. X must not fall within a stretch.
func straight(xys plotter.XYs) plotter.XYs {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range xys {
		if !math.IsNaN(p.Y) {
			lo, hi = min(lo, p.Y), max(hi, p.Y)
		}
	}
	tolerance := (hi - lo) / 2000
	var out plotter.XYs
	for i := 0; i < len(xys); {
		n := i
		for n < len(xys) && !math.IsNaN(xys[n].Y) {
			n++
		}
		out = appendStraight(out, xys[i:n], tolerance)
		if i = n; i < len(xys) {
			out = append(out, xys[i])
			i++
		}
	}
	return out
}

// appendStraight goes on from a kept point as long as one straight line passes all since by less than the tolerance: the swinging door.
func appendStraight(out, run plotter.XYs, tolerance float64) plotter.XYs {
	if len(run) == 0 {
		return out
	}
	anchor, last := run[0], run[0]
	out = append(out, anchor)
	least, most := math.Inf(-1), math.Inf(1)
	for _, p := range run[1:] {
		slope := (p.Y - anchor.Y) / (p.X - anchor.X)
		if !(p.X > anchor.X && slope >= least && slope <= most) {
			if last != anchor {
				out = append(out, last)
			}
			anchor, least, most = last, math.Inf(-1), math.Inf(1)
		}
		if p.X > anchor.X {
			least = max(least, (p.Y-tolerance-anchor.Y)/(p.X-anchor.X))
			most = min(most, (p.Y+tolerance-anchor.Y)/(p.X-anchor.X))
		} else { // straight up or down
			if p != anchor {
				out = append(out, p)
			}
			anchor, least, most = p, math.Inf(-1), math.Inf(1)
		}
		last = p
	}
	if last != anchor {
		out = append(out, last)
	}
	return out
}

// bands fills an interval around a curve, a polygon for each stretch where it is known.
func (c *curve) bands(f *Figure, a axis, label string, l look, of func(point) (lo, hi float64, ok bool)) {
	l.area = true
	for _, run := range c.runs {
		var over, under plotter.XYs
		end := func() {
			if len(over) > 1 {
				over, under = straight(over), straight(under)
				slices.Reverse(under)
				f.add(label, l, append(over, under...))
				label = "" // once in the legend
			}
			over, under = nil, nil
		}
		for _, x := range run {
			lo, hi, ok := of(x)
			if !ok {
				end()
				continue
			}
			over = append(over, plotter.XY{X: a.of(x.at), Y: hi})
			under = append(under, plotter.XY{X: a.of(x.at), Y: lo})
		}
		end()
	}
}

// clockCharts draws offset, uncertainty and drift over time.
func (a *Alignment) clockCharts(id string) {
	c := curveOf(a.file)
	if len(c.runs) == 0 {
		return
	}
	x := axisOf(c.length)
	base := c
	if a.Base == string(align.BaseMono) && a.file.Mono != nil { // on the wall clock a setting of it would look like a drift
		base = curveOn(a.file.Mono)
	}
	a.charts = append(a.charts, a.offsetChart(id, &c, x))
	if c.doubted() {
		a.charts = append(a.charts, a.doubtChart(id, &c, x))
	}
	a.charts = append(a.charts, a.driftChart(id, &base, x))
	a.hostCharts(id)
}

// doubted reports whether anywhere is known how wrong the map can be.
func (c *curve) doubted() bool {
	return slices.ContainsFunc(c.runs, func(run []point) bool {
		return slices.ContainsFunc(run, func(p point) bool { return p.bounded || p.rated })
	})
}

// offsetChart shows the map as it is.
func (a *Alignment) offsetChart(id string, c *curve, x axis) Figure {
	f := Figure{ID: id + "-offset", Title: "Offset",
		plot: newPlot(x.label(), "offset "+less(c.reference)+", ms")}
	x.span(f.plot, c)
	lo, hi := math.Inf(1), math.Inf(-1)
	see := func(v float64) { lo, hi = min(lo, v), max(hi, v) }
	for _, run := range c.runs {
		for _, p := range run {
			see(millis(p.offset))
			if p.bounded && p.at >= 0 && p.at <= c.length {
				see(millis(p.offset + p.bound.Lo))
				see(millis(p.offset + p.bound.Hi))
			}
		}
	}
	f.reach(lo, hi)
	a.shadeGaps(&f, c, x)
	if !a.Recipe {
		c.bands(&f, x, "95 % interval", look{colour: coreColour}, func(p point) (float64, float64, bool) {
			return millis(p.offset + p.likely.Lo), millis(p.offset + p.likely.Hi), p.rated
		})
	}
	bound := look{colour: greyColour, width: 1.1, dashes: dash(5, 3)}
	f.add("hard bound", bound, c.trace(x, func(p point) (float64, bool) { return millis(p.offset + p.bound.Hi), p.bounded }))
	f.add("", bound, c.trace(x, func(p point) (float64, bool) { return millis(p.offset + p.bound.Lo), p.bounded }))
	f.add("map", look{colour: blueColour, width: 1.8}, c.trace(x, func(p point) (float64, bool) { return millis(p.offset), true }))
	f.add("bursts", look{colour: inkColour, width: 3, mark: markDot}, a.burstsOnMap(x, c.reference))
	f.Caption = "host − device: how far the phone's clock is behind the computer's" + onClock(a.Clock) + ". " + taken(c.reference) +
		" A rising line is a drift above 0. " + a.stepWords()
	return f
}

// doubtChart shows what the truth may be beside the map.
func (a *Alignment) doubtChart(id string, c *curve, x axis) Figure {
	f := Figure{ID: id + "-interval", Title: "How wrong the map can be", plot: newPlot(x.label(), "truth − map, ms")}
	x.span(f.plot, c)
	limit := 0.0
	see := func(v align.Interval) { limit = max(limit, math.Abs(millis(v.Lo)), math.Abs(millis(v.Hi))) }
	for _, run := range c.runs {
		for _, p := range run {
			if p.bounded && p.at >= 0 && p.at <= c.length {
				see(p.bound)
			}
			if p.rated && !a.Recipe {
				see(p.likely)
			}
		}
	}
	f.reach(-limit, limit)
	a.shadeGaps(&f, c, x)
	if !a.Recipe {
		c.bands(&f, x, "95 % interval", look{colour: bandColour}, func(p point) (float64, float64, bool) { return millis(p.likely.Lo), millis(p.likely.Hi), p.rated })
		c.bands(&f, x, "without the allowance for unequal delays", look{colour: coreColour}, func(p point) (float64, float64, bool) { return millis(p.stat.Lo), millis(p.stat.Hi), p.rated })
	}
	bound := look{colour: greyColour, width: 1.1, dashes: dash(5, 3)}
	f.add("hard bound", bound, c.trace(x, func(p point) (float64, bool) { return millis(p.bound.Hi), p.bounded }))
	f.add("", bound, c.trace(x, func(p point) (float64, bool) { return millis(p.bound.Lo), p.bounded }))
	f.add("map", look{colour: blueColour, width: 1.4}, c.trace(x, func(point) (float64, bool) { return 0, true }))
	if !a.Recipe {
		f.add("bursts by themselves, ± 95 %", look{colour: inkColour, width: 1.1, bar: true}, a.burstBars(x))
		f.add("", look{colour: inkColour, width: 3, mark: markDot}, a.burstMarks(x, a.burstMiss))
	}
	f.Caption = "The map is the line at 0. Outside of the dashed lines the truth cannot be while the assumptions hold"
	if a.Recipe {
		f.Caption += ": where the line at 0 is, the map is wrong. It is a recipe's, to compare with, and has no interval. "
	} else {
		f.Caption += "; outside of the band it is in one case of 20. "
	}
	f.Caption += a.stepWords()
	return f
}

// driftChart shows the slope of the map.
func (a *Alignment) driftChart(id string, c *curve, x axis) Figure {
	f := Figure{ID: id + "-drift", Title: "Drift", plot: newPlot(x.label(), "drift, ppm")}
	x.span(f.plot, c)
	d := a.file.Diagnosis
	begin, spread := float64(d.DriftE18)/1e12, 1.96*float64(d.DriftSDE18)/1e12
	mean := begin
	if a.MeanDrift != nil {
		mean = float64(*a.MeanDrift) / 1e12
	}
	lo, hi := min(mean, begin-spread), max(mean, begin+spread)
	for _, run := range c.runs {
		for _, p := range run {
			lo, hi = min(lo, float64(p.drift)/1e12), max(hi, float64(p.drift)/1e12)
		}
	}
	if hi-lo < 0.1 { // a straight line should look like one
		lo, hi = mean-0.05, mean+0.05
	}
	f.reach(lo, hi)
	f.add("mean", look{colour: greyColour, width: 1.1, dashes: dash(5, 3)}, plotter.XYs{{X: f.plot.X.Min, Y: mean}, {X: f.plot.X.Max, Y: mean}})
	f.add("slope of the map", look{colour: blueColour, width: 1.6}, c.trace(x, func(p point) (float64, bool) { return float64(p.drift) / 1e12, true }))
	if spread > 0 {
		f.add("by the fit at the beginning, ± 95 %", look{colour: inkColour, width: 1.3, bar: true}, plotter.XYs{{X: 0, Y: begin - spread}, {X: 0, Y: begin + spread}})
		f.add("", look{colour: inkColour, width: 3, mark: markDot}, plotter.XYs{{X: 0, Y: begin}})
	}
	f.Caption = "How fast the phone's clock loses against the computer's " + a.Base + " clock: 1 ppm is 3.6 ms in an hour. Mean " + orUnknown(a.MeanDrift) + "."
	return f
}

func orUnknown(drift *Number) string {
	if drift == nil {
		return "unknown"
	}
	return human.PPM(int64(*drift))
}

// less writes the subtraction of a span.
func less(d time.Duration) string {
	if d < 0 {
		return "+ " + human.MS(-d)
	}
	return "− " + human.MS(d)
}

// taken says in words what less writes.
func taken(d time.Duration) string {
	if d < 0 {
		return "In the figure " + human.MS(-d) + " are added."
	}
	return "In the figure " + human.MS(d) + " are taken off."
}

func onClock(clock string) string {
	if clock == string(align.BaseMono) {
		return " monotonic clock"
	}
	return ""
}

// reach sets what a figure shows, with some air.
func (f *Figure) reach(lo, hi float64) {
	if !(hi > lo) {
		if math.IsInf(lo, 0) {
			lo, hi = 0, 0
		}
		lo, hi = lo-1, hi+1
	}
	air := (hi - lo) / 18
	f.plot.Y.Min, f.plot.Y.Max = lo-air, hi+air
}

// shadeGaps marks where a clock was set.
func (a *Alignment) shadeGaps(f *Figure, c *curve, x axis) {
	if a.First == nil || a.Clock != "wall" { // steps are told on the wall clock
		return
	}
	for _, kind := range []struct {
		steps []Step
		label string
		look  look
	}{{a.Steps, "phone's clock set in here", look{colour: gapColour, area: true}}, {a.HostSteps, "computer's wall clock set", look{colour: redColour, width: 1.2, dashes: dash(2, 2)}}} {
		label := kind.label
		for _, s := range kind.steps {
			from, to := x.of(time.Duration(s.From-*a.First)), x.of(time.Duration(s.To-*a.First))
			lo, hi := f.plot.Y.Min, f.plot.Y.Max
			if kind.look.area {
				f.add("", kind.look, plotter.XYs{{X: from, Y: lo}, {X: to, Y: lo}, {X: to, Y: hi}, {X: from, Y: hi}})
				edge := look{colour: pinkColour, width: 1.1, dashes: []vg.Length{6, 2, 1, 2}} // a gap may be too narrow to be seen
				f.add(label, edge, plotter.XYs{{X: from, Y: lo}, {X: from, Y: hi}, {X: from, Y: math.NaN()}, {X: to, Y: lo}, {X: to, Y: hi}})
			} else {
				f.add(label, kind.look, plotter.XYs{{X: from, Y: lo}, {X: from, Y: hi}, {X: from, Y: math.NaN()}, {X: to, Y: lo}, {X: to, Y: hi}})
			}
			label = ""
		}
	}
}

func (a *Alignment) stepWords() string {
	s := ""
	if n := len(a.Steps); n > 0 {
		s = "The phone's clock was set " + times(n) + ". "
	}
	if n := len(a.HostSteps); n > 0 {
		s += "The computer's wall clock was set " + times(n) + ". "
	}
	return s
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// burstsOnMap marks where the map was measured.
func (a *Alignment) burstsOnMap(x axis, reference time.Duration) (out plotter.XYs) {
	for _, b := range a.Bursts {
		if b.Offset != nil && b.First != nil && a.First != nil {
			out = append(out, plotter.XY{X: x.of(time.Duration(*b.First-*a.First) + time.Duration(b.Length)/2), Y: millis(time.Duration(*b.Offset) - reference)})
		}
	}
	return thin(out)
}

// burstMarks marks the middle of each burst.
func (a *Alignment) burstMarks(x axis, of func(align.BurstReport, point) float64) (out plotter.XYs) {
	a.eachBurst(func(b align.BurstReport, p point) { out = append(out, plotter.XY{X: x.of(p.at), Y: of(b, p)}) })
	return thin(out)
}

// burstMiss is how far a burst by itself lies from the map, where both are on one clock.
func (a *Alignment) burstMiss(b align.BurstReport, p point) float64 {
	return millis(b.Offset - p.offset)
}

func (a *Alignment) burstBars(x axis) (out plotter.XYs) {
	a.eachBurst(func(b align.BurstReport, p point) {
		y, h := a.burstMiss(b, p), 1.96*millis(b.OffsetSD)
		out = append(out, plotter.XY{X: x.of(p.at), Y: y - h}, plotter.XY{X: x.of(p.at), Y: y + h}, plotter.XY{X: x.of(p.at), Y: math.NaN()})
	})
	if len(out) > 3*columns {
		return nil
	}
	return out
}

// eachBurst calls do with each burst of which something was kept and the map in its middle, on the clock of the fit.
func (a *Alignment) eachBurst(do func(align.BurstReport, point)) {
	if a.file.Diagnosis.Base == align.BaseMono && a.file.Mono != nil {
		eachBurstOn(a.file.Mono, a.file.Diagnosis.Bursts, do)
	} else if a.file.Wall != nil {
		eachBurstOn(a.file.Wall, a.file.Diagnosis.Bursts, do)
	}
}

func eachBurstOn[T align.HostClock](m *align.Model[T], bursts []align.BurstReport, do func(align.BurstReport, point)) {
	first := m.Parts().First
	for _, b := range bursts {
		middle := b.First + (b.Last-b.First)/2
		var best align.Estimate[T]
		found := false
		for _, e := range m.Candidates(middle) {
			miss := func(e align.Estimate[T]) time.Duration {
				return (b.Offset - time.Duration(int64(e.Host)-int64(middle))).Abs()
			}
			if !found || miss(e) < miss(best) {
				best, found = e, true
			}
		}
		if found && b.Kept > 0 {
			do(b, point{at: middle.Sub(first), offset: time.Duration(int64(best.Host) - int64(middle))})
		}
	}
}
