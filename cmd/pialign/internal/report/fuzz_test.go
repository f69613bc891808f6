package report

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/alignfile"
)

// FuzzPage claims that whatever an alignment file says there is a page of it, with numbers equal to its JSON and plots that have figures in them.
func FuzzPage(f *testing.F) {
	var samples []align.Sample
	for _, name := range []string{"two_probes", "phone_step", "host_step"} {
		family, _ := scenario.Named(name)
		s := family.Draw(1)
		al, err := align.Fit(s.Samples, s.Options)
		if err != nil {
			f.Fatal(err)
		}
		samples = append(samples, s.Samples[:min(20, len(s.Samples))]...)
		file := &alignfile.File{Program: "x", Alignment: al}
		for range 2 {
			b, err := alignfile.Marshal(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
			al.Wall = nil
			for i := range al.Diagnosis.Paths {
				p := &al.Diagnosis.Paths[i]
				p.Up.Tail, p.Up.Shape, p.Down.Scale, p.Floor, p.Up.Flat = math.Inf(1), math.NaN(), math.MaxInt64, math.MinInt64, -1
			}
			al.Diagnosis.DriftE18, al.Diagnosis.DriftSDE18 = math.MinInt64, math.MaxInt64
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) { drawn(t, b, samples) })
}

// wildClocks are readings that no computer makes.
var wildClocks = []align.HostReading{{Wall: 1, Mono: 1, Raw: 1}, {Wall: math.MaxInt64, Mono: 2, Raw: math.MinInt64}, {Wall: math.MinInt64, Mono: math.MinInt64, Raw: 3},
	{Wall: 0, Mono: math.MaxInt64}, {Wall: 5, Mono: 1e18, Raw: math.MaxInt64}}

// drawn looks at the page of an alignment file, and reports whether there is one.
func drawn(t *testing.T, b []byte, samples []align.Sample) bool {
	t.Helper()
	file, err := alignfile.Unmarshal("a.json", b)
	if err != nil {
		return false
	}
	d := NewDocument("test")
	d.Alignments = []*Alignment{NewAlignment("a.json", "", file, Widths{}, false, &Logs{Samples: samples, Clocks: wildClocks})}
	d.Finish()
	sound(t, d)
	return true
}

// sound looks at a page of absurd numbers: they are those of its JSON, and no plot is without a figure. It returns what there is on it.
func sound(t *testing.T, d *Document) *html.Node {
	t.Helper()
	page := written(t, d)
	if off := numbersOff(t, string(page)); len(off) > 0 {
		t.Error(off)
	}
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	each(root, func(n *html.Node) {
		if d := attr(n, "d"); strings.ContainsAny(d, "NI") { // NaN, Inf
			t.Errorf("a path with %.60s", d)
		}
	})
	return root
}

// TestExtremes claims the same as FuzzPage of files in which one number after the other is as large or as small as it can be.
func TestExtremes(t *testing.T) {
	family, _ := scenario.Named("phone_step")
	s := family.Draw(1)
	al, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	b, err := alignfile.Marshal(&alignfile.File{Program: "x", Alignment: al})
	if err != nil {
		t.Fatal(err)
	}
	numbers := regexp.MustCompile(`"-?[0-9]+"`).FindAllIndex(b, -1)
	made := 0
	for i, at := range numbers {
		if i%23 != 0 { // neighbours are of a kind
			continue
		}
		for _, v := range []string{`"9223372036854775807"`, `"-9223372036854775808"`, `"4611686018427387904"`, `"0"`} {
			began := time.Now()
			if drawn(t, slices.Concat(b[:at[0]], []byte(v), b[at[1]:]), s.Samples) {
				made++
			}
			if d := time.Since(began); d > 20*time.Second { // 0.1 s is usual: a plot that draws ticks for ever
				t.Fatalf("%s for %s takes %v", v, b[max(0, at[0]-30):at[1]], d)
			}
		}
	}
	if made < 20 {
		t.Errorf("only %d pages were made", made)
	}
}
