package report

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Figure is one plot with its words.
type Figure struct {
	ID, Title, Caption string // Caption says what is to be seen, for those who do not see it too
	plot               *plot.Plot
	key                []key // the legend, in words and samples of the page
}

// The size of a plot in points of its own: about its size in pixels on a phone, so that its text can be read there, and half of a desk's width.
const (
	figureWidth  = 480
	figureHeight = 280
)

// The colours tell apart for every kind of sight, and each has a dash or a mark of its own. Source: M. Okabe, K. Ito, "Color Universal
// Design", 2008. On the page each is a variable, so that it suits a dark screen.
var (
	inkColour   = color.RGBA{0, 0, 0, 255}
	blueColour  = color.RGBA{0, 114, 178, 255}
	redColour   = color.RGBA{213, 94, 0, 255}
	greenColour = color.RGBA{0, 158, 115, 255}
	pinkColour  = color.RGBA{204, 121, 167, 255}
	greyColour  = color.RGBA{110, 110, 110, 255}
	bandColour  = color.RGBA{205, 232, 250, 255}
	coreColour  = color.RGBA{150, 206, 240, 255}
	gridColour  = color.RGBA{222, 222, 222, 255}
	gapColour   = color.RGBA{250, 236, 205, 255}
)

var pageColours = map[string]string{"#000000": "currentColor", "#0072B2": "var(--blue)", "#D55E00": "var(--red)", "#009E73": "var(--green)",
	"#CC79A7": "var(--pink)", "#6E6E6E": "var(--grey)", "#CDE8FA": "var(--band)", "#96CEF0": "var(--core)", "#DEDEDE": "var(--grid)", "#FAECCD": "var(--gap)"}

// styles finds the styles in what vgsvg writes: in text it escapes the quotes.
var styles = regexp.MustCompile(`\n?\s*style="[^"]*"`)
var hexColour = regexp.MustCompile(`#[0-9A-F]{6}`)
var fontStyle = regexp.MustCompile(`font-family:[^;"]*;font-variant:[^;"]*;font-weight:[^;"]*;font-style:[^;"]*;`)

func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	for _, f := range []*font.Font{&p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.X.Tick.Label.Font, &p.Y.Tick.Label.Font} {
		f.Variant, f.Size = "Sans", 13.5
	}
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Label.Padding, p.Y.Label.Padding = 2, 2
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(plainTicks), plot.TickerFunc(plainTicks)
	p.X.LineStyle.Width, p.Y.LineStyle.Width = 0.8, 0.8
	p.X.Padding, p.Y.Padding = 0, 0
	grid := plotter.NewGrid()
	for _, l := range []*draw.LineStyle{&grid.Vertical, &grid.Horizontal} {
		l.Color, l.Width, l.Dashes = gridColour, 0.7, nil
	}
	p.Add(grid)
	return p
}

// plainTicks are the usual ticks without the digits that say nothing.
func plainTicks(lo, hi float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(lo, hi)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = strings.Replace(strconv.FormatFloat(ticks[i].Value, 'g', 4, 64), "-", "\u2212", 1)
		}
	}
	return ticks
}

// draw draws the plot alone.
func (f Figure) draw(area draw.Canvas) {
	f.plot.BackgroundColor = nil
	f.plot.Draw(draw.Crop(area, 2, -8, 2, -8))
}

// SVG returns the figure as a file of its own: the plot with its legend. Title and caption are in it for programs and for those who do not see it;
// a journal prints its own beneath.
func (f Figure) SVG() ([]byte, error) {
	_, legend := f.legend()
	c := vgsvg.New(figureWidth, figureHeight+legend)
	f.drawWhole(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	head, body, ok := strings.Cut(b.String(), svgHead)
	if !ok {
		return nil, fmt.Errorf("figure %s: vgsvg begins otherwise than expected", f.ID)
	}
	body = styles.ReplaceAllStringFunc(body, func(s string) string { // fonts that are as wide as what was measured
		return fontStyle.ReplaceAllString(s, "font-family:Liberation Sans,Arial,Helvetica,sans-serif;")
	})
	words := fmt.Sprintf("<title>%s</title>\n<desc>%s</desc>\n", html.EscapeString(Visible(f.Title)), html.EscapeString(Visible(f.Caption)))
	return []byte(head + svgHead + words + body), nil
}

// PNG returns the figure as a picture, three dots to a point.
func (f Figure) PNG() ([]byte, error) {
	_, legend := f.legend()
	c := vgimg.NewWith(vgimg.UseWH(figureWidth, figureHeight+legend), vgimg.UseDPI(3*72), vgimg.UseBackgroundColor(color.White))
	f.drawWhole(draw.New(c))
	var b bytes.Buffer
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(&b)
	return b.Bytes(), err
}

// svgHead is how the first element of what vgsvg writes ends.
const svgHead = "xlink\">\n"

// inline returns the figure for the page: its colours and fonts are the page's.
func (f Figure) inline() (string, error) {
	c := vgsvg.New(figureWidth, figureHeight)
	f.draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", err
	}
	_, body, ok := strings.Cut(b.String(), svgHead)
	if !ok {
		return "", fmt.Errorf("figure %s: vgsvg begins otherwise than expected", f.ID)
	}
	body = styles.ReplaceAllStringFunc(body, func(s string) string {
		s = fontStyle.ReplaceAllString(strings.TrimSpace(s), "")
		return " " + hexColour.ReplaceAllStringFunc(s, func(hex string) string {
			if v, ok := pageColours[hex]; ok {
				return v
			}
			return hex
		})
	})
	return fmt.Sprintf(`<svg class="plot" viewBox="0 0 %d %d" fill="currentColor" role="img" aria-labelledby="%s-t" aria-describedby="%s-c">`+"\n", figureWidth, figureHeight, f.ID, f.ID) + body, nil
}

// look is how a curve or a mark looks.
type look struct {
	colour color.Color
	width  vg.Length
	dashes []vg.Length
	mark   markShape
	area   bool
	bar    bool // upright
}

// key is an entry of a legend.
type key struct {
	Label string
	look
}

// add puts a curve into the figure: points with a NaN part it.
func (f *Figure) add(label string, l look, xys plotter.XYs) {
	if !slices.ContainsFunc(xys, func(p plotter.XY) bool { return !math.IsNaN(p.X) && !math.IsNaN(p.Y) }) {
		return
	}
	if l.mark != markNone {
		f.plot.Add(marks{xys: xys, look: l})
	} else {
		f.plot.Add(lines{xys: xys, look: l})
	}
	if label != "" {
		f.key = append(f.key, key{label, l})
	}
}

// lines is a curve that NaN parts.
type lines struct {
	xys plotter.XYs
	look
}

func (l lines) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	var path vg.Path
	down := false
	for _, xy := range l.xys {
		if math.IsNaN(xy.X) || math.IsNaN(xy.Y) {
			down = false
			continue
		}
		at := vg.Point{X: tx(clampTo(xy.X, p.X)), Y: ty(clampTo(xy.Y, p.Y))}
		if down {
			path.Line(at)
		} else {
			path.Move(at)
		}
		down = true
	}
	if len(path) == 0 {
		return
	}
	if l.area {
		path.Close()
		c.SetColor(l.colour)
		c.Fill(path)
		return
	}
	c.SetLineStyle(draw.LineStyle{Color: l.colour, Width: l.width, Dashes: l.dashes})
	c.Stroke(path)
}

// clampTo keeps a value in the panel: what leaves it runs along its edge.
func clampTo(v float64, a plot.Axis) float64 { return min(max(v, a.Min), a.Max) }

type markShape int

const (
	markNone markShape = iota
	markDot
	markSquare
	markTriangle
	markCross
)

// marks are points, one path for all: a tenth of the bytes.
type marks struct {
	xys plotter.XYs
	look
}

func (m marks) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	at := make([]vg.Point, 0, len(m.xys))
	for _, xy := range m.xys {
		at = append(at, vg.Point{X: tx(clampTo(xy.X, p.X)), Y: ty(clampTo(xy.Y, p.Y))})
	}
	m.shapes(c, at, m.width)
}

// shapes draws marks of radius r.
func (l look) shapes(c draw.Canvas, at []vg.Point, r vg.Length) {
	var path vg.Path
	for _, p := range at {
		x, y := p.X, p.Y
		switch l.mark {
		case markDot:
			path.Move(vg.Point{X: x + r, Y: y})
			path.Line(vg.Point{X: x, Y: y + r})
			path.Line(vg.Point{X: x - r, Y: y})
			path.Line(vg.Point{X: x, Y: y - r})
			path.Close()
		case markSquare:
			path = append(path, vg.Rectangle{Min: vg.Point{X: x - r, Y: y - r}, Max: vg.Point{X: x + r, Y: y + r}}.Path()...)
		case markTriangle:
			path.Move(vg.Point{X: x - r, Y: y - r})
			path.Line(vg.Point{X: x + r, Y: y - r})
			path.Line(vg.Point{X: x, Y: y + r})
			path.Close()
		case markCross:
			path.Move(vg.Point{X: x - r, Y: y - r})
			path.Line(vg.Point{X: x + r, Y: y + r})
			path.Move(vg.Point{X: x - r, Y: y + r})
			path.Line(vg.Point{X: x + r, Y: y - r})
		}
	}
	if l.mark == markCross {
		c.SetLineStyle(draw.LineStyle{Color: l.colour, Width: 1.1})
		c.Stroke(path)
		return
	}
	c.SetColor(l.colour)
	c.Fill(path)
}

// columns is how many columns of marks a figure can show side by side.
const columns = 300

// thin leaves of points the lowest and the highest of each column, in order: nothing that stands out is lost.
func thin(xys plotter.XYs) plotter.XYs {
	if len(xys) <= 2*columns {
		return xys
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, p := range xys {
		lo, hi = min(lo, p.X), max(hi, p.X)
	}
	type ends struct{ low, high int }
	at := make(map[int]ends)
	for i, p := range xys {
		k := int((p.X - lo) / (hi - lo + math.SmallestNonzeroFloat64) * columns)
		e, ok := at[k]
		if !ok {
			e = ends{i, i}
		}
		if p.Y < xys[e.low].Y {
			e.low = i
		}
		if p.Y > xys[e.high].Y {
			e.high = i
		}
		at[k] = e
	}
	keep := make([]bool, len(xys))
	for _, e := range at {
		keep[e.low], keep[e.high] = true, true
	}
	var out plotter.XYs
	for i, p := range xys {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}

func dash(on, off vg.Length) []vg.Length { return []vg.Length{on, off} }
