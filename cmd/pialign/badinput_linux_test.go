package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A disk that cannot be written to, and one on which the room that there seemed to be is not to be had, are said in words with what to
// do, and nothing half is left: of a folder, a zip and a table.
func TestApplyToDisksThatTakeNothing(t *testing.T) {
	if os.Geteuid() != 0 {
		skipUnlessRequired(t, errors.New("only root mounts file systems"))
	}
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	madeSession(t, same)
	if code, _, talk := command(t.Context(), "fit", same("p01"), "-o", same("alignment.json")); code != exitDone {
		t.Fatalf("exit code %d: %s", code, talk)
	}
	if err := pack(same("in/rec"), same("zip/rec.zip")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		options, then string
		says          []string
	}{
		"read-only": {"size=100m", "remount,ro", []string{"read-only file system", "choose another --out"}},
		// Room for all bytes, but of inodes only the root's.
		"without room for a file": {"size=100m,nr_inodes=1", "", []string{"no space left on device", "free some space"}},
		// Some files of the folder can be written. Zips and tables are one or two.
		"that fills up": {"size=100m,nr_inodes=6", "", []string{"no space left on device", "free some space"}},
	} {
		at := same(strings.ReplaceAll(name, " ", "-"))
		if err := os.Mkdir(at, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := exec.Command("mount", "-t", "tmpfs", "-o", c.options, "none", at).Run(); err != nil {
			skipUnlessRequired(t, fmt.Errorf("mounting: %w", err))
		}
		defer exec.Command("umount", "-l", at).Run()
		if c.then != "" {
			if err := exec.Command("mount", "-o", c.then, at).Run(); err != nil {
				skipUnlessRequired(t, fmt.Errorf("mounting: %w", err))
			}
		}
		inputs := [][]string{{same("in/rec")}, {same("zip/rec.zip")}, {same("in/rec/gaze.csv"), "--time-column", "timestamp [ns]:ns"}}
		if name == "that fills up" {
			inputs = inputs[:1]
		}
		for _, args := range inputs {
			code, stdout, talk := command(t.Context(), append([]string{"apply", "--alignment", same("alignment.json"), "--out", filepath.Join(at, "out")}, args...)...)
			if code != exitFailed || stdout != "" {
				t.Errorf("%s, %s: exit code %d, stdout %q\n%s", name, filepath.Base(args[0]), code, stdout, talk)
			}
			for _, says := range c.says {
				if !strings.Contains(talk, says) {
					t.Errorf("%s, %s: %q is not in: %s", name, filepath.Base(args[0]), says, talk)
				}
			}
			if left, err := os.ReadDir(at); err != nil || len(left) > 0 {
				t.Errorf("%s, %s: %v, %v", name, filepath.Base(args[0]), left, err)
			}
		}
	}
}
