package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pialign/pialign/formats"
)

// What cannot be read, or written, is refused with what to try.
func TestUnreadableHints(t *testing.T) {
	link := filepath.Join(t.TempDir(), "gaze.csv")
	if err := os.Symlink(".git/annex/objects/gaze.csv", link); err != nil {
		skipUnlessRequired(t, err)
	}
	_, gone := os.Stat(link)
	for _, c := range []struct {
		err  error
		hint string
	}{
		{gone, "git annex get"},
		{fmt.Errorf("reading: %w", &fs.PathError{Op: "open", Path: "rec/gaze.csv", Err: fs.ErrPermission}), "chmod -R u+rX,go+rX rec/gaze.csv"},
		{fmt.Errorf("entry: %w: its name leads out of the zip", formats.ErrZip), "take it from there again"},
		{fmt.Errorf("entry: %w: damaged; download it again", formats.ErrZip), ""},
		{errors.New("else"), ""},
	} {
		if got := hintOf(unreadable(c.err)); !strings.Contains(got, c.hint) || c.hint == "" && got != "" {
			t.Errorf("%v: hint %q, want %q", c.err, got, c.hint)
		}
	}
	for _, c := range []struct {
		err  error
		hint string
	}{
		{&fs.PathError{Op: "write", Path: "out", Err: syscall.EFBIG}, "ulimit -f"},
		{fmt.Errorf("writing out: %w", fs.ErrExist), "pialign verify"},
	} {
		if got := hintOf(explainApply(c.err)); !strings.Contains(got, c.hint) {
			t.Errorf("%v: hint %q, want %q", c.err, got, c.hint)
		}
	}
	// an input that may not be read is no reason for another --out
	w := applyWork{path: "rec", dst: "out/rec"}
	err := w.refused(&fs.PathError{Op: "open", Path: filepath.Join("rec", "gaze.csv"), Err: fs.ErrPermission})
	if got := hintOf(err); !strings.Contains(got, "chmod") {
		t.Errorf("hint %q", got)
	}
	err = w.refused(&fs.PathError{Op: "open", Path: filepath.Join("out", "rec", "gaze.csv"), Err: fs.ErrPermission})
	if got := hintOf(err); !strings.Contains(got, "another --out") {
		t.Errorf("hint %q", got)
	}
}
