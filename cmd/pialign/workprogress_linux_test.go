package main

import (
	"io"
	"strings"
	"testing"
)

// TestWorkProgressDrawsABar: on a terminal, and it is taken away before anything else is said there.
func TestWorkProgressDrawsABar(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("LC_ALL", "C.UTF-8")
	looker, terminal := openTerminal(t)
	seen := make(chan string)
	go func() {
		b, _ := io.ReadAll(looker) // EIO, once nobody has the terminal
		seen <- string(b)
	}()
	p := newWorkProgress(terminal, "re-timing", 1000)
	part := p.part(1000, func() int64 { return 500 })
	p.look()
	if err := p.talk.flush(); err != nil {
		t.Fatal(err)
	}
	part.done()
	p.hide()
	if _, err := terminal.WriteString("wrote out\n"); err != nil {
		t.Fatal(err)
	}
	p.close()
	_ = terminal.Close()
	got := <-seen
	bar, rest, ok := strings.Cut(got, "\x1b[K\r\x1b[K")
	if !ok || !strings.Contains(bar, "████░") || !strings.HasSuffix(bar, "50 %  0.5 kB of 1.0 kB") || !strings.HasPrefix(rest, "wrote out") {
		t.Errorf("%q", got)
	}
}
