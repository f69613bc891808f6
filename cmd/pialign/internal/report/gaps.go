package report

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/pialign/pialign/cmd/pialign/internal/human"
	"github.com/pialign/pialign/formats/retime"
)

// Stream is a sampled stream of a recording and its gaps, on the clock of the result.
type Stream struct {
	File    string  `json:"file"`            // the first, where there are several
	Parts   int     `json:"parts,omitempty"` // files it is in, where there are several
	Column  string  `json:"column"`
	Samples int     `json:"samples"`
	First   *Number `json:"first_host_ns"`
	Last    *Number `json:"last_host_ns"`
	Gaps    int     `json:"gaps"`
	Total   Number  `json:"gap_total_ns"`
	Worst   Number  `json:"gap_longest_ns"`
	Longest []Gap   `json:"longest_gaps,omitempty"`
}

// StreamsOf are those that pialign.json lists.
func StreamsOf(all []retime.ManifestStream) (out []Stream) {
	for _, s := range all {
		r := Stream{File: s.File, Parts: s.Parts, Column: s.Column, Samples: s.Samples, First: number(time.Duration(s.First)), Last: number(time.Duration(s.Last)),
			Gaps: s.Gaps, Total: Number(s.Total), Worst: Number(s.Worst())}
		for _, g := range s.Longest {
			r.Longest = append(r.Longest, Gap{From: number(time.Duration(g.From)), Length: Number(g.Length)})
		}
		out = append(out, r)
	}
	return out
}

// Gappy returns the streams that have gaps, by their place.
func (r RetimedRecording) Gappy() (out []int) {
	for i, s := range r.Streams {
		if s.Gaps > 0 {
			out = append(out, i)
		}
	}
	return out
}

// mostStreams is how many a figure shows, mostDrawn of how many recordings there is one.
const (
	mostStreams = 8
	mostDrawn   = 12
)

// drawGaps draws the streams of the recordings that lack most.
func (r *Retimed) drawGaps(id string) {
	var order []int
	lacks := make([]Number, len(r.Recordings))
	for i, rec := range r.Recordings {
		for _, s := range rec.Streams {
			lacks[i] = max(lacks[i], s.Total)
		}
		if lacks[i] > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lacks[b], lacks[a]) })
	r.charts = []Figure{}
	for _, i := range order[:min(mostDrawn, len(order))] {
		if f, ok := r.Recordings[i].gapChart(fmt.Sprintf("%s-gaps%d", id, i+1)); ok {
			r.charts = append(r.charts, f)
		}
	}
}

// gapChart shows when each stream has samples.
func (r RetimedRecording) gapChart(id string) (Figure, bool) {
	f := Figure{ID: id, Title: "Gaps of " + or(Visible(r.Name), "the recording")}
	order := make([]int, len(r.Streams))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Streams[b].Total, r.Streams[a].Total) })
	order = order[:min(mostStreams, len(order))]
	slices.Sort(order)
	first, last := Number(math.MaxInt64), Number(math.MinInt64)
	for _, s := range r.Streams {
		first, last = min(first, *s.First), max(last, *s.Last)
	}
	length := time.Duration(last - first)
	if last <= first || length <= 0 { // of a pialign.json that nobody wrote so
		return Figure{}, false
	}
	x := axisOf(length)
	f.plot = newPlot(x.unit+" since the first sample", "")
	air := x.of(length)/40 + 1e-9
	f.plot.X.Min, f.plot.X.Max = -air, x.of(length)+air
	f.plot.Y.Min, f.plot.Y.Max = 0, float64(len(order))
	f.plot.HideY()
	at := func(n Number) float64 { return x.of(time.Duration(n - first)) }
	var there, gaps plotter.XYs
	var names []string
	for row, i := range order {
		s := r.Streams[i]
		y := float64(len(order)-row) - 0.72
		block := func(from, to Number) {
			there = append(there, plotter.XY{X: at(from), Y: y - 0.16}, plotter.XY{X: at(to), Y: y - 0.16}, plotter.XY{X: at(to), Y: y + 0.16}, plotter.XY{X: at(from), Y: y + 0.16},
				plotter.XY{X: math.NaN(), Y: math.NaN()})
		}
		from := *s.First
		for _, g := range s.Longest {
			block(from, *g.From)
			from = *g.From + g.Length
			gaps = append(gaps, plotter.XY{X: (at(*g.From) + at(from)) / 2, Y: y})
		}
		block(from, *s.Last)
		names = append(names, s.label())
	}
	f.add("samples", look{colour: coreColour, area: true}, there)
	f.add("gap", look{colour: redColour, width: 3, mark: markCross}, gaps)
	f.plot.Add(rowNames(names))
	worst := r.Streams[order[0]]
	for _, s := range r.Streams {
		if s.Worst > worst.Worst {
			worst = s
		}
	}
	f.Caption = fmt.Sprintf("When each sampled stream has samples. A gap is more than 0.1 s without one; the longest, in %s, lasts %s.", worst.label(), human.Span(time.Duration(worst.Worst)))
	if len(r.Streams) > len(order) {
		f.Caption += fmt.Sprintf(" Of %d streams those that lack most.", len(r.Streams))
	}
	if cut := r.longestOf(order); cut != "" {
		f.Caption += " Drawn are the longest gaps, " + cut + "; where the others are it looks as if there were samples."
	}
	return f, true
}

// longestOf says of those of some streams that have more gaps than are listed how many are, "" where all are.
func (r RetimedRecording) longestOf(streams []int) string {
	var parts []string
	more := 0
	for _, i := range streams {
		switch s := r.Streams[i]; {
		case s.Gaps <= len(s.Longest):
		case len(parts) == mostStreams:
			more++
		default:
			parts = append(parts, fmt.Sprintf("%d of %d of %s", len(s.Longest), s.Gaps, s.label()))
		}
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("and likewise of %s more", human.Counted(more, "stream")))
	}
	return strings.Join(parts, ", ")
}

// Listed says which gaps the list has, "" for all.
func (r RetimedRecording) Listed() string { return r.longestOf(r.Gappy()) }

// rowNames writes what each row of a figure is, above it. Rows count from the top, and are 1 high.
type rowNames []string

func (names rowNames) Plot(c draw.Canvas, p *plot.Plot) {
	_, ty := p.Transforms(&c)
	style := p.X.Tick.Label
	style.XAlign, style.YAlign = text.XLeft, text.YBottom
	for row, name := range names {
		c.FillText(style, vg.Point{X: c.Min.X + 3, Y: ty(float64(len(names)-row) - 0.52)}, name)
	}
}

// label names a stream in a figure.
func (s Stream) label() string {
	name := []rune(path.Base(strings.TrimSpace(Visible(s.File))))
	const most = 44
	if len(name) > most {
		name = append(name[:most-1], '…')
	}
	return string(name)
}
