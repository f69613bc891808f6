package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime"
)

// What may lie in a folder that somebody gives, and what comes of it.
func TestWalk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere making links needs a privilege, or names are changed or refused")
	}
	write := func(t *testing.T, path string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("x"), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	link := func(t *testing.T, to, path string) {
		t.Helper()
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
	}
	unicode, accents := "録画 🎥", "e\u0301 \u00e9" // two ways to write é
	longest := strings.Repeat("n", 251) + ".csv"
	for name, c := range map[string]struct {
		make func(t *testing.T, dir string)
		is   error
		says string
		has  string // a file that is found; "" for an error
	}{
		"a link to a file": {func(t *testing.T, dir string) {
			object := filepath.Join(t.TempDir(), "object")
			write(t, object)
			link(t, object, filepath.Join(dir, "gaze.csv"))
		}, nil, "", "gaze.csv"},
		"a link to a link": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "a"))
			link(t, "a", filepath.Join(dir, "b"))
			link(t, "b", filepath.Join(dir, "c"))
		}, nil, "", "c"},
		"a link to nothing": {func(t *testing.T, dir string) { link(t, "nowhere", filepath.Join(dir, "gaze.csv")) }, fs.ErrNotExist, "git-annex", ""},
		"a link to a folder": {func(t *testing.T, dir string) {
			link(t, t.TempDir(), filepath.Join(dir, "sub"))
		}, ErrTree, "a link to a folder", ""},
		"a folder that holds itself": {func(t *testing.T, dir string) { link(t, ".", filepath.Join(dir, "sub")) }, ErrTree, "a link to a folder", ""},
		"a link to itself":           {func(t *testing.T, dir string) { link(t, "gaze.csv", filepath.Join(dir, "gaze.csv")) }, nil, "gaze.csv", ""},
		"deeper than any download":   {func(t *testing.T, dir string) { write(t, filepath.Join(dir, strings.Repeat("d/", maxDepth+1), "f")) }, ErrTree, "folders deep", ""},
		"as deep as may be":          {func(t *testing.T, dir string) { write(t, filepath.Join(dir, strings.Repeat("d/", maxDepth), "f")) }, nil, "", strings.Repeat("d/", maxDepth) + "f"},
		"names of 255 bytes":         {func(t *testing.T, dir string) { write(t, filepath.Join(dir, longest)) }, nil, "", longest},
		"a path of more than 260":    {func(t *testing.T, dir string) { write(t, filepath.Join(dir, longest[:200], longest[:200], longest)) }, nil, "", longest[:200] + "/" + longest[:200] + "/" + longest},
		"names of other scripts":     {func(t *testing.T, dir string) { write(t, filepath.Join(dir, unicode, accents)) }, nil, "", unicode + "/" + accents},
		"a line break in a name":     {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a\nb")) }, nil, "", "a\nb"},
		"a name that is no UTF-8":    {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a\xff")) }, ErrTree, `a\xff`, ""},
		"a name with a backslash":    {func(t *testing.T, dir string) { write(t, filepath.Join(dir, `a\b`)) }, ErrTree, "a name that other systems cannot hold", ""},
		"what pialign has written":   {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "sub", "Pialign.json")) }, retime.ErrRetimed, "Pialign.json", ""},
		"a data set's history is left": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, ".git", "f"))
			write(t, filepath.Join(dir, "g"))
		}, nil, "", "g"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.make(t, dir)
			tree, err := Walk(dir)
			if c.has == "" {
				if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), filepath.Base(dir)) {
					t.Errorf("%v, want %v with %q", err, c.is, c.says)
				}
				return
			}
			if err != nil || tree.Files[len(tree.Files)-1].Name != c.has {
				t.Fatalf("%+v, %v", tree, err)
			}
			if b, err := Small(tree.Files[len(tree.Files)-1], 10); err != nil || string(b) != "x" {
				t.Errorf("%q, %v", b, err)
			}
		})
	}
}
