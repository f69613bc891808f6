package player

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

const (
	startNs = 1700000000123000000
	device  = "fa4e000000000001"
	id      = "1a2b3c4d-0000-4000-8000-000000000001"
)

var info = fmt.Sprintf(`{"android_device_id": "%s", "data_format_version": "1.4", "duration": 60000000000, "recording_id": "%s", "start_time": %d}`, device, id, startNs)

var playerInfoText = `{
    "duration_s": 60.0,
    "meta_version": "2.3",
    "min_player_version": "2.0",
    "recording_name": "made up",
    "recording_software_name": "Pupil Invisible",
    "recording_software_version": "1.4.30",
    "recording_uuid": "` + id + `",
    "start_time_synced_s": 1700000000.123,
    "start_time_system_s": 1700000000.123,
    "system_info": "Android device ID: ` + device + `"
}`

// stamps are ns since the start, as the phone gives them: a whole number of us and a constant.
var stampsNs = []int64{15, 5_000_015, 4_250_015, 12_345_678_015, 12_500_000_000, 59_999_999_015}

func python(ns int64) string { // as Player computes and prints it
	return strconv.FormatFloat(float64(ns)*1e-9, 'f', -1, 64)
}

// opened makes a recording that was opened in Pupil Player, with an export, by section 5 of what is known of them.
func opened() map[string]string {
	var times, npy, gaze, lookup, pl, world, positions bytes.Buffer
	for i, ns := range stampsNs {
		_ = binary.Write(&times, binary.LittleEndian, int64(startNs)+ns)
		_ = binary.Write(&npy, binary.LittleEndian, float64(ns)*1e-9)
		_ = binary.Write(&lookup, binary.LittleEndian, []int64{0, int64(i), int64(math.Float64bits(float64(ns) * 1e-9)), int64(i) * 3000})
		pl.Write(datumOf(float64(ns) * 1e-9))
		fmt.Fprintf(&world, "%f,%d\n", float64(ns)*1e-9, i*3000)
		fmt.Fprintf(&positions, "%s,%d,1.0,0.5,0.25,%s-0 %s-1\r\n", python(ns), i, python(ns), python(ns))
	}
	gaze.WriteString("gaze_timestamp,world_index,confidence,norm_pos_x,norm_pos_y,base_data\r\n" + positions.String())
	event := make([]byte, 16)
	binary.LittleEndian.PutUint64(event, startNs)
	binary.LittleEndian.PutUint64(event[8:], startNs+60_000_000_000)
	t0, t1 := python(stampsNs[0]), python(stampsNs[5])
	return map[string]string{
		"info.invisible.json":                       info,
		"info.player.json":                          playerInfoText,
		"world.time":                                times.String(),
		"world.time_aux":                            times.String(),
		"world_timestamps.npy":                      npyOf("'<f8'", len(stampsNs)) + npy.String(),
		"world_lookup.npy":                          npyOf("[('container_idx', '<i8'), ('container_frame_idx', '<i8'), ('timestamp', '<f8'), ('pts', '<i8')]", len(stampsNs)) + lookup.String(),
		"gaze ps1.raw":                              "\x00\x00\x80\x3f\x00\x00\x80\x3f",
		"gaze ps1.time":                             times.String(),
		"gaze.pldata":                               pl.String(),
		"gaze_timestamps.npy":                       npyOf("'<f8'", len(stampsNs)) + npy.String(),
		"event.txt":                                 "recording.begin\nrecording.end\n",
		"event.time":                                string(event),
		"event_timestamps.npy":                      npyOf("'<f8'", 2) + doubles(0, 60),
		"world.mp4":                                 "no times that anybody reads",
		"exports/000/world_timestamps.csv":          "# timestamps [seconds],pts\n" + world.String(),
		"exports/000/gaze_positions.csv":            gaze.String(),
		"exports/000/imu_data.csv":                  "imu_timestamp,world_index,gyro_x\n" + python(stampsNs[1]) + ",0,1.5\n9.5e-05,0,1\n",
		"exports/000/annotations.csv":               "index,timestamp,label,duration\n0," + python(stampsNs[3]) + ",\"a, \"\"b\"\"\",0.5\n",
		"exports/000/fixations.csv":                 "id,start_timestamp,duration,base_data\n1," + t0 + ",80.5,\"" + t0 + " " + python(stampsNs[1]) + "\"\n2,1.5,80,\n",
		"exports/000/blinks.csv":                    "id,start_timestamp,duration,end_timestamp,base_data\n1," + t0 + ",0.2," + t1 + "," + t0 + "\n",
		"exports/000/export_info.csv":               "key,value\r\r\nPlayer Software Version,3.5.1\r\r\nExport Date,02.02.2022\r\r\nRelative Time Range,00:00.000 - 01:00.000\r\r\nAbsolute Time Range," + t0 + " - " + t1 + "\r\r\n",
		"exports/000/surfaces/surf_positions_a.csv": "world_index,world_timestamp,img_to_surf_trans\n0," + t0 + ",\"[[1.0, 2.0]\n [3.0, 4.0]]\"\n",
		"exports/000/surfaces/gaze_positions_on_surface_a.csv": "world_timestamp,world_index,gaze_timestamp,x_norm\n" + t0 + ",0," + t0 + ",0.5\n",
		"exports/000/surfaces/surface_events.csv":              "world_index,world_timestamp,surface_name,event_type\n0," + t0 + ",a,enter\n",
		"exports/000/surfaces/surface_visibility.csv":          "frame_count,750\n\nsurface_name,visible_frame_count\na,5\n",
		"exports/000/head_pose_tracker_poses.csv":              "timestamp,rotation_x\n" + t1 + ",0.1\n",
		"exports/000/eye0_timestamps.csv":                      "# timestamps [seconds],pts\n0.000000,1\n59.999999,2\n",
		"exports/000/eye0_timestamps.npy":                      npyOf("'<f8'", 2) + doubles(0, 59.999999015),
	}
}

func npyOf(descr string, n int) string {
	head := fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': (%d,), }", descr, n)
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(head)))) + head
}

func doubles(v ...float64) string {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, v)
	return b.String()
}

// datumOf is what Pupil Player writes for one gaze position.
func datumOf(t float64) []byte {
	inner := []byte{0x84}
	text := func(s string) { inner = append(append(inner, 0xa0|byte(len(s))), s...) }
	number := func(v float64) { inner = binary.BigEndian.AppendUint64(append(inner, 0xcb), math.Float64bits(v)) }
	text("topic")
	text("gaze.pi")
	text("norm_pos")
	inner = append(inner, 0x92)
	number(0.5)
	number(0.25)
	text("timestamp")
	number(t)
	text("confidence")
	number(1)
	return append(append(append([]byte{0x92, 0xa7}, "gaze.pi"...), 0xc4, byte(len(inner))), inner...)
}

// tree makes files in a folder of its own and returns that.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	return retimetest.Files(files).Folder(t)
}

// line is host = device + by + ppb*(device-start)/1e9, in integers.
func line(by, ppb int64) retime.Clocks {
	return func(string, string) (retime.Clock, error) {
		return retime.Clock{Digest: "test", New: func() align.Retimer {
			return func(d align.DeviceTime) (int64, error) { return int64(d) + by + move(int64(d)-startNs, ppb), nil }
		}}, nil
	}
}

func move(ns, ppb int64) int64 { return ns * ppb / 1_000_000_000 }

func apply(t testing.TB, dir string, clocks retime.Clocks, opt retime.Options) (map[string]string, *retime.Report, error) {
	t.Helper()
	rec, err := Open(dir)
	if err != nil {
		return nil, nil, err
	}
	out := filepath.Join(t.TempDir(), "out")
	rep, err := rec.Retime(context.Background(), out, clocks, opt)
	if err != nil {
		if _, e := os.Lstat(out); !errors.Is(e, fs.ErrNotExist) {
			t.Errorf("half an output after %v", err)
		}
		return nil, nil, err
	}
	return retimetest.Read(t, out), rep, nil
}

func TestIdentityKeepsEveryByte(t *testing.T) {
	in := opened()
	out, rep, err := apply(t, tree(t, in), line(0, 0), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range in {
		if out[name] != want {
			t.Errorf("%s: %q became %q", name, want, out[name])
		}
	}
	if len(out) != len(in)+1 {
		t.Errorf("%d files, want those of the input and pialign.json", len(out))
	}
	r := rep.Recordings[0]
	if r.DeviceID != device || r.RecordingID != id || r.First != startNs || r.Last != startNs+60_000_000_000 {
		t.Errorf("%+v", r)
	}
}

// With an offset alone only the start moves: everything else counts from it.
func TestAnOffsetMovesTheStartAlone(t *testing.T) {
	const by = 840_123_456_789
	in := opened()
	out, _, err := apply(t, tree(t, in), line(by, 0), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range in {
		moved := strings.HasSuffix(name, ".time") || strings.HasSuffix(name, ".time_aux") || strings.HasPrefix(name, "info.")
		if same := out[name] == want; same == moved {
			t.Errorf("%s: same %v", name, same)
		}
	}
	if want := strings.Replace(info, "1700000000123000000", "1700000840246456789", 1); out["info.invisible.json"] != want {
		t.Error(out["info.invisible.json"])
	}
	if want := strings.ReplaceAll(playerInfoText, "1700000000.123", "1700000840.246456789"); out["info.player.json"] != want {
		t.Error(out["info.player.json"])
	}
}

// A drift moves each time by just what the ns of it drift, in every file alike, and prints the digits that were there.
func TestADriftMovesEveryTime(t *testing.T) {
	const ppb = -30_000
	in := opened()
	out, _, err := apply(t, tree(t, in), line(5_000_000_123, ppb), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var times, npy []byte
	var world, positions strings.Builder
	for i, ns := range stampsNs {
		now := ns + move(ns, ppb)
		times = binary.LittleEndian.AppendUint64(times, uint64(startNs+5_000_000_123+now))
		second := nearest(now)
		if now == ns { // what has not moved keeps the double that Player computed, which may not be the nearest
			second = float64(ns) * 1e-9
		}
		npy = binary.LittleEndian.AppendUint64(npy, math.Float64bits(second))
		us := (now + 500) / 1000 // all are positive
		fmt.Fprintf(&world, "%d.%06d,%d\n", us/1_000_000, us%1_000_000, i*3000)
		was := python(ns)
		text := exact(was, move(ns, ppb), 9)
		fmt.Fprintf(&positions, "%s,%d,1.0,0.5,0.25,%s-0 %s-1\r\n", text, i, text, text)
	}
	for name, want := range map[string]string{
		"world.time":                       string(times),
		"gaze ps1.time":                    string(times),
		"world_timestamps.npy":             npyOf("'<f8'", len(stampsNs)) + string(npy),
		"gaze_timestamps.npy":              npyOf("'<f8'", len(stampsNs)) + string(npy),
		"exports/000/world_timestamps.csv": "# timestamps [seconds],pts\n" + world.String(),
		"exports/000/gaze_positions.csv":   strings.SplitAfterN(in["exports/000/gaze_positions.csv"], "\n", 2)[0] + positions.String(),
		"exports/000/imu_data.csv":         "imu_timestamp,world_index,gyro_x\n" + exact(python(stampsNs[1]), move(stampsNs[1], ppb), 9) + ",0,1.5\n0.000094998,0,1\n",
		"gaze ps1.raw":                     in["gaze ps1.raw"],
		"event_timestamps.npy":             npyOf("'<f8'", 2) + doubles(0, nearest(60_000_000_000+move(60_000_000_000, ppb))),
	} {
		if out[name] != want {
			t.Errorf("%s:\n%q, want\n%q", name, out[name], want)
		}
	}
	// the stamps within .pldata are those of the array beside it
	for i := range stampsNs {
		one := len(datumOf(0))
		d := out["gaze.pldata"][i*one : (i+1)*one]
		at := strings.Index(d, "timestamp") + len("timestamp") + 1
		if got := binary.BigEndian.Uint64([]byte(d[at : at+8])); got != binary.LittleEndian.Uint64(npy[8*i:]) {
			t.Errorf("datum %d: %v, the array has another", i+1, math.Float64frombits(got))
		}
	}
}

// nearest is the double nearest to ns * 10^-9, by math/big.
func nearest(ns int64) float64 {
	v, _ := big.NewRat(ns, 1_000_000_000).Float64()
	return v
}

// exact adds ns to a text of seconds, by math/big, with at least as many digits as it had, and up to most if needed.
func exact(text string, ns int64, most int) string {
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	_, frac, _ := strings.Cut(text, ".")
	s := v.Add(v, big.NewRat(ns, 1_000_000_000)).FloatString(max(most, len(frac)))
	if ns == 0 {
		return text
	}
	for strings.HasSuffix(s, "0") && len(s)-strings.Index(s, ".")-1 > len(frac) {
		s = s[:len(s)-1]
	}
	return s
}

// A cell whose zeros Python has left out keeps the precision of its column.
func TestShortCellsDoNotLoseDigits(t *testing.T) {
	files := map[string]string{"info.invisible.json": info, "gaze_positions.csv": "gaze_timestamp\n12.345678015\n12.5\n12.500000000000002\n"}
	out, _, err := apply(t, tree(t, files), line(0, -30_000), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// 12.345678015 s less 370370 ns, 12.5 s less 375000 ns; what stands behind the ns stays
	if want := "gaze_timestamp\n12.345307645\n12.499625\n12.499625000000002\n"; out["gaze_positions.csv"] != want {
		t.Errorf("%q, want %q", out["gaze_positions.csv"], want)
	}
}

func TestAddAndKeepDeviceTime(t *testing.T) {
	files := map[string]string{"info.invisible.json": info, "gaze_positions.csv": "gaze_timestamp,x\n12.5,1\n,2\n", "a_timestamps.npy": npyOf("'<f8'", 1) + doubles(1)}
	out, _, err := apply(t, tree(t, files), line(7, 0), retime.Options{Mode: retime.Add})
	if err != nil {
		t.Fatal(err)
	}
	// an instant of the host's: the start that the phone's seconds count from stays the phone's
	if want := "gaze_timestamp,host gaze_timestamp,x\n12.5,1700000012.623000007,1\n,,2\n"; out["gaze_positions.csv"] != want {
		t.Errorf("%q", out["gaze_positions.csv"])
	}
	if out["info.invisible.json"] != info || out["a_timestamps.npy"] != files["a_timestamps.npy"] {
		t.Error("add has changed a file without columns")
	}
	out, _, err = apply(t, tree(t, files), line(0, 1_000_000), retime.Options{KeepDeviceTime: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := "gaze_timestamp,device gaze_timestamp,x\n12.5,12.5,1\n,,2\n"; out["gaze_positions.csv"] != want { // 12.5125 with one digit
		t.Errorf("%q", out["gaze_positions.csv"])
	}
	for _, header := range []string{"gaze_timestamp,host gaze_timestamp", "device gaze_timestamp,gaze_timestamp"} {
		files["gaze_positions.csv"] = header + "\n1,1\n"
		if _, _, err := apply(t, tree(t, files), line(0, 0), retime.Options{}); !errors.Is(err, retime.ErrRetimed) {
			t.Errorf("%s: %v", header, err)
		}
	}
}

// Events that a program stamped are listed, refused, left or mapped, in every form in which they are there.
func TestDurations(t *testing.T) {
	const head = "recording id,fixation id,start timestamp [ns],end timestamp [ns],duration [ms]\n"
	files := maps.Clone(neon)
	files["fixations.csv"] = head + id + ",1,1700000000128000015,1700000000200500015,72.5\n" + id + ",2,1700000000300000015,1700000000400000015,100.0\n"
	files["annotations.csv"] = "index,timestamp [ns],label,duration\n1,1700000000128000015,a,5\n"
	opt := retime.Options{RecomputeDurations: true}
	if out, _, err := apply(t, tree(t, files), line(0, 0), opt); err != nil || out["fixations.csv"] != files["fixations.csv"] {
		t.Errorf("identity: %v, %q", err, out["fixations.csv"])
	}
	slow := func(device, recording string) (retime.Clock, error) { // a second is longer by a tenth
		return retime.Clock{New: func() align.Retimer {
			return func(at align.DeviceTime) (int64, error) {
				return int64(at) + (int64(at)-1700000000000000000)/10, nil
			}
		}}, nil
	}
	out, _, err := apply(t, tree(t, files), slow, opt)
	want := head + id + ",1,1700000000140800016,1700000000220550016,79.8\n" + id + ",2,1700000000330000016,1700000000440000016,110.0\n"
	if err != nil || out["fixations.csv"] != want {
		t.Errorf("%v\n%s", err, out["fixations.csv"])
	}
	files["fixations.csv"] = strings.Replace(files["fixations.csv"], "100.0", "100.1", 1)
	if _, _, err := apply(t, tree(t, files), slow, opt); !errors.Is(err, retime.ErrDuration) || !strings.Contains(err.Error(), "row 3") {
		t.Errorf("another duration: %v", err)
	}
	// Of seconds there are no durations that anybody has seen of these glasses: they stay, with a word.
	recording := opened()
	recording["exports/000/blinks.csv"] = "id,start_timestamp,duration,end_timestamp\n1,1.500000,0.25,1.750000\n"
	out, rep, err := apply(t, tree(t, recording), slow, opt)
	if err != nil || out["exports/000/blinks.csv"] != "id,start_timestamp,duration,end_timestamp\n1,1.650000,0.25,1.925000\n" {
		t.Fatalf("%v, %q", err, out["exports/000/blinks.csv"])
	}
	if all := strings.Join(rep.Recordings[0].Warnings, "\n"); !strings.Contains(all, `blinks.csv: column "duration" stays as it is`) {
		t.Error(all)
	}
}

func TestSenderStamps(t *testing.T) {
	files := opened()
	sent := int64(startNs + 30_000_000_001)
	files["event.txt"] = "recording.begin\nlsl.time_sync\n"
	files["event.time"] = string(binary.LittleEndian.AppendUint64([]byte(files["event.time"][:8]), uint64(sent)))
	files["event_timestamps.npy"] = npyOf("'<f8'", 2) + doubles(0, 30.000000001)
	dir := tree(t, files)
	var e *retime.SenderError
	if _, _, err := apply(t, dir, line(9_000_000, 0), retime.Options{}); !errors.As(err, &e) || e.Total != 1 || e.Stamps[0].Event != "lsl.time_sync" || e.Stamps[0].Row != 2 {
		t.Fatalf("%v", err)
	}
	out, _, err := apply(t, dir, line(9_000_000, 0), retime.Options{SenderStamps: retime.SenderHost})
	if err != nil {
		t.Fatal(err)
	}
	if got := int64(binary.LittleEndian.Uint64([]byte(out["event.time"][8:]))); got != sent {
		t.Errorf("host: %d", got)
	}
	// the same instant, counted from a start that is 9 ms later
	if want := npyOf("'<f8'", 2) + doubles(0, nearest(29_991_000_001)); out["event_timestamps.npy"] != want {
		t.Errorf("host: %q", out["event_timestamps.npy"])
	}
	if out, _, err = apply(t, dir, line(9_000_000, 0), retime.Options{SenderStamps: retime.SenderDevice}); err != nil || int64(binary.LittleEndian.Uint64([]byte(out["event.time"][8:]))) != sent+9_000_000 {
		t.Errorf("device: %v", err)
	}
	tables := map[string]string{}
	for name, b := range neon {
		tables[name] = strings.Replace(b, "1700000005000000015,mark,player", "1700000005000000015,mark,recording", 1)
	}
	if _, _, err := apply(t, tree(t, tables), line(0, 0), retime.Options{}); !errors.As(err, &e) || e.Stamps[0].Event != "mark" {
		t.Errorf("table: %v", err)
	}
}

// Several recordings in one folder each have their own clock; Player's cache is left out and said to be.
func TestSeveralRecordings(t *testing.T) {
	files := map[string]string{"notes.txt": "hello"}
	for name, b := range opened() {
		files["a/"+name] = b
		files["b/"+name] = strings.ReplaceAll(strings.ReplaceAll(b, id, "other-id"), device, "phone2")
	}
	files["a/offline_data/x.meta"] = "cached"
	seen := map[string]string{}
	clocks := func(device, recording string) (retime.Clock, error) {
		seen[recording] = device
		return line(0, 0)(device, recording)
	}
	out, rep, err := apply(t, tree(t, files), clocks, retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if seen[id] != device || seen["other-id"] != "phone2" || len(rep.Recordings) != 2 {
		t.Errorf("%v, %d", seen, len(rep.Recordings))
	}
	if _, ok := out["a/offline_data/x.meta"]; ok || !strings.Contains(strings.Join(rep.Recordings[0].Warnings, ";"), "offline_data") {
		t.Errorf("cache: %v, %v", ok, rep.Recordings[0].Warnings)
	}
	if out["notes.txt"] != "hello" {
		t.Error("notes.txt")
	}
}
