package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pialign/pialign/probe/fakephone"
)

// fullPipe returns what to write to, which takes nothing more and which nobody reads.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
	if err := fill(w); err != nil {
		t.Fatal(err)
	}
	return w
}

// atExchange returns what to do at each exchange of a phone, and what is closed at the n-th.
func atExchange(n int32) (each func(int), reached chan struct{}) {
	var asked atomic.Int32
	reached = make(chan struct{})
	return func(int) {
		if asked.Add(1) == n {
			close(reached)
		}
	}, reached
}

// await waits for the exchange of atExchange, and fails the test where it does not come.
func await(t *testing.T, reached chan struct{}) {
	t.Helper()
	select {
	case <-reached:
	case <-time.After(30 * time.Second): // it takes 1 s
		t.Fatal("not measured to there")
	}
}

// limited is a program that is killed after longer than any of these takes, by far: most end within 5 s.
func limited(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgramEnv+"=1", "TERM=xterm")
	return cmd
}

// saved fails the test unless the session has one finished log, with so many rows at the least, and the phone has saved its one recording.
func saved(t *testing.T, session string, p *fakephone.Phone, rows int) {
	t.Helper()
	if log := onlyLog(t, session); log.Journal || len(log.Rows) < rows {
		t.Errorf("journal %v, %d rows; want a finished log of %d", log.Journal, len(log.Rows), rows)
	}
	if r := p.Recordings(); len(r) != 1 || r[0].State != fakephone.Saved {
		t.Errorf("recordings %+v, want the one that was started saved", r)
	}
}

// TestNobodyReads: whatever takes nothing, a pipe or a terminal, and from before the first exchange to the end. All is measured and
// saved, the recording is stopped, and what can be told elsewhere is.
func TestNobodyReads(t *testing.T) {
	const count = 20
	terminal := func(t *testing.T) *os.File {
		looker, terminal := openTerminal(t)
		t.Cleanup(func() { _ = looker.Close() })
		if err := fill(terminal); err != nil {
			t.Fatal(err)
		}
		return terminal
	}
	for name, c := range map[string]struct {
		open      func(*testing.T) *os.File
		stdout    bool // is what nobody reads; else stderr
		interrupt bool
		args      []string
		code      int
	}{
		"pipe":                     {fullPipe, false, false, nil, exitDone},
		"pipe, Ctrl-C":             {fullPipe, false, true, []string{"--every", "1s"}, exitInterrupted},
		"terminal":                 {terminal, false, false, nil, exitDone},
		"terminal, Ctrl-C":         {terminal, false, true, []string{"--every", "1s"}, exitInterrupted},
		"JSON":                     {fullPipe, false, false, []string{"--json"}, exitDone},
		"result's pipe, Ctrl-C":    {fullPipe, true, true, []string{"--every", "1s"}, exitInterrupted},
		"pipe for events, Ctrl-C":  {fullPipe, true, true, []string{"--every", "1s", "--json"}, exitInterrupted},
		"result's terminal stands": {terminal, true, true, []string{"--every", "1s"}, exitInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait
			each, reached := atExchange(count)
			p := startPhone(t, "fa4e000000000001", each)
			session := filepath.Join(t.TempDir(), "p01")
			cmd := limited(t, append([]string{"probe", "--session", session, "--device", p.Addr(), "--count", "20",
				"--start-recording", "--stop-recording"}, c.args...)...)
			var other strings.Builder
			if cmd.Stderr, cmd.Stdout = c.open(t), &other; c.stdout {
				cmd.Stderr, cmd.Stdout = cmd.Stdout, cmd.Stderr
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if c.interrupt {
				await(t, reached)
				if err := cmd.Process.Signal(os.Interrupt); err != nil {
					t.Fatal(err)
				}
			}
			if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != c.code {
				t.Errorf("exit code %d (%v), want %d", cmd.ProcessState.ExitCode(), cmd.ProcessState, c.code)
			}
			want := "fa4e000000000001"
			if c.stdout {
				want = "interrupted: what was measured is in " + session
			}
			if !strings.Contains(other.String(), want) {
				t.Errorf("said where somebody reads: %q, want %q", other.String(), want)
			}
			saved(t, session, p, count-1) // the last may not be answered before Ctrl-C
		})
	}
}

// TestTerminalIsClosed: the window is closed. System and shell both tell of it, and nothing can be written any more.
func TestTerminalIsClosed(t *testing.T) {
	heedHangups(t)
	looker, terminal := openTerminal(t)
	each, reached := atExchange(12)
	p := startPhone(t, "fa4e000000000001", each)
	session := filepath.Join(t.TempDir(), "p01")
	cmd := limited(t, "probe", "--session", session, "--device", p.Addr(), "--every", "1s", "--count", "12", "--start-recording", "--stop-recording")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = terminal.Close()
	go func() { _, _ = io.Copy(io.Discard, looker) }()
	await(t, reached)
	if err := looker.Close(); err != nil { // the system's
		t.Fatal(err)
	}
	_ = cmd.Process.Signal(syscall.SIGHUP) // the shell's; the program may have ended
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() < 0 {
		t.Errorf("%v, want an exit of its own", cmd.ProcessState)
	}
	saved(t, session, p, 11)
}

func TestHangup(t *testing.T) {
	heedHangups(t)
	each, reached := atExchange(12)
	p := startPhone(t, "fa4e000000000001", each)
	session := filepath.Join(t.TempDir(), "p01")
	cmd := limited(t, "probe", "--session", session, "--device", p.Addr(), "--every", "1s", "--count", "12", "--start-recording", "--stop-recording")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, reached)
	for range 2 {
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit code %d", cmd.ProcessState, exitInterrupted)
	}
	saved(t, session, p, 11)
}

// heedHangups has the programs that a test starts heed hang-ups, even where the tests themselves were started with nohup: a signal that is
// caught here has its default there.
func heedHangups(t *testing.T) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(caught) })
}

// TestNoHangup: a program that was started to outlive its terminal does.
func TestNoHangup(t *testing.T) {
	each, reached := atExchange(5)
	p := startPhone(t, "fa4e000000000001", each)
	session := filepath.Join(t.TempDir(), "p01")
	cmd := limited(t)
	sh, err := exec.LookPath("sh")
	if err != nil {
		skipUnlessRequired(t, err)
	}
	cmd.Path, cmd.Args = sh, []string{"sh", "-c", `trap "" HUP; exec "$0" "$@"`, os.Args[0], "probe", "--session", session, "--device", p.Addr(), "--count", "20", "--start-recording", "--stop-recording"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, reached)
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	saved(t, session, p, 20)
}
