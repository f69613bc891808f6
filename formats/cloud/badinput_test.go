package cloud_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// threeRows are two tables of the recording plain, one of Pupil Cloud's and one of somebody else's, and where their times are.
func threeRows(host func(int64) int64) map[string]string {
	const at = 1_700_000_001_000_000_015
	gaze, own := "section id,recording id,timestamp [ns],worn\n", "trial,timestamp [ns],answer\n"
	for i := range int64(3) {
		gaze += fmt.Sprintf("s,r1,%d,1.0\n", host(at+i*4_000_000))
		own += fmt.Sprintf("%d,%d,yes\n", i, host(at+i*4_000_000))
	}
	return map[string]string{"gaze.csv": gaze, "mine.csv": own}
}

// A damaged table is refused with its name, the row and the reason, and nothing is written, in a folder as in a zip; or, where
// nothing that matters is damaged, it comes out with its times moved and no other byte changed.
func TestDamagedTables(t *testing.T) {
	columns := map[string]int{"gaze.csv": 2, "mine.csv": 1}
	after := threeRows(second.Host)
	for name, table := range threeRows(identity.Host) {
		want := retimetest.Damages(after[name], columns[name])
		for i, d := range retimetest.Damages(table, columns[name]) {
			out, _, err := attempt(t, plain.With(files{name: d.Text}), second.Clocks(t), retime.Options{})
			if d.Says == nil {
				if err != nil || out[name] != want[i].Text {
					t.Errorf("%s, %s: %v, became %q", name, d.Name, err, out[name])
				}
				continue
			}
			if name == "mine.csv" && d.Name == "NUL bytes alone" { // that is no table, and none of Pupil Cloud's
				continue
			}
			if !errors.Is(err, retime.ErrTable) && !errors.Is(err, retime.ErrCell) && !errors.Is(err, retime.ErrFar) {
				t.Errorf("%s, %s: %v", name, d.Name, err)
				continue
			}
			for _, says := range append(d.Says, name) {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%s, %s: %q is not in: %v", name, d.Name, says, err)
				}
			}
		}
	}
}

// What fits into the column but is no time of the recording.
func TestStampsOfNoRecording(t *testing.T) {
	const row = "section id,recording id,timestamp [ns],worn\ns,r1,1700000001000000015,1\ns,r1,%s,1\n"
	for _, at := range []string{"0", "-1", "-1700000001000000015", "9223372036854775807", "-9223372036854775808", "1700000001"} {
		_, _, err := attempt(t, plain.With(files{"gaze.csv": fmt.Sprintf(row, at)}), second.Clocks(t), retime.Options{})
		if !errors.Is(err, retime.ErrFar) || !strings.Contains(err.Error(), "gaze.csv: row 3") || !strings.Contains(err.Error(), at) {
			t.Errorf("%s: %v", at, err)
		}
	}
	twice := "recording id,timestamp [ns],recording id\nr1,1700000001000000015,r1\n"
	if _, _, err := attempt(t, plain.With(files{"gaze.csv": twice}), second.Clocks(t), retime.Options{}); !errors.Is(err, retime.ErrTable) || !strings.Contains(err.Error(), "columns 1 and 3") {
		t.Errorf("two columns of ids: %v", err)
	}
	both := files{"mine.csv": "timestamp [ns],timestamp [ns]\n1700000001000000015,1700000001000000015\n"}
	out, _, err := attempt(t, plain.With(both), second.Clocks(t), retime.Options{})
	if want := "timestamp [ns],timestamp [ns]\n1700000002000020015,1700000002000020015\n"; err != nil || out["mine.csv"] != want {
		t.Errorf("two columns of times: %v, %q", err, out["mine.csv"])
	}
}

// A table in which each row is of another recording is refused before memory fills up.
func TestRecordingsWithoutEnd(t *testing.T) {
	const rows = 12_000 // more than are taken
	var b strings.Builder
	b.WriteString("recording id,timestamp [ns]\n")
	for i := range rows {
		fmt.Fprintf(&b, "%08x-0000-4000-8000-000000000000,1700000001000000015\n", i)
	}
	in := files{"gaze.csv": b.String()}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := attempt(t, in, second.Clocks(t), retime.Options{})
	runtime.ReadMemStats(&after)
	if !errors.Is(err, folder.ErrTree) || !strings.Contains(err.Error(), "gaze.csv: row 10002") {
		t.Error(err)
	}
	// attempt goes over it four times, in a folder and in a zip, and each holds a few hundred bytes of a recording: its id, its
	// name, its streams. 16 KiB are twice what that comes to in all.
	if each := (after.TotalAlloc - before.TotalAlloc) / rows; each > 16<<10 {
		t.Errorf("%d bytes allocated for each recording", each)
	}
}
