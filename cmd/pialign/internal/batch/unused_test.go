package batch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pialign/pialign/formats/digest"
)

// TestRemoveUnusedBesideARun: a run that has begun and ended since the records were read may name what was of no record then.
func TestRemoveUnusedBesideARun(t *testing.T) {
	out := t.TempDir()
	text := []byte("an alignment")
	sum := digest.Bytes(text, false)
	write := func(names ...string) {
		t.Helper()
		w, err := OpenWorkplace(out, "a")
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if err := w.WriteAlignment(sum, text); err != nil {
			t.Fatal(err)
		}
		r := Record{Input: "a", Output: "a", Outcome: Done}
		for _, n := range names {
			r.Recordings = append(r.Recordings, RecordRecording{Alignment: n})
		}
		if err := w.WriteRecord(r); err != nil {
			t.Fatal(err)
		}
	}
	write()
	named, err := namedBy(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	unused, err := Unused(t.Context(), out, named)
	if err != nil || len(unused) != 1 {
		t.Fatalf("%q, %v", unused, err)
	}
	write(sum)
	if n, err := RemoveUnused(t.Context(), out, unused); n != 0 || err != nil {
		t.Error(n, err)
	}
	if b, err := os.ReadFile(AlignmentPath(out, sum)); err != nil || string(b) != string(text) {
		t.Errorf("%q, %v", b, err)
	}
	other, err := OpenWorkplace(out, "b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RemoveUnused(t.Context(), out, unused); !errors.Is(err, ErrAtWork) {
		t.Error(err)
	}
	other.Close()
	write()
	if n, err := RemoveUnused(t.Context(), out, unused); n != 1 || err != nil {
		t.Error(n, err)
	}
	if _, err := os.Stat(AlignmentPath(out, sum)); err == nil {
		t.Error("it is still there")
	}
	if left, _ := os.ReadDir(out + "/pialign"); len(left) != 2 { // records and alignments
		t.Errorf("left: %v", left)
	}
}

// TestRemovalThatWasKilled: what a merge that was killed had taken aside is back before the next run, or the next merge.
func TestRemovalThatWasKilled(t *testing.T) {
	out := t.TempDir()
	text := []byte("{}")
	path := AlignmentPath(out, digest.Bytes(text, false))
	w, err := OpenWorkplace(out, ownDir)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteAlignment(digest.Bytes(text, false), text); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, w.aside(path)); err != nil {
		t.Fatal(err)
	}
	w.held.Close() // as a kill does
	if err := GiveBack(out); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "{}" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := os.Lstat(w.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the workplace is left: %v", err)
	}
}

// TestUnusedBehindALink: what a link leads to may be another tree's.
func TestUnusedBehindALink(t *testing.T) {
	out, other := t.TempDir(), t.TempDir()
	text := []byte("{}")
	if err := os.MkdirAll(filepath.Join(out, ownDir), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, AlignmentsPath(out)); err != nil {
		if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
			t.Fatal(err)
		}
		t.Skip(err) // Windows without the right to make links
	}
	if err := os.WriteFile(AlignmentPath(out, digest.Bytes(text, false)), text, 0o666); err != nil {
		t.Fatal(err)
	}
	if all, err := Unused(t.Context(), out, nil); err != nil || all != nil {
		t.Errorf("%q, %v", all, err)
	}
}
