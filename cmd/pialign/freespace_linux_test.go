package main

import (
	"strings"
	"testing"
)

// TestFolderThatKeepsNothing: a file system without room for anything is not a full disk.
func TestFolderThatKeepsNothing(t *testing.T) {
	p := startPhone(t, "fa4e000000000001", func(int) {})
	code, _, talk := command(t.Context(), "probe", "--session", "/proc/p01", "--device", p.Addr(), "--count", "1")
	if code != exitFailed || strings.Contains(talk, "full") || !strings.Contains(talk, "nothing was measured: ") || !strings.Contains(talk, "hint: choose a folder") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
}
