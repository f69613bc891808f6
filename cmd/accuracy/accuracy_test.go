package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// few returns two small families.
func few(t *testing.T) []scenario.Family {
	t.Helper()
	var out []scenario.Family
	for _, name := range []string{"small_n", "two_probes"} {
		f, ok := scenario.Named(name)
		if !ok {
			t.Fatalf("no family %s", name)
		}
		out = append(out, f)
	}
	return out
}

// written runs the command into a new folder and returns what it wrote, by name.
func written(t *testing.T, families []scenario.Family) (dir string, files map[string]string) {
	t.Helper()
	dir = t.TempDir()
	var talk bytes.Buffer
	if code := run([]string{"-seeds", "1", "-o", dir}, families, io.Discard, &talk); code != 0 {
		t.Fatalf("code %d: %s", code, &talk)
	}
	files = map[string]string{}
	paths, _ := filepath.Glob(filepath.Join(dir, "*", "*.svg"))
	for _, path := range append(paths, filepath.Join(dir, "accuracy.md")) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(b)
	}
	return dir, files
}

func TestEqualOnAnyNumberOfCores(t *testing.T) {
	families := few(t)
	_, first := written(t, families)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	_, second := written(t, families)
	if len(first) != 3 || len(second) != 3 {
		t.Fatalf("%d and %d files, want a page and two plots", len(first), len(second))
	}
	for name, text := range first {
		if text != second[name] {
			t.Errorf("%s differs between two runs", name)
		}
		if n := len(text); strings.HasSuffix(name, ".svg") && (n < 1000 || n > 60_000) {
			t.Errorf("%s has %d bytes", name, n) // 60 kB: forty of them stay small in a clone
		}
	}
	for _, want := range []string{"go run ./cmd/accuracy -seeds 1\n", "| small_n | core |", "| two_probes |  |", "accuracy/small_n.svg"} {
		if !strings.Contains(first["accuracy.md"], want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestCheck(t *testing.T) {
	families := few(t)[:1]
	dir, _ := written(t, families)
	page := filepath.Join(dir, "accuracy.md")
	check := func(from string) (int, string) {
		var talk bytes.Buffer
		code := run([]string{"-check", "-seeds", "1", "-from", from, "-o", dir}, families, io.Discard, &talk)
		return code, talk.String()
	}
	// one session of ten exchanges a burst misses what is asked of the median of 500: the targets alone fail the check
	if code, talk := check("1"); !strings.Contains(talk, "MISSED") || code != 1 || strings.Contains(talk, "is not what") {
		t.Errorf("unchanged: code %d, %s", code, talk)
	}
	if _, talk := check("2"); strings.Count(talk, "is not what the code gives") != 2 {
		t.Errorf("page and plot of another seed: %s", talk)
	}
	if err := os.WriteFile(filepath.Join(dir, plotDir, "gone.svg"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, talk := check("1"); !strings.Contains(talk, "belongs to no family") {
		t.Errorf("a plot too many: %s", talk)
	}
	if err := os.Remove(page); err != nil {
		t.Fatal(err)
	}
	if code, talk := check("1"); code != 1 || !strings.Contains(talk, "accuracy.md") {
		t.Errorf("without a page: code %d, %s", code, talk)
	}
	if _, err := os.Stat(page); err == nil {
		t.Error("the check wrote the page")
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-seeds", "0"}, {"x"}, {"-check", "-digest"}, {"-brief", "-ablations"}, {"-unknown"}, {"-only", "small_n"}, {"-brief", "-only", "none"}} {
		if code := run(args, few(t), io.Discard, io.Discard); code != 2 {
			t.Errorf("%q: code %d", args, code)
		}
	}
}

func TestDigest(t *testing.T) {
	digest := func(args ...string) string {
		var out bytes.Buffer
		if code := run(append(args, "-digest", "-seeds", "1"), few(t), &out, io.Discard); code != 0 {
			t.Fatalf("code %d", code)
		}
		return out.String()
	}
	first := digest()
	if strings.Count(first, "\n") != 3 || first != digest() {
		t.Errorf("a digest of two families:\n%s", first)
	}
	if first == digest("-from", "2") {
		t.Error("other sessions have the same digest")
	}
}

// A step of an hour is three million times the error of a burst: what is lost of it in the clock model shows here.
func TestStepOfAnHour(t *testing.T) {
	f, _ := scenario.Named("phone_step_hour")
	x := outcomeOf(f, 8, align.Methods[:1])
	if x.by[0].err != nil || x.phone != (found{1, 1, 0}) {
		t.Errorf("%+v, %v", x.phone, x.by[0].err)
	}
	// twice what bursts of 40 exchanges leave in this family
	if v := ms(x.by[0].Typical); v > 0.1 {
		t.Errorf("RMS error %v ms", v)
	}
}

func TestBrief(t *testing.T) {
	var out bytes.Buffer
	if code := run([]string{"-brief", "-seeds", "1", "-only", "small_n"}, few(t), &out, io.Discard); code != 0 {
		t.Fatalf("code %d", code)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[1], "small_n\t1\t0\t") || strings.Count(lines[0], "\t") != strings.Count(lines[1], "\t") {
		t.Errorf("%q", lines)
	}
}

// Each ablation still finds the text that it takes out, so that the command that repeats the figures of docs/method.md runs.
func TestAblationsFollowTheCode(t *testing.T) {
	for _, a := range ablations {
		dir := t.TempDir()
		list, err := a.overlay(filepath.Join("..", "..", "align"), dir)
		if err != nil {
			t.Error(err)
			continue
		}
		b, err := os.ReadFile(list)
		if err != nil || !strings.Contains(string(b), ".go") {
			t.Errorf("%s: %s, %v", a.name, b, err)
		}
		if len(named(scenario.Families, a.families)) != 1+strings.Count(a.families, ",") {
			t.Errorf("%s: families %s", a.name, a.families)
		}
	}
	missing := ablation{"none", "small_n", []cut{{"no such text", ""}}}
	if _, err := missing.overlay(filepath.Join("..", "..", "align"), t.TempDir()); err == nil {
		t.Error("an ablation of what is not there")
	}
}
