package player

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime"
)

// An export finds the start in the recording that it lies in; a copy of info.invisible.json beside it serves as well.
func TestExportsAlone(t *testing.T) {
	dir := tree(t, opened())
	rec, err := Open(filepath.Join(dir, "exports", "000"))
	if err != nil {
		t.Fatal(err)
	}
	rep, err := rec.Check(context.Background(), line(1, -30_000), retime.Options{})
	if err != nil || rep.Recordings[0].DeviceID != device || rec.Kind() != "export of Pupil Player" {
		t.Errorf("%v, %s, %v", rep, rec.Kind(), err)
	}
	alone := map[string]string{}
	for name, b := range opened() {
		if rest, ok := strings.CutPrefix(name, "exports/000/"); ok {
			alone[rest] = b
		}
	}
	_, _, err = apply(t, tree(t, alone), line(0, 0), retime.Options{})
	if !errors.Is(err, ErrStart) || !strings.Contains(err.Error(), "info.invisible.json") {
		t.Errorf("without a start: %v", err)
	}
	alone["info.invisible.json"] = info
	if out, _, err := apply(t, tree(t, alone), line(0, 0), retime.Options{}); err != nil || out["gaze_positions.csv"] != alone["gaze_positions.csv"] {
		t.Errorf("with it: %v", err)
	}
}

var neon = map[string]string{
	"gaze.csv": "recording id,timestamp [ns],gaze x [px],gaze y [px],azimuth [deg],elevation [deg],fixation id\n" +
		id + ",1700000000123000015,1,2,3,4,\n" + id + ",1700000000128000015,1,2,3,4,1\n",
	"events.csv":           "recording id,timestamp [ns],name,type\n" + id + ",1700000000123000000,recording.begin,recording\n" + id + ",1700000005000000015,mark,player\n" + id + ",1700000060123000000,recording.end,recording\n",
	"scene_timestamps.csv": "recording id,timestamp [ns]\n" + id + ",1700000000123000015\n",
	"fixations.csv":        "recording id,fixation id,start timestamp [ns],end timestamp [ns],duration [ms]\n" + id + ",1,1700000000128000015,1700000000200000015,72.0\n",
	"export_info.csv":      "key,value\nNeon Player Version,5.0\nAbsolute Time Range,1700000000123000015 - 1700000060123000015\n",
}

func TestNeonPlayer(t *testing.T) {
	out, rep, err := apply(t, tree(t, neon), line(1_000_000_001, 0), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"export_info.csv":      "key,value\nNeon Player Version,5.0\nAbsolute Time Range,1700000001123000016 - 1700000061123000016\n",
		"scene_timestamps.csv": "recording id,timestamp [ns]\n" + id + ",1700000001123000016\n",
		"fixations.csv":        "recording id,fixation id,start timestamp [ns],end timestamp [ns],duration [ms]\n" + id + ",1,1700000001128000016,1700000001200000016,72.0\n",
	} {
		if out[name] != want {
			t.Errorf("%s: %q", name, out[name])
		}
	}
	if !strings.Contains(out["events.csv"], "1700000006000000016,mark,player") || rep.Recordings[0].RecordingID != id {
		t.Errorf("%q %+v", out["events.csv"], rep.Recordings[0])
	}
	if out, _, err = apply(t, tree(t, neon), line(0, 0), retime.Options{}); err != nil || out["export_info.csv"] != neon["export_info.csv"] {
		t.Errorf("identity: %v", err)
	}
	rec, err := Open(tree(t, neon))
	if err != nil || rec.Kind() != "export of Neon Player" || len(rec.RecordingIDs()) != 1 {
		t.Error(rec.Kind(), rec.RecordingIDs(), err)
	}
}
