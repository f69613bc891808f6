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
	"github.com/pialign/pialign/formats/retime"
)

const gaze = "recording id,timestamp [ns]\nr1,1700000000000000015\n"

// tree makes files in a folder of its own and returns that.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "rec")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, b := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpenKnows(t *testing.T) {
	info := `{"android_device_id":"p1","recording_id":"r1","start_time":1700000000000000000}`
	for kind, files := range map[string]map[string]string{
		"Pupil Cloud recording":                 {"gaze.csv": gaze, "info.json": info},
		"Pupil Cloud download with 1 recording": {"rec-r1/gaze.csv": gaze, "rec-r1/info.json": info},
		"Pupil Cloud tables without info.json":  {"gaze.csv": gaze},
		"Pupil Cloud enrichment":                {"gaze.csv": gaze, "sections.csv": "recording id,section start time [ns],section end time [ns]\nr9,1700000000000000000,\n"},
	} {
		rec, err := formats.Open(tree(t, files))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if rec.Kind() != kind || rec.Name() != "rec" || rec.RecordingIDs()[0] != "r1" {
			t.Errorf("%s: %s, %s, %v", kind, rec.Kind(), rec.Name(), rec.RecordingIDs())
		}
		if _, ok := files["info.json"]; ok && strings.Join(rec.DeviceIDs(), " ") != "p1" {
			t.Errorf("%s: devices %v", kind, rec.DeviceIDs())
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
		{"zip", map[string]string{"a.zip": "PK\x03\x04..."}, "a.zip", formats.ErrUnsupported, "unpack"},
		{"native", map[string]string{"gaze ps1.raw": "", "gaze ps1.time": "", "info.json": "{}"}, "", formats.ErrUnsupported, "the phone itself"},
		{"native beside tables", map[string]string{"gaze.csv": gaze, "raw/gaze ps1.time": ""}, "", formats.ErrUnsupported, "raw/gaze ps1.time"},
		{"Pupil Player", map[string]string{"info.player.json": "{}", "gaze.pldata": ""}, "", formats.ErrUnsupported, "Pupil Player"},
		{"export", map[string]string{"export_info.csv": "key,value\n", "world_timestamps.csv": "# timestamps [seconds],pts\n"}, "", formats.ErrUnsupported, "export of Pupil Player"},
		{"re-timed", map[string]string{"gaze.csv": gaze, "pialign.json": "{}"}, "", formats.ErrRetimed, "pialign.json"},
		{"re-timed below", map[string]string{"a/gaze.csv": gaze, "a/pialign.json": "{}"}, "", formats.ErrRetimed, "pialign.json"},
		{"added column", map[string]string{"gaze.csv": "timestamp [ns],host timestamp [ns]\n1,1\n"}, "", formats.ErrRetimed, "host timestamp [ns]"},
		{"pialign.json itself", map[string]string{"pialign.json": "{}"}, "pialign.json", formats.ErrRetimed, "pialign.json"},
		{"one table", map[string]string{"gaze.csv": gaze}, "gaze.csv", formats.ErrUnknown, "give the folder"},
		{"a file", map[string]string{"a.bin": "x"}, "a.bin", formats.ErrUnknown, "a.bin"},
	} {
		rec, err := formats.Open(filepath.Join(tree(t, c.files), c.path))
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || rec != nil {
			t.Errorf("%s: %v, %v; want %v with %q", c.name, rec, err, c.is, c.says)
		}
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
