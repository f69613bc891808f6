package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestMove(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	make := func(name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path(name), []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(name, want string) {
		t.Helper()
		if b, err := os.ReadFile(path(name)); string(b) != want || (err != nil) != (want == "") {
			t.Errorf("%s holds %q, %v, want %q", name, b, err, want)
		}
	}
	make("a/file")
	make("b/file")
	make("f")
	make("g")
	if err := Move(path("a"), path("new/parent/a")); err != nil {
		t.Error(err)
	}
	holds("new/parent/a/file", "a/file")
	holds("a/file", "")
	for _, c := range [][2]string{{"b", "new/parent/a"}, {"b", "f"}, {"f", "g"}, {"f", "new"}} {
		if err := Move(path(c[0]), path(c[1])); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s over %s: %v", c[0], c[1], err)
		}
	}
	holds("b/file", "b/file")
	holds("new/parent/a/file", "a/file")
	holds("g", "g")
	if err := Move(path("f"), path("new/f")); err != nil {
		t.Error(err)
	}
	holds("new/f", "f")
	holds("f", "")
	if err := Replace(path("new/f"), path("g")); err != nil {
		t.Error(err)
	}
	holds("g", "f")
	if err := Replace(path("g"), path("other/parent/g")); err != nil {
		t.Error(err)
	}
	holds("other/parent/g", "f")
	if err := Move(path("none"), path("more/none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
	if err := Replace(path("none"), path("more/none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := os.Stat(path("more")); err == nil {
		t.Error("a parent of nothing is left")
	}
}
