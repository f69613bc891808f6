package folder

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime"
)

// Headers are those of their tables whether they were read ahead or not, more than are kept, or none at all.
func TestHeaders(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("x", mostNames/4)
	files := map[string]string{"a.csv": "t,x\n1,2\n", "b.csv": "t,x\n3,4\n", "c.csv": "t;y\n", "empty.csv": "", "wide.csv": "\xff\xfet\x00", "other.txt": "no,table\n"}
	for i := range 6 {
		files["long"+string(rune('0'+i))+".csv"] = long + string(rune('0'+i)) + ",x\n1,2\n"
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	ahead, err := Walk(dir)
	if err != nil {
		t.Fatal(err)
	}
	ahead.ReadHeaders(func(f File) bool { return strings.HasSuffix(f.Name, ".csv") })
	for range 2 {
		for _, f := range ahead.Files {
			got, err := ahead.Header(f)
			want := strings.Split(strings.SplitN(files[f.Name], "\n", 2)[0], ",")
			switch {
			case f.Name == "wide.csv":
				if !errors.Is(err, retime.ErrTable) {
					t.Errorf("%s: %v", f.Name, err)
				}
			case err != nil, f.Size > 0 && !slices.Equal(got, want), f.Size == 0 && len(got) > 0:
				t.Errorf("%s: %.40q, %v", f.Name, got, err)
			}
		}
	}
	if err := os.Remove(filepath.Join(dir, "a.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := ahead.Header(ahead.Files[0]); err != nil {
		t.Errorf("read again: %v", err)
	}
}
