package player

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// A damaged table is refused with its name, the row and the reason, and nothing is written; or it comes out with its times moved and
// no other byte changed. Tables in seconds count from the start, so that a clock that is 1 s off moves none of them.
func TestDamagedTables(t *testing.T) {
	const by = 1_000_000_000
	inNs := func(by int64) string {
		b := "recording id,timestamp [ns],gaze x [px]\n"
		for i := range int64(3) {
			b += fmt.Sprintf("%s,%d,1\n", id, startNs+15+i*4_000_000+by)
		}
		return b
	}
	inSeconds := func(int64) string { return "world_index,gaze_timestamp,confidence\n0,0.25,1\n1,0.254,1\n2,0.258,1\n" }
	in := func(folder map[string]string, name, text string) map[string]string {
		out := retimetest.Files(folder).With(retimetest.Files{name: text})
		return out
	}
	for _, c := range []struct {
		folder map[string]string
		name   string
		table  func(by int64) string
	}{
		{neon, "gaze.csv", inNs},
		{opened(), "exports/000/gaze_positions.csv", inSeconds},
		{opened(), "exports/000/mine.csv", inSeconds},
	} {
		want := retimetest.Damages(c.table(by), 1)
		for i, d := range retimetest.Damages(c.table(0), 1) {
			out, _, err := apply(t, tree(t, in(c.folder, c.name, d.Text)), line(by, 0), retime.Options{})
			if d.Says == nil {
				if err != nil || out[c.name] != want[i].Text {
					t.Errorf("%s, %s: %v, became %q", c.name, d.Name, err, out[c.name])
				}
				continue
			}
			if filepath.Base(c.name) == "mine.csv" && d.Name == "NUL bytes alone" { // that is no table, and none of Player's
				continue
			}
			if err == nil {
				t.Errorf("%s, %s: became %q", c.name, d.Name, out[c.name])
				continue
			}
			for _, says := range append(d.Says, filepath.Base(c.name)) {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%s, %s: %q is not in: %v", c.name, d.Name, says, err)
				}
			}
		}
	}
}

// A file that is written to meanwhile is noticed.
func TestChangedMeanwhile(t *testing.T) {
	for _, name := range []string{"world.time", "gaze.pldata", "world_timestamps.npy", "exports/000/gaze_positions.csv", "info.player.json", "world.mp4"} {
		dir := tree(t, opened())
		rec, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		clocks := func(string, string) (retime.Clock, error) {
			f, err := os.OpenFile(filepath.Join(dir, filepath.FromSlash(name)), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return retime.Clock{}, err
			}
			defer f.Close()
			_, err = f.WriteString(opened()[name])
			return retime.Clock{New: func() align.Retimer { return func(d align.DeviceTime) (int64, error) { return int64(d), nil } }}, err
		}
		dst := filepath.Join(t.TempDir(), "out")
		if _, err := rec.Retime(t.Context(), dst, clocks, retime.Options{}); !errors.Is(err, retime.ErrChanged) || !strings.Contains(fmt.Sprint(err), filepath.Base(name)) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(dst)); len(left) > 0 {
			t.Errorf("%s: %s is left", name, left[0].Name())
		}
	}
}
