package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime/retimetest"
)

// Whatever is wrong with a table, apply says in one line which file it is and what to look for in it, exits with 1 and leaves
// nothing behind: of a folder, of a zip and of a table by itself. What is only unusual comes out as the input would, moved.
func TestApplyToDamagedTables(t *testing.T) {
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	madeSession(t, same)
	if code, _, talk := command(t.Context(), "fit", same("p01"), "-o", same("alignment.json")); code != exitDone {
		t.Fatalf("exit code %d: %s", code, talk)
	}
	gaze := same("in/rec/gaze.csv")
	b, err := os.ReadFile(gaze)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfterN(string(b), "\n", 5)
	table := strings.Join(lines[:4], "") // the header and three rows
	const name = "timestamp [ns]"
	column := slices.Index(strings.Split(strings.TrimSuffix(lines[0], "\n"), ","), name)
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	apply := func(in, out string, options ...string) (int, string, string) {
		return command(t.Context(), append([]string{"apply", "--alignment", same("alignment.json"), in, "--out", out}, options...)...)
	}
	write(gaze, table)
	if code, _, talk := apply(same("in/rec"), same("moved")); code != exitDone {
		t.Fatalf("exit code %d: %s", code, talk)
	}
	moved, err := os.ReadFile(same("moved/rec/gaze.csv"))
	if err != nil || column < 0 {
		t.Fatal(column, err)
	}
	want := retimetest.Damages(string(moved), column)
	for i, d := range retimetest.Damages(table, column) {
		write(gaze, d.Text)
		write(same("gaze.csv"), d.Text)
		if err := pack(same("in/rec"), same("zip/rec.zip")); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			in      string
			options []string
		}{{same("in/rec"), nil}, {same("zip/rec.zip"), nil}, {same("gaze.csv"), []string{"--time-column", name + ":ns"}}} {
			out := same("out")
			code, stdout, talk := apply(c.in, out, c.options...)
			if d.Says == nil {
				if code != exitDone {
					t.Errorf("%s, %s: exit code %d\n%s", filepath.Base(c.in), d.Name, code, talk)
				} else if got, err := os.ReadFile(filepath.Join(out, "rec", "gaze.csv")); filepath.Base(c.in) == "rec" && (err != nil || string(got) != want[i].Text) {
					t.Errorf("%s: %v, became %q", d.Name, err, got)
				}
				if err := os.RemoveAll(out); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if _, err := os.Lstat(out); err == nil {
				t.Errorf("%s, %s: something is left", filepath.Base(c.in), d.Name)
			}
			if code != exitFailed || stdout != "" {
				t.Errorf("%s, %s: exit code %d, stdout %q\n%s", filepath.Base(c.in), d.Name, code, stdout, talk)
			}
			for _, says := range append(d.Says, "pialign: error:", "gaze.csv") {
				if !strings.Contains(talk, says) {
					t.Errorf("%s, %s: %q is not in: %s", filepath.Base(c.in), d.Name, says, talk)
				}
			}
		}
	}
}
