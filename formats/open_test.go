package formats_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

const gaze = "recording id,timestamp [ns]\nr1,1700000000000000015\n"

// tree makes files in a folder of its own and returns that.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	return retimetest.Files(files).Folder(t)
}

func TestOpenKnows(t *testing.T) {
	info := `{"android_device_id":"p1","recording_id":"r1","start_time":1700000000000000000}`
	for kind, files := range map[string]map[string]string{
		"Pupil Cloud recording":                                    {"gaze.csv": gaze, "info.json": info},
		"Pupil Cloud download with 1 recording":                    {"rec-r1/gaze.csv": gaze, "rec-r1/info.json": info},
		"Pupil Cloud tables without info.json":                     {"gaze.csv": gaze},
		"Pupil Invisible or Neon recording, the phone's own files": {"gaze ps1.time": "", "info.json": info},
		"Pupil Cloud enrichment":                                   {"gaze.csv": gaze, "sections.csv": "recording id,section start time [ns],section end time [ns]\nr9,1700000000000000000,\n"},
	} {
		for _, path := range []string{tree(t, files), retimetest.Files(files).Zip(t)} {
			rec, err := formats.Open(path)
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			if strings.TrimSuffix(rec.Kind(), ", zipped") != kind || rec.Name() != "rec" || rec.RecordingIDs()[0] != "r1" {
				t.Errorf("%s: %s, %s, %v", kind, rec.Kind(), rec.Name(), rec.RecordingIDs())
			}
			if _, ok := files["info.json"]; ok && strings.Join(rec.DeviceIDs(), " ") != "p1" {
				t.Errorf("%s: devices %v", kind, rec.DeviceIDs())
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		path  string // below the folder
		is    error
		says  string
	}{
		{"empty folder", nil, "", formats.ErrUnknown, "gaze.csv"},
		{"foreign folder", map[string]string{"a.txt": "x", "b.csv": "a,b\n"}, "", formats.ErrUnknown, "info.player.json"},
		{"missing", nil, "nowhere", fs.ErrNotExist, "nowhere"},
		{"zip, cut off", map[string]string{"a.zip": "PK\x03\x04..."}, "a.zip", formats.ErrZip, "cut off"},
		{"native, a foreign info.json", map[string]string{"gaze ps1.raw": "", "gaze ps1.time": "", "info.json": "{}"}, "", infojson.ErrInfo, "start_time"},
		{"native, no info.json", map[string]string{"gaze ps1.raw": "", "gaze ps1.time": ""}, "", infojson.ErrInfo, "no info.json"},
		{"native beside tables", map[string]string{"gaze.csv": gaze, "raw/gaze ps1.time": ""}, "", formats.ErrUnsupported, "raw/gaze ps1.time"},
		{"native, a later part", map[string]string{"gaze.csv": gaze, "gaze ps2.time": ""}, "", formats.ErrUnsupported, "gaze ps2.time"},
		{"native, ten parts on", map[string]string{"gaze.csv": gaze, "old/extimu ps12.raw": ""}, "", formats.ErrUnsupported, "old/extimu ps12.raw"},
		{"native, second opinion", map[string]string{"gaze.csv": gaze, "PI world v1 ps3.time_aux": ""}, "", formats.ErrUnsupported, "PI world v1 ps3.time_aux"},
		{"native, repaired", map[string]string{"gaze.csv": gaze, "PI left v1 ps3.time_hw": ""}, "", formats.ErrUnsupported, "PI left v1 ps3.time_hw"},
		{"native, original", map[string]string{"gaze.csv": gaze, "gaze ps1.original.time": ""}, "", formats.ErrUnsupported, "gaze ps1.original.time"},
		{"native, 200 Hz", map[string]string{"gaze.csv": gaze, "Gaze_200Hz.time": ""}, "", formats.ErrUnsupported, "Gaze_200Hz.time"},
		{"native, worn", map[string]string{"gaze.csv": gaze, "worn_200hz.raw": ""}, "", formats.ErrUnsupported, "worn_200hz.raw"},
		{"native events", map[string]string{"gaze.csv": gaze, "event.time": ""}, "", formats.ErrUnsupported, "event.time"},
		{"Pupil Player, cut off", map[string]string{"info.player.json": "{}", "gaze.pldata": ""}, "", nil, "info.player.json"},
		{"Pupil Core", map[string]string{"info.player.json": `{"recording_software_name":"Pupil Capture","start_time_synced_s":2.5,"start_time_system_s":1.5e9}`}, "", formats.ErrUnsupported, "Pupil Capture"},
		{"re-timed", map[string]string{"gaze.csv": gaze, "pialign.json": "{}"}, "", formats.ErrRetimed, "pialign.json"},
		{"re-timed below", map[string]string{"a/gaze.csv": gaze, "a/pialign.json": "{}"}, "", formats.ErrRetimed, "pialign.json"},
		{"added column", map[string]string{"gaze.csv": "timestamp [ns],host timestamp [ns]\n1,1\n"}, "", formats.ErrRetimed, "host timestamp [ns]"},
		{"pialign.json itself", map[string]string{"pialign.json": "{}"}, "pialign.json", formats.ErrRetimed, "pialign.json"},
		{"one table", map[string]string{"gaze.csv": gaze}, "gaze.csv", formats.ErrUnknown, "give the folder"},
		{"a file", map[string]string{"a.bin": "x"}, "a.bin", formats.ErrUnknown, "a.bin"},
	} {
		paths := []string{filepath.Join(tree(t, c.files), c.path)}
		if c.path == "" {
			paths = append(paths, retimetest.Files(c.files).Zip(t))
		}
		for _, path := range paths {
			rec, err := formats.Open(path)
			if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || rec != nil {
				t.Errorf("%s: %v, %v; want %v with %q", c.name, rec, err, c.is, c.says)
			}
		}
	}
}

// What is no native file is not taken for one.
func TestOpenTakesWhatOnlySoundsNative(t *testing.T) {
	for _, name := range []string{"laps.raw", "PI left v1 ps1.illuminance.csv", "notes ps2.txt", "reaction.time"} {
		text := "illuminance,timestamp [ns]\n1930703,1700000000000000015\n"
		if _, err := formats.Open(tree(t, map[string]string{"gaze.csv": gaze, name: text})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The folder that pl-rec-export makes is read where it lies alone. Those that Neon Player and Pupil Player make have times in
// the text of their export_info.csv.
func TestOpenKnowsExports(t *testing.T) {
	recExport := map[string]string{
		"events.csv": "timestamp [ns],name,type\n1700000000000000000,recording.begin,recording\n",
		"gaze.csv":   "file,timestamp [ns],gaze x [px],gaze y [px],worn,fixation id,blink id,azimuth [deg],elevation [deg]\ngaze ps1,1700000000000000015,1,2,True,,,1,2\n",
		"imu.csv":    "file,timestamp [ns],protots [ns],roll [deg]\nextimu ps1,1700000000000000015,1700000000000000015,1\n",
		"world.csv":  "file,timestamp [ns],recording offset [secs],video offset [secs]\n/a/PI world v1 ps1.mp4,1700000000000000015,0.5,0.0\n",
	}
	rec, err := formats.Open(tree(t, recExport))
	if err != nil {
		t.Fatal(err)
	}
	rep, err := formats.Summary(context.Background(), rec)
	if err != nil || len(rep.Recordings) != 1 || rep.Recordings[0].Last != 1700000000000000015 || !strings.Contains(strings.Join(rep.Recordings[0].Warnings, "\n"), "recording offset [secs]") {
		t.Errorf("pl-rec-export: %v, %+v", err, rep)
	}
	for kind, files := range map[string]map[string]string{
		"export of Neon Player": {
			"gaze.csv":             "recording id,timestamp [ns],gaze x [px],gaze y [px],azimuth [deg],elevation [deg]\nr1,1700000000000000015,1,2,3,4\n",
			"scene_timestamps.csv": "recording id,timestamp [ns]\nr1,1700000000000000015\n",
			"export_info.csv":      "key,value\nAbsolute Time Range,1700000000000000015 - 1700000000000000015\n",
		},
		"export of Pupil Player": { // by its header: the name is Pupil Cloud's too
			"world_timestamps.csv": "# timestamps [seconds],pts\n0.500000,0\n",
			"info.invisible.json":  `{"android_device_id":"p1","recording_id":"r1","start_time":1700000000000000000}`,
		},
	} {
		rec, err := formats.Open(tree(t, files))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if _, err := formats.Summary(context.Background(), rec); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if want := strings.Replace(kind, "export of Pupil Player", "Pupil Invisible recording opened in Pupil Player", 1); rec.Kind() != want || rec.RecordingIDs()[0] != "r1" {
			t.Errorf("%s, %v; want %s", rec.Kind(), rec.RecordingIDs(), want)
		}
	}
}

// What a killed apply left behind is no recording, and no part of one.
func TestLeftovers(t *testing.T) {
	dir := tree(t, map[string]string{"gaze.csv": gaze, ".pialign-ABC/gaze.csv": "timestamp [ns]\n5\n", ".pialign-ABC/event.time": "", ".pialign-DEF": "x"})
	rec, err := formats.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := formats.Summary(context.Background(), rec)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rep.Recordings[0].Warnings, "\n"); len(rep.Files) != 3 || !strings.Contains(got, ".pialign-ABC: left out") || !strings.Contains(got, ".pialign-DEF: left out") {
		t.Errorf("%+v", rep)
	}
	for _, part := range []string{".pialign-ABC", ".pialign-DEF"} {
		if _, err := formats.Open(filepath.Join(dir, part)); !errors.Is(err, formats.ErrUnknown) || !strings.Contains(err.Error(), "may be deleted") {
			t.Errorf("%s: %v", part, err)
		}
	}
	all := tree(t, map[string]string{".pialign-ABC/rec/gaze.csv": gaze})
	if _, err := formats.Open(all); !errors.Is(err, formats.ErrUnknown) {
		t.Errorf("a leftover alone: %v", err)
	}
}

// A recording taken out of a re-timed download has no pialign.json of its own. It must not be re-timed twice.
func TestPartOfRetimedDownload(t *testing.T) {
	dir := tree(t, map[string]string{"one/gaze.csv": gaze, "deep/two/gaze.csv": strings.ReplaceAll(gaze, "r1", "r2")})
	rec, err := formats.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	clocks := func(string, string) (retime.Clock, error) {
		return retime.Clock{New: func() align.Retimer {
			return func(d align.DeviceTime) (int64, error) { return int64(d), nil }
		}}, nil
	}
	out := filepath.Join(t.TempDir(), "out")
	if _, err := rec.Retime(context.Background(), out, clocks, retime.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"", "one", "deep", "deep/two"} {
		if _, err := formats.Open(filepath.Join(out, filepath.FromSlash(part))); !errors.Is(err, formats.ErrRetimed) {
			t.Errorf("%q: %v", part, err)
		}
	}
	// A folder beside it that pialign.json does not name is another matter.
	if err := os.Rename(dir, filepath.Join(out, "new")); err != nil {
		t.Fatal(err)
	}
	if _, err := formats.Open(filepath.Join(out, "new")); err != nil {
		t.Error(err)
	}
}
