package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/pialign/pialign/cmd/pialign/internal/human"
)

// TestPages claims of every page: it parses, asks for nothing outside of itself, runs no script but ours, and each number on it is that of its JSON.
func TestPages(t *testing.T) {
	for name, d := range pages(t) {
		t.Run(name, func(t *testing.T) {
			b := written(t, d)
			if again := written(t, d); !bytes.Equal(again, b) {
				t.Error("the same again differs")
			}
			if !bytes.HasPrefix(b, []byte(Beginning)) {
				t.Error("it does not begin as pages do")
			}
			if dir := os.Getenv("PIALIGN_REPORT_PAGES"); dir != "" { // for .ci/report
				if err := os.WriteFile(filepath.Join(dir, name+".html"), b, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			root, err := html.Parse(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			scripts, numbers, figures := 0, 0, 0
			var data any
			each(root, func(n *html.Node) {
				for _, a := range n.Attr {
					key, v := strings.ToLower(a.Key), strings.ToLower(a.Val)
					if strings.HasPrefix(key, "on") || key == "src" || key == "srcset" || key == "action" || key == "data" || key == "poster" ||
						strings.HasSuffix(key, "href") && !strings.HasPrefix(v, "#") || key == "style" && strings.Contains(v, "url(") {
						t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
					}
				}
				switch n.Data {
				case "script":
					scripts++
					if attr(n, "id") == "pialign-data" {
						d := json.NewDecoder(strings.NewReader(n.FirstChild.Data))
						d.UseNumber()
						if err := d.Decode(&data); err != nil {
							t.Fatal(err)
						}
					} else if n.FirstChild.Data != pageJS {
						t.Errorf("a script: %.100s", n.FirstChild.Data)
					}
				case "img", "iframe", "object", "embed", "link", "base", "form", "image", "use":
					t.Errorf("<%s>", n.Data)
				case "figure":
					figures++
				}
			})
			if scripts != 2 || data == nil {
				t.Fatalf("%d scripts", scripts)
			}
			for _, off := range numbersOff(t, string(b)) {
				t.Error(off)
			}
			each(root, func(n *html.Node) {
				if attr(n, "data-value") != "" {
					numbers++
				}
			})
			if text := textOf(root); strings.Contains(text, "%!") || strings.Contains(text, "NaN") {
				t.Error("a text that was not made right")
			}
			if numbers < 20 || figures < 4 {
				t.Errorf("%d numbers, %d figures", numbers, figures)
			}
			if strings.ContainsAny(textOf(root), "\u202e\x1b\x00") {
				t.Error("a character that turns text around or commands")
			}
		})
	}
}

// numbersOff returns which numbers of a page are not those of its JSON, or are not written as they must be.
func numbersOff(t *testing.T, text string) (off []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var data any
	each(root, func(n *html.Node) {
		if attr(n, "id") == "pialign-data" {
			d := json.NewDecoder(strings.NewReader(n.FirstChild.Data))
			d.UseNumber()
			if err := d.Decode(&data); err != nil {
				t.Fatal(err)
			}
		}
	})
	each(root, func(n *html.Node) {
		path, value := attr(n, "data-path"), attr(n, "data-value")
		if path == "" {
			return
		}
		want, shown := at(t, data, path), textOf(n)
		switch {
		case value == "" && (want != nil || shown != "unknown"):
			off = append(off, fmt.Sprintf("%s: %v is shown as %q", path, want, shown))
		case value != "" && fmt.Sprint(want) != value:
			off = append(off, fmt.Sprintf("%s: %s on the page, %v in the JSON", path, value, want))
		case value != "" && said(t, attr(n, "data-unit"), value) != shown:
			off = append(off, fmt.Sprintf("%s: %s is shown as %q", path, value, shown))
		}
	})
	return off
}

// said writes a number as the page must.
func said(t *testing.T, unit, value string) string {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	switch unit {
	case "ms":
		return human.MS(time.Duration(n))
	case "span":
		return human.Span(time.Duration(n))
	case "ppm":
		return human.PPM(n)
	case "instant":
		return human.Instant(n)
	case "since":
		return human.Span(time.Duration(n)) + " since the computer's start"
	case "count":
		return value
	}
	t.Errorf("unit %q", unit)
	return ""
}

// at follows a path into JSON.
func at(t *testing.T, v any, path string) any {
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[part]
			if !ok {
				t.Fatalf("%s: no %q in the JSON", path, part)
			}
			v = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(x) {
				t.Fatalf("%s: no %q in the JSON", path, part)
			}
			v = x[i]
		default:
			t.Fatalf("%s: %T", path, v)
		}
	}
	return v
}

func each(n *html.Node, f func(*html.Node)) {
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, f)
	}
}

func attr(n *html.Node, key string) string {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}

// textOf is what can be read of n.
func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.Data == "script" || n.Data == "style" {
		return ""
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOf(c))
	}
	return b.String()
}

// TestWrongNumbersAreSeen claims that TestPages would see a page whose number is another one than that of its JSON.
func TestWrongNumbersAreSeen(t *testing.T) {
	d := NewDocument("pialign test")
	d.Alignments = []*Alignment{aligned(t, "two_probes", 1, plainName)}
	d.Finish()
	b := string(written(t, d))
	value := fmt.Sprint(int64(*d.Alignments[0].HalfWidth))
	shown := human.MS(time.Duration(*d.Alignments[0].HalfWidth))
	for what, wrong := range map[string]string{
		"another text":  strings.Replace(b, ">"+shown+"<", ">0.001 ms<", 1),
		"another value": strings.Replace(b, `data-value="`+value+`"`, `data-value="1"`, 1),
		"another JSON":  strings.Replace(b, `"half_width_ns":"`+value+`"`, `"half_width_ns":"1"`, 1),
		"none":          strings.Replace(b, `"half_width_ns":"`+value+`"`, `"half_width_ns":null`, 1),
	} {
		if wrong == b {
			t.Fatalf("%s: nothing to change", what)
		}
		if len(numbersOff(t, wrong)) == 0 {
			t.Errorf("%s is not seen", what)
		}
	}
	if off := numbersOff(t, b); len(off) > 0 {
		t.Error(off)
	}
}

func TestPairs(t *testing.T) {
	n := func(v int64) *Number { x := Number(v); return &x }
	all := []Placed{
		{Name: "a", Device: "1", Clock: "wall", First: 100, Last: 200, HalfWidth: n(3), Bound: n(10)},
		{Name: "b", Device: "2", Clock: "wall", First: 150, Last: 300, HalfWidth: n(4), Bound: n(20)},
		{Name: "c", Device: "1", Clock: "wall", First: 150, Last: 300, HalfWidth: n(1), Bound: n(1)},
		{Name: "d", Device: "3", Clock: "monotonic", First: 100, Last: 300},
		{Name: "e", Device: "4", Clock: "wall", First: 290, Last: 400, HalfWidth: n(4)},
		{Name: "f", Device: "5", Clock: "wall", First: 400, Last: 500},
	}
	pairs, more := PairsOf(all)
	var got []string
	for _, p := range pairs {
		s := fmt.Sprintf("%s%s %d+%d", p.A, p.B, p.From, p.Length)
		if p.HalfWidth != nil {
			s += fmt.Sprintf(" %d", *p.HalfWidth)
		}
		if p.Bound != nil {
			s += fmt.Sprintf(" %d", *p.Bound)
		}
		got = append(got, s)
	}
	// 3 and 4 give 5; 4 and 4 give 5.66, and a width is not rounded down
	want := []string{"ab 150+50 5 30", "bc 150+150 5 21", "be 290+10 6", "ce 290+10 5"}
	if !slices.Equal(got, want) || more != 0 {
		t.Errorf("got %q, %d more\nwant %q", got, more, want)
	}
}
