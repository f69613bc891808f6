package batch

import (
	"errors"
	"os"
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
	if err := RemoveUnused(t.Context(), out, unused); !errors.Is(err, ErrAtWork) {
		t.Error(err)
	}
	if b, err := os.ReadFile(AlignmentPath(out, sum)); err != nil || string(b) != string(text) {
		t.Errorf("%q, %v", b, err)
	}
	write()
	if err := RemoveUnused(t.Context(), out, unused); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(AlignmentPath(out, sum)); err == nil {
		t.Error("it is still there")
	}
	if left, _ := os.ReadDir(out + "/pialign"); len(left) != 2 { // records and alignments
		t.Errorf("left: %v", left)
	}
}
