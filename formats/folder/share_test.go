package folder

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/pialign/pialign/formats/digest"
)

// TestLinkThatIsWrittenAnew: files are worked off a second time where the first gave no answer. What is a link by then must not be opened.
func TestLinkThatIsWrittenAnew(t *testing.T) {
	root := filepath.Join(t.TempDir(), "rec")
	if err := os.Mkdir(root, 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "labels.csv")
	if err := os.WriteFile(path, []byte("label\na\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	tree, err := Walk(root)
	if err != nil {
		t.Fatal(err)
	}
	target := &Target{Hardlink: true}
	dst := filepath.Join(t.TempDir(), "out")
	err = target.Build(dst, tree, func() ([]byte, error) {
		for range 2 {
			if _, err := target.Output(tree.Files[0], func(w io.Writer) error {
				_, err := io.WriteString(w, "half")
				return err
			}); err != nil {
				return nil, err
			}
			in, err := Open(tree.Files[0])
			if err != nil {
				return nil, err
			}
			sum, err := target.Copy(t.Context(), tree.Files[0], in)
			if err = errors.Join(err, in.Close()); err != nil {
				return nil, err
			}
			if want := digest.Bytes([]byte("label\na\n"), false); sum != want {
				t.Errorf("digest %s, want %s", sum, want)
			}
		}
		return []byte("{}"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if linked, copied, why := target.Links(); linked != 1 || copied != 0 || why != nil {
		t.Errorf("%d linked, %d copied: %v", linked, copied, why)
	}
	a, errA := os.Stat(path)
	b, errB := os.Stat(filepath.Join(dst, "labels.csv"))
	if errA != nil || errB != nil || !os.SameFile(a, b) {
		t.Errorf("not the same file: %v, %v", errA, errB)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "label\na\n" {
		t.Errorf("the original holds %q, %v", text, err)
	}
}
