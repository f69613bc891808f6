package player

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime"
)

// real is where recordings lie that nobody here wrote; tests that need them are skipped elsewhere.
func real(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", "real", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("real recordings are not here: ", err)
	}
	return dir
}

func readAll(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

// Recordings of Pupil Core are refused, in words.
func TestRealCoreIsRefused(t *testing.T) {
	if _, err := Open(real(t, "core-info-player-json-pupil-example-data")); !errors.Is(err, ErrCore) || !strings.Contains(err.Error(), "Pupil Capture") {
		t.Error(err)
	}
	dir := real(t, "core-player-export-2022-SeniorCapstone")
	rec, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Check(t.Context(), line(0, 0), retime.Options{}); !errors.Is(err, ErrStart) || !strings.Contains(err.Error(), "Pupil Core") {
		t.Error(err)
	}
}

// The exporter is that of Invisible recordings too. With a start beside them the real files keep every byte under the
// identity and under an offset, and move exactly under a drift.
func TestRealExport(t *testing.T) {
	in := readAll(t, real(t, "core-player-export-2022-SeniorCapstone"))
	in["info.invisible.json"] = info
	dir := tree(t, in)
	for _, by := range []int64{0, 1_000_000_007} {
		out, _, err := apply(t, dir, line(by, 0), retime.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range in {
			if name != "info.invisible.json" && out[name] != want {
				t.Errorf("%d ns: %s has changed", by, name)
			}
		}
	}
	const ppb = -30_000
	out, rep, err := apply(t, dir, line(0, ppb), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rep.Files {
		if f.Name == "gaze_positions.csv" && (f.Rows != 2968 || f.Spans[0].Cells != 2968) {
			t.Errorf("%+v", f)
		}
	}
	was, now := strings.Split(in["gaze_positions.csv"], "\n"), strings.Split(out["gaze_positions.csv"], "\n")
	if len(was) != len(now) {
		t.Fatalf("%d lines became %d", len(was), len(now))
	}
	for i := 1; i < len(was)-1; i++ {
		a, b := strings.Split(was[i], ","), strings.Split(now[i], ",")
		want := exact(a[0], move(nsOf(t, a[0]), ppb), 6) // most cells have 6 digits behind the point, some 12
		if b[0] != want || b[5] != want+"-0" {
			t.Fatalf("row %d: %s and %s, want %s", i+1, b[0], b[5], want)
		}
		if a[0], b[0], a[5], b[5] = "", "", "", ""; strings.Join(a, ",") != strings.Join(b, ",") {
			t.Fatalf("row %d: another cell has changed", i+1)
		}
	}
	for n := 0; n < 750; n++ {
		at := 128 + 8*n
		v := math.Float64frombits(binary.LittleEndian.Uint64([]byte(in["world_timestamps.npy"][at:])))
		got := math.Float64frombits(binary.LittleEndian.Uint64([]byte(out["world_timestamps.npy"][at:])))
		ns := int64(math.Round(v * 1e9))
		if want := nearest(ns + move(ns, ppb)); got != want {
			t.Fatalf("record %d: %v became %v, want %v", n+1, v, got, want)
		}
	}
	// 10088.188052 s less 302645 ns, which its six digits round to 302.646 (half away), and 10113.284191 s less 303398 ns
	if want := "Absolute Time Range,10087.885406 - 10112.980792\r\r\n"; !strings.HasSuffix(out["export_info.csv"], want) {
		t.Errorf("%q", out["export_info.csv"])
	}
}

func nsOf(t *testing.T, text string) int64 {
	t.Helper()
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatal(text)
	}
	s := v.Mul(v, big.NewRat(1e9, 1)).FloatString(0)
	n, _ := new(big.Int).SetString(s, 10)
	return n.Int64()
}
