package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/retime"
)

// TestWatchWaitsForWhatGrows: a recording is taken at the first look at which neither it nor its session has changed since the one before, and once.
func TestWatchWaitsForWhatGrows(t *testing.T) {
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	madeSession(t, same)
	out, err := real(same("out"))
	if err != nil {
		t.Fatal(err)
	}
	var said, talk bytes.Buffer
	w := &watching{s: stdio{nil, &said, &talk}, dir: same("in"), sessions: []string{same("p01")}, seen: map[string]*batch.Snapshot{}, said: map[string]bool{}}
	w.out, w.shard, w.memory, w.retime = out, batch.Whole, 256<<20, retime.Options{Clock: clockWall, Program: program}
	touch := 0
	changes := func(path string) {
		t.Helper()
		touch++
		at := time.Unix(1_700_000_000+int64(touch), 0) // as if it were written to at another time than before
		if err := os.Chtimes(same(path), at, at); err != nil {
			t.Fatal(err)
		}
	}
	look := func(want bool) {
		t.Helper()
		if err := w.look(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		if w.before != nil {
			if _, err := w.work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(same("out/rec/pialign.json")); (err == nil) != want {
			t.Fatalf("%v, want it done: %v\n%s", err, want, talk.String())
		}
	}
	logs, err := filepath.Glob(same("p01/*.parquet"))
	if err != nil || len(logs) == 0 {
		t.Fatal(logs, err)
	}
	look(false)
	changes("in/rec/gaze.csv")
	look(false)
	rel, err := filepath.Rel(dir, logs[0])
	if err != nil {
		t.Fatal(err)
	}
	changes(rel)
	look(false)
	look(true)
	if w.done != 1 {
		t.Errorf("%d done", w.done)
	}
	talk.Reset()
	look(true)
	if talk.Len() > 0 {
		t.Errorf("said of nothing new: %s", talk.String())
	}
	changes("in/rec/gaze.csv") // the bytes are the same
	look(true)
	look(true)
	if !strings.Contains(talk.String(), "1 recording: 1 done already") || strings.Contains(talk.String(), "error") {
		t.Errorf("%s", talk.String())
	}
}

// TestWatchWaitsForTheRestOfAZip: one that stands still while it comes is waited for, said once, and has no record; it is done once it is whole.
func TestWatchWaitsForTheRestOfAZip(t *testing.T) {
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	madeSession(t, same)
	out, err := real(same("out"))
	if err != nil {
		t.Fatal(err)
	}
	whole := zipOf(t, same("in/rec"))
	if err := os.RemoveAll(same("in/rec")); err != nil {
		t.Fatal(err)
	}
	var said, talk bytes.Buffer
	w := &watching{s: stdio{nil, &said, &talk}, dir: same("in"), sessions: []string{same("p01")}, seen: map[string]*batch.Snapshot{}, said: map[string]bool{}}
	w.out, w.shard, w.memory, w.retime = out, batch.Whole, 256<<20, retime.Options{Clock: clockWall, Program: program}
	looks := func(n int) {
		t.Helper()
		for range n {
			if err := w.look(t.Context(), out); err != nil {
				t.Fatal(err)
			}
			if w.before == nil {
				continue
			}
			if _, err := w.work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, size := range []int{3000, 5000} {
		if err := os.WriteFile(same("in/rec.zip"), whole[:size], 0o666); err != nil {
			t.Fatal(err)
		}
		looks(3)
	}
	if n := strings.Count(talk.String(), "rec.zip"); n != 1 || !strings.Contains(talk.String(), "waiting: ") || said.Len() > 0 || !strings.HasSuffix(w.unfinished(), "rec.zip is not whole, or damaged") {
		t.Errorf("%q: %s%s", w.unfinished(), talk.String(), said.String())
	}
	if records, _ := batch.Records(out); len(records) > 0 {
		t.Errorf("records: %v", records)
	}
	if err := os.WriteFile(same("in/rec.zip"), whole, 0o666); err != nil {
		t.Fatal(err)
	}
	looks(2)
	if _, err := os.Stat(same("out/rec.zip")); err != nil || w.done != 1 || w.unfinished() != "" {
		t.Errorf("%v, %d done, %q\n%s", err, w.done, w.unfinished(), talk.String())
	}
}

// TestWatchEnds: by Ctrl-C, with what was done.
func TestWatchEnds(t *testing.T) {
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	madeSession(t, same)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := os.Stat(same("out/rec/pialign.json")); err == nil || ctx.Err() != nil {
				cancel()
				return
			}
		}
	}()
	code, out, talk := command(ctx, "batch", "watch", same("in"), "--sessions", same("p01"), "--out", same("out"), "--every", "20ms")
	if code != exitInterrupted || !strings.Contains(talk, "ended: 1 recording done") {
		t.Errorf("exit code %d\n%s%s", code, out, talk)
	}
	if left, _ := filepath.Glob(same("out/pialign/.pialign-*")); len(left) > 0 {
		t.Error(fmt.Sprint(left, " is left"))
	}
}
