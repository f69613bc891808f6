package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot/plotter"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// HostClock sums up the readings of the computer's own clocks during the session.
type HostClock struct {
	Readings int     `json:"readings"`
	Length   Number  `json:"length_ns"`                     // between the first and the last
	Range    Number  `json:"wall_minus_monotonic_range_ns"` // the largest less the smallest
	Rate     *Number `json:"monotonic_rate_e18"`            // how much faster the monotonic clock ran than the raw one, in the mean
	Slew     *Number `json:"slew_ns"`                       // how far monotonic - raw gets from the line through its first and last reading
}

// hostReading is a reading of the computer's clocks in spans alone.
type hostReading struct {
	at     time.Duration // on the monotonic clock, since the first exchange used
	wall   time.Duration // wall - monotonic, less that of the first reading
	slew   time.Duration // monotonic - raw, less the line through its first and last reading
	beside bool          // slew is known
}

// hostClock puts readings in order and sums them up. Fewer than three show nothing that the exchanges do not.
func (a *Alignment) hostClock(clocks []align.HostReading) {
	clocks = slices.Clone(clocks)
	slices.SortStableFunc(clocks, func(a, b align.HostReading) int {
		return cmp.Or(cmp.Compare(a.Mono, b.Mono), cmp.Compare(a.Wall, b.Wall))
	})
	clocks = slices.CompactFunc(clocks, func(a, b align.HostReading) bool { return a.Mono == b.Mono })
	if len(clocks) < 3 {
		return
	}
	begin, end := clocks[0], clocks[len(clocks)-1]
	origin, wall := a.origin(clocks)
	a.hostSet = a.setWithin(wall)
	difference := func(r align.HostReading) time.Duration {
		return time.Duration(r.Wall-begin.Wall) - r.Mono.Sub(begin.Mono)
	}
	var lo, hi time.Duration
	for _, r := range clocks {
		d := difference(r)
		lo, hi = min(lo, d), max(hi, d)
		a.clocks = append(a.clocks, hostReading{at: r.Mono.Sub(origin), wall: d})
	}
	a.HostClock = &HostClock{Readings: len(clocks), Length: Number(end.Mono.Sub(begin.Mono)), Range: Number(hi - lo)}
	a.slew(clocks)
}

// slew takes the line through the first and the last reading of the raw clock off.
func (a *Alignment) slew(clocks []align.HostReading) {
	raw := func(r align.HostReading) bool { return r.Raw != 0 }
	i := slices.IndexFunc(clocks, raw)
	if i < 0 {
		return
	}
	j := len(clocks) - 1
	for !raw(clocks[j]) {
		j--
	}
	first, last := clocks[i], clocks[j]
	gained := func(r align.HostReading) time.Duration { return r.Mono.Sub(first.Mono) - r.Raw.Sub(first.Raw) }
	length := float64(last.Mono.Sub(first.Mono))
	if j-i < 2 || length <= 0 {
		return
	}
	rate := float64(gained(last)) / length
	most := time.Duration(0)
	for k, r := range clocks {
		if raw(r) {
			s := gained(r) - time.Duration(math.Round(rate*float64(r.Mono.Sub(first.Mono))))
			a.clocks[k].slew, a.clocks[k].beside = s, true
			most = max(most, s.Abs())
		}
	}
	a.HostClock.Slew = number(most)
	if math.Abs(rate) < 9 { // a number of 1e-18 holds no more
		a.HostClock.Rate = number(time.Duration(math.Round(rate * 1e18)))
	}
}

// origin is when the first exchange used was, on the monotonic and on the wall clock: by the map, and where it has but one of the two by the
// nearest reading.
func (a *Alignment) origin(clocks []align.HostReading) (mono align.MonoTime, wall align.HostTime) {
	known := false
	if m := a.file.Mono; m != nil {
		if c := m.Candidates(m.Parts().First); len(c) > 0 {
			mono, known = c[0].Host, true
		}
	}
	walled := a.First != nil && a.Clock == "wall"
	if walled {
		wall = align.HostTime(*a.First)
	}
	switch {
	case !known && !walled:
		mono, wall = clocks[0].Mono, clocks[0].Wall
	case !known:
		r := slices.MinFunc(clocks, func(a, b align.HostReading) int { return cmp.Compare(a.Wall.Sub(wall).Abs(), b.Wall.Sub(wall).Abs()) })
		mono = r.Mono.Add(wall.Sub(r.Wall))
	case !walled:
		r := slices.MinFunc(clocks, func(a, b align.HostReading) int { return cmp.Compare(a.Mono.Sub(mono).Abs(), b.Mono.Sub(mono).Abs()) })
		wall = r.Wall.Add(mono.Sub(r.Mono))
	}
	return mono, wall
}

// setWithin returns between which instants of the monotonic clock, since that of wall, the wall clock was set. Steps are told by the wall clock,
// which each of them moves, also to before itself: with the steps before taken off they are in order.
func (a *Alignment) setWithin(wall align.HostTime) (gaps [][2]time.Duration) {
	moved := time.Duration(0)
	zero, found := time.Duration(0), false
	for _, s := range a.HostSteps {
		from := align.HostTime(s.From).Sub(wall) - moved
		if !found && -moved <= from { // wall lies before this step and behind the others
			zero, found = -moved, true
		}
		moved += time.Duration(s.By)
		gaps = append(gaps, [2]time.Duration{from, align.HostTime(s.To).Sub(wall) - moved})
	}
	if !found {
		zero = -moved
	}
	for i := range gaps {
		gaps[i][0], gaps[i][1] = gaps[i][0]-zero, gaps[i][1]-zero
	}
	return gaps
}

// hostCharts draws the computer's clocks against each other.
func (a *Alignment) hostCharts(id string) {
	if len(a.clocks) == 0 {
		return
	}
	a.charts = append(a.charts, a.hostChart(id))
	if a.HostClock.Slew != nil {
		a.charts = append(a.charts, a.slewChart(id))
	}
}

// hostChart shows what was done to the wall clock.
func (a *Alignment) hostChart(id string) Figure {
	f := Figure{ID: id + "-hostclock", Title: "The computer's wall clock"}
	x := a.hostAxis(&f, "wall − monotonic, ms")
	var xys plotter.XYs
	for _, r := range a.clocks {
		xys = append(xys, plotter.XY{X: x.of(r.at), Y: millis(r.wall)})
	}
	far := f.readings(xys)
	label := "set in here"
	for _, s := range a.hostSet {
		from, to := x.of(s[0]), x.of(s[1])
		f.add(label, look{colour: redColour, width: 1.2, dashes: dash(2, 2)},
			plotter.XYs{{X: from, Y: f.plot.Y.Min}, {X: from, Y: f.plot.Y.Max}, {X: from, Y: math.NaN()}, {X: to, Y: f.plot.Y.Min}, {X: to, Y: f.plot.Y.Max}})
		label = ""
	}
	f.Caption = fmt.Sprintf("How the computer's wall clock moved against its monotonic one, which nobody sets, by %s. 0 is the first. A jump is a clock that was set; on Linux all else lies level, elsewhere the two drift apart.",
		human.Counted(len(a.clocks), "reading"))
	if n := len(a.HostSteps); n > 0 {
		f.Caption += " Set " + times(n) + "."
	} else {
		f.Caption += " It was not seen to be set."
	}
	f.Caption += far
	return f
}

// slewChart shows what a time service did to both clocks.
func (a *Alignment) slewChart(id string) Figure {
	f := Figure{ID: id + "-slew", Title: "Slew of the computer's clocks"}
	x := a.hostAxis(&f, "monotonic − raw − line, ms")
	var xys plotter.XYs
	for _, r := range a.clocks {
		if r.beside {
			xys = append(xys, plotter.XY{X: x.of(r.at), Y: millis(r.slew)})
		}
	}
	far := f.readings(xys)
	f.Caption = "What a time service did to the monotonic clock, against the raw one, which nobody corrects. The line through the first and the last reading is taken off"
	if a.HostClock.Rate != nil {
		f.Caption += " (" + human.PPM(int64(*a.HostClock.Rate)) + ")"
	}
	f.Caption += ": what stays looks to the fit like a drift of the phone. At most " + human.MS(time.Duration(*a.HostClock.Slew)) + "." + far
	return f
}

// hostAxis makes the frame of a figure of the computer's clocks.
func (a *Alignment) hostAxis(f *Figure, what string) axis {
	first, last := a.clocks[0].at, a.clocks[len(a.clocks)-1].at
	x := axisOf(last - first)
	f.plot = newPlot(x.label(), what)
	lo, hi := x.of(first), x.of(last)
	if !(hi > lo) {
		lo, hi = lo-1, lo+1
	}
	f.plot.X.Min, f.plot.X.Max = lo-(hi-lo)/60, hi+(hi-lo)/60
	return x
}

// readings marks readings, and says of those that would squeeze all others that they are beyond: the program was interrupted between the clocks.
func (f *Figure) readings(xys plotter.XYs) (far string) {
	var ys []float64
	for _, p := range xys {
		ys = append(ys, p.Y)
	}
	slices.Sort(ys)
	low, high := ys[len(ys)/500], ys[len(ys)-1-len(ys)/500]
	reach := 2 * max(high-low, 0.05)
	var near, beyond plotter.XYs
	lo, hi, farthest := math.Inf(1), math.Inf(-1), 0.0
	for _, p := range xys {
		if p.Y < low-reach || p.Y > high+reach {
			beyond = append(beyond, p)
			farthest = max(farthest, low-p.Y, p.Y-high)
			continue
		}
		near = append(near, p)
		lo, hi = min(lo, p.Y), max(hi, p.Y)
	}
	if hi-lo < 0.01 { // a level line should look like one
		lo, hi = lo-0.05, hi+0.05
	}
	f.reach(lo, hi)
	label := "reading"
	if len(near) > 2*columns {
		label = "the highest and the lowest reading"
	}
	f.add(label, look{colour: blueColour, width: 1.8, mark: markDot}, thin(near))
	for i := range beyond { // along the edge
		beyond[i].Y = min(max(beyond[i].Y, f.plot.Y.Min), f.plot.Y.Max)
	}
	f.add("beyond the figure", look{colour: pinkColour, width: 3, mark: markTriangle}, thin(beyond))
	if len(beyond) > 0 {
		return fmt.Sprintf(" Beyond the figure: %s, up to %.3f ms; a program that is interrupted between two clocks reads such.", human.Counted(len(beyond), "reading"), farthest)
	}
	return ""
}
