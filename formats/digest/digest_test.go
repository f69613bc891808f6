package digest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/zeebo/xxh3"
)

// The digests of nothing and of "abc": xxHash's from its own tests, SHA-256's from FIPS 180-2.
func TestKnown(t *testing.T) {
	for _, c := range []struct {
		in   string
		sha  bool
		want string
	}{
		{"", false, "xxh3:2d06800538d394c2"},
		{"abc", false, "xxh3:78af5f94892f3950"},
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
	for _, s := range []string{"", "xxh3:", "xxh3:2D06800538D394C2", "xxh3:2d06800538d394c", "xxh64:ef46db3751d8e999", "sha256:ef46db3751d8e999", "md5:ef46db3751d8e999", "ef46db3751d8e999"} {
		if Valid(s) {
			t.Errorf("%q is said to be one", s)
		}
	}
}

// However the bytes come in, the digest is that of all: a file is hashed as it is read.
func TestInPieces(t *testing.T) {
	r := rand.NewChaCha8([32]byte{1})
	b := make([]byte, 300_001)
	_, _ = r.Read(b)
	for _, size := range []int{1, 63, 64, 239, 240, 241, 1023, 1024, 1025, 4096, len(b)} {
		for _, step := range []int{1, 7, 64, 255, 256, 1024, 1025, 128 << 10} {
			if size/step > 10_000 {
				continue
			}
			d := New(false)
			for rest := b[:size]; len(rest) > 0; rest = rest[min(step, len(rest)):] {
				_, _ = d.Write(rest[:min(step, len(rest))])
			}
			_ = d.String() // asking twice changes nothing
			if got, want := d.String(), fmt.Sprintf("xxh3:%016x", xxh3.Hash(b[:size])); got != want {
				t.Errorf("%d bytes in pieces of %d: %s, want %s", size, step, got, want)
			}
		}
	}
}

// One digest is not of another's bytes, though they share what hashes them.
func TestDigestsAreApart(t *testing.T) {
	a, b := New(false), New(false)
	_, _ = a.Write([]byte("ab"))
	_, _ = b.Write([]byte("abc"))
	before := a.String()
	c := New(false)
	_, _ = c.Write([]byte("abc"))
	if b.String() != c.String() || a.String() != before || before == b.String() {
		t.Errorf("%s, then %s; %s and %s", before, a, b, c)
	}
	defer func() {
		if recover() == nil {
			t.Error("written to after it was asked for")
		}
	}()
	_, _ = a.Write([]byte("c"))
}
