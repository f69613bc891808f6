package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// placedText is a text of an SVG file with its place, y from above.
type placedText struct {
	words string
	x, y  float64
}

// textsOf reads the level texts of an SVG file; it fails where it is none.
func textsOf(t *testing.T, svg []byte) (all []placedText, height float64) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	var open *placedText
	groups := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return all, height
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		attr := func(e xml.StartElement, name string) float64 {
			i := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == name })
			if i < 0 {
				return 0
			}
			v, err := strconv.ParseFloat(strings.TrimSuffix(e.Attr[i].Value, "pt"), 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "svg":
				height = attr(e, "height")
			case "g":
				groups++
			case "text": // the file is upside down, and each text in it once more
				if groups > 1 { // turned
					continue
				}
				all = append(all, placedText{x: attr(e, "x"), y: height + attr(e, "y")})
				open = &all[len(all)-1]
			case "script", "image", "a", "foreignObject", "use":
				t.Errorf("<%s>", e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") {
					t.Errorf("<%s %s>", e.Name.Local, a.Name.Local)
				}
			}
		case xml.CharData:
			if open != nil {
				open.words += string(e)
			}
		case xml.EndElement:
			if open = nil; e.Name.Local == "g" {
				groups--
			}
		}
	}
}

// TestFilesHaveTheirLegend claims of each plot as a file: it can be read as SVG, beneath the plot stand all words of its legend, inside of the
// picture, and the PNG has the same room.
func TestFilesHaveTheirLegend(t *testing.T) {
	legends := 0
	for name, d := range pages(t) {
		for _, f := range d.Figures() {
			svg, err := f.SVG()
			if err != nil {
				t.Fatal(err)
			}
			texts, height := textsOf(t, svg)
			var words []string
			for _, p := range texts {
				if p.y > figureHeight { // beneath the plot: it ends there
					words = append(words, p.words)
					right := p.x + float64(legendStyle.Width(p.words))
					if p.x < legendSample || right > figureWidth || p.y > height {
						t.Errorf("%s %s: %q from %.0f to %.0f, %.0f down of %.0f", name, f.ID, p.words, p.x, right, p.y, height)
					}
				}
			}
			var want []string
			for _, k := range f.key {
				want = append(want, Visible(k.Label))
			}
			if !slices.Equal(words, want) {
				t.Errorf("%s %s: beneath the plot stands %q, want %q", name, f.ID, words, want)
			}
			if len(want) == 0 && height != figureHeight {
				t.Errorf("%s %s: room for a legend that is not there", name, f.ID)
			}
			legends += len(want)
			if name != "hostile" { // one page of pictures is enough
				continue
			}
			b, err := f.PNG()
			if err != nil {
				t.Fatal(err)
			}
			c, err := png.DecodeConfig(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if c.Width != 3*figureWidth || c.Height != int(3*height) {
				t.Errorf("%s %s: %d x %d dots", name, f.ID, c.Width, c.Height)
			}
		}
	}
	if legends < 30 {
		t.Errorf("only %d entries", legends)
	}
}

// TestLegendsWithoutColour claims that in no figure two curves, marks or areas differ by colour alone.
func TestLegendsWithoutColour(t *testing.T) {
	for name, d := range pages(t) {
		for _, f := range d.Figures() {
			seen := map[string]string{}
			for _, k := range f.key {
				look := fmt.Sprint(k.dashes, k.mark, k.bar, k.area, k.width)
				if k.area { // light and dark
					r, g, b, _ := k.colour.RGBA()
					look = fmt.Sprint((299*r + 587*g + 114*b) / 1000 >> 8 / 20)
				}
				if other, twice := seen[look]; twice {
					t.Errorf("%s %s: %q looks like %q", name, f.ID, k.Label, other)
				}
				seen[look] = k.Label
			}
		}
	}
}

// TestLongWordsAreCut claims that a name of any length leaves a legend inside of its picture, and that it is text whatever it is.
func TestLongWordsAreCut(t *testing.T) {
	for _, word := range []string{strings.Repeat("phase ", 50), strings.Repeat("W", 1<<20), strings.Repeat("\u57fa", 300), `</text><script>alert(1)</script>`, "a\x00\ufffe\x1b[1m\u202e"} {
		f := Figure{ID: "f", Title: word, Caption: word, plot: newPlot("x", "y"), key: []key{{word, series[0]}, {"other", series[1]}}}
		f.plot.X.Max, f.plot.Y.Max = 1, 1
		svg, err := f.SVG()
		if err != nil {
			t.Fatal(err)
		}
		texts, _ := textsOf(t, svg)
		first := texts[len(texts)-2]
		if right := first.x + float64(legendStyle.Width(first.words)); right > figureWidth {
			t.Errorf("%.20q reaches to %v", word, right)
		}
		if shown, cut := strings.CutSuffix(first.words, "…"); cut && len(shown) < 30 || !strings.HasPrefix(Visible(word), shown) {
			t.Errorf("%.20q is shown as %q", word, first.words)
		}
		if _, err := f.PNG(); err != nil {
			t.Error(err)
		}
	}
}
