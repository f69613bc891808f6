package view

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestWorkLineFits(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		for columns := range 120 {
			for _, percent := range []int{-1, 0, 50, 100, 200} {
				if got := workLine(percent, "re-timing", "1.2 of 3.0 GB", columns, Style{ASCII: ascii}); width(got) > columns {
					t.Errorf("%d columns, %d %%: %q", columns, percent, got)
				}
			}
		}
	}
	if got, want := workLine(50, "re-timing", "1 of 2 GB", 80, Style{ASCII: true}), "re-timing ####################....................  50 %  1 of 2 GB"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLineIsTakenAway(t *testing.T) {
	var b bytes.Buffer
	l := &Line{w: &b, style: Style{ASCII: true}, width: func() int { return 60 }, restore: func() {}}
	l.Draw(10, "re-timing", "a")
	n := b.Len()
	l.Draw(10, "re-timing", "a")
	if b.Len() != n {
		t.Error("the same is drawn again")
	}
	l.Draw(20, "re-timing", "a")
	l.Close()
	l.Clear()
	if got := b.String(); !strings.HasSuffix(got, "\r"+clearLine) || strings.Count(got, "\r") != 3 || strings.Contains(got, "\n") {
		t.Errorf("%q", got)
	}
}

func TestLineWantsATerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, ok := OpenLine(f, func(string) string { return "xterm" }); ok {
		t.Error("a file is taken for a terminal")
	}
}
