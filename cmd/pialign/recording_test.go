package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// TestNeverStopsWhatItDidNotStart: the session's recording was stopped by somebody, who started another.
func TestNeverStopsWhatItDidNotStart(t *testing.T) {
	session := filepath.Join(t.TempDir(), "p01")
	p := startPhone(t, "fa4e000000000001", func(int) {})
	args := func(more ...string) []string {
		return append([]string{"probe", "--session", session, "--device", p.Addr(), "--count", "2"}, more...)
	}
	if code, _, talk := command(t.Context(), args("--start-recording")...); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, talk)
	}
	somebody, err := probe.Open(t.Context(), p.Addr(), probe.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer somebody.Close()
	if err := somebody.StopRecording(t.Context(), p.Recordings()[0].ID); err != nil {
		t.Fatal(err)
	}
	theirs, err := somebody.StartRecording(t.Context())
	if err == nil {
		err = somebody.AwaitRecording(t.Context(), theirs, openLimit)
	}
	if err != nil {
		t.Fatal(err)
	}
	code, out, talk := command(t.Context(), args("--phase", "end", "--stop-recording")...)
	if code != exitPartial || !strings.Contains(talk, "another recording runs") || !strings.Contains(talk, theirs) || !strings.Contains(out, "2 ok") {
		t.Errorf("exit code %d\n%s%s", code, out, talk)
	}
	if r := p.Recordings(); len(r) != 2 || r[1].State != fakephone.Running {
		t.Errorf("recordings %+v: want the other's to run", r)
	}

	// What is remembered badly is not guessed at.
	for _, text := range []string{"", "{", `{"format_version":"2"}`, `{"format_version":"1","device_id":"other","recording_id":"` + theirs + `"}`, strings.Repeat("x", 1<<20)} {
		if err := os.WriteFile(filepath.Join(session, "recording_fa4e000000000001.json"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		code, _, talk := command(t.Context(), args("--phase", "end", "--stop-recording")...)
		if code != exitPartial || !strings.Contains(talk, "recording_fa4e000000000001.json") {
			t.Errorf("%.20q: exit code %d\n%s", text, code, talk)
		}
	}
	if r := p.Recordings(); len(r) != 2 || r[1].State != fakephone.Running {
		t.Errorf("recordings %+v: want the other's to run", r)
	}
}

// TestInterruptedWhileItOpens: Ctrl-C between the phone's yes and the opening of the recording. It is this session's all the same, and is
// stopped once it is open, rather than forgotten and left running.
func TestInterruptedWhileItOpens(t *testing.T) {
	session := filepath.Join(t.TempDir(), "p01")
	p := startPhone(t, "fa4e000000000001", func(int) {})
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	go func() {
		for len(p.Recordings()) == 0 && ctx.Err() == nil {
			runtime.Gosched()
		}
		interrupt()
	}()
	code, _, talk := command(ctx, "probe", "--session", session, "--device", p.Addr(), "--count", "2", "--start-recording", "--stop-recording")
	r := p.Recordings()
	if len(r) != 1 || r[0].State != fakephone.Saved {
		t.Errorf("exit code %d, recordings %+v: want the one that was started saved\n%s", code, r, talk)
	}
	if b, err := os.ReadFile(filepath.Join(session, "recording_fa4e000000000001.json")); err != nil || !strings.Contains(string(b), `"stopped": true`) {
		t.Errorf("remembered: %s, %v", b, err)
	}
}
