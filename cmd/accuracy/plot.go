package main

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/pialign/pialign/align"
)

// plotDir is the folder of the plots beside the page.
const plotDir = "accuracy"

// The colours tell apart for every kind of sight. Source: M. Okabe, K. Ito, "Color Universal Design", 2008.
var (
	oursColour    = color.RGBA{0, 114, 178, 255}
	statColour    = color.RGBA{86, 180, 233, 255}
	likelyColour  = color.RGBA{205, 232, 250, 255}
	boundColour   = color.RGBA{110, 110, 110, 255}
	recipeColours = []color.RGBA{{204, 121, 167, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}}
)

// plots draws the first session of each family that is not refused.
func plots(all []figures) ([]file, error) {
	var shown []figures
	for _, f := range all {
		if len(f.answered()) > 0 {
			shown = append(shown, f)
		}
	}
	out, errs := make([]file, len(shown)), make([]error, len(shown))
	each(len(out), func(i int) {
		f := shown[i].family
		c, err := curveOf(f, shown[i].answered()[0].seed)
		if err != nil {
			errs[i] = err
			return
		}
		out[i].name = plotDir + "/" + f.Name + ".svg"
		out[i].data, errs[i] = c.svg(fmt.Sprintf("%s, seed %d: %s", f.Name, c.seed, f.Shows))
	})
	return out, errors.Join(errs...)
}

// svg draws two panels one above the other: all that is proved and allowed for, and what lies close to 0.
func (c curve) svg(title string) ([]byte, error) {
	// above, the largest bound and interval fit; recipes that are farther off leave the panel
	wide := c.reach(0, func(p at) float64 {
		v := math.Abs(p.ours)
		if p.bounded {
			v = max(v, half(p.bound))
		}
		if p.rated {
			v = max(v, half(p.likely))
		}
		return v
	})
	near := c.reach(0, func(p at) float64 { return max(math.Abs(p.ours), half(p.stat)) })
	legend := plot.NewLegend()
	upper, err := c.panel(1.05*wide, &legend)
	if err != nil {
		return nil, err
	}
	lower, err := c.panel(1.3*near, nil)
	if err != nil {
		return nil, err
	}
	upper.Title.Text = title
	lower.X.Label.Text = "minutes from the first exchange"

	canvas := vgsvg.New(21*vg.Centimeter, 13*vg.Centimeter)
	panels := [][]*plot.Plot{{upper}, {lower}}
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadTop: 4, PadBottom: 4, PadLeft: 4, PadRight: legendWidth, PadY: 8}
	area := draw.New(canvas)
	area.SetColor(color.White)
	area.Fill(area.Rectangle.Path())
	for i, row := range plot.Align(panels, tiles, area) {
		panels[i][0].Draw(row[0])
	}
	legend.Draw(draw.Crop(area, area.Max.X-area.Min.X-legendWidth+8, 0, 0, -20))
	var b bytes.Buffer
	_, err = canvas.WriteTo(&b)
	return b.Bytes(), err
}

// legendWidth is what the legend takes at the right.
const legendWidth = 4 * vg.Centimeter

// panel draws the curves up to limit ms on either side of 0, and explains them in legend, which may be nil.
func (c curve) panel(limit float64, legend *plot.Legend) (*plot.Plot, error) {
	p := plot.New()
	for _, f := range []*font.Font{&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font,
		&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font} {
		f.Variant, f.Size = "Sans", 9
	}
	p.Y.Label.Text = "truth - estimate, ms"
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(plainTicks), plot.TickerFunc(plainTicks)
	k := sketch{p: p, limit: limit}
	runs := c.runs()
	likely := k.band(runs, likelyColour, func(x at) (align.Interval, bool) { return x.likely, x.rated })
	stat := k.band(runs, statColour, func(x at) (align.Interval, bool) { return x.stat, x.rated })
	k.bursts(c.bursts)
	bound := k.line(runs, boundColour, 0.7, func(x at) float64 { return edge(x, x.bound.Hi) })
	k.line(runs, boundColour, 0.7, func(x at) float64 { return edge(x, x.bound.Lo) })
	var recipes []*plotter.Line
	for i := range drawn {
		recipes = append(recipes, k.line(runs, recipeColours[i], 1, func(x at) float64 { return x.recipes[i] }))
	}
	ours := k.line(runs, oursColour, 1.6, func(x at) float64 { return x.ours })
	p.Y.Min, p.Y.Max = -limit, limit
	p.X.Min, p.X.Max = c.at[0].minutes, c.at[len(c.at)-1].minutes
	if legend != nil {
		legend.TextStyle.Font.Variant, legend.TextStyle.Font.Size = "Sans", 8
		legend.Top, legend.Left, legend.Padding = true, true, 3
		legend.Add("ours", ours)
		for i, m := range drawn {
			if recipes[i] != nil {
				legend.Add(string(m), recipes[i])
			}
		}
		legend.Add("95 %, no allowance", stat)
		legend.Add("95 % interval", likely)
		if bound != nil {
			legend.Add("bound", bound)
		}
	}
	return p, k.err
}

// plainTicks are the usual ticks without the digits that say nothing.
func plainTicks(lo, hi float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(lo, hi)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = strconv.FormatFloat(ticks[i].Value, 'g', 4, 64)
		}
	}
	return ticks
}

func edge(x at, d time.Duration) float64 {
	if !x.bounded {
		return math.NaN()
	}
	return ms(d)
}

func half(v align.Interval) float64 { return ms(v.HalfWidth()) }
