package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// An ablation is the method without one of its parts: the text that is put for another in the code, and the families in which that shows.
// The code itself has no switch for it, so that nobody can turn it by mistake.
type ablation struct {
	name     string
	families string
	cuts     []cut
}

// cut puts new for old, which stands once in the files of align, whichever it is in.
type cut struct{ old, new string }

var ablations = []ablation{
	{"without cells: coarse stamps of both clocks for exact ones", "quant_both", []cut{
		{"float64(min(s.coarsest(), s.baseQuantum()))", "0*float64(min(s.coarsest(), s.baseQuantum()))"},
	}},
	{"without the variance floor of few exchanges", "two_probes", []cut{
		{"least[k] = float64(one*one) / 12 / (1 + others/lawsShared)", "least[k] = 0 * one * others"},
	}},
	{"without doubt between paths whose floors differ", "screen_off,roaming", []cut{
		{"e.cov[k][l] += float64(sd * sd)", "e.cov[k][l] += 0 * sd"},
	}},
	{"without votes on lone exchanges", "lone_corrupt,lone_corrupt_wander", []cut{
		{"if !lone || len(at) < voteLeast {", "if true || !lone || len(at) < voteLeast {"},
		{"if len(in) < voteLeast {", "if true || len(in) < voteLeast {"},
	}},
	{"without cuts within bursts", "phone_step_burst,phone_step_burst_small,phone_step_two_burst", []cut{
		{"tried := s.split()", "tried := false"},
	}},
	{"with a wander of 0.7 ppm per sqrt(hour) assumed between two bursts, not 0.9", "wander_2ph,eight_hours", []cut{
		{"assumedWander  = 0.9", "assumedWander  = 0.7"},
	}},
	{"with a W of 1 ppm always", "eight_hours,host_slew", []cut{
		{"steadyWander * math.Sqrt(max(span/steadySpan, 1))", "steadyWander"},
		{"1.5 * strayed / dt / 1e9", "0 * strayed"},
	}},
}

// printAblations writes for each ablation the figures of its families with the part and without. Those without come from this
// command, built with the other text in place.
func printAblations(out io.Writer, o options) error {
	if _, err := os.Stat(filepath.Join("align", "doc.go")); err != nil {
		return fmt.Errorf("ablations build the command with other text in align, and want to run in the module's folder: %w", err)
	}
	dir, err := os.MkdirTemp("", "ablation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, a := range ablations {
		with := o
		with.families = named(o.families, a.families)
		var now bytes.Buffer
		printBrief(&now, with)
		overlay, err := a.overlay("align", dir)
		if err != nil {
			return err
		}
		cmd := exec.Command("go", "run", "-overlay", overlay, "./cmd/accuracy", "-brief", "-only", a.families,
			"-seeds", fmt.Sprint(o.seeds), "-from", fmt.Sprint(o.from))
		var talk bytes.Buffer
		cmd.Stderr = &talk
		then, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", a.name, err, strings.TrimSpace(talk.String()))
		}
		fmt.Fprintf(out, "%s\nas it is:\n%swithout:\n%s\n", a.name, &now, then)
	}
	return nil
}

// overlay writes the changed files and the list of them that go build takes into dir, and returns the list's name. align is the
// folder of the package.
func (a ablation) overlay(align, dir string) (string, error) {
	texts, err := sources(align)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for _, c := range a.cuts {
		n := 0
		for path, text := range texts {
			if k := strings.Count(text, c.old); k > 0 {
				n += k
				texts[path] = strings.Replace(text, c.old, c.new, 1)
				replace[path] = filepath.Join(dir, filepath.Base(path))
			}
		}
		if n != 1 {
			return "", fmt.Errorf("%s: %q stands in the code %d times, want once: the ablation has to follow the code", a.name, c.old, n)
		}
	}
	for path, changed := range replace {
		if err := os.WriteFile(changed, []byte(texts[path]), 0o600); err != nil {
			return "", err
		}
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	return list, os.WriteFile(list, b, 0o600)
}

// sources returns the texts of a package's files but its tests, by absolute path.
func sources(dir string) (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		b, err := os.ReadFile(full)
		if err != nil {
			return nil, err
		}
		out[full] = string(b)
	}
	return out, nil
}
