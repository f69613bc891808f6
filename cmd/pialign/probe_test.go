package main

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// startPhone puts a fake phone on loopback for the rest of the test. each is called with each event's number.
func startPhone(t *testing.T, id string, each func(n int)) *fakephone.Phone {
	t.Helper()
	clock := probe.SystemClock()
	p, err := fakephone.Start(context.Background(), fakephone.Config{
		DeviceID: id, Time: fakephone.RealTime(func() align.HostTime { h, _ := clock.Stamp(); return h }),
		Fault: func(n int) fakephone.Fault { each(n); return fakephone.Fault{} },
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// onlyLog reads the finished log of a session that must have one.
func onlyLog(t *testing.T, session string) *probelog.Log {
	t.Helper()
	s, err := probelog.ReadSession(session)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Logs) != 1 || s.Logs[0].Journal || len(s.Skipped) > 0 {
		t.Fatalf("%d logs, skipped %q, want one finished log", len(s.Logs), s.Skipped)
	}
	return s.Logs[0]
}

func TestInterruptKeepsWhatWasMeasured(t *testing.T) {
	session := filepath.Join(t.TempDir(), "p01")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := startPhone(t, "fa4e000000000001", func(n int) {
		if n == 7 {
			cancel()
		}
	})
	code, out, talk := command(ctx, "probe", "--session", session, "--device", p.Addr(), "--count", "1000")
	if code != exitInterrupted || !strings.Contains(talk, "interrupted: what was measured is in "+session) {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	if !strings.Contains(out, "fa4e000000000001: ") {
		t.Errorf("no summary: %q", out)
	}
	// Numbers 0 to 6 were answered before; number 7 was being answered.
	rows := onlyLog(t, session).Rows
	if len(rows) < 7 || len(rows) > 8 {
		t.Errorf("%d rows, want 7 or 8", len(rows))
	}
	for i, r := range rows {
		if i < 7 && !r.Answered() || r.Seq != int64(i) {
			t.Errorf("row %d: %+v", i, r)
		}
	}
}

// TestSignalKeepsWhatWasMeasured is the same with a real process and a real Ctrl-C.
func TestSignalKeepsWhatWasMeasured(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent Ctrl-C there")
	}
	session := filepath.Join(t.TempDir(), "p01")
	asked := make(chan struct{})
	p := startPhone(t, "fa4e000000000001", func(n int) {
		if n == 7 {
			close(asked)
		}
	})
	cmd := exec.CommandContext(t.Context(), os.Args[0], "probe", "--session", session, "--device", p.Addr(), "--every", "1m", "--for", "1h", "--count", "1000")
	cmd.Env = append(os.Environ(), asProgramEnv+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("exit code %d, want %d", cmd.ProcessState.ExitCode(), exitInterrupted)
	}
	if rows := onlyLog(t, session).Rows; len(rows) < 7 {
		t.Errorf("%d rows, want 7 at the least", len(rows))
	}
	clocks, err := filepath.Glob(filepath.Join(session, "*_hostclock.parquet"))
	if err != nil || len(clocks) != 1 {
		t.Fatalf("logs of this computer's clocks: %q, %v, want one", clocks, err)
	}
	if _, readings, err := probelog.ReadClockLog(clocks[0]); err != nil || len(readings) == 0 || readings[0].Wall == 0 || readings[0].Mono == 0 {
		t.Errorf("readings %v, %v", readings, err)
	}
}

func TestInterruptedSearch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var talk strings.Builder
	s := stdio{strings.NewReader(""), &talk, &talk}
	session := filepath.Join(t.TempDir(), "p01")
	for _, args := range [][]string{{"probe", "--session", session}, {"probe", "--session", session, "--device", "Ada"}, {"devices"}} {
		talk.Reset()
		code := execute(ctx, newApp(s, endless{cancel}), args, s)
		if code != exitInterrupted || !strings.Contains(talk.String(), "error: interrupted") {
			t.Errorf("%q: exit code %d\n%s", args, code, talk.String())
		}
	}
	if _, err := os.Stat(session); err == nil {
		t.Error("it left a folder")
	}
}

// endless is a search that finds nothing until it is interrupted, at once.
type endless struct{ interrupt func() }

func (e endless) discover(ctx context.Context, _ time.Duration) ([]probe.Found, error) {
	e.interrupt()
	<-ctx.Done()
	return nil, ctx.Err()
}

func (e endless) resolve(ctx context.Context, _ string, timeout time.Duration) ([]probe.Found, error) {
	return e.discover(ctx, timeout)
}

func (e endless) scan(context.Context) ([]probe.Found, []netip.Prefix, error) { return nil, nil, nil }

// TestOnePhoneDelaysNoOther: the slow phone answers its second event only once the fast one has been asked all of
// its events. Were they asked in turns, the slow one's answer would come too late.
func TestOnePhoneDelaysNoOther(t *testing.T) {
	const count = 12 // some 0.6 s, and the time-out is 2 s
	session := filepath.Join(t.TempDir(), "p01")
	done := make(chan struct{})
	var asked atomic.Int32
	fast := startPhone(t, "fa4e000000000001", func(int) {
		if asked.Add(1) == count {
			close(done)
		}
	})
	slow := startPhone(t, "fa4e000000000002", func(n int) {
		if n == 1 {
			<-done
		}
	})
	code, out, talk := command(t.Context(), "probe", "--session", session, "--device", slow.Addr(), "--device", fast.Addr(), "--count", "12")
	if code != exitDone || strings.Count(out, ": 12 ok, 0 lost") != 2 {
		t.Errorf("exit code %d\n%s%s", code, out, talk)
	}
}

func TestProbeWithoutDeviceID(t *testing.T) {
	// A phone that does not say who it is can be measured, two of them cannot be told apart.
	var talk strings.Builder
	m := &measurement{talk: newSpeaker(&talk)}
	m.phones = []*measured{{spec: "a"}, {spec: "b"}}
	if err := m.opened(t.Context()); codeOf(err) != exitUsage {
		t.Errorf("two without id: %v", err)
	}
	m.phones = m.phones[:1]
	if err := m.opened(t.Context()); err != nil {
		t.Errorf("one without id: %v", err)
	}
	if err := m.talk.flush(); err != nil || !strings.Contains(talk.String(), "a does not say its id") {
		t.Errorf("no warning: %q, %v", talk.String(), err)
	}
}
