package native_test

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/native"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

const start = 1_700_000_000_000_000_000

// stamps are an array of them, ms after the start and all ending in the same three digits, as a phone's.
func stamps(ms ...int64) string {
	var b []byte
	for _, at := range ms {
		b = binary.LittleEndian.AppendUint64(b, uint64(start+at*1_000_000+15))
	}
	return string(b)
}

// exactly are stamps in ns.
func exactly(ns ...int64) string {
	var b []byte
	for _, at := range ns {
		b = binary.LittleEndian.AppendUint64(b, uint64(at))
	}
	return string(b)
}

// floats are n of them, none of which is a stamp.
func floats(n int) string {
	var b []byte
	for i := range n {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i)*1.5-3))
	}
	return string(b)
}

// packet is one of extimu, with the stamp written by hand.
func packet(at uint64, rest string) string {
	body := append(binary.AppendUvarint([]byte{0x08}, at), rest...)
	return string(append(binary.LittleEndian.AppendUint16(nil, uint16(len(body))), body...))
}

// accel is a message accelData with three floats.
var accel = "\x12\x0f\x0d" + floats(1) + "\x15" + floats(1) + "\x1d" + floats(1)

// listing is a manifest of files, and its checksum.
func listing(f files, crc string) files {
	var entries []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		entries = append(entries, fmt.Sprintf(`{"name":%q,"size":%d,"crc":"`+crc+`"}`, name, len(f[name]), crc32.ChecksumIEEE([]byte(f[name]))))
	}
	m := "[" + strings.Join(entries, ",") + "]\n"
	return f.With(files{"manifest.json": m, "manifest.json.crc": fmt.Sprintf(crc, crc32.ChecksumIEEE([]byte(m)))})
}

// zeros is a text whose checksum has a leading zero: by it a manifest is known to write them.
func zeros() string {
	for n := 0; ; n++ {
		if text := fmt.Sprint(n); crc32.ChecksumIEEE([]byte(text)) < 1<<28 {
			return text
		}
	}
}

// eras are folders of Pupil Invisible as the vendor's readers of different years expect them, and of Neon.
var eras = map[string]files{
	"Invisible 1.0": {
		"info.json": "{\r\n  \"data_format_version\": \"1.0\",\r\n  \"android_device_id\": \"p1\", \"recording_uuid\": \"r1\",\r\n" +
			"  \"start_time\": 1700000000000000000, \"start_time_synced\": 1700000000000000321, \"duration\": 3600000000000}",
		"gaze ps1.raw": floats(6), "gaze ps1.time": stamps(700, 704, 712),
		"extimu ps1.raw": floats(12), "extimu ps1.time": stamps(1690, 1695, 1700, 1705), // two more times than samples
		"PI world v1 ps1.mp4": "\x00\x00\x00\x18ftypmp42", "PI world v1 ps1.time": stamps(400, 390, 433), // the first frame is late
		"PI left v1 ps1.mjpeg": "\xff\xd8\xff", "PI left v1 ps1.time": stamps(500, 505),
		"PI right v1 ps1.mjpeg": "\xff\xd8\xff", "PI right v1 ps1.time": stamps(502),
		"event.txt": "recording.begin\nstimulus, 1\nrecording.end\n", "event.time": exactly(start, start+5_000_000_000, start+3_600_000_000_000),
		"calibration.bin": strings.Repeat("\x01", 213), "wearer.json": `{"uuid":"w","name":"1700000000000000000"}`,
	},
	"Invisible 1.4": {
		"info.json":    `{"data_format_version":"1.4","android_device_id":"p1","recording_id":"r1","start_time":1700000000000000000,"duration":0}`,
		"gaze ps1.raw": floats(4), "gaze ps1.time": stamps(700, 704),
		"gaze ps2.raw": "", "gaze ps2.time": "",
		"gaze ps10.raw": floats(4), "gaze ps10.time": stamps(20000, 20000, 19990, 20004), // two times too many, one twice, one back
		"gaze_200hz.raw": floats(8), "gaze_200hz.time": stamps(700, 704, 20000, 20004),
		"worn ps1.raw": "\xff\x00", "worn_200hz.raw": "\xff\xff\x00\x00",
		"extimu ps1.raw": floats(6), "extimu ps1.time": stamps(1700), "extimu ps1.time_aux": stamps(1701),
		"extimu ps2.raw": floats(6), "extimu ps2.time_aux": stamps(21701), // the only one
		"PI world v1 ps1.mp4": "", "PI world v1 ps1.time": stamps(400, 433), "PI world v1 ps1.time_aux": stamps(399, 434),
		"PI left v1 ps1.mp4": "x", "PI left v1 ps1.time": stamps(500), "PI left v1 ps1.time_hw": stamps(499), "PI left v1 ps1.original.time": stamps(501),
		"event.txt": "recording.begin\nrecording.end", "event.time": exactly(start, start+22_000_000_000),
		"template.json": `{"created_at":"2024-04-24T12:38:23.780524Z"}`, "android.log.zip": "PK\x03\x04\x00",
		"notes ps2.txt": "the second part\n", "trials.csv": "trial,answer\n1,2\n",
	},
	"Neon 2.0": {
		"info.json":    `{"data_format_version":"2.0","android_device_id":"p2","recording_id":"r2","start_time":1700000000000000000,"duration":3000000000}`,
		"gaze ps1.raw": floats(2), "gaze ps1.time": stamps(700), "gaze_left ps1.raw": floats(2), "gaze_left ps1.time": stamps(700),
		"eye_state ps1.raw": floats(14), "eye_state ps1.time": stamps(700),
		"extimu ps1.raw": packet(start+15, accel) + packet(start+1_000_015, accel+accel) + packet(start+15, ""), "extimu ps1.time": stamps(0, 1, 0),
		"Neon Scene Camera v1 ps1.mp4": "x", "Neon Scene Camera v1 ps1.time": stamps(400), "Neon Sensor Module v1_sae_log_1.bin": "\x00\x01",
		"blinks ps1.raw": "", "fixations ps1.raw": "",
	},
	"a manifest with leading zeros": listing(files{
		"info.json":     `{"data_format_version":"1.4","android_device_id":"p1","recording_id":"r1","start_time":1700000000000000000,"duration":3000000000}`,
		"gaze ps1.time": stamps(700), "gaze ps1.raw": floats(2), "wearer.json": "{}",
		"zeros.txt": zeros(),
	}, "%08x"),
	"two recordings": {
		"a/info.json":     `{"data_format_version":"1.4","android_device_id":"p1","recording_id":"r1","start_time":1700000000000000000,"duration":3000000000}`,
		"a/gaze ps1.time": stamps(700), "a/gaze ps1.raw": floats(2),
		"b/c/info.json":     `{"data_format_version":"2.5","android_device_id":"p2","recording_id":"r2","start_time":1700000000000000000,"duration":3000000000}`,
		"b/c/gaze ps1.time": stamps(900), "b/c/gaze ps1.raw": floats(2),
		"b/c/own/plan.txt": "words\n", "readme.txt": "two\n",
	},
}

func TestErasIdentity(t *testing.T) {
	for name, f := range eras {
		out, _, err := retimed(t, f.Folder(t), identity.Clocks(t), retime.Options{})
		if err == nil {
			err = retimetest.Same(f, out)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every array of stamps moves by the model's integer, in its order and length, and what holds none stays.
func TestErasMove(t *testing.T) {
	for name, f := range eras {
		got, _, err := retimed(t, f.Folder(t), drifting.Clocks(t), retime.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for file, b := range f {
			base := file[strings.LastIndex(file, "/")+1:]
			switch {
			case base == "info.json":
				for _, at := range []int64{start, start + 321} {
					b = strings.Replace(b, fmt.Sprint(at), fmt.Sprint(drifting.Host(at)), 1)
				}
				if got[file] != b {
					t.Errorf("%s: %s is %s, want %s", name, file, got[file], b)
				}
			case strings.Contains(base, ".time"):
				var want []int64
				for _, p := range stampsOf(b, 8, 0) {
					want = append(want, drifting.Host(p))
				}
				if got[file] != exactly(want...) {
					t.Errorf("%s: %s is wrong", name, file)
				}
			case strings.HasPrefix(base, "manifest.json"):
			case base == "extimu ps1.raw" && name == "Neon 2.0":
				var want string
				for i, rest := range []string{accel, accel + accel, ""} {
					want += packet(uint64(drifting.Host(packetsOf(b)[i])), rest)
				}
				if got[file] != want {
					t.Errorf("%s: %s is wrong", name, file)
				}
			case got[file] != b:
				t.Errorf("%s: %s changed, and holds no times", name, file)
			}
		}
		if f["manifest.json"] != "" {
			want := files{}
			for _, file := range []string{"info.json", "gaze ps1.time", "gaze ps1.raw", "wearer.json", "zeros.txt"} {
				want[file] = got[file]
			}
			if want = listing(want, "%08x"); got["manifest.json"] != want["manifest.json"] || got["manifest.json.crc"] != want["manifest.json.crc"] {
				t.Errorf("%s: the manifest is\n%s%s, want\n%s%s", name, got["manifest.json"], got["manifest.json.crc"], want["manifest.json"], want["manifest.json.crc"])
			}
		}
	}
}

// Each recording of a folder goes through its own phone's clock.
func TestEachByItsOwnClock(t *testing.T) {
	f := eras["two recordings"]
	clocks := func(device, recording string) (retime.Clock, error) {
		l := map[string]line{"p1 r1": second, "p2 r2": drifting}[device+" "+recording]
		return l.Clocks(t)(device, recording)
	}
	got, rep, err := retimed(t, f.Folder(t), clocks, retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]int64{"a/gaze ps1.time": second.Host(start + 700_000_015), "b/c/gaze ps1.time": drifting.Host(start + 900_000_015)} {
		if got[file] != exactly(want) {
			t.Errorf("%s is wrong", file)
		}
	}
	if len(rep.Recordings) != 2 || rep.Recordings[1].Name != "b/c" || len(rep.Recordings[1].Files) != 4 || len(rep.Files) != len(f) {
		t.Errorf("%+v", rep)
	}
	rec, err := native.Open(f.Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rec.Kind(), rec.DeviceIDs(), rec.RecordingIDs()); got != "folder with 2 Pupil Invisible or Neon recordings, the phone's own files[p1 p2] [r1 r2]" {
		t.Error(got)
	}
	_, _, err = retimed(t, f.Folder(t), func(device, _ string) (retime.Clock, error) {
		return retime.Clock{}, fmt.Errorf("none of %s", device)
	}, retime.Options{})
	if err == nil || !strings.Contains(err.Error(), "a: none of p1; b/c: none of p2") {
		t.Errorf("without clocks: %v", err)
	}
}

// setBack is a phone whose clock was set back by 2 s somewhere between 10 s and 20 s after the start of the recording.
func setBack(t *testing.T) *align.Model[align.HostTime] {
	t.Helper()
	const s = 1_000_000_000
	knot := func(piece int, at align.DeviceTime) align.Knot {
		return align.Knot{Piece: piece, At: at}
	}
	m, err := align.NewModel[align.HostTime](align.Parts{
		Segments: []align.Segment{{Piece: 0, From: start - 100*s, To: start + 20*s, Ref: start}, {Piece: 1, From: start + 8*s, To: start + 4000*s, Ref: start, Offset: 2 * time.Second}},
		Knots:    []align.Knot{knot(0, start-100*s), knot(0, start+20*s), knot(1, start+8*s), knot(1, start+4000*s)},
		First:    start - 50*s, Last: start + 3990*s,
		Steps: []align.Step{{From: start + 10*s, To: start + 20*s, By: 2 * time.Second}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Where the phone's clock was set back, the order of a dense stream says which stamps lie behind the step, in a file
// that spans all parts too; a part that begins within the gap does not say it, and is refused.
func TestStep(t *testing.T) {
	m := setBack(t)
	clocks := retimetest.ClocksOf(func() align.Retimer { return m.Retimer(align.AmbiguousRefused) })
	var ms, want []int64
	for at := int64(5000); at <= 15000; at += 5 {
		ms, want = append(ms, at), append(want, start+at*1_000_000+15)
	}
	for at := int64(13000); at <= 30000; at += 5 {
		ms, want = append(ms, at), append(want, start+at*1_000_000+15+2_000_000_000)
	}
	f := eras["Invisible 1.4"].With(files{"event.time": exactly(start, start+30_000_000_000)})
	for name := range f {
		if strings.Contains(name, ".time") && name != "event.time" {
			delete(f, name)
		}
	}
	dense := f.With(files{"gaze ps1.time": stamps(ms...), "gaze_200hz.time": stamps(ms...)})
	got, _, err := retimed(t, dense.Folder(t), clocks, retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"gaze ps1.time", "gaze_200hz.time"} {
		if got[name] != exactly(want...) {
			t.Errorf("%s is wrong", name)
		}
	}
	behind := len(ms) - 3000 // within the gap, behind the step
	two := dense.With(files{"gaze ps1.time": stamps(ms[:behind]...), "gaze ps2.time": stamps(ms[behind:]...)})
	if _, _, err := retimed(t, two.Folder(t), clocks, retime.Options{}); !errors.Is(err, align.ErrAmbiguous) || !strings.Contains(err.Error(), "gaze ps2.time: record 1 (byte 0)") {
		t.Errorf("a part that begins within the gap: %v", err)
	}
	// What is chosen for a part is chosen in the file that spans it too: equal instants stay equal.
	clocks = retimetest.ClocksOf(func() align.Retimer { return m.Retimer(align.AmbiguousFirst) })
	if got, _, err = retimed(t, two.Folder(t), clocks, retime.Options{Ambiguous: "first"}); err != nil {
		t.Fatal(err)
	}
	if got["gaze_200hz.time"] != got["gaze ps1.time"]+got["gaze ps2.time"] {
		t.Error("gaze_200hz.time is not its parts")
	}
	clocks = retimetest.ClocksOf(func() align.Retimer { return m.Retimer(align.AmbiguousEmpty) })
	if _, _, err := retimed(t, two.Folder(t), clocks, retime.Options{Ambiguous: "empty"}); !errors.Is(err, align.ErrBlank) {
		t.Errorf("left empty: %v", err)
	}
}

func TestCancelled(t *testing.T) {
	rec, err := native.Open(eras["Neon 2.0"].Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out := t.TempDir() + "/out"
	if _, err := rec.Retime(ctx, out, identity.Clocks(t), retime.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run: %v", err)
	}
}

// A zip of a recording is re-timed like its folder.
func TestZipped(t *testing.T) {
	for name, f := range eras {
		dir := t.TempDir()
		path := filepath.Join(dir, "rec.zip")
		w, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		z := zip.NewWriter(w)
		for _, file := range slices.Sorted(maps.Keys(f)) {
			e, err := z.Create(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Write([]byte(f[file])); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(z.Close(), w.Close()); err != nil {
			t.Fatal(err)
		}
		rec, err := native.Open(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := rec.Retime(t.Context(), filepath.Join(dir, "out.zip"), drifting.Clocks(t), retime.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, _, err := retimed(t, f.Folder(t), drifting.Clocks(t), retime.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := zip.OpenReader(filepath.Join(dir, "out.zip"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got.File {
			r, err := e.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil || string(b) != want[e.Name] && e.Name != retime.ManifestName {
				t.Errorf("%s: %s differs from the folder's, %v", name, e.Name, err)
			}
		}
		if len(got.File) != len(want) {
			t.Errorf("%s: %d files, want %d", name, len(got.File), len(want))
		}
		got.Close()
	}
}
