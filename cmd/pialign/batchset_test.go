package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe/fakephone"
)

// madeSet makes a data set of n recordings of several phones and sessions in data, folders of Pupil Cloud, the phone's own
// files and zips in turns, and its plan, which it returns the path of.
func madeSet(t *testing.T, dir string, n int) string {
	t.Helper()
	same := func(path string) string { return filepath.Join(dir, path) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const phones = 3
	id := func(i int) string { return fmt.Sprintf("fa4e%012x", i%phones) }
	for i := range phones {
		log := same(fmt.Sprintf("log%d.csv", i))
		must(makeTriples(filepath.FromSlash, []string{"-seed", fmt.Sprint(i), log}))
		if code, _, talk := command(t.Context(), "import", "triples", log, "--session", same(fmt.Sprintf("data/sessions/s%d", i)), "--device-id", id(i)); code != exitDone {
			t.Fatal(talk)
		}
	}
	for i := range n {
		begin := scriptStart.Add(5 * 60e9)
		end := begin.Add(30e9) // what is made of it is written in several pieces
		whole := func(h align.HostTime) align.DeviceTime { return scriptClock.Device(h) / 1_000_000 * 1_000_000 }
		r := fakephone.Recording{ID: fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), Began: begin, Ended: end,
			BeganStamp: whole(begin), EndedStamp: whole(end), State: fakephone.Saved}
		r.Events = []fakephone.RecordingEvent{{Name: "recording.begin", Stamp: r.BeganStamp}, {Name: "recording.end", Stamp: r.EndedStamp}}
		place := same(fmt.Sprintf("data/p%02d/r%d", i/4, i))
		made := place
		if i%3 != 0 {
			made = same(fmt.Sprintf("tables%d", i))
		}
		must(os.MkdirAll(made, 0o777))
		must(madeUp{deviceID: id(i), deviceName: "OnePlus8", clock: scriptClock, recording: r, seed: uint64(i)}.write(made))
		switch i % 3 {
		case 1:
			info, err := os.ReadFile(filepath.Join(made, "info.json"))
			must(err)
			must(makeNative(func(name, file string) []string { return columns(t, filepath.Join(made, file))[name] }, string(info), place))
		case 2:
			must(pack(made, place+".zip"))
		}
	}
	plan := same("data/plan.jsonl")
	if code, _, talk := command(t.Context(), "batch", "plan", same("data"), "-o", plan); code != exitDone {
		t.Fatal(talk)
	}
	return plan
}

// treeOf returns all that is below dir: folders, and files with their bytes.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			tree[filepath.ToSlash(rel)+"/"] = ""
			return nil
		}
		b, err := os.ReadFile(path)
		tree[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// sameTree complains of every name in which two trees differ.
func sameTree(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	names := map[string]bool{}
	for name := range got {
		names[name] = true
	}
	for name := range want {
		names[name] = true
	}
	for name := range names {
		a, ok1 := got[name]
		b, ok2 := want[name]
		switch {
		case !ok1:
			t.Errorf("%s: %s is missing", what, name)
		case !ok2:
			t.Errorf("%s: %s is there and should not be", what, name)
		case a != b:
			t.Errorf("%s: %s differs", what, name)
		}
	}
}

// programCommand is the program itself, to be run as a process of its own.
func programCommand(t *testing.T, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SLURM_") }), asProgramEnv+"=1")
	return cmd
}

// wholeRun is what one process makes of a plan.
func wholeRun(t *testing.T, plan, out string, flags ...string) map[string]string {
	t.Helper()
	if code, _, talk := command(t.Context(), append([]string{"batch", "run", plan, "--out", out}, flags...)...); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, talk)
	}
	return treeOf(t, out)
}
