package retimetest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pialign/pialign/formats/retime"
)

// Files are a folder: names with slashes, and contents.
type Files map[string]string

// Folder makes them, in a new folder "rec".
func (f Files) Folder(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "rec")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, b := range f {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// With returns f with more or other files; "-" takes one away.
func (f Files) With(more Files) Files {
	out := Files{}
	for _, m := range []Files{f, more} {
		for name, b := range m {
			if out[name] = b; b == "-" {
				delete(out, name)
			}
		}
	}
	return out
}

// Read returns every file below dir.
func Read(t testing.TB, dir string) Files {
	t.Helper()
	files := Files{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Same says what of the input is not in the result as it was, besides pialign.json.
func Same(in, out Files) error {
	for name, b := range in {
		if got, ok := out[name]; !ok {
			return fmt.Errorf("%s is missing", name)
		} else if got != b {
			return fmt.Errorf("%s changed", name)
		}
	}
	if len(out) != len(in)+1 || out[retime.ManifestName] == "" {
		return fmt.Errorf("%d files became %d", len(in), len(out))
	}
	return nil
}
