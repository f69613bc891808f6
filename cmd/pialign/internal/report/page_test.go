package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/cmd/pialign/internal/human"
	"github.com/pialign/pialign/formats/alignfile"
)

// hostile are names that would do something on a page, a terminal or in JSON if they were not taken for text.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</script><script>alert(1)</script>`, `]]><svg onload=alert(1)>`, "\u202eevil\u202c",
	"a\x00b\x1b[31m\u2028c", `{{.Program}}`, `javascript:alert(1)`, `</title><b>`, `<!--`, "'><b onclick='x'>",
}

// aligned fits a session of a family and describes it, with a hostile name in each place that a name goes.
func aligned(t testing.TB, family string, seed uint64, name func(int) string) *Alignment {
	t.Helper()
	f, ok := scenario.Named(family)
	if !ok {
		t.Fatalf("no family %s", family)
	}
	s := f.Draw(seed)
	for i := range s.Samples {
		s.Samples[i].Phase += name(3)
	}
	al, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	var w Widths
	p := al.Wall.Parts()
	if d, ok := al.Wall.WorstHalfWidth(p.First, p.Last); ok {
		w.Likely = number(d)
	}
	if d, ok := al.Wall.WorstStatHalfWidth(p.First, p.Last); ok {
		w.Stat = number(d)
	}
	if d, ok := al.Wall.WorstBoundHalfWidth(p.First, p.Last); ok {
		w.Bound = number(d)
	}
	file := &alignfile.File{Device: alignfile.Device{ID: family + name(0), Name: "phone" + name(1)}, Program: "pialign" + name(4), Alignment: al,
		Logs: []alignfile.LogRef{{Name: "log" + name(2)}}, RecordingIDs: []string{name(5)}}
	if family == "const_asym" { // as where the wall clock has no map
		al.Wall = nil
	}
	return NewAlignment("p01"+name(6), "xxh3:"+family, file, w, false, &Logs{Samples: s.Samples})
}

// streamsOf makes up n streams; every third has gaps, and the first none.
func streamsOf(n int, name func(int) string) (out []Stream) {
	const begin, length = Number(1_767_603_600_000_000_000), Number(20 * time.Minute)
	for i := range n {
		first, last := begin+Number(i)*1e9, begin+length-Number(i)*5e9
		s := Stream{File: fmt.Sprintf("stream %d ps1.time", i) + name(i), Column: "time" + name(i+1), Parts: i % 3, Samples: 240_000, First: &first, Last: &last}
		for k := range i % 3 * 4 {
			from, length := begin+Number(k+1)*Number(2*time.Minute), Number(150_000_000)<<k
			s.Longest = append(s.Longest, Gap{From: &from, Length: length})
			s.Gaps, s.Total, s.Worst = s.Gaps+1, s.Total+length, length
		}
		out = append(out, s)
	}
	return out
}

func plainName(int) string { return "" }

// studied makes a study of n recordings of pairs of phones, with names as downloads have them; every tenth is not as it should be.
func studied(n int, name func(int) string) *Study {
	var rows []batch.Row
	for i := range n {
		folder := fmt.Sprintf("2026-01-05_09-00-00-%08x", 0xd8df71f4-i*2654435)
		output := fmt.Sprintf("data/p%03d/%s", i/2, folder)
		if i%4 == 1 {
			output += ".zip"
		}
		r := batch.Record{Input: "study/" + output + name(i), Output: output + name(i), Outcome: batch.Done}
		first := int64(1_767_603_600_000_000_000) + int64(i/2)*int64(3*time.Hour)
		rec := batch.RecordRecording{Name: folder + name(i+1), Source: fmt.Sprintf("study/sessions/p%03d", i/2) + name(i), DeviceID: fmt.Sprintf("fa4e%012x", i%2) + name(i+2), Alignment: fmt.Sprintf("xxh3:%016x", i/2), Clock: "wall", Confirmed: true,
			Offset: batch.Nanos(int64(840_000_000+i*1_234_567%90_000_000), true), DriftE18: batch.Nanos(int64(9_000_000_000_000+i*7_654_321_000%6_000_000_000_000), true),
			HalfWidth: batch.Nanos(int64(1_000_000+i*i*7919%4_000_000), true), StatHalfWidth: batch.Nanos(int64(500_000), true), BoundHalfWidth: batch.Nanos(int64(4_000_000+i*104_729%9_000_000), true),
			RTTMin: batch.Nanos(int64(4_000_000+i*1000), true), RTTMedian: batch.Nanos(int64(9_000_000), true), Samples: 200, Used: 199, Bursts: 2}
		rec.SetSpan(align.DeviceTime(first), align.DeviceTime(first+int64(40*time.Minute)))
		if i%3 == 0 {
			rec.Gaps = &batch.Gaps{File: "gaze.csv" + name(i)}
			if i%5 == 0 {
				rec.Gaps.Count, rec.Gaps.Total, rec.Gaps.Longest = 1+i, batch.Number(i+1)*200_000_000, 150_000_000
			}
		}
		if i%7 == 0 {
			rec.Warnings = []string{"burst 1 (phase \"start\"): 1 of 100 exchanges are impossible beside the others and were dropped" + name(i)}
		}
		if i == 99 { // one burst, an hour away
			rec.HalfWidth, rec.BoundHalfWidth = batch.Nanos(int64(214_510_000), true), batch.Nanos(int64(737_709_000), true)
			rec.Warnings = []string{"reaches 1 h 1 min beyond the exchanges, where the clocks were not watched: the interval grows there",
				"one burst only: the drift is unknown; for every hour from it the 95 % half-width grows by 212ms and the bound by 720ms. Probe once more, as far from it as can be"}
		}
		switch i % 40 {
		case 11:
			r.Outcome, r.Error, r.Hint = batch.Failed, r.Input+"/"+folder+"/gaze.csv: zip that cannot be taken: it holds less than its directory says"+name(i), "download it again"
		case 22:
			r.Outcome, r.Error, r.Hint = batch.Passed, "its phone (device id fa4e000000000102) was measured in 2 sessions, the nearest study/sessions/p10, 94h59m0s from it"+name(i), "give the folder with its session by --sessions"
		case 33:
			rec.Confirmed, rec.HalfWidth = false, nil
		}
		r.Recordings = []batch.RecordRecording{rec}
		rows = append(rows, batch.Rows(&r, true, 4*time.Millisecond)...)
	}
	return NewStudy("aligned"+name(7), rows, 4*time.Millisecond, "pialign test")
}

// pages are what the tests look at: everything that a page can show.
func pages(t testing.TB) map[string]*Document {
	bad := func(i int) string { return hostile[i%len(hostile)] }
	session := NewDocument("pialign test")
	session.Alignments = []*Alignment{aligned(t, "congested", 1, plainName)}
	many := NewDocument("pialign test")
	for _, f := range []string{"multi_linear", "phone_step", "host_step", "eight_hours", "phone_step_burst", "roaming", "wall_only", "outliers_lost", "single_phase", "lone_corrupt", "const_asym"} {
		many.Alignments = append(many.Alignments, aligned(t, f, 2, plainName))
	}
	many.Alignments = append(many.Alignments, clocked(t, map[time.Duration]time.Duration{5*time.Minute + 500*time.Millisecond: 250 * time.Millisecond, 12*time.Minute + 500*time.Millisecond: -90 * time.Millisecond},
		func(at time.Duration) time.Duration {
			return at/80_000 + time.Duration(float64(at)*at.Minutes())/4_000_000
		}))
	many.Alignments = append(many.Alignments, Unaligned("p02", "fa4e000000000009", "", "too few exchanges"))
	wild := NewDocument("pialign test")
	wild.Notes = hostile
	wild.Alignments = []*Alignment{aligned(t, "two_probes", 3, bad), Unaligned(hostile[0], hostile[1], hostile[2], hostile[3])}
	wild.Retimed = []Retimed{{Source: hostile[0], Program: hostile[1], Clock: hostile[2], Mode: hostile[3], Recordings: []RetimedRecording{{Name: hostile[4], DeviceID: hostile[5], Alignment: hostile[6], Streams: streamsOf(12, bad)}, {Name: "absurd", Streams: []Stream{
		{First: number(math.MaxInt64), Last: number(math.MinInt64), Gaps: 1, Total: math.MaxInt64, Worst: 1, Longest: []Gap{{number(math.MinInt64), math.MaxInt64}}}}}},
		Files: []RetimedFile{{Name: hostile[7], Action: hostile[8], Columns: hostile, Rows: 3}}, Refused: hostile}}
	wild.Studies = []*Study{studied(80, bad)}
	study := NewDocument("pialign test")
	study.Studies = []*Study{studied(300, plainName)}
	session.Retimed = []Retimed{{Source: "rec", Program: "pialign test", Clock: "wall", Mode: "replace", Recordings: []RetimedRecording{
		{Name: "2026-01-05_09-00-00", Streams: streamsOf(6, plainName)}, {Name: "whole", Streams: streamsOf(1, plainName)}}}}
	all := map[string]*Document{"session": session, "many": many, "hostile": wild, "study": study}
	if os.Getenv("PIALIGN_REPORT_PAGES") != "" { // takes its time
		all["large"] = NewDocument("pialign test")
		all["large"].Alignments = []*Alignment{aligned(t, "hundred_thousand", 1, plainName)}
	}
	for _, d := range all {
		d.Finish()
	}
	return all
}

func written(t testing.TB, d *Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

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

// TestRowNames claims that a row is named by its recording beside its result only where the two have other names: a download of one is named after it.
func TestRowNames(t *testing.T) {
	for _, c := range []struct{ output, recording, want string }{
		{"data/p08/2026-01-05_d8df71f4", "2026-01-05_d8df71f4", "data/p08/2026-01-05_d8df71f4"},
		{"data/p08/2026-01-05_d8df71f4.zip", "2026-01-05_d8df71f4", "data/p08/2026-01-05_d8df71f4.zip"},
		{"data/all.ZIP", "all", "data/all.ZIP"},
		{"data/p08.zip", "2026-01-05_d8df71f4", "data/p08.zip: 2026-01-05_d8df71f4"},
		{"data/p08.csv", "p08", "data/p08.csv: p08"},
		{"data/p08", "", "data/p08"},
	} {
		r := &batch.Row{Record: &batch.Record{Output: c.output}, Recording: &batch.RecordRecording{Name: c.recording}}
		if got := nameOf(r); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.recording, c.output, got, c.want)
		}
	}
	if got, want := string(breakable(`a/b_<c>`)), `a/<wbr>b_<wbr>&lt;c&gt;`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestToLookAt claims that whatever is not ok is listed, what has no result before what is not exact enough, and that the widest first.
func TestToLookAt(t *testing.T) {
	s := &Study{Rows: []StudyRow{{Name: "narrow", Verdict: batch.VerdictInexact, HalfWidth: number(5)}, {Name: "good", Verdict: batch.VerdictOK, HalfWidth: number(9)},
		{Name: "wide", Verdict: batch.VerdictInexact, HalfWidth: number(7)}, {Name: "unknown", Verdict: batch.VerdictInexact}, {Name: "failed", Verdict: batch.VerdictFailed},
		{Name: "changed", Verdict: batch.VerdictChanged}, {Name: "unconfirmed", Verdict: batch.VerdictUnconfirmed}}}
	var got []string
	for _, i := range s.ToLookAt() {
		got = append(got, s.Rows[i].Name)
	}
	if want := []string{"failed", "changed", "unconfirmed", "unknown", "wide", "narrow"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	whole := studied(300, plainName)
	d := NewDocument("pialign test")
	d.Studies = []*Study{whole}
	if page := string(written(t, d)); !strings.Contains(page, `wider than --max-error 4ms</bdi>: ± <span class="n" data-path="studies.0.rows.99.half_width_ns"`) {
		t.Error("the recording that fails --max-error is not on the list")
	}
}

// TestStudyHead claims that the title of the page that merge writes, which knows no name, says what it is of, that sessions are named within their common
// folder, and that of an absolute path only the end stands there.
func TestStudyHead(t *testing.T) {
	d := NewDocument("pialign test")
	rows := func(sources ...string) (out []batch.Row) {
		for _, s := range sources {
			out = append(out, batch.Row{Record: &batch.Record{Output: "x"}, Recording: &batch.RecordRecording{Source: s}, Verdict: batch.VerdictOK})
		}
		return out
	}
	d.Studies = []*Study{NewStudy("", rows("study/sessions/p01", "study/sessions/p02", "study/sessions-2/p03", "/home/mia/sessions/p04"), 0, "pialign test")}
	if got, want := d.title(), "Clock report: a study of 4 recordings"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if b := string(written(t, d)); strings.Contains(b, "mia") || !strings.Contains(b, `<div class="wide"><h3>All recordings</h3>`) { // printed, its page begins with the heading
		t.Error("the page tells of the computer, or a heading stands apart from its table")
	}
	for _, c := range []struct{ sources, want string }{
		{"study/sessions/p01 study/sessions/p02", "study/sessions/"}, {"study/sessions/p01 study/sessions-2/p02", "study/"}, {"a/p01 b/p02", ""}, {"p01", ""}, {"a/p01", "a/"}, {"", ""},
	} {
		s := NewStudy("", rows(strings.Fields(c.sources)...), 0, "pialign test")
		if s.SharedFolder != c.want {
			t.Errorf("%s: in %q, want %q", c.sources, s.SharedFolder, c.want)
		}
	}
}

// TestWidthsAreSeen claims that one recording that is far wider than the others does not squeeze them into the axis, and that an even scale is kept where none is.
func TestWidthsAreSeen(t *testing.T) {
	study := func(widths ...time.Duration) Figure {
		s := &Study{MaxError: number(5 * time.Millisecond)}
		for _, w := range widths {
			s.Rows = append(s.Rows, StudyRow{Verdict: batch.VerdictOK, HalfWidth: number(w * time.Microsecond)})
		}
		s.drawCharts("s")
		return s.charts[0]
	}
	place := func(f Figure, x float64) float64 { return (x - f.plot.X.Min) / (f.plot.X.Max - f.plot.X.Min) }
	even, wide := study(1400, 1500, 1600), study(1400, 1500, 1600, 214_510)
	if got := place(even, 1.5); got < 0.2 || strings.Contains(even.Caption, "logarithmic") {
		t.Errorf("of equal ones the middle is at %.2f: %s", got, even.Caption)
	}
	// the step from 1.4 to 1.6 ms is 0.06 of a decade, of less than three; on an even scale it would be a thousandth
	if got := place(wide, decades(1600*time.Microsecond)) - place(wide, decades(1400*time.Microsecond)); got < 0.02 || !strings.Contains(wide.Caption, "logarithmic") {
		t.Errorf("beside a wide one the others are %.4f of the axis: %s", got, wide.Caption)
	}
	var labels []string
	for _, tick := range tenfoldTicks(decades(900*time.Microsecond), decades(120*time.Millisecond)) {
		if tick.Label != "" {
			labels = append(labels, tick.Label)
		}
	}
	if got := strings.Join(labels, " "); got != "1 2 5 10 20 50 100" {
		t.Errorf("ticks %s", got)
	}
}

func TestStudyPageIsSmall(t *testing.T) {
	d := NewDocument("pialign test")
	d.Studies = []*Study{studied(300, plainName)}
	d.Finish()
	// 5 MB is what was promised; a page of 1 MB opens at once on any machine
	if n := len(written(t, d)); n > 1<<20 {
		t.Errorf("300 recordings take %d bytes", n)
	}
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
