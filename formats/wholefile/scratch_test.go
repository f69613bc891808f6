package wholefile

import (
	"path/filepath"
	"testing"
)

func TestScratchLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f, remove, err := Scratch(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !IsTemp(filepath.Base(f.Name())) {
		t.Errorf("%s is not known for what may be deleted", f.Name())
	}
	if _, err := f.WriteAt([]byte("b"), 1<<20); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, 1<<20); err != nil || b[0] != 'b' {
		t.Errorf("%q, %v", b, err)
	}
	remove()
	if got := names(t, dir); got != "" {
		t.Errorf("left behind: %s", got)
	}
}
