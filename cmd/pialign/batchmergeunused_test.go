package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// TestBatchRedoneTreeIsThatOfAFreshRun: the logs of one of three sessions are others now. --redo leaves the alignment that was made of the old ones, and merge
// removes it, but not while a run is at work, or a result is missing, nor what is none of pialign's.
func TestBatchRedoneTreeIsThatOfAFreshRun(t *testing.T) {
	dir := t.TempDir()
	plan := madeSet(t, dir, 6)
	out := filepath.Join(dir, "out")
	wholeRun(t, plan, out)
	session, log := filepath.Join(dir, "data/sessions/s1"), filepath.Join(dir, "log.csv")
	if err := os.RemoveAll(session); err != nil {
		t.Fatal(err)
	}
	if err := makeTriples(filepath.FromSlash, []string{"-seed", "9", log}); err != nil {
		t.Fatal(err)
	}
	if code, _, talk := command(t.Context(), "import", "triples", log, "--session", session, "--device-id", "fa4e000000000001"); code != exitDone {
		t.Fatal(talk)
	}
	if code, _, talk := command(t.Context(), "batch", "run", plan, "--out", out, "--redo"); code != exitDone || !strings.Contains(talk, "6 recordings: 2 done, 4 done already") {
		t.Fatalf("exit code %d\n%s", code, talk)
	}
	kept := func() int {
		all, err := os.ReadDir(batch.AlignmentsPath(out))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if n := kept(); n != 4 { // of three sessions, and one that was
		t.Fatalf("%d alignments", n)
	}
	merge := func(wantCode int, want string, args ...string) {
		t.Helper()
		code, _, talk := command(t.Context(), append([]string{"batch", "merge", out}, args...)...)
		if code != wantCode || !strings.Contains(talk, want) {
			t.Errorf("exit code %d, want %d and %q\n%s", code, wantCode, want, talk)
		}
	}
	merge(exitDone, "1 alignment in "+batch.AlignmentsPath(out)+" that no record names any more: batch merge --plan removes")

	w, err := batch.OpenWorkplace(out, "p00/r0") // another process, perhaps on another computer
	if err != nil {
		t.Fatal(err)
	}
	merge(exitDone, "left, since a run is at work, or was killed: "+filepath.Join(out, "pialign", ".pialign-"), "--plan", plan)
	w.Close()

	place, aside := filepath.Join(out, "p00/r0"), filepath.Join(dir, "aside")
	if err := os.Rename(place, aside); err != nil {
		t.Fatal(err)
	}
	merge(exitPartial, "left, since not every line of the plan has its result", "--plan", plan)
	if err := os.Rename(aside, place); err != nil {
		t.Fatal(err)
	}
	if n := kept(); n != 4 {
		t.Fatalf("%d alignments", n)
	}

	mine := filepath.Join(batch.AlignmentsPath(out), "0123456789abcdef.json") // not of that digest
	if err := os.WriteFile(mine, []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	merge(exitDone, "removed 1 alignment that no record names any more", "--plan", plan)
	if err := os.Remove(mine); err != nil {
		t.Error(err)
	}
	merge(exitDone, "wrote ", "--plan", plan)
	fresh := filepath.Join(dir, "fresh")
	wholeRun(t, plan, fresh)
	if code, _, talk := command(t.Context(), "batch", "merge", fresh, "--plan", plan); code != exitDone {
		t.Error(talk)
	}
	sameTree(t, "redone and merged", treeOf(t, out), treeOf(t, fresh))
}
