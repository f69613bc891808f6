package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/wholefile"
)

// TestBatchKilled kills `pialign batch run` with no chance to clean up at random moments: after some record, some result, or when so
// many bytes of unfinished work are there. What is visible then is whole and has its record, and the next run does what is missing, touches
// nothing that was done, and leaves the bytes of a run that nobody killed.
func TestBatchKilled(t *testing.T) {
	const n = 12
	kills := 20
	if raceDetector {
		kills = 4 // each takes ten times as long
	}
	dir := t.TempDir()
	plan := madeSet(t, dir, n)
	want := wholeRun(t, plan, filepath.Join(dir, "whole"))
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	midway, unfinished := 0, 0
	for i := range kills {
		out := filepath.Join(dir, fmt.Sprint("out", i))
		at := killMoment{what: killMoments[i%len(killMoments)], n: 1 + r.IntN(n)}
		at.kill(t, plan, out)
		left := treeOf(t, out)
		done := map[string]fs.FileInfo{}
		for name, b := range left {
			if own := strings.HasPrefix(name, "pialign/"); own && (strings.Contains(name, "/.pialign-") || strings.HasSuffix(name, "/")) {
				if strings.HasSuffix(name, "/result/gaze.csv") || strings.HasSuffix(name, "/result.zip") {
					unfinished++
				}
				continue
			}
			if whole, ok := want[name]; !ok || b != whole {
				t.Errorf("killed %v: %s is not as in the end, %d bytes of %d", at, name, len(b), len(whole))
			}
			info, err := os.Lstat(filepath.Join(out, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(name, "pialign/") && !strings.HasSuffix(name, "/") {
				done[name] = info
			}
		}
		results := visible(t, out)
		for _, output := range results {
			if rec, err := batch.ReadRecord(batch.RecordPath(out, output)); err != nil || rec.Outcome != batch.Done {
				t.Errorf("killed %v: %s is there, and its record says %q, %v", at, output, rec.Outcome, err)
			}
		}
		if len(results) < n {
			midway++
		}
		code, _, talk := command(t.Context(), "batch", "run", plan, "--out", out)
		if code != exitDone || len(results) > 0 && !strings.Contains(talk, fmt.Sprintf("%d done already", len(results))) {
			t.Errorf("killed %v: exit code %d\n%s", at, code, talk)
		}
		sameTree(t, fmt.Sprintf("killed %v and run again", at), treeOf(t, out), want)
		for name, was := range done {
			now, err := os.Lstat(filepath.Join(out, filepath.FromSlash(name)))
			if err != nil || !os.SameFile(was, now) || !was.ModTime().Equal(now.ModTime()) {
				t.Errorf("killed %v: %s was done, and was made again (%v)", at, name, err)
			}
		}
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d runs were killed midway, with %d unfinished files", midway, kills, unfinished)
	// The last record or result of twelve may be what is waited for, and the others come two at a time: most moments lie before the end.
	if midway < kills/2 {
		t.Errorf("%d of %d runs were killed midway", midway, kills)
	}
}

// TestBatchKilledWhileItReplaces: with --redo likewise. What is visible is always what its record says, be that the older one or the newer.
func TestBatchKilledWhileItReplaces(t *testing.T) {
	const n = 12
	kills := 8
	if raceDetector {
		kills = 2
	}
	dir := t.TempDir()
	plan := madeSet(t, dir, n)
	older := filepath.Join(dir, "older")
	wholeRun(t, plan, older)
	want := wholeRun(t, plan, filepath.Join(dir, "newer"), "--sha256")
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	both := 0
	for i := range kills {
		out := filepath.Join(dir, fmt.Sprint("out", i))
		if err := os.CopyFS(out, os.DirFS(older)); err != nil {
			t.Fatal(err)
		}
		at := killMoment{what: []string{"replaced", "bytes"}[i%2], n: 1 + r.IntN(n-4)}
		at.kill(t, plan, out, "--redo", "--sha256")
		newer := 0
		for _, output := range visible(t, out) {
			rec, err := batch.ReadRecord(batch.RecordPath(out, output))
			if err != nil {
				t.Fatal(err)
			}
			manifest, files, err := batch.Result(t.Context(), filepath.Join(out, filepath.FromSlash(output)))
			if err != nil || manifest != rec.Manifest || files != rec.Result {
				t.Errorf("killed %v: %s is not what its record says: %v", at, output, err)
			}
			if strings.HasPrefix(rec.Inputs, "sha256:") {
				newer++
			}
		}
		if newer > 0 && newer < n {
			both++
		}
		if code, _, talk := command(t.Context(), "batch", "run", plan, "--out", out, "--redo", "--sha256"); code != exitDone {
			t.Errorf("killed %v: exit code %d\n%s", at, code, talk)
		}
		sameTree(t, fmt.Sprintf("killed %v and run again", at), treeOf(t, out), want)
	}
	t.Logf("%d of %d runs were killed when some were replaced and some not", both, kills)
	if both == 0 { // at every other moment four or more are still to be replaced, two at a time
		t.Error("none was killed midway: nothing was tested")
	}
}

// killMoment is when to kill: as soon as n records or results are there, n results are replaced, or so much unfinished work is there.
type killMoment struct {
	what string
	n    int
}

var killMoments = []string{"records", "results", "bytes"}

func (m killMoment) String() string { return fmt.Sprintf("at %d %s", m.n, m.what) }

// kill starts a run and kills it at its moment, if it has not ended by then.
func (m killMoment) kill(t *testing.T, plan, out string, flags ...string) {
	t.Helper()
	cmd := programCommand(t, append([]string{"batch", "run", plan, "--out", out}, flags...)...)
	var talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &talk, &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-ended:
			over = true
		case <-tick.C:
			over = m.reached(out)
		}
	}
	_ = cmd.Process.Kill()
	<-ended
	if cmd.ProcessState.Exited() && cmd.ProcessState.ExitCode() != exitDone {
		t.Errorf("it ended by itself: %s", talk.String())
	}
}

// reached looks at what is there by now.
func (m killMoment) reached(out string) bool {
	count := 0
	switch m.what {
	case "results":
		entries, _ := os.ReadDir(out)
		for _, e := range entries {
			if e.Name() != "pialign" {
				below, _ := os.ReadDir(filepath.Join(out, e.Name()))
				count += len(below)
			}
		}
	case "records":
		paths, _ := batch.Records(out)
		count = len(paths)
	case "replaced":
		paths, _ := batch.Records(out)
		for _, path := range paths {
			if rec, err := batch.ReadRecord(path); err == nil && strings.HasPrefix(rec.Inputs, "sha256:") {
				count++
			}
		}
	case "bytes":
		const each = 2000 // of the tables of one recording some 200 000
		return writtenIn(filepath.Join(out, "pialign")) >= int64(m.n*each)
	}
	return count >= m.n
}

// visible returns the outputs of which something is there.
func visible(t *testing.T, out string) (outputs []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(out, "p[0-9]*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		rel, err := filepath.Rel(out, path)
		if err != nil {
			t.Fatal(err)
		}
		if wholefile.IsTemp(filepath.Base(path)) {
			t.Errorf("%s lies among the results", rel)
		}
		outputs = append(outputs, filepath.ToSlash(rel))
	}
	return outputs
}
