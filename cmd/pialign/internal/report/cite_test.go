package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/pialign/pialign/align"
)

// TestSourcesAreThoseOfTheDocs claims that no source is made up: each is in docs/method.md as it is cited; and that pialign is cited by its module's path.
func TestSourcesAreThoseOfTheDocs(t *testing.T) {
	top := filepath.Join("..", "..", "..", "..")
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(top, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	_, sources, ok := strings.Cut(read("docs/method.md"), "## Sources")
	if !ok {
		t.Fatal("docs/method.md has no sources")
	}
	sources = strings.ReplaceAll(sources, "`", "")
	all := slices.Concat(citedFit, citedBound)
	for _, m := range align.Methods[1:] {
		if m != align.MedianLine && len(citedRecipe[string(m)]) == 0 { // that one is nobody's
			t.Errorf("%s: no source", m)
		}
	}
	for _, c := range citedRecipe {
		all = append(all, c...)
	}
	for _, c := range all {
		for part := range strings.SplitSeq(strings.ReplaceAll(c.Text, ": ", "\x00"), "\x00") { // "Pupil Labs: time_echo.py"
			if !strings.Contains(sources, part) {
				t.Errorf("%q is no source of docs/method.md", part)
			}
		}
		if c.For == "" {
			t.Errorf("%q: for what?", c.Text)
		}
	}
	module, _, _ := strings.Cut(read("go.mod"), "\n")
	if want := "https://" + strings.TrimPrefix(module, "module "); address != want {
		t.Errorf("pialign is cited as %s, want %s", address, want)
	}
}

// TestCited claims that what to cite fits what was done: a recipe is not cited as the estimator, nor is a bound's source where there is no bound.
func TestCited(t *testing.T) {
	n := number(1)
	for _, c := range []struct {
		a    Alignment
		want []string
	}{
		{Alignment{Program: "pialign 0.1.0", Method: "floor-edge", BoundWidth: n}, []string{"pialign 0.1.0, " + address, marzullo, wahba, moon, zhang}},
		{Alignment{Program: "pialign 0.1.0", Method: "floor-edge"}, []string{"pialign 0.1.0, " + address, marzullo, wahba}},
		{Alignment{Program: "pialign 0.1.0", Method: "max-margin", BoundWidth: n}, []string{"pialign 0.1.0, " + address, huygens, moon, zhang}},
		{Alignment{Method: "lsl-relay"}, []string{"pialign, " + address, "Pupil Labs: lsl-relay"}},
		{Alignment{Program: "other 2", Method: "other"}, []string{"other 2"}},
	} {
		var got []string
		for _, x := range c.a.cite() {
			got = append(got, x.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s by %q: %q, want %q", c.a.Method, c.a.Program, got, c.want)
		}
	}
	if got := NewStudy("", nil, 0, "pialign 0.1.0").Cite; len(got) != 1 {
		t.Errorf("a study of nothing cites %v", got)
	}
}

// TestCitationsAreOnThePage claims that a page shows the citations of its JSON, as text.
func TestCitationsAreOnThePage(t *testing.T) {
	d := pages(t)["hostile"]
	root, err := html.Parse(strings.NewReader(string(written(t, d))))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(textOf(root)), " ")
	all := slices.Concat(d.Alignments[0].Cite, d.Studies[0].Cite)
	if len(all) != 10 || len(d.Alignments[1].Cite) != 0 { // of the second there is no alignment
		t.Errorf("%d citations", len(all))
	}
	for _, c := range all {
		if want := strings.Join(strings.Fields(Visible(c.Text)), " "); !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
}
