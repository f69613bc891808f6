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

func plus(by int64) retime.Clocks {
	return func(string, string) (retime.Clock, error) {
		return retime.Clock{Digest: "test", New: func() align.Retimer {
			return func(d align.DeviceTime) (int64, error) { return int64(d) + by, nil }
		}}, nil
	}
}

func columns(t testing.TB, texts ...string) []Column {
	t.Helper()
	var out []Column
	for _, text := range texts {
		c, err := ParseColumn(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func apply(t testing.TB, in string, cols []Column, by int64, opt retime.Options) (string, error) {
	t.Helper()
	r, err := Open(in, cols)
	if err != nil {
		return "", err
	}
	dst := filepath.Join(t.TempDir(), filepath.Base(in))
	_, err = r.Retime(context.Background(), dst, plus(by), opt)
	if err != nil {
		for _, name := range []string{dst, dst + ".pialign.json"} {
			if _, e := os.Lstat(name); !errors.Is(e, fs.ErrNotExist) {
				t.Errorf("%s is there after %v", name, err)
			}
		}
		return "", err
	}
	b, err := os.ReadFile(dst)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := retime.ReadManifest(dst + ".pialign.json"); err != nil || m.Files[0].Name != filepath.Base(in) || m.Files[0].Columns[0] != cols[len(cols)-1].String() {
		t.Errorf("pialign.json: %+v, %v", m, err)
	}
	if _, err := Open(dst, cols); !errors.Is(err, retime.ErrRetimed) {
		t.Errorf("a second time: %v", err)
	}
	return string(b), nil
}

func TestColumnsOfEveryUnit(t *testing.T) {
	for _, c := range []struct {
		name, in string
		columns  []string
		by       int64
		opt      retime.Options
		want     string
	}{
		{"a.csv", "illuminance,timestamp [ns]\n1930703,1666344684449078006\n", []string{"timestamp [ns]:ns"}, 1_000_000_001, retime.Options{},
			"illuminance,timestamp [ns]\n1930703,1666344685449078007\n"},
		{"us, tabs.tsv", "x,y\tt\r\n1\t1666344684449078\r\n\t\r\n", []string{"t:us"}, 1_500, retime.Options{}, // half a us away from zero
			"x,y\tt\r\n1\t1666344684449080\r\n\t\r\n"},
		{"ms.csv", "\xef\xbb\xbft,n\n\"1666344684449.25\",\"a\nb\"\n1666344684449.5,c", []string{"t:ms"}, 300_000, retime.Options{},
			"\xef\xbb\xbft,n\n\"1666344684449.55\",\"a\nb\"\n1666344684449.8,c"},
		{"s.csv", "end;start\n1666344685.000001;1666344684\n", []string{"start:s", "end:s"}, -2_000, retime.Options{},
			"end;start\n1666344684.999999;1666344684\n"}, // whole seconds stay whole
		{"add.csv", "t,x\n1666344684.5,1\n", []string{"t:s"}, 200_000_000, retime.Options{Mode: retime.Add},
			"t,host t,x\n1666344684.5,1666344684.7,1\n"},
		{"keep.csv", "t,x\n1666344684.5,1\n", []string{"t:s"}, 200_000_000, retime.Options{KeepDeviceTime: true},
			"t,device t,x\n1666344684.7,1666344684.5,1\n"},
	} {
		in := file(t, c.name, c.in)
		got, err := apply(t, in, columns(t, c.columns...), c.by, c.opt)
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
		if c.opt.Mode == retime.Add || c.opt.KeepDeviceTime {
			continue
		}
		if got, err := apply(t, in, columns(t, c.columns...), 0, c.opt); err != nil || got != c.in {
			t.Errorf("%s: identity gives %q, %v", c.name, got, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		in, column string
		is         error
		says       string
	}{
		"no such column":  {"a,b\n1,2\n", "t:ns", retime.ErrColumn, `"t"`},
		"another case":    {"T,b\n1666344684449078006,2\n", "t:ns", retime.ErrColumn, `"t"`},
		"twice":           {"t,t\n1666344684449078006,2\n", "t:ns", retime.ErrTable, "columns 1 and 2"},
		"re-timed":        {"t,host t\n1666344684449078006,2\n", "t:ns", retime.ErrRetimed, "host t"},
		"wrong unit":      {"t\n1666344684449078\n", "t:ns", retime.ErrFar, "row 2"},
		"wrong unit, big": {"t\n1666344684449078006\n", "t:ms", retime.ErrDecimal, "292 years"},
		"relative":        {"t\n12.5\n", "t:s", retime.ErrFar, "2000"},
		"cut cell":        {"t\n1666344684449078006\n1666344684\n", "t:ns", retime.ErrFar, "row 3"},
		"another day":     {"t\n1666344684\n1666544684\n", "t:s", retime.ErrFar, "row 3"},
		"lost digits":     {"t\n1.72656E+18\n", "t:ns", retime.ErrDecimal, "digits are lost"},
		"text":            {"t\nsoon\n", "t:s", retime.ErrDecimal, "soon"},
		"decimal comma":   {"t;x\n1666344684,5;2\n", "t:s", retime.ErrDecimal, "row 2"},
		"short row":       {"x,t\n1,1666344684\n1\n", "t:s", retime.ErrTable, "row 3"},
		"open quote":      {"x,t\n\"1,1666344684\n1\n", "t:s", retime.ErrTable, "quote"},
		"UTF-16":          {"\xff\xfet\x00", "t:s", retime.ErrTable, "UTF-16"},
	} {
		_, err := apply(t, file(t, "a.csv", c.in), columns(t, c.column), 1, retime.Options{})
		if !errors.Is(err, c.is) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v; want %v with %q", name, err, c.is, c.says)
		}
	}
	for _, text := range []string{"", ":ns", "t", "t:", "t:min", "t:NS"} {
		if _, err := ParseColumn(text); !errors.Is(err, ErrColumn) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if c, err := ParseColumn("a:b [ms]:ms"); err != nil || c.Name != "a:b [ms]" || c.Unit != 1e6 {
		t.Error(c, err)
	}
	if _, err := Open(t.TempDir(), columns(t, "t:ns")); !errors.Is(err, ErrColumn) {
		t.Error(err)
	}
}

// Nothing that is there is written over.
func TestNothingIsWrittenOver(t *testing.T) {
	r, err := Open(file(t, "a.csv", "t\n1666344684\n"), columns(t, "t:s"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.csv", "a.csv.pialign.json"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Retime(context.Background(), filepath.Join(dir, "a.csv"), plus(1), retime.Options{}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
		entries, _ := os.ReadDir(dir)
		if b, _ := os.ReadFile(filepath.Join(dir, name)); string(b) != "mine" || len(entries) != 1 {
			t.Errorf("%s: %q, %d files", name, b, len(entries))
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add("t,x\n1666344684.25,\"a\"\n", "t:s")
	f.Add("t\tx\n1666344684449078006\t\n", "t:ns")
	for _, d := range retimetest.Damages("n,t,x\n1,1666344684,a\n2,1666344685.5,b\n3,1666344686,\"c\"\n", 1) {
		if len(d.Text) < 1<<16 {
			f.Add(d.Text, "t:s")
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, in, column string) {
		c, err := ParseColumn(column)
		if err != nil {
			return
		}
		path := filepath.Join(dir, "a.csv")
		if err := os.WriteFile(path, []byte(in), 0o666); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path, []Column{c})
		if err != nil {
			return
		}
		var out strings.Builder
		if _, err := r.run(context.Background(), &out, nil, plus(0), retime.Options{}); err == nil && out.String() != in {
			t.Fatalf("%q became %q", in, out.String())
		}
	})
}
