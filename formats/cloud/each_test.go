package cloud_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// study is a wrapper of some recordings of different sizes, with an enrichment beside them.
func study(recordings int) files {
	f := files{}
	var mapped strings.Builder
	mapped.WriteString("section id,recording id,timestamp [ns]\n")
	for r := range recordings {
		start := 1_700_000_000_000_000_000 + int64(r)*1_000_000_000_000
		dir := fmt.Sprintf("rec-%d/", r)
		f[dir+"info.json"] = fmt.Sprintf(`{"recording_id": "r%d", "start_time": %d, "duration": 600000000000}`, r, start)
		for _, table := range []string{"gaze.csv", "imu.csv", "world_timestamps.csv", "mine.csv"} {
			var b strings.Builder
			b.WriteString("recording id,timestamp [ns],delay_ns\n")
			for i := range 50 * (recordings - r) * len(table) {
				fmt.Fprintf(&b, "r%d,%d,%d\n", r, start+15+int64(i)*5_000_000, i)
			}
			f[dir+table] = b.String()
		}
		for i := range 100 {
			fmt.Fprintf(&mapped, "s,r%d,%d\n", r, start+15+int64(i)*5_000_000)
		}
		f[dir+"scene.mp4"] = strings.Repeat("\x00", 1000*(r+1))
	}
	f["mapper/gaze.csv"] = mapped.String()
	return f
}

// How many files are worked off at a time is not to be seen in the result, the report or the error.
func TestAtATimeOrInTurn(t *testing.T) {
	if testing.Short() {
		t.Skip("writes some hundred files")
	}
	good := study(4)
	bad := maps.Clone(good)
	bad["rec-2/gaze.csv"] += "r2,1.7E+18,0\n" // small
	bad["rec-1/imu.csv"] += "r1,17,0\n"       // larger, and before it
	bad["rec-0/mine.csv"] += "r1,17000\n"     // the largest, but not a table of Pupil Cloud's
	unplaced := maps.Clone(good)
	for name := range unplaced {
		if strings.HasSuffix(name, "info.json") {
			delete(unplaced, name)
		}
	}
	later := maps.Clone(good) // a recording that only a row in the middle of an enrichment speaks of
	later["mapper/gaze.csv"] += "s,r99,1600000000000000015\n"
	later["mapper/zz.csv"] = "recording id,timestamp [ns]\nr99,1600000000000000015\n"
	wrong := maps.Clone(later) // the first table places it, the second is far from that
	wrong["mapper/imu.csv"] = "recording id,timestamp [ns]\nr99,1650000000000000015\n"
	for name, c := range map[string]struct {
		f    files
		says string
	}{
		"good": {good, ""}, "two are bad": {bad, filepath.Join("rec-1", "imu.csv")}, "nothing placed": {unplaced, ""},
		"a recording turns up": {later, ""}, "and is not there": {wrong, filepath.Join("mapper", "imu.csv")},
	} {
		dir := c.f.Folder(t)
		type result struct {
			files map[string]string
			rep   *retime.Report
			err   string
		}
		do := func() result {
			rec, err := cloud.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out")
			rep, err := rec.Retime(context.Background(), out, second.Clocks(t), retime.Options{SHA256: true})
			if err != nil {
				return result{err: err.Error()}
			}
			return result{retimetest.Read(t, out), rep, ""}
		}
		old := runtime.GOMAXPROCS(1)
		want := do()
		for _, n := range []int{2, 8, 8} {
			runtime.GOMAXPROCS(n)
			if got := do(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: with %d at a time: %q and %+v; in turn: %q and %+v", name, n, got.err, got.rep, want.err, want.rep)
			}
		}
		runtime.GOMAXPROCS(old)
		if (c.says == "") != (want.err == "") || !strings.Contains(want.err, c.says) {
			t.Errorf("%s: %q is not in %q", name, c.says, want.err)
		}
	}
}

// A clock that panics takes nothing down but the caller, and leaves nothing.
func TestPanicOfAClock(t *testing.T) {
	dir := study(2).Folder(t)
	rec, err := cloud.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	cause := errors.New("no such clock")
	defer func() {
		if p := recover(); p != cause {
			t.Errorf("got %v", p)
		}
		if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
			t.Errorf("%s is left", left[0].Name())
		}
	}()
	_, _ = rec.Retime(context.Background(), out, retimetest.ClocksOf(func() align.Retimer {
		return func(align.DeviceTime) (int64, error) { panic(cause) }
	}), retime.Options{})
	t.Error("nobody noticed")
}
