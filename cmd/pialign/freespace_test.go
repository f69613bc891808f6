package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe/fakephone"
)

func TestFullDiskIsSaidBefore(t *testing.T) {
	dir, unmount, err := smallDisk(filepath.Join(t.TempDir(), "a"))
	if errors.Is(err, errors.ErrUnsupported) {
		skipUnlessRequired(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unmount()
	p := startPhone(t, "fa4e000000000001", func(int) {})
	session := filepath.Join(dir, "new", "p01")
	code, out, talk := command(t.Context(), "probe", "--session", session, "--device", p.Addr(), "--count", "3", "--every", "1ms", "--for", "20s", "--until-bound", "1s")
	if code != exitDone || !strings.Contains(talk, "MB are free on the disk of "+session+", and this may take") || !strings.Contains(out, " 0 lost") {
		t.Errorf("exit code %d\n%s%s", code, out, talk)
	}
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 8<<20), 0o666); err == nil {
		t.Fatal("a disk of 3 MB holds 8")
	}
	if code, _, talk := command(t.Context(), "probe", "--session", session, "--phase", "end", "--device", p.Addr(), "--count", "3"); code != exitFailed ||
		!strings.Contains(talk, "nothing was measured: the disk of "+session+" is full") || !strings.Contains(talk, "hint: free some space") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	if rows := onlyLog(t, session).Rows; len(rows) == 0 {
		t.Error("what was measured is gone")
	}
}

func TestNeededSpace(t *testing.T) {
	for _, c := range []struct {
		o    probeOptions
		rows uint64
	}{
		{probeOptions{count: 100}, 100},
		{probeOptions{count: 100, every: time.Minute, total: time.Hour}, 6100},
		{probeOptions{count: 10, total: time.Minute}, 610},
		{probeOptions{count: 10, every: time.Minute}, 14410},
	} {
		if got := c.o.needs(); got != c.rows*bytesPerRow+bytesPerLog {
			t.Errorf("%+v: %d bytes, want those of %d rows", c.o, got, c.rows)
		}
	}
}

func TestHostSteps(t *testing.T) {
	const wall, mono = align.HostTime(1_790_000_000_000_000_000), align.MonoTime(5_000_000_000)
	for name, c := range map[string]struct {
		by    time.Duration
		after time.Duration
		steps int
	}{
		"nothing":         {0, time.Hour, 0},
		"slewed":          {time.Second, 1000 * time.Second, 0}, // 1000 ppm
		"set forward":     {2 * time.Second, time.Second, 1},
		"set back":        {-2 * time.Second, time.Second, 1},
		"set by a little": {10 * time.Millisecond, time.Second, 1},
		"preempted":       {900 * time.Microsecond, 0, 0},
	} {
		var h hostSteps
		h.add(0, 0) // never sent
		h.add(wall, mono)
		h.add(wall.Add(c.after+c.by), mono.Add(c.after))
		h.add(0, 0)
		h.add(wall.Add(2*c.after+c.by), mono.Add(2*c.after))
		if len(h.steps) != c.steps || (h.warning() == "") != (c.steps == 0) {
			t.Errorf("%s: %d steps, want %d; %q", name, len(h.steps), c.steps, h.warning())
		}
	}
}

// TestStrangers: a folder of another phone's is asked about, once it is another's.
func TestStrangers(t *testing.T) {
	session := filepath.Join(t.TempDir(), "p01")
	const doubt = "has logs of fa4e000000000001 and none of fa4e000000000002 yet: is it the right folder?"
	a, b := startPhone(t, "fa4e000000000001", func(int) {}), startPhone(t, "fa4e000000000002", func(int) {})
	for i, c := range []struct {
		addr  string
		doubt bool
	}{{a.Addr(), false}, {a.Addr(), false}, {b.Addr(), true}, {b.Addr(), false}} {
		code, _, talk := command(t.Context(), "probe", "--session", session, "--device", c.addr, "--count", "1")
		if code != exitDone || strings.Contains(talk, doubt) != c.doubt {
			t.Errorf("run %d: exit code %d\n%s", i, code, talk)
		}
	}
}

// TestDiskFillsUp: while it measures. It says so, what is on disk stays, and the log opens.
func TestDiskFillsUp(t *testing.T) {
	dir, unmount, err := smallDisk(filepath.Join(t.TempDir(), "a"))
	if errors.Is(err, errors.ErrUnsupported) {
		skipUnlessRequired(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unmount()
	const before = 10
	p := startPhone(t, "fa4e000000000001", func(n int) {
		if n == before {
			_ = os.WriteFile(filepath.Join(dir, "filler"), make([]byte, 8<<20), 0o666) // until it is full
		}
	})
	session := filepath.Join(dir, "p01")
	code, _, talk := command(t.Context(), "probe", "--session", session, "--device", p.Addr(), "--count", "1000", "--start-recording", "--stop-recording")
	if code != exitFailed || !strings.Contains(talk, "error: the disk of "+session+" is full: what was measured until then is kept\npialign: hint: free some space") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	if strings.Contains(talk, "was not stopped") {
		t.Errorf("the recording was stopped, and this says that it was not:\n%s", talk)
	}
	if r := p.Recordings(); len(r) != 1 || r[0].State != fakephone.Saved {
		t.Errorf("recordings %+v", r)
	}
	s, err := probelog.ReadSession(session)
	if err != nil || len(s.Logs) != 1 || len(s.Logs[0].Rows) < before {
		t.Fatalf("%+v, %v; want one log of %d rows at the least", s, err, before)
	}
	// As the hint says.
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
	if code, _, talk := command(t.Context(), "recover", session); code != exitDone {
		t.Errorf("recover: exit code %d\n%s", code, talk)
	}
	if rows := onlyLog(t, session).Rows; len(rows) != len(s.Logs[0].Rows) {
		t.Errorf("%d rows recovered, want %d", len(rows), len(s.Logs[0].Rows))
	}
}
