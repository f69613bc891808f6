package retimetest

import (
	"archive/zip"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Zip makes a file "rec.zip" of them, in an order that no folder has, every third entry stored.
func (f Files) Zip(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rec.zip")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(out)
	names := slices.Sorted(maps.Keys(f))
	slices.Reverse(names)
	for i, name := range names {
		fh := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if i%3 == 0 {
			fh.Method = zip.Store
		}
		to, err := w.CreateHeader(fh)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, f[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// ReadZip returns every file of the zip at path, and the names in their order.
func ReadZip(t testing.TB, path string) (Files, []string) {
	t.Helper()
	r, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, names := Files{}, []string{}
	for _, e := range r.File {
		in, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		f[e.Name], names = string(b), append(names, e.Name)
	}
	return f, names
}
