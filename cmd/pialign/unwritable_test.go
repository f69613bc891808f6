package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
)

// What a folder is called until it is complete is nobody's concern.
func TestUnwritableNamesWhatWasAskedFor(t *testing.T) {
	at := filepath.Join("ro", ".pialign-ABCDEFGHIJ234567", "gaze.csv")
	err := unwritable(filepath.Join("ro", "demo"), fmt.Errorf("writing: %w", &fs.PathError{Op: "open", Path: at, Err: fs.ErrPermission}), "elsewhere")
	if want := "writing: open " + filepath.Join("ro", "demo", "gaze.csv") + ": " + fs.ErrPermission.Error(); err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	if !errors.Is(err, fs.ErrPermission) || hintOf(err) != "elsewhere" {
		t.Errorf("%v with hint %q", err, hintOf(err))
	}
	usage := withHint(usageError("bad"), "mend it")
	if err := unwritable("demo", usage, "elsewhere"); hintOf(err) != "mend it" || codeOf(err) != exitUsage {
		t.Errorf("%v with hint %q, code %d", err, hintOf(err), codeOf(err))
	}
}
