package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestBatchShardsGiveTheBytesOfOneRun: eight processes at a time, of which each has a part, and then one more that has all and finds it done.
func TestBatchShardsGiveTheBytesOfOneRun(t *testing.T) {
	dir := t.TempDir()
	plan := madeSet(t, dir, 60)
	want := wholeRun(t, plan, filepath.Join(dir, "one"))
	if n := len(want); n < 60*5 { // each recording has more files than that, or a zip and a record
		t.Errorf("only %d names", n)
	}
	const n = 8
	out := filepath.Join(dir, "parts")
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if b, err := programCommand(t, "batch", "run", plan, "--out", out, "--shard", fmt.Sprintf("%d/%d", i+1, n)).CombinedOutput(); err != nil {
				t.Errorf("part %d: %v\n%s", i+1, err, b)
			}
		})
	}
	wg.Wait()
	sameTree(t, "parts", treeOf(t, out), want)
	code, _, talk := command(t.Context(), "batch", "run", plan, "--out", out, "--jobs", "1")
	if code != exitDone || !strings.Contains(talk, "60 recordings: 60 done already") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	sameTree(t, "parts looked at again", treeOf(t, out), want)
}

// TestBatchTwoRunsAtOnce: of two processes that were started for the same work by mistake the first rename counts, and the other finds it done. Nothing is
// half, and no record says that something failed which is there.
func TestBatchTwoRunsAtOnce(t *testing.T) {
	dir := t.TempDir()
	plan := madeSet(t, dir, 9)
	want := wholeRun(t, plan, filepath.Join(dir, "one"))
	for round := range 5 {
		out := filepath.Join(dir, fmt.Sprint("twice", round))
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if b, err := programCommand(t, "batch", "run", plan, "--out", out).CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, b)
				}
			})
		}
		wg.Wait()
		sameTree(t, "two at once", treeOf(t, out), want)
	}
}

// TestBatchInterrupted: by Ctrl-C, once there is a result. What is done stays done, and of the rest nothing is left.
func TestBatchInterrupted(t *testing.T) {
	dir := t.TempDir()
	plan := madeSet(t, dir, 9)
	want := wholeRun(t, plan, filepath.Join(dir, "one"))
	out := filepath.Join(dir, "out")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		tick := time.NewTicker(100 * time.Microsecond)
		defer tick.Stop()
		for range tick.C {
			if found, _ := filepath.Glob(filepath.Join(out, "p00", "*")); len(found) > 0 || ctx.Err() != nil {
				cancel()
				return
			}
		}
	}()
	code, _, talk := command(ctx, "batch", "run", plan, "--out", out, "--jobs", "1")
	if code != exitInterrupted || !strings.Contains(talk, "of 9 recordings are done; the same command goes on from there") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	for name, b := range treeOf(t, out) {
		if b != want[name] {
			t.Errorf("%s is not as in the end", name)
		}
	}
	if code, _, talk := command(t.Context(), "batch", "run", plan, "--out", out); code != exitDone || strings.Contains(talk, "9 done,") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	sameTree(t, "interrupted and run again", treeOf(t, out), want)
}

// TestBatchFullDisk: what has no room is not begun.
func TestBatchFullDisk(t *testing.T) {
	disk, unmount, err := smallDisk(filepath.Join(t.TempDir(), "disk"))
	if errors.Is(err, errors.ErrUnsupported) {
		skipUnlessRequired(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unmount()
	dir := t.TempDir()
	plan := madeSet(t, dir, 3)
	out := filepath.Join(disk, "out")
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 3<<20-64<<10), 0o666); err != nil { // of 3 MiB; a recording has some 170 kB
		t.Fatal(err)
	}
	code, _, talk := command(t.Context(), "batch", "run", plan, "--out", out)
	if code != exitFailed || !strings.Contains(talk, "nothing was written: ") || !strings.Contains(talk, "hint: free some space") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was written")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	wholeRun(t, plan, out)
}
