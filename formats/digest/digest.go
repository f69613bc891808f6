// Package digest names the content of a file: "xxh3:" or "sha256:" and the hash in hex.
//
// xxHash tells whether a file is the one that was meant and costs nothing beside reading it; it does not protect
// against somebody who forges one. SHA-256 does.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"

	"github.com/zeebo/xxh3"
)

// Digest hashes what is written to it. It is an io.Writer that never fails.
type Digest struct {
	name string
	hash hash.Hash // nil once text is known
	text string
}

// spare are hashes to be used again: to make one takes as long as to hash a small file.
var spare = sync.Pool{New: func() any { return xxh3.New() }}

// New returns a Digest, SHA-256 if asked, else XXH3 of 64 bits.
func New(useSHA256 bool) *Digest {
	if useSHA256 {
		return &Digest{name: "sha256", hash: sha256.New()}
	}
	return &Digest{name: "xxh3", hash: spare.Get().(*xxh3.Hasher)}
}

// Write adds p. It panics after String, which ends the Digest.
func (d *Digest) Write(p []byte) (int, error) { return d.hash.Write(p) }

// String returns the digest of what was written, such as "xxh3:2d06800538d394c2" of nothing. Nothing can be written after that.
func (d *Digest) String() string {
	if d.hash == nil {
		return d.text
	}
	var sum [sha256.Size]byte
	d.text = d.name + ":" + hex.EncodeToString(d.hash.Sum(sum[:0]))
	if h, ok := d.hash.(*xxh3.Hasher); ok {
		h.Reset()
		spare.Put(h)
	}
	d.hash = nil
	return d.text
}

// Bytes returns the digest of b.
func Bytes(b []byte, useSHA256 bool) string {
	d := New(useSHA256)
	_, _ = d.Write(b)
	return d.String()
}

// File returns the digest of the file path, reading it in pieces.
func File(path string, useSHA256 bool) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	d := New(useSHA256)
	if _, err := io.Copy(d, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return d.String(), nil
}

// Valid reports whether s looks like a digest of this package.
func Valid(s string) bool {
	for name, size := range map[string]int{"xxh3:": 8, "sha256:": sha256.Size} {
		if len(s) == len(name)+2*size && s[:len(name)] == name {
			b, err := hex.DecodeString(s[len(name):])
			return err == nil && hex.EncodeToString(b) == s[len(name):]
		}
	}
	return false
}
