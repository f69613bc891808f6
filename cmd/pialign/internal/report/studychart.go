package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// drawCharts draws how the figures of a study are spread.
func (s *Study) drawCharts(id string) {
	widths, bounds := s.values(func(r *StudyRow) *Number { return r.HalfWidth }), s.values(func(r *StudyRow) *Number { return r.BoundWidth })
	if len(widths) > 0 {
		f := Figure{ID: id + "-widths", Title: "How exact the recordings are", plot: newPlot("half-width, ms", "recordings up to there, %")}
		all := slices.Concat(widths, bounds)
		if s.MaxError != nil {
			all = append(all, time.Duration(*s.MaxError))
		}
		slices.Sort(all)
		x, top := millis, millis(all[len(all)-1])
		f.plot.X.Min, f.plot.X.Max, f.plot.Y.Min, f.plot.Y.Max = 0, top*1.05+1e-6, 0, 104
		f.Caption = fmt.Sprintf("Share of the recordings whose worst half-width is no larger. 95 %% interval: median %s, largest %s.",
			human.MS(quantile(widths, 0.5)), human.MS(widths[len(widths)-1]))
		if top > squeezed*millis(quantile(widths, 0.5)) {
			x = decades
			f.plot.X.Tick.Marker = plot.TickerFunc(tenfoldTicks)
			f.plot.X.Min, f.plot.X.Max = x(all[0])-0.1, x(all[len(all)-1])+0.1
			f.plot.X.Label.Text += " (logarithmic)"
			f.Caption += " Since some are far wider than most the scale is logarithmic."
		}
		f.add("95 % interval", series[0], ladder(widths, x, f.plot.X.Max))
		f.add("hard bound", series[1], ladder(bounds, x, f.plot.X.Max))
		if s.MaxError != nil {
			v := x(time.Duration(*s.MaxError))
			f.add("--max-error", look{colour: greyColour, width: 1.1, dashes: dash(2, 3)}, plotter.XYs{{X: v, Y: 0}, {X: v, Y: 104}})
		}
		s.charts = append(s.charts, f)
	}
	if f, ok := s.histogram(id+"-offsets", "Offsets", "host − device, s", func(r *StudyRow) *Number { return r.Offset }, 1e9); ok {
		f.Caption = "In the middle of each recording: how far the phone's clock is behind the computer's."
		s.charts = append(s.charts, f)
	}
	if f, ok := s.histogram(id+"-drifts", "Drifts", "drift, ppm", func(r *StudyRow) *Number { return r.Drift }, 1e12); ok {
		f.Caption = "In the middle of each recording. Phones differ by some 10 ppm; one that is far off was set, or is not the phone that it is taken for."
		s.charts = append(s.charts, f)
	}
	s.overTime(id)
}

// squeezed is how many times the median what is widest may be on an even scale: beyond it the steps of all others are one.
const squeezed = 20

// decades is a span on a logarithmic scale: the decimal logarithm of its ms. One of less than a microsecond counts as one.
func decades(d time.Duration) float64 { return math.Log10(millis(max(d, time.Microsecond))) }

// tenfoldTicks are those of decades: each power of ten, and 2 and 5 times it where there is room.
func tenfoldTicks(lo, hi float64) (ticks []plot.Tick) {
	for e := math.Floor(lo); e <= hi; e++ {
		for m := 1.0; m < 10; m++ {
			t := plot.Tick{Value: e + math.Log10(m)}
			if t.Value < lo || t.Value > hi {
				continue
			}
			if m == 1 || hi-lo < 2.5 && (m == 2 || m == 5) {
				t.Label = strconv.FormatFloat(m*math.Pow(10, e), 'g', 4, 64)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// ladder is the empirical distribution of sorted values, up to end.
func ladder(sorted []time.Duration, x func(time.Duration) float64, end float64) (out plotter.XYs) {
	if len(sorted) == 0 {
		return nil
	}
	before := 0.0
	for i, v := range sorted {
		if i+1 < len(sorted) && sorted[i+1] == v {
			continue
		}
		y := 100 * float64(i+1) / float64(len(sorted))
		out = append(out, plotter.XY{X: x(v), Y: before}, plotter.XY{X: x(v), Y: y})
		before = y
	}
	return append(out, plotter.XY{X: end, Y: before})
}

func (s *Study) histogram(id, title, label string, of func(*StudyRow) *Number, unit float64) (Figure, bool) {
	values := s.values(of)
	if len(values) < 2 {
		return Figure{}, false
	}
	f := Figure{ID: id, Title: title, plot: newPlot(label, "recordings")}
	lo, hi := float64(values[0])/unit, float64(values[len(values)-1])/unit
	if hi-lo < 1e-3 {
		lo, hi = lo-0.5e-3, hi+0.5e-3
	}
	n := min(40, max(8, int(2*math.Sqrt(float64(len(values))))))
	count := make([]int, n)
	for _, v := range values {
		count[min(n-1, int((float64(v)/unit-lo)/(hi-lo)*float64(n)))]++
	}
	air := (hi - lo) / 20
	f.plot.X.Min, f.plot.X.Max, f.plot.Y.Min, f.plot.Y.Max = lo-air, hi+air, 0, float64(slices.Max(count))*1.08
	for i, c := range count {
		if c == 0 {
			continue
		}
		x, w := lo+(hi-lo)*float64(i)/float64(n), (hi-lo)/float64(n)
		box := plotter.XYs{{X: x, Y: 0}, {X: x, Y: float64(c)}, {X: x + w, Y: float64(c)}, {X: x + w, Y: 0}}
		f.add("", look{colour: coreColour, area: true}, box)
		f.add("", look{colour: blueColour, width: 1}, box)
	}
	return f, true
}

// overTime shows the drift of each recording by when it was: phones warm up, and are replaced.
func (s *Study) overTime(id string) {
	var first *Number
	for _, r := range s.Rows {
		if r.Good() && r.First != nil && (first == nil || *r.First < *first) {
			first = r.First
		}
	}
	if first == nil {
		return
	}
	var narrow, wide plotter.XYs
	middle := Number(0)
	if s.HalfWidth.P95 != nil {
		middle = *s.HalfWidth.P95
	}
	lo, hi, last := math.Inf(1), math.Inf(-1), time.Duration(0)
	for _, r := range s.Rows {
		if r.Good() && r.First != nil {
			last = max(last, time.Duration(*r.First-*first))
		}
	}
	x := axisOf(last)
	if last > 4*24*time.Hour {
		x = axis{"days", 24 * time.Hour}
	}
	for _, r := range s.Rows {
		if !r.Good() || r.First == nil || r.Drift == nil {
			continue
		}
		p := plotter.XY{X: x.of(time.Duration(*r.First - *first)), Y: float64(*r.Drift) / 1e12}
		lo, hi = min(lo, p.Y), max(hi, p.Y)
		if r.HalfWidth == nil || *r.HalfWidth > middle {
			wide = append(wide, p)
		} else {
			narrow = append(narrow, p)
		}
	}
	if len(narrow)+len(wide) < 2 {
		return
	}
	f := Figure{ID: id + "-time", Title: "Drift by time", plot: newPlot(x.unit+" since the first recording", "drift, ppm"),
		Caption: "Each recording where it begins. Those of one phone should lie together."}
	f.reach(lo, hi)
	f.plot.X.Min, f.plot.X.Max = -x.of(last)/40-1e-6, x.of(last)*1.025+1e-6
	f.add("recording", look{colour: blueColour, width: 2.6, mark: markDot}, thin(narrow))
	f.add("of the widest 5 %, or of unknown width", look{colour: redColour, width: 2.6, mark: markCross}, thin(wide))
	s.charts = append(s.charts, f)
}
