package batch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestWorkplaces: what lives is left alone, what a killed process left is removed by who works on the same output next, and by nobody else.
func TestWorkplaces(t *testing.T) {
	out := t.TempDir()
	list := func() (n int) {
		entries, err := os.ReadDir(filepath.Join(out, ownDir))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".pialign-") {
				n++
			}
		}
		return n
	}
	open := func(output string) *Workplace {
		t.Helper()
		w, err := OpenWorkplace(out, output)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	lives, killed := open("p01/a.zip"), open("p01/b")
	if filepath.Ext(lives.Path) != ".zip" || filepath.Ext(killed.Path) != "" {
		t.Errorf("%s, %s: the ending of the output counts", lives.Path, killed.Path)
	}
	killed.held.Close() // as the system does for a process that is killed
	other := open("p02/c")
	if list() != 3 || !lives.Owned() || !killed.Owned() {
		t.Errorf("%d workplaces", list())
	}
	again := open("p01/b")
	if list() != 3 || killed.Owned() || !again.Owned() {
		t.Errorf("%d workplaces, %v of the killed one", list(), killed.Owned())
	}
	twin := open("p01/a.zip")
	if !lives.Owned() || list() != 4 {
		t.Error("that of a living process was removed")
	}
	for _, w := range []*Workplace{lives, twin} {
		if err := os.WriteFile(w.Path, []byte("zip"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	dst := filepath.Join(out, "p01", "a.zip")
	if err := lives.Publish(dst); err != nil {
		t.Error(err)
	}
	if err := twin.Publish(dst); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the second of two: %v", err)
	}
	if err := killed.Publish(dst + "2"); !errors.Is(err, ErrTaken) {
		t.Errorf("one that was taken: %v", err)
	}
	for _, w := range []*Workplace{lives, twin, again, other} {
		w.Close()
	}
	if list() != 0 {
		t.Errorf("%d workplaces are left", list())
	}
}

// TestWorkplacesOfOneOutputAtOnce: nobody takes away what another has, at any moment. A lock is of one opening of its file, so that goroutines do as processes.
func TestWorkplacesOfOneOutputAtOnce(t *testing.T) {
	out := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				w, err := OpenWorkplace(out, "p01/a")
				if err != nil {
					t.Error(err)
					return
				}
				if err := os.WriteFile(w.Path, []byte("result"), 0o666); err != nil || !w.Owned() {
					t.Errorf("it was taken away: %v", err)
				}
				w.Close()
			}
		})
	}
	wg.Wait()
	if entries, err := os.ReadDir(filepath.Join(out, ownDir)); err != nil || len(entries) > 0 {
		t.Errorf("%d are left, %v", len(entries), err)
	}
}

func TestOutputs(t *testing.T) {
	for outputs, says := range map[string]string{
		"a b a/c":          "lies in that of 0",
		"a A":              "is that of 0 too",
		"\u00e9 e\u0301":   "is that of 0 too", // e with an acute accent, in one and in two
		"\u00c9 e\u0301":   "is that of 0 too",
		"e\u0301 \u00e9/a": "lies in that of 0",
		"\u00e9 e":         "",
		"\u03c3 \u03c2":    "is that of 0 too", // sigma, and that of a word's end
		"a a.json/b":       "record of 0",
		"a.json a":         "",
		"p01/a p01/b p.1":  "",
		"/a":               "no path below",
		"a/":               "no path below",
		"../a":             "no path below",
		".":                "no path below",
		"a\\b":             "no path below",
		"pialign":          "pialign's own",
		"PIALIGN/a":        "pialign's own",
		"summary.csv":      "pialign's own",
		"a/summary.csv":    "",
		"a/.pialign-X/b":   "unfinished",
	} {
		var lines []Line
		for i, o := range strings.Fields(outputs) {
			lines = append(lines, Line{Input: string(rune('0' + i)), Output: o})
		}
		err := CheckOutputs(lines)
		if (err == nil) != (says == "") || err != nil && (!errors.Is(err, ErrOutputs) || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", outputs, err, says)
		}
	}
	if err := CheckOutputs([]Line{{Input: "a"}}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("none: %v", err)
	}
}

// TestInputDigest: every byte and every name counts, of folders too.
func TestInputDigest(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]string{}
	sum := func(after string) {
		t.Helper()
		in, err := OpenInput(dir)
		if err != nil {
			t.Fatal(err)
		}
		var d Digester
		s, err := d.Input(t.Context(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := seen[s]; ok {
			t.Errorf("the same after %s as after %s", after, before)
		}
		seen[s] = after
		if known, err := d.Input(t.Context(), in, func(string) string { return "" }); err != nil || known != s {
			t.Errorf("with digests that are not known: %s, %v, want %s", known, err, s)
		}
	}
	sum("nothing")
	file("a", "1")
	sum("a file")
	file("a", "2")
	sum("another byte")
	file("b", "")
	sum("an empty file")
	if err := os.Mkdir(filepath.Join(dir, "c"), 0o777); err != nil {
		t.Fatal(err)
	}
	sum("a folder")
	if err := os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "d")); err != nil {
		t.Fatal(err)
	}
	sum("another name")
}
