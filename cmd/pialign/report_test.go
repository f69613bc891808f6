package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestShownNames claims that a page names a path by its last elements, as few as tell it from the others, and nothing above them.
func TestShownNames(t *testing.T) {
	home := t.TempDir()
	in := func(p string) string { return filepath.Join(home, filepath.FromSlash(p)) }
	for _, c := range []struct{ given, want string }{
		{"a/p01", "p01"},
		{"a/p01 b/p02", "p01 p02"},
		{"a/p01 b/p01", "a/p01 b/p01"},
		{"x/a/p01 y/a/p01 y/b/p02", "x/a/p01 y/a/p01 p02"},
		{"a/p01 a/p01", "p01 p01"},
		{"a/p01 a/../a/p01", "p01 p01"},
		{"p01 a/p01", strings.ReplaceAll("@/p01 a/p01", "@", filepath.Base(home))},
	} {
		var paths []string
		for _, p := range strings.Fields(c.given) {
			paths = append(paths, home+string(filepath.Separator)+filepath.FromSlash(p))
		}
		names := namesOf(paths)
		var got []string
		for _, p := range paths {
			got = append(got, names.of(p))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.given, s, c.want)
		}
	}
	names := namesOf([]string{in("a/p01"), in("a/p01/alignment/x.json")})
	if got := names.of(in("a/p01/sub/r")); got != "p01/sub/r" {
		t.Errorf("what is below a path: %s", got)
	}
	for said, want := range map[string]string{
		"opening " + in("a/p01/log.parquet") + ": no":   "opening p01" + string(filepath.Separator) + "log.parquet: no",
		"reading " + in("a/p01/alignment/x.json") + "!": "reading x.json!",
		"nothing of that": "nothing of that",
	} {
		if got := names.in(said); got != want {
			t.Errorf("%q is said as %q, want %q", said, got, want)
		}
	}
	t.Chdir(home)
	if got := namesOf([]string{"."}).of("."); got != filepath.Base(home) {
		t.Errorf(". is %s", got)
	}
	root := filepath.VolumeName(home) + string(filepath.Separator)
	if got := namesOf([]string{root}).of(root); strings.Contains(got, filepath.Base(home)) || got == "" {
		t.Errorf("%s is %q", root, got)
	}
	if got := namesOf([]string{"p01"}).in("a p01 that is measured"); got != "a p01 that is measured" {
		t.Errorf("a word of a message was taken for a path: %s", got)
	}
}
