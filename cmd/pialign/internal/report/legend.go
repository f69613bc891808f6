package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The measures of the legend beneath a plot in a file, in points: the page has one of its own.
const (
	legendText   = 12
	legendRow    = 18
	legendSample = 28 // a sample shows every dash at least once
	legendGap    = 6  // between a sample and its words
	legendApart  = 18 // between two entries
	legendMargin = 8
)

var legendStyle = text.Style{Color: inkColour, Font: font.From(plot.DefaultFont, legendText), YAlign: text.YCenter, Handler: plot.DefaultTextHandler}

func init() { legendStyle.Font.Variant = "Sans" }

// entry is a key with its place in the legend.
type entry struct {
	key
	left vg.Length
	row  int
}

// legend places the keys of a figure in rows as wide as it, and returns how high they are. Words that are wider than a row are cut.
func (f Figure) legend() (entries []entry, height vg.Length) {
	left, row := vg.Length(legendMargin), 0
	for _, k := range f.key {
		k.Label = fitting(Visible(k.Label), figureWidth-2*legendMargin-legendSample-legendGap)
		width := legendSample + legendGap + legendStyle.Width(k.Label)
		if left > legendMargin && left+width > figureWidth-legendMargin {
			left, row = legendMargin, row+1
		}
		entries = append(entries, entry{k, left, row})
		left += width + legendApart
	}
	if entries == nil {
		return nil, 0
	}
	return entries, vg.Length(row+1)*legendRow + legendMargin
}

// fitting cuts words so that they are no wider than most.
func fitting(words string, most vg.Length) string {
	if len(words) < 20 || len(words) < 1000 && legendStyle.Width(words) <= most {
		return words
	}
	runes := []rune(words)
	lo, hi := 0, min(len(runes), 200) // as many as surely do not fit
	for lo < hi {
		if n := (lo + hi + 1) / 2; legendStyle.Width(string(runes[:n])+"…") <= most {
			lo = n
		} else {
			hi = n - 1
		}
	}
	return string(runes[:lo]) + "…"
}

// drawWhole draws a figure as its files have it: the plot, and its legend beneath, where it covers no data.
func (f Figure) drawWhole(area draw.Canvas) {
	area.SetColor(color.White)
	area.Fill(area.Rectangle.Path())
	entries, height := f.legend()
	f.draw(draw.Crop(area, 0, 0, height, 0))
	for _, e := range entries {
		y := area.Min.Y + height - legendMargin/2 - vg.Length(e.row)*legendRow - legendRow/2
		e.sampleAt(area, vg.Rectangle{Min: vg.Point{X: e.left, Y: y - 5}, Max: vg.Point{X: e.left + legendSample, Y: y + 5}})
		area.FillText(legendStyle, vg.Point{X: e.left + legendSample + legendGap, Y: y + 1}, e.Label)
	}
}

// sampleAt draws what an entry stands for.
func (k key) sampleAt(c draw.Canvas, box vg.Rectangle) {
	middle := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}
	switch {
	case k.area:
		c.SetColor(k.colour)
		c.Fill(box.Path())
		c.SetLineStyle(draw.LineStyle{Color: greyColour, Width: 0.5}) // a pale one is seen on white paper too
		c.Stroke(box.Path())
	case k.bar:
		c.StrokeLine2(draw.LineStyle{Color: k.colour, Width: k.width}, middle.X, box.Min.Y-2, middle.X, box.Max.Y+2)
		dot := k.look
		dot.mark = markDot
		dot.shapes(c, []vg.Point{middle}, 3)
	case k.mark != markNone:
		k.shapes(c, []vg.Point{middle}, max(k.width, 3))
	default:
		c.StrokeLine2(draw.LineStyle{Color: k.colour, Width: max(k.width, 1), Dashes: k.dashes}, box.Min.X, middle.Y, box.Max.X, middle.Y)
	}
}
