package native_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/native"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

const imuLayout = `[("timestamp_ns","int64"),("gyro_x","float32")]`

func TestRefusals(t *testing.T) {
	invisible, neon := eras["Invisible 1.4"], eras["Neon 2.0"]
	info := func(text string) files { return files{"info.json": text} }
	listed := listing(invisible.With(files{"event.txt": "recording.begin\nrecording.end"}), "%x")
	large := strings.Repeat("x", 1<<20) // more than is kept in memory
	largeListed := listing(invisible.With(files{"PI left v1 ps1.mp4": large}), "%x")
	for _, c := range []struct {
		name  string
		base  files
		other files
		is    error
		says  []string
	}{
		{"cut off", invisible, files{"gaze ps1.time": stamps(700, 704)[:12]}, native.ErrCutOff, []string{"gaze ps1.time: record 2 (byte 8)", "4 bytes, expected 8"}},
		{"zero", invisible, files{"gaze ps1.time": stamps(700) + exactly(0)}, retime.ErrFar, []string{"gaze ps1.time: record 2 (byte 8), time", " 0 is "}},
		{"negative", invisible, files{"gaze ps1.time": exactly(-5)}, retime.ErrFar, []string{"record 1 (byte 0), time", "-5"}},
		{"smallest", invisible, files{"gaze ps1.time": exactly(-1 << 63)}, retime.ErrFar, []string{"record 1"}},
		{"largest", invisible, files{"gaze ps1.time": exactly(1<<63 - 1)}, retime.ErrFar, []string{"record 1"}},
		{"another day", invisible, files{"extimu ps1.time_aux": exactly(start + 200_000*1_000_000_000)}, retime.ErrFar, []string{"extimu ps1.time_aux"}},
		{"a text", invisible, files{"reaction.time": "123 ms, 456 ms\n"}, retime.ErrFar, []string{"reaction.time"}},
		{"a backup", invisible, files{"PI left v1 ps1.time_hw": exactly(3)}, retime.ErrFar, []string{"time_hw"}},

		{"no layout", invisible, files{"imu ps1.raw": "12345678"}, native.ErrLayout, []string{"imu ps1.raw", "no imu.dtype"}},
		{"no layout of blinks", neon, files{"blinks ps1.raw": "12345678"}, native.ErrLayout, []string{"no blinks.dtype"}},
		{"a stream nobody knows", invisible, files{"audio ps1.raw": "x"}, native.ErrLayout, []string{"audio ps1.raw"}},
		{"records cut off", neon, files{"imu.dtype": imuLayout, "imu ps1.raw": stamps(1) + "1234" + stamps(2)}, native.ErrCutOff, []string{"imu ps1.raw: record 2 (byte 12)"}},
		{"records far away", neon, files{"imu.dtype": imuLayout, "imu ps1.raw": stamps(1) + "1234" + exactly(7) + "1234"}, retime.ErrFar, []string{"record 2 (byte 12), timestamp_ns"}},
		{"a field that is no field", neon, files{"gaze.dtype": `[("x","float32"),("x")]`}, native.ErrLayout, []string{"gaze.dtype", "field 2"}},
		{"a layout of another eye", neon, files{"gaze.dtype": `[("x","float31")]`}, native.ErrLayout, []string{"float31"}},
		{"a time of another type", neon, files{"gaze.dtype": `[("timestamp_ns","float64")]`}, native.ErrLayout, []string{"expected int64"}},
		{"a time of another name", neon, files{"gaze.dtype": `[("exposure_ns","int64")]`}, native.ErrLayout, []string{"may be a time"}},
		{"a time in seconds", neon, files{"gaze.dtype": `[("timestamp","float64")]`}, native.ErrLayout, []string{"may be a time"}},
		{"a wide number", neon, files{"gaze.dtype": `[("frame","<i8")]`}, native.ErrLayout, []string{"may be a time"}},
		{"big-endian", neon, files{"gaze.dtype": `[("timestamp_ns",">i8")]`}, native.ErrLayout, []string{">i8"}},
		{"an array", neon, files{"gaze.dtype": `[("x","float32",(3,))]`}, native.ErrLayout, []string{"field 1"}},
		{"an empty list", neon, files{"gaze.dtype": `[]`}, native.ErrLayout, []string{"no fields"}},
		{"no list", neon, files{"gaze.dtype": `hello`}, native.ErrLayout, []string{"expected a list"}},

		{"a packet cut off", neon, files{"extimu ps1.raw": packet(start, accel) + packet(start, accel)[:7]}, native.ErrCutOff, []string{"extimu ps1.raw: record 2 (byte 29)"}},
		{"a length cut off", neon, files{"extimu ps1.raw": packet(start, accel) + "\x01"}, native.ErrCutOff, []string{"record 2 (byte 29)", "1 bytes, expected 2"}},
		{"a packet of another message", neon, files{"extimu ps1.raw": packet(start, "\x28\x05")}, native.ErrPacket, []string{"field 5"}},
		{"two stamps", neon, files{"extimu ps1.raw": packet(start, "\x08\x05")}, native.ErrPacket, []string{"two stamps"}},
		{"no stamp", neon, files{"extimu ps1.raw": "\x00\x00"}, native.ErrPacket, []string{"no stamp"}},
		{"a field that is too long", neon, files{"extimu ps1.raw": packet(start, "\x12\x7f")}, native.ErrPacket, []string{"longer than the packet"}},
		{"a packet far away", neon, files{"extimu ps1.raw": packet(start, accel) + packet(77, accel)}, retime.ErrFar, []string{"record 2 (byte 32), tsNs"}},
		{"a stamp of 64 bits", neon, files{"extimu ps1.raw": packet(1<<64-1, accel)}, retime.ErrFar, []string{"-1"}},
		{"an endless varint", neon, files{"extimu ps1.raw": "\x0b\x00\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}, native.ErrPacket, nil},
		{"an IMU of who knows what", neon, files{"info.json": strings.Replace(neon["info.json"], `"2.0"`, `"3.0"`, 1), "extimu ps1.raw": floats(6)}, native.ErrLayout, []string{"extimu ps1.raw", `"3.0"`}},

		{"a stream of an unknown kind", invisible, files{"gaze ps1.foo": "\x00"}, native.ErrLayout, []string{"gaze ps1.foo"}},
		{"a text with times", invisible, files{"notes.txt": "a\nat 1700000001000000000 it began\n"}, retime.ErrLeft, []string{"notes.txt: line 2", "1700000001000000000"}},
		{"a text of two bytes a letter", invisible, files{"notes.txt": "\xff\xfe" + wide("1700000001000000000")}, retime.ErrLeft, []string{"notes.txt"}},
		{"a text of two bytes a letter, unmarked", invisible, files{"notes.txt": wide("at 1700000001000000000 it began")}, retime.ErrLeft, []string{"notes.txt: line 1"}},
		{"a table of two bytes a letter, unmarked", invisible, files{"mine.csv": retimetest.UTF16("a\n1700000001000000000,1\n", true, false)}, retime.ErrLeft, []string{"mine.csv: line 2"}},
		{"a table with times", invisible, files{"export/gaze.csv": "timestamp [ns]\n1\n"}, native.ErrMixed, []string{"gaze.csv", "PI left v1 ps1"}},
		{"a table with other times", invisible, files{"mine.csv": "t\n1700000001000000000\n"}, retime.ErrLeft, []string{"mine.csv: line 2"}},

		{"no info.json", invisible, info("-"), infojson.ErrInfo, []string{"no info.json"}},
		{"info.json cut off", invisible, info(`{"start_time":17000`), infojson.ErrInfo, []string{"info.json", "cut off"}},
		{"no start_time", invisible, info(`{}`), infojson.ErrInfo, []string{"start_time"}},
		{"a start_time of text", invisible, info(`{"start_time":"1700000000000000000"}`), retime.ErrCell, []string{"start_time"}},
		{"a fraction", invisible, info(`{"start_time":1.7e18}`), retime.ErrCell, []string{"1.7e18"}},
		{"beyond 64 bits", invisible, info(`{"start_time":17000000000000000000000}`), retime.ErrCell, []string{"start_time"}},
		{"1970", invisible, info(`{"start_time":0,"data_format_version":"1.4"}`), retime.ErrFar, []string{"more than a day from 0"}},
		{"before 1970", invisible, info(`{"start_time":-9000000000000000000,"data_format_version":"1.4"}`), retime.ErrFar, []string{"more than a day from -9"}},
		{"an absurd duration hides nothing", invisible, files{"info.json": strings.Replace(invisible["info.json"], `"duration":0`, `"duration":9000000000000000000`, 1),
			"gaze ps1.time": exactly(start + 300_000*1_000_000_000)}, retime.ErrFar, nil},
		{"another second instant", invisible, info(`{"start_time":1700000000000000000,"start_time_synced":7,"data_format_version":"1.4"}`), retime.ErrFar, []string{"start_time_synced"}},
		{"re-timed", invisible, info(`{"start_time":1700000000000000123}`), retime.ErrRetimed, []string{"not in whole ms"}},
		{"re-timed events", invisible, files{"event.time": exactly(start+123, start+22_000_000_123)}, retime.ErrRetimed, []string{"event.time", "recording.begin"}},
		{"pialign.json", invisible, files{"pialign.json": "{}"}, retime.ErrRetimed, []string{"pialign.json"}},

		{"a name without end", invisible, files{"event.txt": strings.Repeat("x", 1<<17)}, nil, []string{"event.txt", "65536 bytes"}},
		{"names of two bytes a letter", invisible, files{"event.txt": wide("recording.begin\nrecording.end\n")}, nil, []string{"event.txt", "UTF-16"}},
		{"a hole in the names", invisible, files{"event.txt": strings.Repeat("\x00", 512)}, nil, []string{"event.txt", "NUL"}},
		{"an info.json of two bytes a letter", invisible, info(wide(invisible["info.json"])), infojson.ErrInfo, []string{"info.json", "UTF-16"}},
		{"an info.json without an end", invisible, info(`{"a":"` + strings.Repeat("x", infojson.MaxSize)), nil, []string{"info.json", "larger than"}},
		{"a hole of NUL bytes", invisible, files{"gaze ps1.time": stamps(700) + strings.Repeat("\x00", 4096)}, retime.ErrFar, []string{"gaze ps1.time: record 2 (byte 8)", " 0 is "}},
		{"a damaged file", listed, files{"gaze ps1.time": stamps(700, 705)}, native.ErrManifest, []string{"gaze ps1.time", "damaged"}},
		{"a file that was cut at a stamp", listed, files{"gaze ps1.time": stamps(700)}, native.ErrManifest, []string{"gaze ps1.time", "8 bytes"}},
		{"a video of another size", listed, files{"PI left v1 ps1.mp4": "xyz"}, native.ErrManifest, []string{"PI left v1 ps1.mp4", "3 bytes", "copy the recording from the phone again"}},
		{"a damaged video", listed, files{"PI left v1 ps1.mp4": "y"}, native.ErrManifest, []string{"PI left v1 ps1.mp4", "checksum"}},
		{"damaged samples", listed, files{"gaze ps1.raw": floats(5)[4:]}, native.ErrManifest, []string{"gaze ps1.raw", "checksum"}},
		{"a damaged video that is large", largeListed, files{"PI left v1 ps1.mp4": large[1:] + "y"}, native.ErrManifest, []string{"PI left v1 ps1.mp4", "checksum"}},
		{"another info.json", listed, files{"info.json": invisible["info.json"] + " "}, native.ErrManifest, []string{"info.json"}},
		{"a damaged manifest", listed, files{"manifest.json": listed["manifest.json"] + " "}, native.ErrManifest, []string{"manifest.json.crc"}},
		{"a damaged checksum", listed, files{"manifest.json.crc": "0"}, native.ErrManifest, []string{"manifest.json.crc"}},
		{"a manifest cut off", listed, files{"manifest.json": listed["manifest.json"][:99]}, nil, []string{"manifest.json", "cut off", "move it"}},
		{"a manifest of somebody else", listed, files{"manifest.json": `{"files":[]}`}, nil, []string{"expected a list"}},
		{"a manifest without checksums", listed, files{"manifest.json": `[{"name":"a","size":1}]`}, nil, []string{"entry 1"}},
		{"a manifest with another checksum", listed, files{"manifest.json": `[{"name":"a","size":1,"crc":123}]`}, nil, []string{"entry 1", "crc"}},
		{"a manifest with a name twice", listed, files{"manifest.json": `[{"name":"a","size":1,"crc":"1"},{"name":"a","size":1,"crc":"1"}]`}, nil, []string{"entry 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := retimed(t, c.base.With(c.other).Folder(t), second.Clocks(t), retime.Options{})
			if err == nil || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("%v, want %v", err, c.is)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q is not in %v", s, err)
				}
			}
		})
	}
}

// wide is UTF-16 without its mark.
func wide(text string) string {
	var b strings.Builder
	for _, c := range text {
		b.WriteByte(byte(c))
		b.WriteByte(0)
	}
	return b.String()
}

// What is odd but harmless is done, with a warning where somebody should know.
func TestOddities(t *testing.T) {
	invisible, neon := eras["Invisible 1.4"], eras["Neon 2.0"]
	for _, c := range []struct {
		name  string
		base  files
		other files
		warns string // "" for none
	}{
		{"samples cut off", invisible, files{"gaze ps1.raw": floats(4)[:13]}, "gaze ps1.raw: 13 bytes"},
		{"no times", invisible, files{"gaze ps1.time": "-"}, "gaze ps1.raw: no .time beside it"},
		{"no samples", invisible, files{"gaze ps1.raw": "-"}, ""},
		{"more names than events", invisible, files{"event.txt": "recording.begin\na\nb\nrecording.end\n"}, "event.time has 2 times and event.txt 4 names"},
		{"more events than names", invisible, files{"event.txt": "recording.begin\n"}, "event.time has 2 times and event.txt 1 names"},
		{"no names", invisible, files{"event.txt": "-"}, "no event.txt beside it"},
		{"no events", invisible, files{"event.time": "-"}, "no event.time beside it"},
		{"names of no event", invisible, files{"event.txt": "", "event.time": ""}, ""},
		{"no phone", invisible, files{"info.json": `{"data_format_version":"1.4","start_time":1700000000000000000}`}, "which phone recorded it"},
		{"layout without a format version", neon, files{"info.json": `{"android_device_id":"p","start_time":1700000000000000000}`}, ""}, // packets show themselves
		{"what nobody can look into", invisible, files{"extra.bin": "\x00\x01"}, "extra.bin: copied as it is"},
		{"a packed table", invisible, files{"all.csv.gz": "x"}, "all.csv.gz: copied as it is"},
		{"a killed apply", invisible, files{".pialign-ABC": "x"}, ".pialign-ABC: left out"},
		{"numpy's other names", neon, files{"imu.dtype": "[('timestamp_ns', '<i8'), ('worn', '|u1'),]\n", "imu ps1.raw": stamps(5) + "\xff", "imu ps1.time": stamps(5)}, ""},
		{"a manifest in another place", invisible, files{"own/manifest.json": "{}", "own/manifest.json.crc": "x"}, ""},
		{"a checksum without its manifest", invisible, files{"manifest.json.crc": "abc"}, ""},
		{"an empty stream of a kind that nobody knows", invisible, files{"lidar ps1.raw": ""}, ""},
		{"a listed file out of the folder", listing(invisible, "%x").With(files{"manifest.json.crc": "-"}), files{"manifest.json": `[{"crc":"1","size":1,"name":"../a","x":[{}]}]`}, "lists 1 files that are not here (../a)"},
	} {
		f := c.base.With(c.other)
		out, rep, err := retimed(t, f.Folder(t), identity.Clocks(t), retime.Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err := retimetest.Same(f.With(files{".pialign-ABC": "-"}), out); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := strings.Join(rep.Recordings[0].Warnings, "\n"); !strings.Contains(got, c.warns) || c.warns == "" && got != "" {
			t.Errorf("%s: warns %q, want %q", c.name, got, c.warns)
		}
	}
}

// Binary files have nowhere to put a second time.
func TestModesWithColumns(t *testing.T) {
	for _, opt := range []retime.Options{{Mode: retime.Add}, {KeepDeviceTime: true}} {
		_, _, err := retimed(t, eras["Neon 2.0"].Folder(t), second.Clocks(t), opt)
		if !errors.Is(err, native.ErrBinary) || !strings.Contains(err.Error(), "mode replace") {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}

// Events that their sender stamped are listed and refused, or go where the user says.
func TestSenderStamps(t *testing.T) {
	at := []int64{start, start + 5_000_000_123, start - 7200_000_000_000, start + 6_000_000_000, start + 22_000_000_000}
	f := eras["Invisible 1.4"].With(files{"event.txt": "recording.begin\nsent\nearly\nmine\nrecording.end\n", "event.time": exactly(at...)})
	_, _, err := retimed(t, f.Folder(t), second.Clocks(t), retime.Options{})
	var se *retime.SenderError
	if !errors.As(err, &se) || se.Total != 2 || se.Stamps[0].Event != "sent" || se.Stamps[0].Row != 2 || se.Stamps[1].Event != "early" || se.Stamps[1].Stamp != align.DeviceTime(at[2]) {
		t.Fatalf("%v", err)
	}
	for whose, want := range map[string][]int64{
		retime.SenderHost:   {second.Host(at[0]), at[1], at[2], second.Host(at[3]), second.Host(at[4])},
		retime.SenderDevice: {second.Host(at[0]), second.Host(at[1]), second.Host(at[2]), second.Host(at[3]), second.Host(at[4])},
	} {
		got, rep, err := retimed(t, f.Folder(t), second.Clocks(t), retime.Options{SenderStamps: whose})
		if err != nil {
			t.Errorf("%s: %v", whose, err)
		} else if got["event.time"] != exactly(want...) || rep.Recordings[0].SenderTotal != 2 {
			t.Errorf("%s: %v", whose, stampsOf(got["event.time"], 8, 0))
		}
	}
}

// Links to files are read through, as git-annex makes them; links to folders and to nothing are refused.
func TestLinks(t *testing.T) {
	f := eras["Invisible 1.4"]
	dir := f.Folder(t)
	aside := filepath.Join(t.TempDir(), "object")
	link := func(name string, to string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	if err := os.Rename(filepath.Join(dir, "gaze ps1.time"), aside); err != nil {
		t.Fatal(err)
	}
	link("gaze ps1.time", aside)
	got, _, err := retimed(t, dir, second.Clocks(t), retime.Options{})
	if err != nil || got["gaze ps1.time"] != exactly(second.Host(start+700_000_015), second.Host(start+704_000_015)) {
		t.Errorf("a link to a file: %v", err)
	}
	link("loop", dir)
	if _, err := native.Open(dir); !errors.Is(err, folder.ErrTree) {
		t.Errorf("a link to a folder: %v", err)
	}
	os.Remove(filepath.Join(dir, "loop"))
	link("gaze ps3.time", filepath.Join(dir, "nowhere"))
	if _, err := native.Open(dir); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "git-annex") {
		t.Errorf("a link to nothing: %v", err)
	}
}

// A file that is written to meanwhile is noticed.
func TestChangedMeanwhile(t *testing.T) {
	for _, name := range []string{"gaze ps1.time", "event.time", "info.json", "PI world v1 ps1.mp4"} {
		dir := eras["Invisible 1.4"].Folder(t)
		rec, err := native.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		clocks := func(device, _ string) (retime.Clock, error) {
			f, err := os.OpenFile(filepath.Join(dir, name), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return retime.Clock{}, err
			}
			defer f.Close()
			_, err = f.WriteString(stamps(705))
			return retime.Clock{New: func() align.Retimer { return func(d align.DeviceTime) (int64, error) { return int64(d), nil } }}, err
		}
		out := filepath.Join(t.TempDir(), "out")
		if _, err := rec.Retime(t.Context(), out, clocks, retime.Options{}); !errors.Is(err, retime.ErrChanged) || !strings.Contains(fmt.Sprint(err), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResultInsideInput(t *testing.T) {
	dir := eras["Neon 2.0"].Folder(t)
	rec, err := native.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Retime(t.Context(), filepath.Join(dir, "sub", "out"), identity.Clocks(t), retime.Options{}); err == nil || !strings.Contains(err.Error(), "inside the recording") {
		t.Error(err)
	}
}
