package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe/fakephone"
)

// The session that scripts re-time recordings with: it begins at 2026-01-05 09:00 UTC.
const (
	scriptStart = align.HostTime(1_767_603_600_000_000_000)
	scriptBoot  = 5 * time.Hour // the computer was started so long before
)

var scriptClock = scenario.Clock{Origin: scriptStart, Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000}

// triplesCommand is `triples [flags] FILE`: it makes a file for import triples, of exchanges that take 4 to 24 ms.
func triplesCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! triples")
	}
	ts.Check(makeTriples(ts.MkAbs, args))
}

func makeTriples(abs func(string) string, args []string) error {
	f := flag.NewFlagSet("triples", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	phases := f.String("phases", "start,end", "their names")
	start := f.Duration("at", 0, "from the start of the script's session to the first phase")
	gap := f.Duration("gap", time.Hour, "from one phase to the next")
	n := f.Int("n", 40, "exchanges in a phase")
	step := f.Duration("step", 0, "the phone's clock is set forward by so much")
	stepAt := f.Duration("step-at", 30*time.Minute, "so long after the start")
	hostStep := f.Duration("host-step", 0, "this computer's wall clock likewise")
	noMono := f.Bool("no-mono", false, "leave the monotonic readings out")
	seed := f.Uint64("seed", 1, "of the delays")
	if err := f.Parse(args); err != nil || f.NArg() != 1 {
		return fmt.Errorf("usage: triples [flags] FILE: %w", err)
	}
	clock := scriptClock
	middle := scriptStart.Add(*stepAt)
	if *step != 0 {
		clock.Steps = []scenario.Step{{At: middle, By: *step}}
	}
	var b strings.Builder
	b.WriteString("ts_A_ns,ts_E_ns,ts_B_ns,phase")
	if !*noMono {
		b.WriteString(",mono_A_ns,mono_B_ns")
	}
	b.WriteString("\n")
	r := scenario.Rand(*seed, 0)
	way := scenario.Delay{Law: scenario.Exponential, Floor: 2 * time.Millisecond, Scale: 2 * time.Millisecond, Max: 12 * time.Millisecond}
	for p, phase := range strings.Split(*phases, ",") {
		at := scriptStart.Add(*start + time.Duration(p)**gap)
		for range *n {
			sent := at
			arrived := sent.Add(way.Draw(r))
			heard := arrived.Add(way.Draw(r))
			at = heard.Add(50 * time.Millisecond)
			wall := func(h align.HostTime) align.HostTime {
				if h >= middle {
					return h.Add(*hostStep)
				}
				return h
			}
			stamp := clock.Device(arrived) / 1_000_000 * 1_000_000
			fmt.Fprintf(&b, "%d,%d,%d,%s", wall(sent), stamp, wall(heard), phase)
			if !*noMono {
				fmt.Fprintf(&b, ",%d,%d", sent.Sub(scriptStart)+scriptBoot, heard.Sub(scriptStart)+scriptBoot)
			}
			b.WriteString("\n")
		}
	}
	return os.WriteFile(abs(f.Arg(0)), []byte(b.String()), 0o666)
}

// recordingCommand is `recording [flags] DIR`: it makes up a recording, of two minutes unless told otherwise.
func recordingCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! recording")
	}
	ts.Check(makeRecording(ts.MkAbs, args))
}

func makeRecording(abs func(string) string, args []string) error {
	f := flag.NewFlagSet("recording", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	id := f.String("id", "fa4e000000000001", "device id")
	recID := f.String("recording", "0f8f1d3c-54a3-4e0e-9a53-6b1d0d1c7a21", "recording id")
	at := f.Duration("at", 10*time.Minute, "from the start of the session to its own")
	lasts := f.Duration("for", 2*time.Minute, "how long it lasts")
	step := f.Duration("step", 0, "the phone's clock is set forward by so much")
	stepAt := f.Duration("step-at", 30*time.Minute, "so long after the start of the session")
	noInfo := f.Bool("no-info", false, "without info.json")
	if err := f.Parse(args); err != nil || f.NArg() != 1 {
		return fmt.Errorf("usage: recording [flags] DIR: %w", err)
	}
	begin := scriptStart.Add(*at)
	end := begin.Add(*lasts)
	clock := scriptClock
	if *step != 0 {
		clock.Steps = []scenario.Step{{At: scriptStart.Add(*stepAt), By: *step}}
	}
	whole := func(h align.HostTime) align.DeviceTime { return clock.Device(h) / 1_000_000 * 1_000_000 }
	r := fakephone.Recording{ID: *recID, Began: begin, Ended: end, BeganStamp: whole(begin), EndedStamp: whole(end), State: fakephone.Saved}
	r.Events = []fakephone.RecordingEvent{{Name: "recording.begin", Stamp: r.BeganStamp}, {Name: "recording.end", Stamp: r.EndedStamp}}
	dir := abs(f.Arg(0))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := (madeUp{deviceID: *id, deviceName: "OnePlus8", clock: clock, recording: r, seed: 3}).write(dir); err != nil {
		return err
	}
	if *noInfo {
		return os.Remove(filepath.Join(dir, "info.json"))
	}
	return nil
}

// cutCommand is `cut N FROM TO`: the first N bytes of a file.
func cutCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut N FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile(args[1])
	if n >= len(text) {
		ts.Fatalf("%s has no more than %d bytes", args[1], len(text))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text[:n]), 0o666))
}

// loseCommand is `lose FIRST LAST FILE`: the file without those lines, which count from 1.
func loseCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: lose FIRST LAST FILE")
	}
	first, err := strconv.Atoi(args[0])
	ts.Check(err)
	last, err := strconv.Atoi(args[1])
	ts.Check(err)
	lines := strings.SplitAfter(ts.ReadFile(args[2]), "\n")
	if first < 1 || first > last || last > len(lines) {
		ts.Fatalf("%s has no lines %d to %d", args[2], first, last)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Join(slices.Delete(lines, first-1, last), "")), 0o666))
}

// editCommand is `edit LINE REGEXP TEXT FROM TO`: the file with what matches in that line replaced.
func editCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: edit LINE REGEXP TEXT FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	lines := strings.SplitAfter(ts.ReadFile(args[3]), "\n")
	edited := re.ReplaceAllLiteralString(lines[n-1], args[2])
	if edited == lines[n-1] {
		ts.Fatalf("nothing to edit in %q", edited)
	}
	lines[n-1] = edited
	ts.Check(os.WriteFile(ts.MkAbs(args[4]), []byte(strings.Join(lines, "")), 0o666))
}

// globCommand is `glob PATTERN`: some file must match, or with ! none.
func globCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: glob PATTERN")
	}
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if (len(found) == 0) != neg {
		ts.Fatalf("%s matches %q", args[0], found)
	}
}

// columnsCommand is `columns NAME FILE NAME FILE`: two CSV files have equal columns of these names.
func columnsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: columns NAME FILE NAME FILE")
	}
	if a, b := columnIn(ts, args[0], args[1]), columnIn(ts, args[2], args[3]); !slices.Equal(a, b) || len(a) == 0 {
		ts.Fatalf("column %s of %s (%d rows) differs from column %s of %s (%d rows)", args[0], args[1], len(a), args[2], args[3], len(b))
	}
}

// columnIn returns the cells of a CSV column below its header.
func columnIn(ts *testscript.TestScript, name, path string) (out []string) {
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(path))).ReadAll()
	ts.Check(err)
	i := slices.Index(rows[0], name)
	if i < 0 {
		ts.Fatalf("%s: no column %s", path, name)
	}
	for _, row := range rows[1:] {
		out = append(out, row[i])
	}
	return out
}
