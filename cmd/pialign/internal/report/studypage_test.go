package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

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
