package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// TestRandomFaults lets all go wrong at once: the network, the phone, the process, the disk, the clock. Whatever happens, the log opens, and every
// completed exchange that is older than a second is in it once. PIALIGN_FAULT_RUNS=200 is the long form, in .ci/long.
func TestRandomFaults(t *testing.T) {
	runs, atOnce := 10, 5 // they wait most of the time
	if s := os.Getenv("PIALIGN_FAULT_RUNS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		runs = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	free := make(chan struct{}, atOnce)
	var exchanges atomic.Int64
	var did [len(happenings)]atomic.Int64
	for i := range runs {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			what := i % len(happenings)
			n, err := faultRun(t, filepath.Join(t.TempDir(), fmt.Sprint("run", i)), r, happenings[what])
			if errors.Is(err, errors.ErrUnsupported) {
				return
			}
			if err != nil {
				t.Errorf("run %d, %s: %v", i, happenings[what], err)
			}
			exchanges.Add(int64(n))
			did[what].Add(1)
		})
	}
	wg.Wait()
	for i, what := range happenings {
		t.Logf("%s: %d runs", what, did[i].Load())
	}
	t.Logf("%d exchanges checked", exchanges.Load())
	if int(exchanges.Load()) < 5*runs {
		t.Errorf("%d exchanges in %d runs: nothing was tested", exchanges.Load(), runs)
	}
}

// happenings are what befalls the process or the computer, beside what goes wrong with single exchanges.
var happenings = [...]string{"killed", "stopped and continued", "interrupted", "two at once", "full disk", "clock set", "phone restarted"}

// faultRun measures a phone with which one exchange in six goes wrong, has one thing happen in the midst, and checks the log. It returns
// how many exchanges it checked.
func faultRun(t *testing.T, session string, r *rand.Rand, what string) (int, error) {
	clock := probe.SystemClock()
	now := func() align.HostTime { h, _ := clock.Stamp(); return h }
	faults := []fakephone.FaultKind{fakephone.Reset, fakephone.CutReply, fakephone.HangUp, fakephone.ServerError, fakephone.HTMLReply,
		fakephone.EmptyReply, fakephone.PlainReply, fakephone.NoReply}
	plan := make([]fakephone.Fault, 200)
	for i := range plan {
		if r.IntN(6) == 0 {
			plan[i] = fakephone.Fault{Kind: faults[r.IntN(len(faults))], Early: r.IntN(2) == 0}
		}
	}
	asked := make(chan struct{})
	var once sync.Once
	cfg := fakephone.Config{Clock: scenario.Clock{Origin: now(), Offset: 840 * time.Millisecond}, StampResolution: 1,
		Time: fakephone.RealTime(now), Fault: func(n int) fakephone.Fault {
			once.Do(func() { close(asked) })
			return plan[n%len(plan)]
		}}
	p, err := fakephone.Start(t.Context(), cfg, "")
	if err != nil {
		return 0, err
	}
	defer func() { p.Close() }()
	moment := time.Duration(r.Int64N(int64(2500 * time.Millisecond)))
	args := []string{"probe", "--session", session, "--device", p.Addr(), "--count", "50"}
	later := func() error {
		select {
		case <-asked:
		case <-time.After(30 * time.Second):
			return errors.New("nothing was asked")
		}
		<-time.After(moment) // the random moment
		return nil
	}
	phones := []*fakephone.Phone{p}
	end, grace := align.HostTime(1<<62), time.Duration(0)
	var filling chan align.HostTime
	switch what {
	case "clock set":
		by := time.Duration(r.Int64N(int64(2*time.Hour))) - time.Hour
		_, mono := clock.Stamp()
		set := &setClock{Clock: clock, at: mono.Add(moment), by: by}
		if err := measureBy(t.Context(), set, session, p.Addr()); err != nil && codeOf(err) != exitPartial {
			return 0, err
		}
		return checkFaults(session, phones, plan, end, true, func(x align.HostTime) align.HostTime {
			return x + align.HostTime(set.total(x))
		})
	case "full disk":
		dir, unmount, err := smallDisk(session)
		if err != nil {
			return 0, err
		}
		defer func() { unmount() }()
		session = filepath.Join(dir, "s")
		args[2] = session
		filling = make(chan align.HostTime, 1)
		go func() {
			at := end
			if later() == nil {
				at = now()
				_ = os.WriteFile(filepath.Join(dir, "filler"), bytes.Repeat([]byte{1}, 8<<20), 0o666) // until it is full
			}
			filling <- at
		}()
	}
	procs := []*exec.Cmd{process(t, args)}
	if what == "two at once" {
		procs = append(procs, process(t, args))
	}
	for _, c := range procs {
		if err := c.Start(); err != nil {
			return 0, err
		}
	}
	first := procs[0].Process
	switch what {
	case "killed":
		if err := later(); err != nil {
			return 0, err
		}
		end, grace = now(), time.Second
		err = first.Kill()
	case "interrupted":
		if err := later(); err != nil {
			return 0, err
		}
		err = first.Signal(os.Interrupt)
	case "stopped and continued":
		if err := later(); err != nil {
			return 0, err
		}
		if err = pause(first, true); err == nil {
			<-time.After(2 * moment) // some longer than the time-out of 2 s, some not
			err = pause(first, false)
		}
	case "phone restarted":
		if err := later(); err != nil {
			return 0, err
		}
		addr := p.Addr()
		p.Close()
		cfg.Clock.Offset += time.Duration(r.Int64N(int64(time.Second)))
		if p, err = fakephone.Start(t.Context(), cfg, addr); err != nil {
			return 0, err
		}
		phones = append(phones, p)
	}
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	var ended sync.WaitGroup
	for _, c := range procs {
		ended.Go(func() { _ = c.Wait() })
	}
	ended.Wait()
	if filling != nil {
		end = <-filling
	}
	if what == "killed" { // and the session goes on
		if err := process(t, args).Run(); err != nil && exitCode(err) != exitPartial {
			return 0, fmt.Errorf("measuring again: %w", err)
		}
	}
	if grace > 0 {
		end = end.Add(-grace)
	}
	strict := what != "stopped and continued" && what != "interrupted" && what != "phone restarted"
	return checkFaults(session, phones, plan, end, strict, nil)
}

func exitCode(err error) int {
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.ExitCode()
	}
	return exitFailed
}

// process is pialign with args, as a program of its own.
func process(t *testing.T, args []string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgramEnv+"=1")
	return cmd
}

// checkFaults holds the log against what the phones did. Exchanges that reached them before end, and that were let go well, must be there, once, and right; unless strict they may
// count as lost, for the last one before an interruption. seen says what this computer's clock showed at a true instant; nil: the same.
func checkFaults(session string, phones []*fakephone.Phone, plan []fakephone.Fault, end align.HostTime, strict bool, seen func(align.HostTime) align.HostTime) (int, error) {
	s, err := readSession(io.Discard, session)
	if err != nil {
		return 0, fmt.Errorf("the log does not open: %w", err)
	}
	type key struct {
		name  string
		stamp align.DeviceTime
	}
	rows, names := make(map[key]probelog.Row), make(map[string]probelog.Row)
	for _, log := range s.Logs {
		for _, r := range log.Rows {
			if _, twice := names[r.EventName]; twice {
				return 0, fmt.Errorf("%s is in the log twice", r.EventName)
			}
			names[r.EventName], rows[key{r.EventName, r.E}] = r, r
		}
	}
	if seen == nil {
		seen = func(h align.HostTime) align.HostTime { return h }
	}
	checked := 0
	good := make(map[key]bool)
	for _, p := range phones {
		for _, e := range p.Exchanges() {
			good[key{e.Name, e.Stamp}] = true
			kind := plan[e.N%len(plan)].Kind
			if e.Arrived >= end || kind != fakephone.NoFault && kind != fakephone.HangUp {
				continue
			}
			r, ok := names[e.Name]
			if !ok {
				return 0, fmt.Errorf("%s is lost, %v older than what may be", e.Name, end.Sub(e.Arrived))
			}
			checked++
			if !r.Answered() && !strict {
				continue // the answer came, and nobody was there to read it
			}
			if at := seen(e.Arrived); r.E != e.Stamp || r.A > at || r.B < at {
				return 0, fmt.Errorf("%s: sent %d, stamped %d, heard %d; it arrived at %d and was stamped %d", e.Name, r.A, r.E, r.B, at, e.Stamp)
			}
		}
	}
	for k, r := range rows {
		if r.Answered() && !good[k] {
			return 0, fmt.Errorf("%s has stamp %d, which no phone gave", k.name, r.E)
		}
	}
	return checked, nil
}

// setClock is a clock that somebody sets.
type setClock struct {
	probe.Clock
	at align.MonoTime
	by time.Duration

	mu  sync.Mutex
	set align.HostTime // the true instant from which on it was seen set
}

func (c *setClock) Stamp() (align.HostTime, align.MonoTime) {
	h, m := c.Clock.Stamp()
	if m < c.at {
		return h, m
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set == 0 {
		c.set = h.Add(-m.Sub(c.at))
	}
	return h.Add(c.by), m
}

// total is by how much the clock was set at the true instant h.
func (c *setClock) total(h align.HostTime) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set == 0 || h < c.set {
		return 0
	}
	return c.by
}

// measureBy is the verb probe by another clock.
func measureBy(ctx context.Context, clock probe.Clock, session, addr string) error {
	var talk strings.Builder
	o := probeOptions{session: session, phase: "start", protocol: probe.Event, count: 50}
	m := newMeasurement(stdio{strings.NewReader(""), io.Discard, &talk}, o)
	m.clock = clock
	err := m.measure(ctx, []wanted{{spec: addr, found: probe.Found{Addrs: []string{addr}}}})
	if set, ok := clock.(*setClock); ok && set.set != 0 && set.by.Abs() > time.Second && !strings.Contains(talk.String(), "wall clock was set") {
		return fmt.Errorf("a clock set by %v went unnoticed:\n%s", set.by, talk.String())
	}
	return err
}

var errNoDisk = fmt.Errorf("a disk of its own: %w", errors.ErrUnsupported)

// smallDisk mounts a disk of some MB at a folder near path, where that is allowed.
func smallDisk(path string) (dir string, unmount func(), err error) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		return "", nil, errNoDisk
	}
	dir = path + "-disk"
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", nil, err
	}
	if exec.Command("mount", "-t", "tmpfs", "-o", "size=3m", "none", dir).Run() != nil {
		return "", nil, errNoDisk
	}
	return dir, func() { _ = exec.Command("umount", "-l", dir).Run() }, nil
}
