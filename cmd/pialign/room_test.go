package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/table"
)

func TestRoom(t *testing.T) {
	dir := t.TempDir()
	same := func(path string) string { return filepath.Join(dir, path) }
	if err := makeRecording(same, []string{"in/rec"}); err != nil {
		t.Fatal(err)
	}
	const video = 100_000
	if err := os.WriteFile(same("in/rec/scene.mp4"), make([]byte, video), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := pack(same("in/rec"), same("rec.zip")); err != nil {
		t.Fatal(err)
	}
	size := func(path string) int64 { return sizeOf(t.Context(), same(path)) }
	var tables int64
	all, err := filepath.Glob(same("in/rec/*.csv"))
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for _, path := range all {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		tables += info.Size()
	}
	folder, table1, zip := size("in/rec"), size("in/rec/gaze.csv"), size("rec.zip")
	for _, c := range []struct {
		name, path   string
		options      retime.Options
		single       bool
		least, wants int64
	}{
		{"replace", "in/rec", retime.Options{}, false, folder, folder},
		{"add", "in/rec", retime.Options{Mode: retime.Add}, false, folder + tables, folder + tables},
		{"both times", "in/rec", retime.Options{KeepDeviceTime: true}, false, folder + tables, folder + tables},
		{"parquet", "in/rec", retime.Options{Format: retime.Parquet}, false, folder, folder},
		{"links", "in/rec", retime.Options{Hardlink: true}, false, folder - video, folder - video},
		{"links and columns", "in/rec", retime.Options{Hardlink: true, Mode: retime.Add}, false, folder + tables - video, folder + tables - video},
		{"a table", "in/rec/gaze.csv", retime.Options{Mode: retime.Add}, true, 2 * table1, 2 * table1},
		// a zip is packed anew beside itself, all but its video
		{"a zip, replaced", "rec.zip", retime.Options{}, false, 2*zip - video - zip/10, 2*zip - 1},
		{"links in a zip", "rec.zip", retime.Options{Hardlink: true}, false, 2*zip - video - zip/10, 2*zip - 1},
		{"a zip", "rec.zip", retime.Options{Mode: retime.Add}, false, 3*zip + 1, 4 * zip},
	} {
		o := applyOptions{recordings: []string{same(c.path)}, out: same("out/new"), retime: c.options}
		if c.single {
			o.columns = []table.Column{{Name: "timestamp [ns]", Unit: 1}}
		}
		work, err := o.open(t.Context())
		if err != nil || work[0].err != nil {
			t.Fatalf("%s: %v, %v", c.name, err, work[0].err)
		}
		if got := o.room(t.Context(), work[0]); got < c.least || got > c.wants {
			t.Errorf("%s: %d bytes, want %d to %d", c.name, got, c.least, c.wants)
		}
		if c.options.Mode != retime.Add || c.single {
			continue
		}
		out := same("really " + c.name) // no more than was thought
		o.out = out
		if _, err := work[0].recording.Retime(t.Context(), out, retime.Unmoved, c.options); err != nil {
			t.Fatal(err)
		}
		if took := sizeOf(t.Context(), out); took-int64(len(manifestOf(t, out))) > c.wants {
			t.Errorf("%s: took %d bytes, and %d were thought to do", c.name, took, c.wants)
		}
	}
	if !onOneDisk(same("rec.zip"), same("not/there/yet")) || runtime.GOOS == "linux" && onOneDisk("/proc/self/status", dir) || onOneDisk(same("nothing"), dir) {
		t.Error("what is on one disk")
	}
}

// manifestOf returns the pialign.json of a result, nil of a zip.
func manifestOf(t *testing.T, out string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(out, retime.ManifestName))
	if err != nil {
		return nil
	}
	return b
}
