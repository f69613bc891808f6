package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal returns a terminal of 80 columns and 24 rows, and who looks at it.
func openTerminal(t *testing.T) (looker, terminal *os.File) {
	t.Helper()
	looker, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		skipUnlessRequired(t, err)
	}
	t.Cleanup(func() { _ = looker.Close() })
	n, err := unix.IoctlGetInt(int(looker.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(looker.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(looker.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	}
	if err == nil {
		terminal, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		skipUnlessRequired(t, err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return looker, terminal
}

// watched runs `pialign probe` in a terminal of its own and presses Ctrl-C after some exchanges. It returns what the
// terminal was sent.
func watched(t *testing.T, session string, env ...string) string {
	t.Helper()
	looker, terminal := openTerminal(t)
	before, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	p := startPhone(t, "fa4e000000000001", func(n int) {
		if n == 12 {
			close(asked)
		}
	})
	cmd := exec.CommandContext(t.Context(), os.Args[0], "probe", "--session", session, "--device", p.Addr(), "--count", "1000", "--max-error", "20ms")
	cmd.Env = append(os.Environ(), append([]string{asProgramEnv + "=1", "NO_COLOR=", "LC_ALL=C.UTF-8", "TERM=xterm-256color"}, env...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := make(chan string)
	go func() {
		b, _ := io.ReadAll(looker) // EIO, once nobody has the terminal
		seen <- string(b)
	}()
	<-asked
	if _, err := looker.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("exit code %d, want %d", cmd.ProcessState.ExitCode(), exitInterrupted)
	}
	if after, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS); err != nil || *after != *before {
		t.Errorf("the terminal's modes are %+v (%v), were %+v", after, err, before)
	}
	_ = terminal.Close()
	if rows := onlyLog(t, session).Rows; len(rows) < 12 {
		t.Errorf("%d rows, want 12 at the least", len(rows))
	}
	return <-seen
}

func TestScreenInATerminal(t *testing.T) {
	got := watched(t, filepath.Join(t.TempDir(), "p01"))
	_, screen, entered := strings.Cut(got, "\x1b[?1049h")
	screen, rest, left := strings.Cut(screen, "\x1b[?1049l")
	if !entered || !left || strings.Contains(rest, "\x1b") {
		t.Fatalf("second screen entered %v, left %v, then %q", entered, left, rest)
	}
	for _, want := range []string{"pialign probe: p01, start", "OnePlus8", "\x1b[1;33mCHECK\x1b[0m", "recording is not running: start it on OnePlus8", "▁"} {
		if !strings.Contains(screen, want) {
			t.Errorf("not on the screen: %q\n%q", want, screen)
		}
	}
	for _, want := range []string{"fa4e000000000001: ", " ok, 0 lost", "interrupted: what was measured is in "} {
		if !strings.Contains(rest, want) {
			t.Errorf("not said afterwards: %q\n%q", want, rest)
		}
	}
}

func TestScreenWithoutColour(t *testing.T) {
	got := watched(t, filepath.Join(t.TempDir(), "p01"), "NO_COLOR=1", "LC_ALL=C")
	if !strings.Contains(got, "CHECK OnePlus8") || strings.Contains(got, "\x1b[1;3") || strings.Contains(got, "\x1b[2m") {
		t.Errorf("%q", got)
	}
	if i := strings.IndexFunc(got, func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("not ASCII: %q", got[i:])
	}
}

func TestNoScreenInADumbTerminal(t *testing.T) {
	got := watched(t, filepath.Join(t.TempDir(), "p01"), "TERM=dumb")
	if strings.Contains(got, "\x1b") || !strings.Contains(got, "pialign: error: interrupted") {
		t.Errorf("%q", got)
	}
}

// TestTerminalThatStandsStill: Ctrl-S, or a slow line, holds up what is shown and not what is measured.
func TestTerminalThatStandsStill(t *testing.T) {
	looker, terminal := openTerminal(t)
	const count = 60 // some 3 s, in which 15 screens are drawn
	var asked atomic.Int32
	all := make(chan struct{})
	p := startPhone(t, "fa4e000000000001", func(int) {
		if asked.Add(1) == count {
			close(all)
		}
	})
	session := filepath.Join(t.TempDir(), "p01")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "probe", "--session", session, "--device", p.Addr(), "--count", strconv.Itoa(count))
	cmd.Env = append(os.Environ(), asProgramEnv+"=1", "TERM=xterm")
	cmd.Stderr = terminal
	// Nobody looks, and the terminal's buffer of 4 KB is full already: the next write waits.
	if err := fill(terminal); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-all
	go func() { _, _ = io.Copy(io.Discard, looker) }() // until the terminal is closed
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if rows := onlyLog(t, session).Rows; len(rows) != count {
		t.Errorf("%d rows, want %d", len(rows), count)
	}
}

// TestStoppedTerminalIsGivenBack: Ctrl-S, and then the program is ended, as by a service manager. The terminal does not stay on the second screen, and is told what came of
// it.
func TestStoppedTerminalIsGivenBack(t *testing.T) {
	looker, terminal := openTerminal(t)
	each, reached := atExchange(15)
	var stop sync.Once
	p := startPhone(t, "fa4e000000000001", func(n int) {
		each(n)
		if n >= 5 {
			stop.Do(func() { _, _ = looker.WriteString("\x13") })
		}
	})
	session := filepath.Join(t.TempDir(), "p01")
	cmd := limited(t, "probe", "--session", session, "--device", p.Addr(), "--count", "1000")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := make(chan string)
	go func() {
		b, _ := io.ReadAll(looker) // EIO, once nobody has the terminal
		seen <- string(b)
	}()
	await(t, reached)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit code %d", cmd.ProcessState, exitInterrupted)
	}
	_ = terminal.Close()
	got := <-seen
	_, rest, left := strings.Cut(got, "\x1b[?1049l")
	if !strings.Contains(got, "\x1b[?1049h") || !left || strings.Contains(rest, "\x1b[?1049h") || !strings.Contains(rest, "interrupted: what was measured is in ") {
		t.Errorf("left %v, then %q", left, rest)
	}
}

// fill writes until nothing more is taken.
func fill(terminal *os.File) error {
	fd := int(terminal.Fd())
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	for {
		_, err := unix.Write(fd, []byte("x"))
		if errors.Is(err, unix.EAGAIN) {
			// A terminal hands on what it was given, and then takes more.
			var ready int
			ready, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, 100)
			if err == nil && ready == 0 {
				return unix.SetNonblock(fd, false)
			}
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// TestReaderThatGoesAway: a program that read the events and died does not end the measurement.
func TestReaderThatGoesAway(t *testing.T) {
	const count = 40 // some 2 s, in which two events more are written
	p := startPhone(t, "fa4e000000000001", func(int) {})
	session := filepath.Join(t.TempDir(), "p01")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "probe", "--session", session, "--device", p.Addr(), "--count", strconv.Itoa(count), "--json")
	cmd.Env = append(os.Environ(), asProgramEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var talk strings.Builder
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, len(`{"event":"begin"`))
	if _, err := io.ReadFull(out, first); err != nil || string(first) != `{"event":"begin"` {
		t.Fatalf("%q, %v", first, err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(talk.String(), "broken pipe") {
		t.Errorf("exit code %d, want %d\n%s", cmd.ProcessState.ExitCode(), exitFailed, talk.String())
	}
	if rows := onlyLog(t, session).Rows; len(rows) != count {
		t.Errorf("%d rows, want %d", len(rows), count)
	}
}
