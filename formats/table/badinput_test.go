package table

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// A damaged table is refused with its name, once, the row and the reason; or comes out with its times moved and no other byte changed.
func TestDamagedTables(t *testing.T) {
	const by = 1_000_000_000
	made := map[string]func(by int64) string{
		"t:ns": func(by int64) string {
			return fmt.Sprintf("n,t,x\n1,%d,a\n2,%d,b\n3,%d,c\n", 1666344684449078006+by, 1666344684453078006+by, 1666344684457078006+by)
		},
		"t:s": func(by int64) string {
			return fmt.Sprintf("n,t,x\n1,%d.25,a\n2,%d.50,b\n3,%d.75,c\n", (1666344684_000000000+by)/1e9, (1666344685_000000000+by)/1e9, (1666344686_000000000+by)/1e9)
		},
	}
	for column, table := range made {
		want := retimetest.Damages(table(by), 1)
		for i, d := range retimetest.Damages(table(0), 1) {
			got, err := apply(t, file(t, "a.csv", d.Text), columns(t, column), by, retime.Options{})
			if d.Says == nil {
				if err != nil || got != want[i].Text {
					t.Errorf("%s, %s: %v, became %q", column, d.Name, err, got)
				}
				continue
			}
			if err == nil {
				t.Errorf("%s, %s: became %q", column, d.Name, got)
				continue
			}
			if n := strings.Count(err.Error(), "a.csv"); n != 1 {
				t.Errorf("%s, %s: %d times the file's name in: %v", column, d.Name, n, err)
			}
			for _, says := range d.Says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%s, %s: %q is not in: %v", column, d.Name, says, err)
				}
			}
		}
	}
}

// Links are read through, as git-annex makes them, and the result is a file.
func TestLinks(t *testing.T) {
	path := file(t, "object", "t\n1666344684\n")
	in := filepath.Join(t.TempDir(), "a.csv")
	if err := os.Symlink(path, in); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if got, err := apply(t, in, columns(t, "t:s"), 1e9, retime.Options{}); err != nil || got != "t\n1666344685\n" {
		t.Errorf("a link to a table: %q, %v", got, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(in, columns(t, "t:s")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "git-annex") {
		t.Errorf("a link to nothing: %v", err)
	}
	if _, err := Open(path, columns(t, "t:s")); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "git-annex") {
		t.Errorf("nothing: %v", err)
	}
}

// A table that is written to meanwhile is noticed, and so is one that is gone.
func TestChangedMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		change func(path string) error
		is     error
	}{
		"longer":  {func(path string) error { return os.WriteFile(path, []byte("t\n1666344684\n1666344685\n"), 0o666) }, retime.ErrChanged},
		"another": {func(path string) error { return os.WriteFile(path, []byte("t\n1666344689\n"), 0o666) }, retime.ErrChanged},
		"gone":    {os.Remove, fs.ErrNotExist},
	} {
		path := file(t, "a.csv", "t\n1666344684\n")
		old, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(path, columns(t, "t:s"))
		if err != nil {
			t.Fatal(err)
		}
		clocks := func(string, string) (retime.Clock, error) {
			if err := c.change(path); err != nil {
				return retime.Clock{}, err
			}
			if name == "another" { // of a later second, however coarse the file system's clock is
				if err := os.Chtimes(path, old.ModTime(), old.ModTime().Add(2e9)); err != nil {
					return retime.Clock{}, err
				}
			}
			return retime.Clock{New: func() align.Retimer { return func(d align.DeviceTime) (int64, error) { return int64(d), nil } }}, nil
		}
		dst := filepath.Join(t.TempDir(), "a.csv")
		if _, err := r.Retime(context.Background(), dst, clocks, retime.Options{}); !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(dst)); len(left) > 0 {
			t.Errorf("%s: %s is left", name, left[0].Name())
		}
	}
}
