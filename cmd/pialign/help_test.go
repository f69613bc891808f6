package main

import (
	"bufio"
	"context"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// TestHelpExamples runs every example of every --help, each in a folder of its own that has what they name.
func TestHelpExamples(t *testing.T) {
	world := exampleWorld(t)
	seen := make(map[string]bool)
	eachCommand(newApp(stdio{}, nil).Commands, func(c *cli.Command) {
		for _, line := range examples(c) {
			if !seen[line] {
				seen[line] = true
				t.Run(line, func(t *testing.T) {
					if raceDetector && strings.HasPrefix(line, "pialign advise") {
						t.Skip("simulates sessions, with the race detector for half a minute")
					}
					runExample(t, world, line)
				})
			}
		}
	})
	if len(seen) < 12 {
		t.Errorf("only %d examples", len(seen))
	}
}

// exampleWorld makes the files that the examples name.
func exampleWorld(t *testing.T) string {
	const recording = "2026-11-24_10-00-00-1a2b3c4d"
	t.Chdir(t.TempDir())
	same := func(path string) string { return path }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(makeTriples(same, []string{"log.csv"}))
	for _, args := range [][]string{{"import", "triples", "log.csv", "--session", "p01", "--device-id", "fa4e000000000001"}, {"fit", "p01"}} {
		if code, _, talk := command(t.Context(), args...); code != exitDone {
			t.Fatal(talk)
		}
	}
	must(makeTriples(same, []string{"-phases", "other", "log.csv"}))
	must(makeRecording(same, []string{recording}))
	gaze, err := os.ReadFile(filepath.Join(recording, "gaze.csv"))
	must(err)
	must(os.WriteFile("gaze.csv", gaze, 0o666))
	stamps := strings.Join(columns(t, "gaze.csv")["timestamp [ns]"], "\n") + "\n"
	must(os.WriteFile("device.txt", []byte(stamps), 0o666))
	must(os.WriteFile("brightness.csv", []byte("timestamp [ns]\n"+stamps), 0o666))
	must(os.WriteFile("time_alignment_parameters.json", []byte(relayParameters), 0o666))
	dir, err := os.Getwd()
	must(err)
	return dir
}

func runExample(t *testing.T, world, line string) {
	t.Chdir(t.TempDir())
	if err := os.CopyFS(".", os.DirFS(world)); err != nil {
		t.Fatal(err)
	}
	line, input, _ := strings.Cut(line, " < ")
	args := words(line)
	if args[0] != "pialign" {
		t.Fatal("it does not begin with pialign")
	}
	if args[1] == "probe" {
		// The logs of the world are of another computer, as far as anybody knows.
		if err := os.RemoveAll("p01"); err != nil {
			t.Fatal(err)
		}
	}
	if args[1] == "verify" { // what the example of apply makes
		if code, _, talk := command(t.Context(), "apply", "--session", "p01", "2026-11-24_10-00-00-1a2b3c4d", "--out", "aligned"); code != exitDone {
			t.Fatal(talk)
		}
	}
	study := args[1] == "report" && args[2] == "aligned"
	if args[1] == "batch" && args[2] != "plan" || study {
		if code, _, talk := command(t.Context(), "batch", "plan", "2026-11-24_10-00-00-1a2b3c4d", "--sessions", "p01", "-o", "plan.jsonl"); code != exitDone {
			t.Fatal(talk)
		}
	}
	if args[1] == "batch" && args[2] == "merge" || study {
		if code, _, talk := command(t.Context(), "batch", "run", "plan.jsonl", "--out", "aligned"); code != exitDone {
			t.Fatal(talk)
		}
	}
	if args[1] == "batch" && args[2] == "watch" {
		if err := os.CopyFS("downloads/r", os.DirFS("2026-11-24_10-00-00-1a2b3c4d")); err != nil {
			t.Fatal(err)
		}
	}
	in := io.Reader(strings.NewReader(""))
	if input != "" {
		f, err := os.Open(input)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		in = f
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w := io.Pipe()
	go func() { // simulate goes on until it is stopped: its first line says that it runs
		b := bufio.NewReader(r)
		if _, err := b.ReadString('\n'); err == nil && args[1] == "simulate" {
			cancel()
		}
		_, _ = io.Copy(io.Discard, b)
	}()
	var talk strings.Builder
	s := stdio{in, w, &talk}
	code := execute(ctx, newApp(s, newHousePhones(t)), args[1:], s)
	_ = w.Close()
	if code != exitDone {
		t.Errorf("exit code %d\n%s", code, talk.String())
	}
}

// housePhones is the network of the examples: fake phones, whatever address is asked for.
type housePhones struct{ phones []*fakephone.Phone }

func newHousePhones(t *testing.T) housePhones {
	clock := probe.SystemClock()
	var h housePhones
	for _, id := range []string{"fa4e000000000001", "fa4e000000000002"} {
		p, err := fakephone.Start(t.Context(), fakephone.Config{DeviceID: id,
			Time: fakephone.RealTime(func() align.HostTime { h, _ := clock.Stamp(); return h })}, "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		h.phones = append(h.phones, p)
	}
	return h
}

func (h housePhones) found(i int) []probe.Found {
	p := h.phones[i]
	return []probe.Found{{Name: p.Name(), ID: p.DeviceID(), Addrs: []string{p.Addr()}}}
}

func (h housePhones) discover(context.Context, time.Duration) ([]probe.Found, error) {
	return h.found(0), nil
}

func (h housePhones) scan(context.Context) ([]probe.Found, []netip.Prefix, error) {
	return append(h.found(0), h.found(1)...), nil, nil
}

func (h housePhones) resolve(_ context.Context, spec string, _ time.Duration) ([]probe.Found, error) {
	if strings.Contains(spec, ".22:") {
		return h.found(1), nil
	}
	return h.found(0), nil
}

func TestHelpEndsWithTheExample(t *testing.T) {
	eachCommand(newApp(stdio{}, nil).Commands, func(c *cli.Command) {
		args := []string{c.Name, "--help"}
		if group := map[string]string{"triples": "import", "lsl-relay": "import", "plan": "batch", "run": "batch", "merge": "batch", "script": "batch", "watch": "batch"}[c.Name]; group != "" {
			args = append([]string{group}, args...)
		}
		code, out, talk := command(t.Context(), args...)
		if code != exitDone || talk != "" {
			t.Errorf("%s: exit code %d, stderr %q", c.Name, code, talk)
		}
		list := examples(c)
		if !strings.HasSuffix(out, "   "+list[len(list)-1]+"\n") {
			t.Errorf("%s: the help ends otherwise:\n%s", c.Name, out)
		}
		if !strings.Contains(out, c.Usage) {
			t.Errorf("%s: the help does not say what it is for:\n%s", c.Name, out)
		}
	})
}
