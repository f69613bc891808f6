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

	"github.com/zeebo/xxh3"
)

// Digest hashes what is written to it. It is an io.Writer that never fails.
type Digest struct {
	name string
	hash hash.Hash
}

// New returns a Digest, SHA-256 if asked, else XXH3 of 64 bits.
func New(useSHA256 bool) *Digest {
	if useSHA256 {
		return &Digest{"sha256", sha256.New()}
	}
	return &Digest{"xxh3", xxh3.New()}
}

// Write adds p.
func (d *Digest) Write(p []byte) (int, error) { return d.hash.Write(p) }

// String returns the digest of what was written so far, such as "xxh3:2d06800538d394c2" of nothing.
func (d *Digest) String() string { return d.name + ":" + hex.EncodeToString(d.hash.Sum(nil)) }

// Bytes returns the digest of b.
func Bytes(b []byte, useSHA256 bool) string {
	d := New(useSHA256)
	d.hash.Write(b)
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
