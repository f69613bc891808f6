package player

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/formats/retime"
)

func TestRefuses(t *testing.T) {
	with := func(changes map[string]string) map[string]string {
		files := opened()
		for name, b := range changes {
			if files[name] = b; b == "" {
				delete(files, name)
			}
		}
		return files
	}
	gaze := func(cell string) map[string]string {
		return with(map[string]string{"exports/000/gaze_positions.csv": "gaze_timestamp\n0.5\n" + cell + "\n"})
	}
	for name, c := range map[string]struct {
		files map[string]string
		is    error
		says  string
	}{
		"Pupil Core":                 {with(map[string]string{"info.player.json": strings.Replace(playerInfoText, "Pupil Invisible", "Pupil Capture", 1)}), ErrCore, "Pupil Capture"},
		"no info.invisible.json":     {with(map[string]string{"info.invisible.json": ""}), ErrStart, "info.invisible.json"},
		"two recordings' infos":      {with(map[string]string{"info.player.json": strings.ReplaceAll(playerInfoText, "1700000000.123", "1700000001.123")}), errPlayerInfo, "two recordings"},
		"re-timed start":             {with(map[string]string{"info.invisible.json": strings.Replace(info, "123000000}", "123000001}", 1)}), retime.ErrRetimed, "whole ms"},
		"no number":                  {gaze("12.3.4"), retime.ErrDecimal, "row 3"},
		"not a number":               {gaze("nan"), retime.ErrDecimal, "gaze_positions.csv"},
		"wrapped round":              {gaze("18446744073.5"), retime.ErrDecimal, "292 years"},
		"of Pupil time":              {gaze("4100000.25"), retime.ErrFar, "row 3"},
		"unknown time":               {with(map[string]string{"exports/000/annotations.csv": "index,unix_timestamp\n1,2\n"}), retime.ErrColumn, "unix_timestamp"},
		"cut row":                    {with(map[string]string{"exports/000/gaze_positions.csv": "gaze_timestamp,x\n0.5,1\n0.6\n"}), retime.ErrTable, "row 3"},
		"no times":                   {with(map[string]string{"exports/000/gaze_positions.csv": "x,y\n1,2\n"}), retime.ErrColumn, "no column of times"},
		"UTF-16":                     {with(map[string]string{"exports/000/mine.csv": "\xff\xfet\x00i\x00m\x00e\x00s\x00t\x00a\x00m\x00p\x00\n\x00"}), retime.ErrTable, "UTF-16"},
		"semicolons":                 {with(map[string]string{"exports/000/gaze_positions.csv": "gaze_timestamp;x\n1;2\n"}), retime.ErrColumn, "gaze_timestamp;x"},
		"bad base_data":              {with(map[string]string{"exports/000/fixations.csv": "start_timestamp,base_data\n0.5,0.5;0.6\n"}), retime.ErrDecimal, "base_data"},
		"npy cut off":                {with(map[string]string{"world_timestamps.npy": npyOf("'<f8'", 2) + doubles(1)}), ErrFile, "cut off"},
		"npy cut in a record":        {with(map[string]string{"world_timestamps.npy": npyOf("'<f8'", 1) + "1234"}), ErrFile, "byte 0"},
		"npy of floats":              {with(map[string]string{"world_timestamps.npy": npyOf("'<f4'", 1) + "1234"}), ErrFile, "<f4"},
		"npy of NaN":                 {with(map[string]string{"world_timestamps.npy": npyOf("'<f8'", 1) + doubles(math.NaN())}), retime.ErrFar, "NaN"},
		"npy of something":           {with(map[string]string{"curve.npy": npyOf("[('x', '<f8')]", 1) + doubles(1)}), ErrFile, "curve.npy"},
		"time cut off":               {with(map[string]string{"world.time": "1234"}), ErrFile, "cut off"},
		"time of nothing":            {with(map[string]string{"world.time": "\x00\x00\x00\x00\x00\x00\x00\x00"}), retime.ErrFar, "world.time"},
		"pldata cut off":             {with(map[string]string{"gaze.pldata": string(datumOf(1)[:40])}), ErrFile, "datum 1"},
		"pldata cut off, what to do": {with(map[string]string{"gaze.pldata": string(datumOf(1)[:40])}), ErrFile, "cut off; copy it again"},
		"pldata of something":        {with(map[string]string{"gaze.pldata": "text"}), ErrFile, "datum 1: file with times that cannot be rewritten: expected a pair of topic and datum; no .pldata"},
		"pldata of other times":      {with(map[string]string{"gaze.pldata": strings.Replace(string(datumOf(1)), "confidence", "start_time", 1)}), ErrFile, "start_time"},
		"pldata, no double":          {with(map[string]string{"gaze.pldata": strings.Replace(string(datumOf(1)), "\xcb\x3f\xf0", "\xcf\x3f\xf0", 1)}), ErrFile, "no double"},
		"calibration":                {with(map[string]string{"a.plcal": "x"}), ErrFile, "a.plcal"},
		"hidden instant":             {with(map[string]string{"notes.txt": "at 1700000000500000015 he laughed"}), retime.ErrLeft, "notes.txt"},
		"Neon's raw":                 {with(map[string]string{"imu.dtype": "[]"}), ErrFile, "imu.dtype"},
		"range":                      {with(map[string]string{"exports/000/export_info.csv": "key,value\nAbsolute Time Range,0.5\n"}), retime.ErrDecimal, "row 2"},
		"other recording":            {map[string]string{"export_info.csv": neon["export_info.csv"], "info.json": strings.Replace(info, id, "other", 1), "gaze.csv": neon["gaze.csv"]}, retime.ErrTable, "other"},
		"far ns":                     {map[string]string{"export_info.csv": neon["export_info.csv"], "gaze.csv": "timestamp [ns]\n1700000000123000015\n170000000012300001\n"}, retime.ErrFar, "row 3"},
		"re-timed Neon":              {map[string]string{"export_info.csv": neon["export_info.csv"], "events.csv": strings.Replace(neon["events.csv"], "123000000,recording.begin", "123000001,recording.begin", 1)}, retime.ErrRetimed, "recording.begin"},
		"mixed units":                {with(map[string]string{"exports/000/gaze_positions.csv": "gaze_timestamp,timestamp [ns]\n1,2\n"}), retime.ErrTable, "beside each other"},
	} {
		_, _, err := apply(t, tree(t, c.files), line(0, 0), retime.Options{})
		if !errors.Is(err, c.is) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v; want %v with %q", name, err, c.is, c.says)
		}
	}
}

// A recording without a clock is refused by name, with nothing written.
func TestNoClock(t *testing.T) {
	none := func(device, recording string) (retime.Clock, error) {
		return retime.Clock{}, fmt.Errorf("phone %s was not probed", device)
	}
	if _, _, err := apply(t, tree(t, opened()), none, retime.Options{}); !errors.Is(err, retime.ErrNoClock) || !strings.Contains(err.Error(), device) {
		t.Error(err)
	}
}

func TestCancelled(t *testing.T) {
	rec, err := Open(tree(t, opened()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	cancel()
	out := filepath.Join(t.TempDir(), "out")
	if _, err := rec.Retime(ctx, out, line(0, 0), retime.Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Error("half an output")
	}
}
