package formats_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// Whatever the format, the zip of a folder becomes what the folder does.
func TestZipsAreAsTheirFolders(t *testing.T) {
	all := map[string]retimetest.Files{
		"Neon Player": {
			"gaze.csv":             "recording id,timestamp [ns],gaze x [px],gaze y [px],azimuth [deg],elevation [deg]\nr1,1700000000000000015,1,2,3,4\n",
			"scene_timestamps.csv": "recording id,timestamp [ns]\nr1,1700000000000000015\n",
			"export_info.csv":      "key,value\nAbsolute Time Range,1700000000000000015 - 1700000000000000015\n",
		},
		"Pupil Player": {
			"info.player.json":                  `{"recording_software_name":"Pupil Invisible","start_time_synced_s":1700000000.0,"start_time_system_s":1700000000.0}`,
			"info.invisible.json":               `{"android_device_id":"p1","recording_id":"r1","start_time":1700000000000000000,"data_format_version":"1.4"}`,
			"exports/000/world_timestamps.csv":  "# timestamps [seconds],pts\n0.500000,0\n1.500000,1\n",
			"exports/000/gaze_positions.csv":    "gaze_timestamp,world_index,confidence,norm_pos_x,norm_pos_y,base_data\n0.512345,0,1.0,0.5,0.5,\n",
			"exports/000/surfaces/overview.txt": "x",
		},
	}
	real := filepath.Join("..", "..", "shared", "data", "real", "neon-native-demo_recording-pl-neon-recording")
	if _, err := os.Stat(real); err == nil {
		all["native"] = retimetest.Read(t, real)
	} else if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
		t.Fatalf("real recordings are required: %v", err)
	}
	second := retimetest.Line{Ref: 1_700_000_000_000_000_000, Offset: time.Second, DriftE18: 20_000_000_000_000}
	for name, f := range all {
		do := func(path, dst string) *retime.Report {
			rec, err := formats.Open(path)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			rep, err := rec.Retime(context.Background(), dst, second.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice, Program: "pialign test"})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return rep
		}
		dir := t.TempDir()
		a := do(f.Folder(t), filepath.Join(dir, "out"))
		b := do(f.Zip(t), filepath.Join(dir, "out.zip"))
		want := retimetest.Read(t, filepath.Join(dir, "out"))
		if got, _ := retimetest.ReadZip(t, filepath.Join(dir, "out.zip")); !maps.Equal(got, want) || len(want) != len(f)+1 {
			for file := range want {
				if got[file] != want[file] {
					t.Errorf("%s: %s differs between zip and folder", name, file)
				}
			}
			t.Errorf("%s: %d files in the zip, %d in the folder, %d before", name, len(got), len(want), len(f))
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: reports\n%+v\n%+v", name, a, b)
		}
	}
}

func TestOpenRefusesZips(t *testing.T) {
	path := retimetest.Files{"gaze.csv": gaze}.Zip(t)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-10], 0o666); err != nil {
		t.Fatal(err)
	}
	if rec, err := formats.Open(path); !errors.Is(err, formats.ErrZip) || rec != nil || !strings.Contains(err.Error(), path) {
		t.Errorf("cut off: %v, %v", rec, err)
	}
	for name, f := range map[string]retimetest.Files{"a wrapper too many": {"x/gaze.csv": gaze, "x/pialign.json": "{}"}, "at the root": {"PIALIGN.json": "{}"}} {
		if rec, err := formats.Open(f.Zip(t)); !errors.Is(err, formats.ErrRetimed) || rec != nil {
			t.Errorf("%s: %v, %v", name, rec, err)
		}
	}
}
