package folder

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pialign/pialign/formats/retime"
)

// On both sides of the size up to which a file is read as a whole, Open and Seek give what is there, and a file that is longer, shorter or of
// another time than when the folder was walked is refused.
func TestOpenWholeAndInPieces(t *testing.T) {
	for _, n := range []int{0, 1, small - 1, small, small + 1} {
		dir := t.TempDir()
		path := filepath.Join(dir, "f")
		want := bytes.Repeat([]byte("x"), n)
		if err := os.WriteFile(path, want, 0o666); err != nil {
			t.Fatal(err)
		}
		tree, err := Walk(dir)
		if err != nil {
			t.Fatal(err)
		}
		in, err := Open(tree.Files[0])
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: %d, %v", n, len(got), err)
			}
			if _, err := in.Seek(0, io.SeekStart); err != nil {
				t.Error(err)
			}
		}
		if err := in.Unchanged(); err != nil {
			t.Error(err)
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
		if in.Close() == nil {
			t.Errorf("%d bytes: closed twice", n)
		}
		was := time.Unix(0, tree.Files[0].time)
		later := was.Add(time.Second)
		changes := map[string]func() error{
			"longer": func() error {
				return errors.Join(os.WriteFile(path, append(want, 'y'), 0o666), os.Chtimes(path, was, was))
			},
			"touched": func() error { return errors.Join(os.WriteFile(path, want, 0o666), os.Chtimes(path, later, later)) },
		}
		if n > 0 {
			changes["shorter"] = func() error { return errors.Join(os.WriteFile(path, want[1:], 0o666), os.Chtimes(path, was, was)) }
		}
		for name, change := range changes {
			if err := change(); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(tree.Files[0]); !errors.Is(err, retime.ErrChanged) {
				t.Errorf("%d bytes, %s: %v", n, name, err)
			}
		}
	}
}
