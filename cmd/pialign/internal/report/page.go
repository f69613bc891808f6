package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/human"
	"github.com/pialign/pialign/cmd/pialign/internal/view"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// version of the document.
const documentVersion = 1

// mostBursts is how many bursts a table lists: nobody reads more, and a session that is measured all day has thousands.
const mostBursts = 500

// NewDocument returns an empty one.
func NewDocument(program string) *Document {
	return &Document{Kind: "report", Version: documentVersion, Program: program}
}

// Finish joins what belongs together: pairs of devices worn at the same time, re-timed recordings with their alignments.
func (d *Document) Finish() {
	var placed []Placed
	known := map[string]bool{}
	several := slices.ContainsFunc(d.Alignments, func(a *Alignment) bool { return a.Source != d.Alignments[0].Source })
	for _, a := range d.Alignments {
		if a.within = ""; several {
			a.within = a.Source + ": "
		}
		if p, ok := a.Place(); ok {
			placed = append(placed, p)
		}
		known[a.Digest] = a.Digest != ""
	}
	d.Pairs, _ = PairsOf(placed)
	for i := range d.Retimed {
		for j := range d.Retimed[i].Recordings {
			r := &d.Retimed[i].Recordings[j]
			r.Known = known[r.Alignment]
		}
		d.Retimed[i].Methods = d.Retimed[i].methods()
	}
}

// Figures draws all plots of the page, in its order.
func (d *Document) Figures() (all []Figure) {
	d.draw()
	for _, s := range d.Studies {
		all = append(all, s.charts...)
	}
	for _, a := range d.Alignments {
		all = append(all, a.charts...)
	}
	for _, r := range d.Retimed {
		all = append(all, r.charts...)
	}
	return all
}

func (d *Document) draw() {
	for i, s := range d.Studies {
		if s.charts == nil {
			s.drawCharts(fmt.Sprintf("study%d", i+1))
		}
	}
	for i, a := range d.Alignments {
		if a.charts == nil && a.file != nil {
			id := fmt.Sprintf("device%d", i+1)
			a.clockCharts(id)
			a.delayCharts(id)
		}
	}
	for i := range d.Retimed {
		if r := &d.Retimed[i]; r.charts == nil {
			r.drawGaps(fmt.Sprintf("retimed%d", i+1))
		}
	}
}

// Visible returns text from elsewhere without what commands or turns around.
func Visible(s string) string { return strings.Map(view.Visible, breaks.Replace(s)) }

// breaks puts what was said on several lines on one.
var breaks = strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ")

// breakable is text that may be parted after what parts the words of a path, so that a long one is read on a narrow screen.
func breakable(s string) template.HTML {
	return template.HTML(parted.Replace(template.HTMLEscapeString(Visible(s))))
}

var parted = strings.NewReplacer("/", "/<wbr>", "_", "_<wbr>")

// figureHTML is a plot as the page has it.
type figureHTML struct {
	ID, Title, Caption string
	SVG                template.HTML
	Key                []keyHTML
}

type keyHTML struct {
	Label  string
	Sample template.HTML
}

func inlined(all []Figure) ([]figureHTML, error) {
	var out []figureHTML
	for _, f := range all {
		svg, err := f.inline()
		if err != nil {
			return nil, err
		}
		h := figureHTML{f.ID, f.Title, f.Caption, template.HTML(svg), nil}
		for _, k := range f.key {
			h.Key = append(h.Key, keyHTML{k.Label, k.sample()})
		}
		out = append(out, h)
	}
	return out, nil
}

// sample draws what an entry of the legend stands for.
func (k key) sample() template.HTML {
	r, g, b, _ := k.colour.RGBA()
	colour := pageColours[fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8)]
	shape := ""
	switch {
	case k.area:
		shape = fmt.Sprintf(`<rect x="1" y="1" width="26" height="10" style="fill:%s"/>`, colour)
	case k.bar:
		shape = fmt.Sprintf(`<path d="M14,0 L14,12" style="stroke:%s;stroke-width:1.3"/><path d="M14,3 L17,6 L14,9 L11,6 Z" style="fill:%s"/>`, colour, colour)
	case k.mark == markDot:
		shape = fmt.Sprintf(`<path d="M14,2 L18,6 L14,10 L10,6 Z" style="fill:%s"/>`, colour)
	case k.mark == markTriangle:
		shape = fmt.Sprintf(`<path d="M10,10 L18,10 L14,2 Z" style="fill:%s"/>`, colour)
	case k.mark == markCross:
		shape = fmt.Sprintf(`<path d="M10,2 L18,10 M10,10 L18,2" style="stroke:%s;stroke-width:1.3"/>`, colour)
	default:
		var dashes []string
		for _, d := range k.dashes {
			dashes = append(dashes, strconv.Itoa(int(d)))
		}
		dashed := ""
		if dashes != nil {
			dashed = ";stroke-dasharray:" + strings.Join(dashes, ",")
		}
		shape = fmt.Sprintf(`<path d="M1,6 L27,6" style="stroke:%s;stroke-width:1.8%s"/>`, colour, dashed)
	}
	return template.HTML(`<svg class="key" viewBox="0 0 28 12" aria-hidden="true">` + shape + `</svg>`)
}

// cell is a number on the page: what is printed, and of which number of the document it is made.
type cell struct{ Path, Value, Unit, Text string }

func cellOf(path string, v any, unit string, text func(int64) string) (cell, error) {
	var n int64
	switch v := v.(type) {
	case *Number:
		if v == nil {
			return cell{Path: path, Text: "unknown"}, nil
		}
		n = int64(*v)
	case Number:
		n = int64(v)
	case int:
		n = int64(v)
	default:
		return cell{}, fmt.Errorf("%s is a %T", path, v)
	}
	return cell{path, strconv.FormatInt(n, 10), unit, text(n)}, nil
}

var functions = template.FuncMap{
	"ms": func(path string, v any) (cell, error) {
		return cellOf(path, v, "ms", func(n int64) string { return human.MS(time.Duration(n)) })
	},
	"span": func(path string, v any) (cell, error) {
		return cellOf(path, v, "span", func(n int64) string { return human.Span(time.Duration(n)) })
	},
	"ppm": func(path string, v any) (cell, error) { return cellOf(path, v, "ppm", human.PPM) },
	"instant": func(path string, v any, clock string) (cell, error) {
		if clock != "wall" { // a monotonic clock has an origin of its own
			return cellOf(path, v, "since", func(n int64) string { return human.Span(time.Duration(n)) + " since the computer's start" })
		}
		return cellOf(path, v, "instant", human.Instant)
	},
	"count": func(path string, v any) (cell, error) {
		return cellOf(path, v, "count", func(n int64) string { return strconv.FormatInt(n, 10) })
	},
	"at":        func(base string, i int) string { return base + "." + strconv.Itoa(i) },
	"visible":   Visible,
	"breakable": breakable,
	"counted":   human.Counted,
	"pairsAt": func(at string, pairs []Pair) any {
		return struct {
			At    string
			Pairs []Pair
		}{at, pairs}
	},
	"most":     func(all []Burst) []Burst { return all[:min(mostBursts, len(all))] },
	"mostRows": func(all []int) []int { return all[:min(mostBursts, len(all))] },
	"mostGaps": func(all []Gap) []Gap { return all[:min(mostBursts, len(all))] },
	"more":     func(n int) int { return max(0, n-mostBursts) },
	"inc":      func(i int) int { return i + 1 },
}

var page = template.Must(template.New("page").Funcs(functions).Parse(pageText))

// Write writes the page: one file that asks for nothing else. Equal documents give equal bytes.
func (d *Document) Write(w io.Writer) error {
	d.draw()
	data, err := json.Marshal(d) // escapes <, >, &, U+2028 and U+2029
	if err != nil {
		return err
	}
	type alignmentHTML struct {
		*Alignment
		At      string
		ID      string
		Figures []figureHTML
	}
	type studyHTML struct {
		*Study
		At      string
		ID      string
		Figures []figureHTML
	}
	type retimedHTML struct {
		Retimed
		Figures []figureHTML
	}
	v := struct {
		*Document
		Title   string
		CSS     template.CSS
		JS      template.JS
		Data    template.JS
		Policy  string
		Aligned []alignmentHTML
		Studied []studyHTML
		Redone  []retimedHTML
	}{Document: d, CSS: template.CSS(pageCSS), JS: template.JS(pageJS), Data: template.JS(data), Title: d.title()}
	sum := sha256.Sum256([]byte(pageJS))
	v.Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	for i, a := range d.Alignments {
		figures, err := inlined(a.charts)
		if err != nil {
			return err
		}
		v.Aligned = append(v.Aligned, alignmentHTML{a, fmt.Sprintf("alignments.%d.", i), fmt.Sprintf("device%d", i+1), figures})
	}
	for i, s := range d.Studies {
		figures, err := inlined(s.charts)
		if err != nil {
			return err
		}
		v.Studied = append(v.Studied, studyHTML{s, fmt.Sprintf("studies.%d.", i), fmt.Sprintf("study%d", i+1), figures})
	}
	for _, r := range d.Retimed {
		figures, err := inlined(r.charts)
		if err != nil {
			return err
		}
		v.Redone = append(v.Redone, retimedHTML{r, figures})
	}
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (d *Document) title() string {
	switch {
	case len(d.Studies) > 0 && d.Studies[0].Source == "":
		return "Clock report: a study of " + human.Counted(d.Studies[0].Recordings, "recording")
	case len(d.Studies) > 0:
		return "Clock report: " + Visible(d.Studies[0].Source)
	case len(d.Alignments) == 1:
		return "Clock report: " + Visible(d.Alignments[0].Title())
	}
	return "Clock report"
}

// Beginning is how a page begins, by which it is known.
const Beginning = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"generator\" content=\"pialign report\">"
