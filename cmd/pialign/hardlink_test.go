package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// linkable makes an alignment and a recording with a video of which git-annex holds the bytes, a read-only photo, and a table without times.
func linkable(t *testing.T, dir string) (alignment, rec string) {
	t.Helper()
	same := func(path string) string { return filepath.Join(dir, path) }
	if err := makeTriples(same, []string{"log.csv"}); err != nil {
		t.Fatal(err)
	}
	if err := makeRecording(same, []string{"in/rec"}); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"in/objects/KEY.mp4": "frames", "in/rec/photo.jpeg": "pixels", "in/rec/labels.csv": "label id,label name\n1,a\n"} {
		if err := os.MkdirAll(filepath.Dir(same(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(same(name), []byte(text), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join("..", "objects", "KEY.mp4"), same("in/rec/video.mp4")); err != nil {
		skipUnlessRequired(t, fmt.Errorf("no symbolic links: %w", err))
	}
	for _, args := range [][]string{
		{"import", "triples", same("log.csv"), "--session", same("p01"), "--device-id", "fa4e000000000001"},
		{"fit", same("p01"), "-o", same("alignment.json")},
	} {
		if code, _, talk := command(t.Context(), args...); code != exitDone {
			t.Fatalf("exit code %d\n%s", code, talk)
		}
	}
	return same("alignment.json"), same("in/rec")
}

func bytesOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fileInfo(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

var unchanging = []string{"video.mp4", "photo.jpeg", "labels.csv", "scene_camera.json"}

// TestHardlink: what does not change is the original itself, all bytes are those of a run without links, and verify takes them.
func TestHardlink(t *testing.T) {
	dir := t.TempDir()
	alignment, rec := linkable(t, dir)
	before := snapshot(t, rec)
	plain, linked := filepath.Join(dir, "plain"), filepath.Join(dir, "linked")
	if code, _, talk := command(t.Context(), "apply", "--alignment", alignment, rec, "--out", plain); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, talk)
	}
	code, out, talk := command(t.Context(), "apply", "--alignment", alignment, rec, "--out", linked, "--hardlink")
	if code != exitDone || !strings.Contains(out, "0 copied, 4 linked") || !strings.Contains(talk, "What edits one edits the other") {
		t.Fatalf("exit code %d\n%s%s", code, out, talk)
	}
	for _, name := range unchanging {
		original, copied, link := filepath.Join(rec, name), filepath.Join(plain, "rec", name), filepath.Join(linked, "rec", name)
		if !os.SameFile(fileInfo(t, original), fileInfo(t, link)) {
			t.Errorf("%s is not the original", name)
		}
		if info, err := os.Lstat(link); err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s: %v, %v; want a regular file", name, info.Mode(), err)
		}
		if os.SameFile(fileInfo(t, original), fileInfo(t, copied)) {
			t.Errorf("%s is the original although nobody asked for links", name)
		}
	}
	for _, name := range []string{"pialign.json", "gaze.csv", "info.json", "video.mp4"} {
		if !bytes.Equal(bytesOf(t, filepath.Join(plain, "rec", name)), bytesOf(t, filepath.Join(linked, "rec", name))) {
			t.Errorf("%s has other bytes with links than without", name)
		}
	}
	for _, result := range []string{plain, linked} {
		if code, out, talk := command(t.Context(), "verify", result, "--inputs", rec, "--alignment", alignment); code != exitDone {
			t.Errorf("verify %s: exit code %d\n%s%s", result, code, out, talk)
		}
	}
	if after := snapshot(t, rec); !maps.Equal(before, after) {
		t.Errorf("the originals changed: %v, were %v", after, before)
	}
	if runtime.GOOS != "windows" {
		for name, mode := range map[string]os.FileMode{"video.mp4": 0o444, "photo.jpeg": 0o444} {
			if got := fileInfo(t, filepath.Join(rec, name)).Mode().Perm(); got != mode {
				t.Errorf("original %s has mode %v, had %v", name, got, mode)
			}
		}
	}
}

// TestHardlinkIntoZip: there the files have no names of their own, and it is said.
func TestHardlinkIntoZip(t *testing.T) {
	dir := t.TempDir()
	alignment, rec := linkable(t, dir)
	packed, video := filepath.Join(dir, "zips", "rec.zip"), filepath.Join(rec, "video.mp4")
	if err := os.Remove(video); err != nil { // a link is none in a zip
		t.Fatal(err)
	}
	if err := pack(rec, packed); err != nil {
		t.Fatal(err)
	}
	code, out, talk := command(t.Context(), "apply", "--alignment", alignment, packed, "--out", filepath.Join(dir, "out"), "--hardlink")
	if code != exitDone || strings.Contains(out, "linked") || !strings.Contains(talk, "3 files copied although --hardlink was given: a zip holds its files itself") {
		t.Errorf("exit code %d\n%s%s", code, out, talk)
	}
}
