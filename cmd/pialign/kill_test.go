package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// asProgramEnv turns this test binary into the program.
const asProgramEnv = "PIALIGN_TEST_AS_PROGRAM"

func init() {
	if os.Getenv(asProgramEnv) == "1" {
		main()
	}
}

// TestKilledProbeLosesAtMostASecond kills `pialign probe` with no chance to clean up, at random moments.
func TestKilledProbeLosesAtMostASecond(t *testing.T) {
	const runs, atOnce = 50, 10 // they wait most of the time
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	free := make(chan struct{}, atOnce)
	kept := make([]int, runs)
	var wg sync.WaitGroup
	for i := range runs {
		moment := time.Duration(rand.New(rand.NewPCG(seed, uint64(i))).Int64N(int64(3 * time.Second)))
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			n, err := killProbe(t, filepath.Join(t.TempDir(), fmt.Sprint("run", i)), moment)
			if err != nil {
				t.Errorf("run %d, killed %v after the first exchange: %v", i, moment, err)
			}
			kept[i] = n
		})
	}
	wg.Wait()
	most := 0
	for _, n := range kept {
		most = max(most, n)
	}
	// Exchanges are some 50 ms apart: a run of nearly 3 s has made some 50, of which 30 are more than 1 s old.
	if most < 20 {
		t.Errorf("no run kept more than %d exchanges: nothing was tested", most)
	}
}

// killProbe kills a probe some time after its first exchange and checks its log. It returns how many exchanges
// were kept.
func killProbe(t *testing.T, session string, after time.Duration) (int, error) {
	clock := probe.SystemClock()
	now := func() align.HostTime { h, _ := clock.Stamp(); return h }
	asked := make(chan struct{})
	p, err := fakephone.Start(t.Context(), fakephone.Config{Time: fakephone.RealTime(now), Fault: func(n int) fakephone.Fault {
		if n == 0 {
			close(asked)
		}
		return fakephone.Fault{}
	}}, "")
	if err != nil {
		return 0, err
	}
	defer p.Close()

	cmd := exec.CommandContext(t.Context(), os.Args[0], "probe", "--session", session, "--device", p.Addr(), "--count", "1000")
	cmd.Env = append(os.Environ(), asProgramEnv+"=1")
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	select {
	case <-asked:
	case err := <-exited:
		return 0, fmt.Errorf("ended before its first exchange: %v", err)
	}
	select {
	case <-time.After(after): // the random moment
	case err := <-exited:
		return 0, fmt.Errorf("ended by itself: %v", err)
	}
	killed := now()
	if err := cmd.Process.Kill(); err != nil {
		return 0, err
	}
	<-exited

	s, err := readSession(io.Discard, session)
	if err != nil {
		return 0, fmt.Errorf("the log does not open: %w", err)
	}
	if len(s.Logs) != 1 || len(s.Skipped) > 0 || !s.Logs[0].Journal {
		return 0, fmt.Errorf("%d logs, %q skipped, want one journal", len(s.Logs), s.Skipped)
	}
	rows := make(map[string]probelog.Row)
	for _, r := range s.Logs[0].Rows {
		rows[r.EventName] = r
	}
	for _, e := range p.Exchanges() {
		r, found := rows[e.Name]
		if !found {
			if age := killed.Sub(e.Arrived); age > time.Second {
				return 0, fmt.Errorf("%s is lost, %v old", e.Name, age)
			}
			continue
		}
		// B may be the only reading that the phone does not know of: it hangs up after the answer.
		if r.E != e.Stamp || r.A > e.Arrived || r.B < e.Arrived {
			return 0, fmt.Errorf("%s: sent %d, stamped %d, heard %d, but it arrived at %d and was stamped %d", e.Name, r.A, r.E, r.B, e.Arrived, e.Stamp)
		}
	}
	// Ten exchanges are enough for a fit that does not complain of too few.
	if len(rows) >= 10 {
		if code, _, talk := command(t.Context(), "fit", session); code != exitDone {
			return 0, fmt.Errorf("fit does not take it: exit code %d\n%s", code, talk)
		}
	}
	return len(rows), nil
}
