package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// TestNothingCommandsTheTerminal: a phone whose name holds sequences that clear the screen, set its title and turn text around. No verb passes them on.
func TestNothingCommandsTheTerminal(t *testing.T) {
	clock := probe.SystemClock()
	now := func() align.HostTime { h, _ := clock.Stamp(); return h }
	p, err := fakephone.Start(t.Context(), fakephone.Config{Name: "Ada\x1b[2J\x1b]0;x\a\u009b31m\u202egnp.exe\r\nline", DeviceID: "fa4e\x1b[2J1",
		Time: fakephone.RealTime(now), Clock: scenario.Clock{Origin: now()}}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	session := filepath.Join(t.TempDir(), "p\x1b[31m01")
	for _, args := range [][]string{
		{"doctor", "--device", p.Addr()},
		{"probe", "--session", session, "--device", p.Addr(), "--count", "12", "--phase", "st\u009bart"},
		{"probe", "--session", filepath.Join(session, "\x1b[2J", strings.Repeat("x", 300)), "--device", p.Addr(), "--count", "1"},
		{"inspect", session},
		{"fit", session},
		{"fit", "no\x1b[2Jthing"},
		{"inspect", filepath.Join(session, "alignment", "fa4e%1B%5B2J1.json")},
		{"recover", session},
	} {
		_, out, talk := command(t.Context(), args...)
		if args[0] == "fit" {
			out = "" // a path for programs, as it is
		}
		if out+talk == "" {
			t.Errorf("%q says nothing", args)
		}
		if i := strings.IndexAny(out+talk, "\x1b\a\u009b\u202e\r"); i >= 0 {
			t.Errorf("%q: %q", args, (out + talk)[max(0, i-40):])
		}
	}
}
