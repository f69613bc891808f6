package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// command runs one command line.
func command(ctx context.Context, args ...string) (code int, out, talk string) {
	var o, e strings.Builder
	code = run(ctx, args, stdio{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// tempDir is an empty folder that os.MkdirTemp will use.
func tempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} { // as each system reads it
		t.Setenv(name, dir)
	}
	return dir
}

func isEmpty(t *testing.T, dir string) bool {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(list) == 0
}

func TestDemoTellsAndLeavesNothing(t *testing.T) {
	temp := tempDir(t)
	began := time.Now()
	code, out, talk := command(t.Context(), "demo")
	if code != exitDone {
		t.Fatalf("exit code %d\n%s%s", code, out, talk)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v, want less than 15s", took)
	}
	for _, want := range []string{"the truth is 12.000 ppm", "constant median", "holds the truth at every gaze sample", "Nothing is left behind"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !isEmpty(t, temp) {
		t.Error("it left files behind")
	}
	if _, again, _ := command(t.Context(), "demo"); untilTook(again) != untilTook(out) {
		t.Errorf("the same seed told another story:\n%s\n%s", out, again)
	}
}

// untilTook leaves out how long it took.
func untilTook(s string) string {
	before, _, _ := strings.Cut(s, "\nTook ")
	return before
}

func TestDemoJSON(t *testing.T) {
	tempDir(t)
	code, out, talk := command(t.Context(), "demo", "--json", "--seed", "7")
	if code != exitDone {
		t.Fatalf("exit code %d\n%s", code, talk)
	}
	var r struct {
		Outside int               `json:"outside_bound"`
		Samples int               `json:"gaze_samples"`
		Pialign map[string]string `json:"pialign"`
		Median  map[string]string `json:"constant_median"`
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	ours, err := strconv.ParseInt(r.Pialign["max_error_ns"], 10, 64)
	if err != nil || ours <= 0 || ours >= 1_000_000 {
		t.Errorf("greatest error %d ns (%v), want less than 1 ms", ours, err)
	}
	if theirs, err := strconv.ParseInt(r.Median["max_error_ns"], 10, 64); err != nil || theirs < 10*ours {
		t.Errorf("constant median: %d ns (%v), want 10 times %d", theirs, err, ours)
	}
	// An hour and two phases of some 5 s and more, a sample each 50 ms.
	if r.Outside != 0 || r.Samples < 72_000 {
		t.Errorf("%d of %d samples outside the bound", r.Outside, r.Samples)
	}
}

func TestDemoKeepsFilesToGoOnWith(t *testing.T) {
	temp := tempDir(t)
	t.Chdir(t.TempDir())
	code, out, talk := command(t.Context(), "demo", "--out", "my demo")
	if code != exitDone {
		t.Fatalf("exit code %d\n%s", code, talk)
	}
	if !isEmpty(t, temp) {
		t.Error("it left files behind in the temporary folder")
	}
	ran := 0
	_, next, _ := strings.Cut(out, "; try:\n")
	for line := range strings.Lines(next) {
		if next, ok := strings.CutPrefix(strings.TrimSpace(line), "pialign "); ok {
			ran++
			if code, _, talk := command(t.Context(), words(next)...); code != exitDone {
				t.Errorf("%s: exit code %d\n%s", next, code, talk)
			}
		}
	}
	if ran != 3 {
		t.Errorf("%d commands to go on with in\n%s", ran, out)
	}
	before := listing(t, "my demo")
	if code, _, talk := command(t.Context(), "demo", "--out", "my demo"); code != exitFailed || !strings.Contains(talk, "pialign: hint: ") {
		t.Errorf("onto a folder that exists: exit code %d\n%s", code, talk)
	}
	if after := listing(t, "my demo"); after != before {
		t.Errorf("it was changed:\n%s\n%s", before, after)
	}
}

// words splits a command line of the kind that quoted makes.
func words(s string) (out []string) {
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

// listing names every file below dir with its size and time.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var i os.FileInfo
			if i, err = d.Info(); err == nil {
				b.WriteString(path + " " + strconv.FormatInt(i.Size(), 10) + " " + i.ModTime().String() + "\n")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDemoInterruptedLeavesNothing(t *testing.T) {
	temp := tempDir(t)
	out := filepath.Join(t.TempDir(), "demo")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"demo"}, {"demo", "--out", out}} {
		if code, _, talk := command(ctx, args...); code != exitInterrupted {
			t.Errorf("%q: exit code %d, want %d\n%s", args, code, exitInterrupted, talk)
		}
	}
	if !isEmpty(t, temp) || !isEmpty(t, filepath.Dir(out)) {
		t.Error("it left files behind")
	}
}
