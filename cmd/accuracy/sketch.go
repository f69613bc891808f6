package main

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/pialign/pialign/align"
)

// sketch adds curves to a plot, thinned to what the eye can tell: a 600th of half the panel. The last error stays.
type sketch struct {
	p     *plot.Plot
	limit float64 // ms; what lies beyond is cut off
	err   error
}

// line draws one figure of the runs of instants, in pieces where it is unknown. It returns one piece for the legend, nil where
// nothing is known.
func (k *sketch) line(runs [][]at, c color.Color, width vg.Length, of func(at) float64) *plotter.Line {
	var first *plotter.Line
	var piece plotter.XYs
	end := func() {
		if len(piece) > 1 {
			l, err := plotter.NewLine(thin(piece, k.limit/600))
			if err != nil {
				k.err = err
				return
			}
			l.Color, l.Width = c, width
			k.p.Add(l)
			if first == nil {
				first = l
			}
		}
		piece = nil
	}
	for _, run := range runs {
		for _, x := range run {
			v := of(x)
			if math.IsNaN(v) {
				end()
				continue
			}
			// a line that leaves the panel is cut there; an hour beyond it would only cost digits
			v = min(max(v, -20*k.limit), 20*k.limit)
			piece = append(piece, plotter.XY{X: x.minutes, Y: v})
		}
		end()
	}
	return first
}

// band fills an interval of the runs of instants, and returns it for the legend.
func (k *sketch) band(runs [][]at, c color.Color, of func(at) (align.Interval, bool)) *plotter.Polygon {
	var first *plotter.Polygon
	for _, run := range runs {
		var over, under plotter.XYs
		for _, x := range run {
			if v, ok := of(x); ok {
				over = append(over, plotter.XY{X: x.minutes, Y: min(ms(v.Hi), k.limit)})
				under = append(under, plotter.XY{X: x.minutes, Y: max(ms(v.Lo), -k.limit)})
			}
		}
		if len(over) < 2 {
			continue
		}
		over, under = thin(over, k.limit/600), thin(under, k.limit/600)
		slices.Reverse(under)
		poly, err := plotter.NewPolygon(append(over, under...))
		if err != nil {
			k.err = err
			return nil
		}
		poly.Color, poly.LineStyle.Width = c, 0
		k.p.Add(poly)
		if first == nil {
			first = poly
		}
	}
	return first
}

// bursts marks where exchanges were made by ticks at the foot, as far as they can be told apart.
func (k *sketch) bursts(minutes []float64) {
	closest := (minutes[len(minutes)-1] - minutes[0]) / 150
	last := math.Inf(-1)
	for _, m := range minutes {
		if m-last < closest {
			continue
		}
		last = m
		l, err := plotter.NewLine(plotter.XYs{{X: m, Y: -k.limit}, {X: m, Y: -0.94 * k.limit}})
		if err != nil {
			k.err = err
			return
		}
		l.Width = 0.8
		k.p.Add(l)
	}
}
