package columnar_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// TestDurationsMadeAnew: in a table with types they are what they are in the CSV, a number where all are, and not those of the original.
func TestDurationsMadeAnew(t *testing.T) {
	const header = "recording id,blink id,start timestamp [ns],end timestamp [ns],duration [ms]\n"
	dir := retimetest.Files{
		"info.json":    `{"recording_id": "r1", "android_device_id": "d1", "start_time": 1700000000000000000, "duration": 900000000000}`,
		"gaze.csv":     "recording id,timestamp [ns]\nr1,1700000001000000015\n",
		"blinks.csv":   header + "r1,1,1700000000000000000,1700000100000000000,100000\nr1,2,1700000200000000000,1700000200100000000,100\n",
		"saccades.csv": header + "r1,1,1700000000000000000,1700000100000000000,100000.0\nr1,2,,,\n",
	}.Folder(t)
	for name, opt := range map[string]retime.Options{"replace": {}, "add": {Mode: retime.Add}, "keep device time": {KeepDeviceTime: true}} {
		opt.RecomputeDurations = true
		t.Run(name, func(t *testing.T) { sameAsCSV(t, dir, opt) })
	}
	out, _, err := retimed(t, dir, retime.Options{RecomputeDurations: true, Format: retime.Parquet})
	if err != nil {
		t.Fatal(err)
	}
	// By a clock that is 20 ppm off 100 s are 2 ms longer, and a tenth of a second is as long as it was.
	for name, want := range map[string][]float64{"blinks.parquet": {100002, 100}, "saccades.parquet": {100002}} {
		table := read(t, retime.Parquet, []byte(out[name]))
		at := slices.Index(table.names, "duration [ms]")
		if at < 0 {
			t.Fatalf("%s has the columns %q", name, table.names)
		}
		for i, want := range want {
			if got, err := strconv.ParseFloat(table.rows[i][at], 64); err != nil || got != want {
				t.Errorf("%s, row %d: %s ms, want %v", name, i+1, table.rows[i][at], want)
			}
		}
		if len(table.rows) != 2 || name == "saccades.parquet" && !table.null[1][at] {
			t.Errorf("%s: %q", name, table.rows)
		}
	}
}

// Of real recordings too.
func TestRealDurationsMadeAnew(t *testing.T) {
	eachRealCloud(t, func(t *testing.T, dir string) {
		sameAsCSV(t, dir, retime.Options{SenderStamps: retime.SenderDevice, RecomputeDurations: true})
	})
}
