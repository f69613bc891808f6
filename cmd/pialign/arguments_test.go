package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestFlagsStandAnywhere(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", ""},
		{"fit p01", "fit -- p01"},
		{"fit p01 --json -o x p02", "fit --json -o x -- p01 p02"},
		{"--json fit p01", "fit --json -- p01"},
		{"-o x fit p01", "fit -o x -- p01"},
		{"fit p01 -- --json", "fit -- p01 --json"},
		{"fit -- --json fit", "fit -- --json fit"},
		{"fit -", "fit -- -"},
		{"fit fit", "fit -- fit"}, // a session may be called as the verb is
		{"import triples a.csv --session s b.csv", "import triples --session s -- a.csv b.csv"},
		{"import --session s triples a.csv", "import triples --session s -- a.csv"},
		{"import a.csv triples", "import -- a.csv triples"},
		{"simulate --offset -840ms", "simulate --offset -840ms"}, // a negative value is no flag
		{"simulate --offset=-840ms", "simulate --offset=-840ms"},
		{"probe --session=--odd x", "probe --session=--odd -- x"},
		{"fit --unknown p01", "fit --unknown -- p01"},
		{"fit p01 --help", "fit --help"},
		{"import triples x -h", "import triples --help"},
		{"help fit", "fit --help"},
		{"fit help", "fit -- help"}, // a folder may be called so
		{"fit --version", "--version"},
		{"nonsense --help", "-- nonsense"},
		{"help nonsense", "-- nonsense"},
		{"import nonsense --help", "import -- nonsense"},
	} {
		got, err := interleave(newApp(stdio{}, nil), strings.Fields(c.line))
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%q: %q, %v, want %q", c.line, got, err, c.want)
		}
	}
	for _, line := range []string{"probe --session", "probe --session --phase end", "probe --session -h", "fit -o --json", "probe --session --", "--session", "probe --session --phase=x"} {
		if got, err := interleave(newApp(stdio{}, nil), strings.Fields(line)); err == nil || codeOf(err) != exitUsage {
			t.Errorf("%q: %q, %v, want a usage error", line, got, err)
		}
	}
}

// TestFlagsMeanOneThing: a flag before the verb is read without knowing whose it is, so each name takes a value in
// every verb that has it, or in none.
func TestFlagsMeanOneThing(t *testing.T) {
	takes := make(map[string]bool)
	eachCommand(newApp(stdio{}, nil).Commands, func(c *cli.Command) {
		for _, f := range c.Flags {
			for _, name := range f.Names() {
				v := takesValue([]cli.Flag{f}, name)
				if other, ok := takes[name]; ok && other != v {
					t.Errorf("%s: --%s takes a value here or elsewhere, not both", c.Name, name)
				}
				takes[name] = v
			}
		}
	})
	if len(takes) < 20 {
		t.Errorf("only %d flags found", len(takes))
	}
}

// TestVerbsAreAllThere holds the verbs and flags of the contract, which scripts depend on.
func TestVerbsAreAllThere(t *testing.T) {
	want := map[string]string{
		"devices": "timeout json", "probe": "session phase device protocol count every for until-bound json",
		"fit":   "device o max-error json",
		"apply": "session alignment out clock mode keep-device-time ambiguous sender-stamps max-error dry-run sha256 json",
		"map":   "alignment inverse clock column", "inspect": "json", "triples": "session device-id",
		"simulate": "listen offset drift seed", "demo": "out",
	}
	eachCommand(newApp(stdio{}, nil).Commands, func(c *cli.Command) {
		var names []string
		for _, f := range c.Flags {
			names = append(names, f.Names()...)
		}
		for name := range strings.FieldsSeq(want[c.Name]) {
			if !slices.Contains(names, name) {
				t.Errorf("%s: no flag %s", c.Name, name)
			}
		}
		delete(want, c.Name)
	})
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

func TestSimilar(t *testing.T) {
	verbs := []string{"devices", "probe", "fit", "apply", "map", "inspect", "import", "simulate", "demo"}
	for name, want := range map[string]string{
		"prob": "probe", "porbe": "probe", "aply": "apply", "insp": "inspect", "device": "devices", "simulator": "simulate", "ftt": "fit",
		"xyzzy": "", "f": "", "": "", "record": "",
	} {
		if got := similar(name, verbs); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
