package columnar_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// second is a clock that is a second and 20 ppm off.
var second = retimetest.Line{Ref: 1_700_000_000_000_000_000, Offset: time.Second, DriftE18: 20_000_000_000_000}

// retimed is the folder dir re-timed, by name.
func retimed(t *testing.T, dir string, opt retime.Options) (retimetest.Files, *retime.Report, error) {
	t.Helper()
	rec, err := formats.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	rep, err := rec.Retime(context.Background(), out, second.Clocks(t), opt)
	if err != nil {
		if _, e := os.Lstat(out); e == nil {
			t.Errorf("%s is there in spite of %v", out, err)
		}
		return nil, nil, err
	}
	if again, err := rec.Check(context.Background(), second.Clocks(t), opt); err != nil {
		t.Errorf("Retime does what Check refuses: %v", err)
	} else {
		for i, f := range again.Files {
			if f.Name != rep.Files[i].Name || f.Original != rep.Files[i].Original {
				t.Errorf("Check says %s of %s, Retime %s of %s", f.Name, f.Original, rep.Files[i].Name, rep.Files[i].Original)
			}
		}
	}
	return retimetest.Read(t, out), rep, nil
}

// sameAsCSV re-times dir in every format and reports what in it is not as in the CSV, to the ns.
func sameAsCSV(t *testing.T, dir string, opt retime.Options) {
	t.Helper()
	csv, _, err := retimed(t, dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, opt.Format = range bothFormats {
		out, rep, err := retimed(t, dir, opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range rep.Files {
			if f.Original == "" {
				if out[f.Name] != csv[f.Name] {
					t.Errorf("%s: %s is not as it is beside CSV", opt.Format, f.Name)
				}
				continue
			}
			tables++
			if want := columnar.Name(f.Original, opt.Format); f.Name != want {
				t.Errorf("%s became %s, want %s", f.Original, f.Name, want)
			}
			if _, there := out[f.Original]; there {
				t.Errorf("%s is there, too", f.Original)
			}
			if err := read(t, opt.Format, []byte(out[f.Name])).same(csv[f.Original]); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
	if tables == 0 {
		t.Error("no table at all")
	}
}

// modes are the ways in which columns are put beside others.
var modes = map[string]retime.Options{
	"replace":          {SenderStamps: retime.SenderDevice},
	"add":              {SenderStamps: retime.SenderDevice, Mode: retime.Add},
	"keep device time": {SenderStamps: retime.SenderDevice, KeepDeviceTime: true, Clock: "lsl"},
}

// realRoot is where the real recordings are.
func realRoot(t *testing.T) string {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared", "data", "real")
	if _, err := os.Stat(root); err != nil {
		if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
			t.Fatalf("real recordings are required: %v", err)
		}
		t.Skipf("no real recordings: %v", err)
	}
	return root
}

// eachRealCloud runs a test for each real download of Pupil Cloud.
func eachRealCloud(t *testing.T, test func(*testing.T, string)) {
	root := realRoot(t)
	for _, name := range []string{
		"invisible-cloud-2023-glassesValidator", "invisible-cloud-trampoline_01-EyeDentify3d",
		"neon-cloud-2024-pl-neon-matlab/2024-09-17_11-06-49-171c4f52", "neon-markermapper-2025-testingPupilLabs",
	} {
		t.Run(name, func(t *testing.T) { test(t, filepath.Join(root, filepath.FromSlash(name))) })
	}
}

func TestRealRecordings(t *testing.T) {
	root := realRoot(t)
	eachRealCloud(t, func(t *testing.T, dir string) {
		for mode, opt := range modes {
			t.Run(mode, func(t *testing.T) { sameAsCSV(t, dir, opt) })
		}
	})
	t.Run("export of Pupil Player", func(t *testing.T) {
		files := retimetest.Read(t, filepath.Join(root, "core-player-export-2022-SeniorCapstone"))
		dir := files.With(retimetest.Files{"info.invisible.json": playerInfo}).Folder(t)
		for mode, opt := range modes {
			t.Run(mode, func(t *testing.T) { sameAsCSV(t, dir, opt) })
		}
	})
}

// playerInfo is what Pupil Player keeps of the info.json of a Pupil Invisible.
const playerInfo = `{"data_format_version": "1.4", "recording_id": "b2345e8e-d5d9-49fe-a6bc-2a04432a24e5", "android_device_id": "fa4e000000000001",
 "start_time": 1700000000000000000, "duration": 36000000000000, "glasses_serial_number": "x"}`

// TestDamagedTables: whatever is refused is so in the same words as without a format, and what is not has the same values.
func TestDamagedTables(t *testing.T) {
	table := "section id,recording id,timestamp [ns],worn\n"
	for i := range 3 {
		table += fmt.Sprintf("s,r1,%d,1.0\n", 1_700_000_001_000_000_015+i*4_000_000)
	}
	info := `{"recording_id": "r1", "android_device_id": "d1", "start_time": 1700000000000000000, "duration": 9000000000}`
	for _, d := range retimetest.Damages(table, 2) {
		dir := retimetest.Files{"gaze.csv": d.Text, "info.json": info}.Folder(t)
		csv, _, want := retimed(t, dir, retime.Options{})
		for _, format := range bothFormats {
			out, _, err := retimed(t, dir, retime.Options{Format: format})
			switch {
			case want == nil && err != nil, want != nil && err == nil, err != nil && err.Error() != want.Error():
				t.Errorf("%s as %s: %v, as CSV: %v", d.Name, format, err, want)
			case err == nil:
				if err := read(t, format, []byte(out["gaze."+string(format)])).same(strings.NewReplacer("\ufeff", "", "\r\r\n", "\n").Replace(csv["gaze.csv"])); err != nil {
					t.Errorf("%s as %s: %v", d.Name, format, err)
				}
			}
		}
	}
}

// TestTwoOfOneName: what is there already is not written over.
func TestTwoOfOneName(t *testing.T) {
	table := "recording id,timestamp [ns]\nr1,1700000001000000015\n"
	info := `{"recording_id": "r1", "android_device_id": "d1", "start_time": 1700000000000000000, "duration": 9000000000}`
	files := retimetest.Files{"info.json": info, "gaze.csv": table}
	for _, other := range []retimetest.Files{{"gaze.parquet": "x"}, {"GAZE.Parquet": "x"}, {"gaze.parquet/a.txt": "x"}} {
		dir := files.With(other).Folder(t)
		_, _, err := retimed(t, dir, retime.Options{Format: retime.Parquet})
		if err == nil || !strings.Contains(err.Error(), "would both be gaze.parquet") {
			t.Errorf("%v: %v", other, err)
		}
		rec, err := formats.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rec.Check(context.Background(), second.Clocks(t), retime.Options{Format: retime.Parquet}); err == nil {
			t.Errorf("%v: Check takes it", other)
		}
		if _, _, err := retimed(t, dir, retime.Options{Format: retime.Feather}); err != nil {
			t.Errorf("%v as Feather: %v", other, err)
		}
	}
}
