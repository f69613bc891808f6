package digest

import (
	"os"
	"path/filepath"
	"testing"
)

// The digests of nothing and of "abc": xxHash's from its own tests, SHA-256's from FIPS 180-2.
func TestKnown(t *testing.T) {
	for _, c := range []struct {
		in   string
		sha  bool
		want string
	}{
		{"", false, "xxh64:ef46db3751d8e999"},
		{"abc", false, "xxh64:44bc2cf5ad770999"},
		{"abc", true, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	} {
		if got := Bytes([]byte(c.in), c.sha); got != c.want {
			t.Errorf("%q: %s, want %s", c.in, got, c.want)
		}
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(c.in), 0o666); err != nil {
			t.Fatal(err)
		}
		if got, err := File(path, c.sha); err != nil || got != c.want {
			t.Errorf("file of %q: %s, %v", c.in, got, err)
		}
		if !Valid(c.want) {
			t.Errorf("%s is said not to be one", c.want)
		}
	}
}

func TestMissingFileHasNone(t *testing.T) {
	if got, err := File(filepath.Join(t.TempDir(), "f"), false); err == nil || got != "" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := File(t.TempDir(), false); err == nil || got != "" {
		t.Errorf("a folder: %q, %v", got, err)
	}
}

func TestNotValid(t *testing.T) {
	for _, s := range []string{"", "xxh64:", "xxh64:EF46DB3751D8E999", "xxh64:ef46db3751d8e99", "sha256:ef46db3751d8e999", "md5:ef46db3751d8e999", "ef46db3751d8e999"} {
		if Valid(s) {
			t.Errorf("%q is said to be one", s)
		}
	}
}
