package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBatchZipDamagedInItsMiddle: the plan looks at the directory alone, and the run finds it.
func TestBatchZipDamagedInItsMiddle(t *testing.T) {
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	madeSession(t, same)
	b := zipOf(t, same("in/rec"))
	b[len(b)/2] ^= 0xff
	if err := os.RemoveAll(same("in/rec")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(same("in/rec.zip"), b, 0o666); err != nil {
		t.Fatal(err)
	}
	if code, _, talk := command(t.Context(), "batch", "plan", same("in"), "--sessions", same("p01"), "-o", same("plan.jsonl")); code != exitDone || !strings.Contains(talk, "1 paired") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	if code, _, talk := command(t.Context(), "batch", "run", same("plan.jsonl"), "--out", same("out")); code != exitFailed || !strings.Contains(talk, "zip that cannot be taken") || !strings.Contains(talk, "hint: download it again") {
		t.Errorf("exit code %d\n%s", code, talk)
	}
	if _, err := os.Stat(same("out/rec.zip")); err == nil {
		t.Error("something was written")
	}
}

// zipOf packs a folder.
func zipOf(t *testing.T, dir string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := z.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
