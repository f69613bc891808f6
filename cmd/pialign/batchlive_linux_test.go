package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestBatchTellsATerminalOnce: where stdout and stderr are one terminal each recording is told once, what is done with its width. Where either goes elsewhere, each has all.
func TestBatchTellsATerminalOnce(t *testing.T) {
	t.Setenv("TERM", "xterm")
	dir := t.TempDir()
	plan := madeSet(t, dir, 3)
	looker, terminal := openTerminal(t)
	seen := make(chan string)
	go func() {
		b, _ := io.ReadAll(looker) // EIO, once nobody has the terminal
		seen <- string(b)
	}()
	both := stdio{strings.NewReader(""), terminal, terminal}
	out := filepath.Join(dir, "out")
	for range 2 { // to make them, and to find them done
		if code := run(t.Context(), []string{"batch", "run", plan, "--out", out}, both); code != exitDone {
			t.Errorf("exit code %d", code)
		}
	}
	var table strings.Builder
	if code := run(t.Context(), []string{"batch", "run", plan, "--out", filepath.Join(dir, "other")}, stdio{strings.NewReader(""), &table, terminal}); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	_ = terminal.Close()
	got := <-seen
	for word, n := range map[string]int{"done     p": 3, "kept     p": 3, "pialign: done: ": 3, "95 %: +- ": 6} {
		if have := strings.Count(got, word); have != n {
			t.Errorf("%q %d times, want %d, in %q", word, have, n, got)
		}
	}
	if n := strings.Count(table.String(), "done     p"); n != 3 {
		t.Errorf("%q", table.String())
	}
}
