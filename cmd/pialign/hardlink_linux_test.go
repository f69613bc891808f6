package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestHardlinkToAnotherDisk: there is no such thing, so the files are copied, and it is said.
func TestHardlinkToAnotherDisk(t *testing.T) {
	dir := t.TempDir()
	out, err := os.MkdirTemp("/dev/shm", "pialign-test-")
	if err != nil {
		skipUnlessRequired(t, fmt.Errorf("no other disk: %w", err))
	}
	t.Cleanup(func() { os.RemoveAll(out) })
	device := func(path string) uint64 { return uint64(fileInfo(t, path).Sys().(*syscall.Stat_t).Dev) }
	if device(out) == device(dir) {
		skipUnlessRequired(t, errors.New("temporary files lie on /dev/shm"))
	}
	alignment, rec := linkable(t, dir)
	code, stdout, talk := command(t.Context(), "apply", "--alignment", alignment, rec, "--out", out, "--hardlink")
	if code != exitDone || !strings.Contains(stdout, "4 copied\n") || !strings.Contains(talk, "4 files copied although --hardlink was given: the result is on another disk") {
		t.Fatalf("exit code %d\n%s%s", code, stdout, talk)
	}
	for _, name := range unchanging {
		if !bytes.Equal(bytesOf(t, filepath.Join(rec, name)), bytesOf(t, filepath.Join(out, "rec", name))) {
			t.Errorf("%s has other bytes", name)
		}
	}
}
