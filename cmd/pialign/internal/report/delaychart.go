package report

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// delayCharts draws residuals, round trips, and the delays of the two directions with the laws of the fit.
func (a *Alignment) delayCharts(id string) {
	if len(a.exchanges) == 0 {
		return
	}
	a.charts = append(a.charts, a.residualChart(id), a.tripChart(id))
	a.charts = append(a.charts, a.directionCharts(id)...)
	for i := range a.file.Diagnosis.Paths {
		if i == maxPaths {
			break
		}
		if f, ok := a.legChart(id, i); ok {
			a.charts = append(a.charts, f)
		}
	}
}

// maxPaths is how many paths of the network are drawn; the table has all.
const maxPaths = 3

// residualChart shows the middles of the exchanges beside the map. Where bursts are short beside the pauses between them, they stand side by side.
func (a *Alignment) residualChart(id string) Figure {
	f := Figure{ID: id + "-residuals", Title: "Residuals of the exchanges"}
	last := a.exchanges[len(a.exchanges)-1].at
	x := axisOf(last)
	var measured time.Duration
	for _, b := range a.Bursts {
		measured += time.Duration(b.Length)
	}
	sideBySide := measured < last/4
	if sideBySide {
		f.plot = newPlot("exchanges, in order of time", "residual, ms")
	} else {
		f.plot = newPlot(x.label(), "residual, ms")
	}
	var sizes []time.Duration
	for _, e := range a.exchanges {
		if e.known {
			sizes = append(sizes, e.residual().Abs())
		}
	}
	slices.Sort(sizes)
	limit := millis(min(quantile(sizes, 1), max(3*quantile(sizes, 0.75), 2*quantile(sizes, 0.9))))
	f.reach(-limit, limit)
	var good, bad, beyond plotter.XYs
	var pauses []float64
	farthest := time.Duration(0)
	lo, hi := math.Inf(1), math.Inf(-1)
	before := time.Duration(math.MaxInt64)
	for i, e := range a.exchanges {
		p := plotter.XY{X: x.of(e.at), Y: millis(e.residual())}
		if sideBySide {
			p.X = float64(i + 1)
			if e.at-before > 30*time.Second {
				pauses = append(pauses, float64(i)+0.5)
			}
		}
		before = e.at
		lo, hi = min(lo, p.X), max(hi, p.X)
		switch {
		case !e.known:
		case e.untrue:
			bad = append(bad, p)
		case math.Abs(p.Y) > limit:
			farthest = max(farthest, e.residual().Abs())
			beyond = append(beyond, plotter.XY{X: p.X, Y: math.Copysign(limit*1.05, p.Y)})
		default:
			good = append(good, p)
		}
	}
	if hi-lo < 1e-9 {
		lo, hi = lo-1, hi+1
	}
	f.plot.X.Min, f.plot.X.Max = lo-(hi-lo)/60, hi+(hi-lo)/60
	if len(pauses) <= 60 {
		label := "pause"
		for _, v := range pauses {
			f.add(label, look{colour: greyColour, width: 1, dashes: dash(2, 3)}, plotter.XYs{{X: v, Y: f.plot.Y.Min}, {X: v, Y: f.plot.Y.Max}})
			label = ""
		}
	}
	marked := "exchange"
	if len(good) > 2*columns { // too many to tell apart: where most are, and those that stand out
		marked = "the highest and the lowest"
		f.add("nine of ten", look{colour: bandColour, area: true}, crowd(good, 0.05, 0.95))
		f.add("half", look{colour: coreColour, area: true}, crowd(good, 0.25, 0.75))
	}
	f.add("map", look{colour: blueColour, width: 1.4}, plotter.XYs{{X: f.plot.X.Min}, {X: f.plot.X.Max}})
	f.add(marked, look{colour: inkColour, width: 1.6, mark: markDot}, thin(good))
	f.add("outside of the bound", look{colour: redColour, width: 3, mark: markCross}, thin(bad))
	f.add("beyond the figure", look{colour: pinkColour, width: 3, mark: markTriangle}, thin(beyond))
	f.Caption = fmt.Sprintf("Each exchange by its middle, less the map. A slow message on the way to the phone lowers it, one on the way back raises it: only few come near the true line. Half of them lie within %s.",
		human.MS(quantile(sizes, 0.5)))
	if len(bad) > 0 {
		f.Caption += fmt.Sprintf(" The bound does not allow %d: a stamp of them is wrong.", len(bad))
	}
	if len(beyond) > 0 {
		f.Caption += fmt.Sprintf(" Beyond ± %.3f ms: %d, the farthest %s off.", limit, len(beyond), human.MS(farthest))
	}
	return f
}

// crowd is where between two quantiles most marks of each column lie.
func crowd(xys plotter.XYs, low, high float64) plotter.XYs {
	lo, hi := xys[0].X, xys[len(xys)-1].X // they are in order
	var over, under plotter.XYs
	for i := 0; i < len(xys); {
		n := i
		end := lo + (hi-lo)*(math.Floor((xys[i].X-lo)/(hi-lo)*columns/4)+1)*4/columns
		var ys []float64
		for n < len(xys) && (xys[n].X < end || n == i) {
			ys = append(ys, xys[n].Y)
			n++
		}
		slices.Sort(ys)
		x := (xys[i].X + xys[n-1].X) / 2
		over = append(over, plotter.XY{X: x, Y: ys[int(high*float64(len(ys)-1)+0.5)]})
		under = append(under, plotter.XY{X: x, Y: ys[int(low*float64(len(ys)-1)+0.5)]})
		i = n
	}
	slices.Reverse(under)
	return append(over, under...)
}

// The looks of several curves of one kind.
var series = []look{{colour: blueColour, width: 1.7}, {colour: redColour, width: 1.7, dashes: dash(6, 3)}, {colour: greenColour, width: 1.7, dashes: dash(2, 2)},
	{colour: pinkColour, width: 1.7, dashes: []vg.Length{8, 2, 2, 2}}}

// tripChart shows the round trips of each phase.
func (a *Alignment) tripChart(id string) Figure {
	f := Figure{ID: id + "-trips", Title: "Round trips", plot: newPlot("round trip, ms", "exchanges, %")}
	var all []time.Duration
	of := map[string][]time.Duration{}
	for _, e := range a.exchanges {
		all, of[e.phase] = append(all, e.rtt), append(of[e.phase], e.rtt)
	}
	slices.Sort(all)
	b := binsOf(all)
	f.top(b, a.byPhase(&f, b, of))
	f.Caption = "From the sending of an exchange to its answer, by phase. The fastest are what counts. " + b.beyond(all)
	return f
}

// byPhase adds a histogram for each of the first phases and one for all others, and returns how high they reach.
func (a *Alignment) byPhase(f *Figure, b bins, of map[string][]time.Duration) (top float64) {
	for i, p := range a.Phases {
		label, values := "phase "+Visible(p.Name), of[p.Name]
		if i == len(series)-1 && len(a.Phases) > len(series) {
			label, values = fmt.Sprintf("the other %d phases", len(a.Phases)-i), nil
			for _, p := range a.Phases[i:] {
				values = append(values, of[p.Name]...)
			}
		}
		if i == len(series) {
			break
		}
		if len(values) == 0 {
			continue
		}
		xys, high := b.outline(values)
		top = max(top, high)
		f.add(label, series[i], xys)
	}
	return top
}

// top makes a histogram's frame.
func (f *Figure) top(b bins, top float64) {
	f.plot.X.Min, f.plot.X.Max, f.plot.Y.Min, f.plot.Y.Max = b.lo, b.hi, 0, top*1.06
}

// directionCharts shows the way to the phone and the way back by phase, on one scale. Of a single phase they would be legChart's once more.
func (a *Alignment) directionCharts(id string) []Figure {
	if len(a.Phases) < 2 {
		return nil
	}
	var all []time.Duration
	up, down := map[string][]time.Duration{}, map[string][]time.Duration{}
	untrue := 0
	for _, e := range a.exchanges {
		switch {
		case !e.known:
		case e.untrue:
			untrue++
		default:
			up[e.phase], down[e.phase] = append(up[e.phase], e.up), append(down[e.phase], e.down)
			all = append(all, e.up, e.down)
		}
	}
	if len(up) < 2 {
		return nil
	}
	slices.Sort(all)
	b := binsOf(all)
	there := Figure{ID: id + "-up", Title: "Delays to the phone, by phase", plot: newPlot("delay to the phone, ms", "exchanges, %")}
	back := Figure{ID: id + "-down", Title: "Delays back, by phase", plot: newPlot("delay back, ms", "exchanges, %")}
	top := max(a.byPhase(&there, b, up), a.byPhase(&back, b, down)) // one scale, so that they can be compared
	there.top(b, top)
	back.top(b, top)
	there.Caption = "From the sending of an exchange to the phone's stamp, by phase, in per cent of the phase. By the map, and so with the unknown asymmetry in it. "
	back.Caption = "From the phone's stamp to the answer, by phase, on the scale of the way there. "
	for _, side := range []struct {
		f  *Figure
		of map[string][]time.Duration
	}{{&there, up}, {&back, down}} {
		var values []time.Duration
		for _, p := range a.Phases {
			values = append(values, side.of[p.Name]...)
		}
		slices.Sort(values)
		if note := a.TickNote(); note != "" {
			side.f.Caption += note + " "
		}
		side.f.Caption += b.beyond(values)
		if untrue > 0 {
			side.f.Caption += fmt.Sprintf(" Left out: %d that the bound does not allow.", untrue)
		}
	}
	return []Figure{there, back}
}

// legChart shows the two directions of one path, and the laws that the fit has of them.
func (a *Alignment) legChart(id string, path int) (Figure, bool) {
	law := a.file.Diagnosis.Paths[path]
	var up, down []time.Duration
	untrue := 0
	for _, e := range a.exchanges {
		switch {
		case !e.known || a.pathOf(e) != path:
		case e.untrue:
			untrue++
		default:
			up, down = append(up, e.up), append(down, e.down)
		}
	}
	if len(up) < 2 {
		return Figure{}, false
	}
	title := "Delays of the two directions"
	if len(a.Phases) > 1 {
		title += ", all phases"
	}
	if len(a.Paths) > 1 {
		title += fmt.Sprintf(", path %d", path+1)
	}
	f := Figure{ID: fmt.Sprintf("%s-legs%d", id, path+1), Title: title, plot: newPlot("delay, ms", "exchanges, %")}
	all := slices.Concat(up, down)
	slices.Sort(all)
	b := binsOf(all)
	f.plot.X.Min, f.plot.X.Max = b.lo, b.hi
	upXY, upTop := b.outline(up)
	downXY, downTop := b.outline(down)
	top := max(upTop, downTop)
	upLaw, downLaw := lawCurve(law.Up, law.Floor, slices.Max(up), b), lawCurve(law.Down, law.Floor, slices.Max(down), b)
	lawful := !a.Recipe && law.Up.Scale > 0
	if lawful {
		for _, p := range slices.Concat(upLaw, downLaw) {
			top = max(top, min(p.Y, 1.6*max(upTop, downTop)))
		}
	}
	f.plot.Y.Min, f.plot.Y.Max = 0, 1.06*top
	f.add("to the phone", series[0], upXY)
	f.add("back", series[1], downXY)
	if lawful {
		f.add("law, to the phone", look{colour: inkColour, width: 1}, upLaw)
		f.add("law, back", look{colour: inkColour, width: 1, dashes: dash(3, 2)}, downLaw)
		if v := millis(law.Floor / 2); v >= b.lo {
			f.add("half of the floor", look{colour: greyColour, width: 1.1, dashes: dash(2, 3)}, plotter.XYs{{X: v, Y: 0}, {X: v, Y: f.plot.Y.Max}})
		}
	}
	f.Caption = fmt.Sprintf("By the map, and so with the unknown asymmetry in it: if the shortest way up is longer than the shortest way back, all of one direction is shown too short and all of the other too long, each by half the difference. "+
		"The smooth lines are the laws of the fit, from half of the floor %s of the round trip on. ", human.MS(law.Floor))
	if note := a.TickNote(); note != "" {
		f.Caption += note
		if lawful && a.file.Diagnosis.Rounding != align.RoundingNearest {
			f.Caption += " So the first may begin left of their law and of half of the floor, and the others right of them; the fit allows for it."
		}
		f.Caption += " "
	}
	f.Caption += b.beyond(all)
	if untrue > 0 {
		f.Caption += fmt.Sprintf(" Left out: %d that the bound does not allow.", untrue)
	}
	return f, true
}

// pathOf returns over which path of the network an exchange went: that of its burst, or of the next one.
func (a *Alignment) pathOf(e exchange) int {
	if len(a.file.Diagnosis.Paths) < 2 {
		return 0
	}
	bursts := a.file.Diagnosis.Bursts
	first := firstOf(a.file)
	best, least := 0, time.Duration(math.MaxInt64)
	for _, b := range bursts {
		if b.Kept == 0 {
			continue
		}
		far := max(b.First.Sub(first)-e.at, e.at-b.Last.Sub(first), 0)
		if far < least {
			best, least = b.Path, far
		}
	}
	return best
}

func firstOf(a *align.Alignment) align.DeviceTime {
	if a.Wall != nil {
		return a.Wall.Parts().First
	}
	return a.Mono.Parts().First
}

// bins are those of a histogram, of ms.
type bins struct {
	lo, hi float64
	n      int
}

// binsOf covers sorted spans but the slowest, which would squeeze all others into one bin.
func binsOf(sorted []time.Duration) bins {
	lo, hi := millis(quantile(sorted, 0)), millis(quantile(sorted, 0.98))
	hi = min(hi, lo+5*(millis(quantile(sorted, 0.75))-lo)) // of a heavy tail only the beginning, else that would be one bin
	b := bins{lo: min(lo, 0), hi: hi * 1.02}
	if lo > 0 && lo < hi/3 {
		b.lo = 0
	} else if lo > 0 {
		b.lo = lo - (hi-lo)/10
	}
	if b.hi <= b.lo {
		b.hi = b.lo + 1
	}
	b.n = min(80, max(16, int(2*math.Sqrt(float64(len(sorted))))))
	return b
}

// outline draws a histogram in per cent of all values, and returns its top.
func (b bins) outline(values []time.Duration) (out plotter.XYs, top float64) {
	count := make([]int, b.n)
	for _, v := range values {
		if i := int(math.Floor((millis(v) - b.lo) / (b.hi - b.lo) * float64(b.n))); i >= 0 && i < b.n {
			count[i]++
		}
	}
	width := (b.hi - b.lo) / float64(b.n)
	out = append(out, plotter.XY{X: b.lo, Y: 0})
	for i, n := range count {
		y := 100 * float64(n) / float64(max(1, len(values)))
		top = max(top, y)
		x := b.lo + float64(i)*width
		if out[len(out)-1].Y != y {
			out = append(out, plotter.XY{X: x, Y: out[len(out)-1].Y}, plotter.XY{X: x, Y: y})
		}
	}
	out = append(out, plotter.XY{X: b.hi, Y: out[len(out)-1].Y}, plotter.XY{X: b.hi, Y: 0})
	return out, top
}

// beyond says what a histogram leaves out.
func (b bins) beyond(sorted []time.Duration) string {
	n := 0
	for _, v := range sorted {
		if millis(v) > b.hi {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("Slower than the figure shows: %d, the slowest %s.", n, human.MS(sorted[len(sorted)-1]))
}

// lawCurve is the density of a law above half of the floor, in per cent a bin: docs/method.md, "Floor edge". The flat part ends a tenth beyond the
// slowest message, as in the fit.
func lawCurve(l align.LawReport, floor, slowest time.Duration, b bins) plotter.XYs {
	k, alpha, s := l.Shape, l.Tail, millis(l.Scale)
	f := millis(floor) / 2
	emax := 1.1 * max(millis(slowest)-f, 1e-6)
	lg := func(v float64) float64 { g, _ := math.Lgamma(v); return g }
	norm := -math.Log(s) - lg(k) - lg(alpha) + lg(k+alpha)
	width := (b.hi - b.lo) / float64(b.n)
	var out plotter.XYs
	const steps = 200
	for i := range steps + 1 {
		x := b.lo + (b.hi-b.lo)*float64(i)/steps
		e := x - f
		if e <= 0 {
			continue
		}
		g := (1 - l.Flat) * math.Exp((k-1)*math.Log(e/s)-(k+alpha)*math.Log1p(e/s)+norm)
		if e < emax {
			g += l.Flat / emax
		}
		if g = 100 * g * width; !math.IsNaN(g) && !math.IsInf(g, 0) {
			out = append(out, plotter.XY{X: x, Y: g})
		}
	}
	return straight(out)
}
