package folder

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is read is counted while it is, on disk and in a zip, and so is what a Check need not read.
func TestBytesRead(t *testing.T) {
	const large = 1 << 20 // more than is read at once
	content := map[string]string{"large.csv": strings.Repeat("a", large), "small.csv": "b,c\n", "scene.mp4": strings.Repeat("d", 1000)}
	dir := t.TempDir()
	var entries []entry
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{name: name, content: text, method: 8})
	}
	for _, root := range []string{dir, saved(t, zipped(t, entries...))} {
		tree, err := Walk(root)
		if err != nil || tree.BytesRead() != 0 {
			t.Fatalf("%s: %v, %d bytes before anything was read", root, err, tree.BytesRead())
		}
		var check Target
		for _, f := range tree.Files {
			before := tree.BytesRead()
			in, err := Open(f)
			if err != nil {
				t.Fatal(err)
			}
			want := f.Size
			switch f.Name {
			case "large.csv":
				want = large / 2
				_, err = io.CopyN(io.Discard, in, want)
			case "scene.mp4":
				_, err = check.Copy(t.Context(), f, in)
			default:
				_, err = io.Copy(io.Discard, in)
			}
			if got := tree.BytesRead() - before; err != nil || got != want {
				t.Errorf("%s: %s: %v, %d bytes, want %d", root, f.Name, err, got, want)
			}
			if err := in.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
