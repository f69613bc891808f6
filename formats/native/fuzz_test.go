package native_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/native"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// FuzzRecording claims: a folder of the phone's files is refused with nothing written, or comes out of the identity byte for byte:
// events and their names, info.json, stamps, and records by their layout.
func FuzzRecording(f *testing.F) {
	base := eras["Invisible 1.0"]
	add := func(names string) {
		f.Add(base["info.json"], names, []byte(base["event.time"]), []byte(base["gaze ps1.time"]), "[('timestamp_ns','<i8')]", []byte(stamps(1, 2)))
	}
	add(base["event.txt"])
	add("recording.begin\r\n\n\xff\n")
	add("a\x00b\n")
	add(retimetest.UTF16(base["event.txt"], false, true))
	f.Add(`{"start_time":1700000000000000000,"duration":-1,"data_format_version":"2.0"}`, "", []byte(exactly(start, 0, -1)), []byte(stamps(1)[:5]), "", []byte{1})
	shm := ""
	if _, err := os.Stat("/dev/shm"); err == nil {
		shm = "/dev/shm" // many more tries than on a disk, onto which each result is brought
	}
	f.Fuzz(func(t *testing.T, info, names string, events, gaze []byte, layout string, blinks []byte) {
		in := files{"info.json": info, "event.txt": names, "event.time": string(events), "gaze ps1.time": string(gaze), "blinks.dtype": layout, "blinks ps1.raw": string(blinks)}
		dir, err := os.MkdirTemp(shm, "FuzzRecording")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		rec := filepath.Join(dir, "rec")
		if err := os.Mkdir(rec, 0o777); err != nil {
			t.Fatal(err)
		}
		for name, text := range in {
			if err := os.WriteFile(filepath.Join(rec, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		r, err := native.Open(rec)
		if err != nil {
			if r != nil {
				t.Fatal("a recording with an error")
			}
			return
		}
		out := filepath.Join(dir, "out")
		rep, err := r.Retime(t.Context(), out, identity.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice})
		if err != nil {
			left, _ := os.ReadDir(dir)
			if rep != nil || len(left) > 1 || !strings.Contains(err.Error(), rec) && !strings.Contains(err.Error(), "event") {
				t.Fatalf("%v, %d left: %v", rep != nil, len(left), err)
			}
			return
		}
		if err := retimetest.Same(in, retimetest.Read(t, out)); err != nil {
			t.Fatal(err)
		}
	})
}
