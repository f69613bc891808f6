package cloud_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

type files = retimetest.Files

// plain is a small recording of an hour, on phone p1.
var plain = files{
	"info.json": "{\r\n  \"android_device_id\": \"p1\",\r\n  \"duration\": 3600000000000,\r\n  \"nested\": {\"start_time\": 5},\r\n" +
		"  \"recording_id\": \"r1\",\r\n  \"start_time\" :  1700000000000000000 ,\r\n  \"x\": 1.50}",
	"events.csv": "recording id,timestamp [ns],name,type\nr1,1700000000000000000,recording.begin,recording\n" +
		"r1,1700000010000000000,\"a, \"\"b\"\"\nc\",recording\nr1,1700003600000000000,recording.end,recording\n",
	"gaze.csv":       "\xef\xbb\xbfsection id,recording id,timestamp [ns],worn,fixation id\r\ns,r1,1700000001000000015,1.0,\r\ns,r1,1700000001004000015,1.0,1",
	"blinks.csv":     "section id,recording id,blink id,start timestamp [ns],end timestamp [ns],duration [ms]\n",
	"labels.csv":     "",
	"mine.csv":       "trial,answer\n1,\"never closed\n",
	"sub/more.txt":   "1700000000000000000\n",
	"sub/binary.bin": "\x00\xff\r\n",
}

func attempt(t *testing.T, f files, clocks retime.Clocks, opt retime.Options) (map[string]string, *retime.Report, error) {
	t.Helper()
	dir := f.Folder(t)
	before := retimetest.Read(t, dir)
	parent := t.TempDir()
	rec, err := cloud.Open(dir)
	var rep *retime.Report
	if err == nil {
		if _, cerr := rec.Check(context.Background(), clocks, opt); cerr == nil {
			rep, err = rec.Retime(context.Background(), filepath.Join(parent, "out"), clocks, opt)
		} else if _, err = rec.Retime(context.Background(), filepath.Join(parent, "out"), clocks, opt); err == nil {
			t.Errorf("Check refuses what Retime does: %v", cerr)
		}
	}
	if !maps.Equal(before, retimetest.Read(t, dir)) {
		t.Error("the input changed")
	}
	if err != nil {
		if left, _ := os.ReadDir(parent); len(left) > 0 {
			t.Errorf("after %v there is %s", err, left[0].Name())
		}
		sameAsZip(t, f, dir, clocks, opt, nil, nil, err)
		return nil, nil, err
	}
	out := retimetest.Read(t, filepath.Join(parent, "out"))
	sameAsZip(t, f, dir, clocks, opt, out, rep, nil)
	return out, rep, nil
}

func TestMadeUpIdentity(t *testing.T) {
	wrapper := files{"enrichment_info.txt": "raw-data-exporter export", "sections.csv": "section id,recording id,section start time [ns],section end time [ns],start event name,end event name\n" +
		"s,r1,1700000000000000000,1700003600000000000,recording.begin,recording.end\n"}
	for name, b := range plain {
		wrapper["outer/rec-r1/"+name] = b
	}
	for name, f := range map[string]files{"recording": plain, "wrapper": wrapper, "without info": plain.With(files{"info.json": "-"})} {
		out, _, err := attempt(t, f, identity.Clocks(t), retime.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if err := retimetest.Same(f, out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMadeUpTimesMove(t *testing.T) {
	out, rep, err := attempt(t, plain, second.Clocks(t), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := plain.With(files{"sub/more.txt": "-"}) // its digits are no time of a table
	if err := moved(second, want, out); err != nil {
		t.Error(err)
	}
	if out["sub/more.txt"] != plain["sub/more.txt"] {
		t.Error("a text file changed")
	}
	r := rep.Recordings[0]
	if r.DeviceID != "p1" || r.RecordingID != "r1" || r.First != 1700000000000000000 || r.Last != 1700003600000000000 || len(r.Warnings) != 0 {
		t.Errorf("report: %+v", r)
	}
}

func TestModeAddLeavesInfoAlone(t *testing.T) {
	out, _, err := attempt(t, plain, second.Clocks(t), retime.Options{Mode: retime.Add})
	if err != nil {
		t.Fatal(err)
	}
	if out["info.json"] != plain["info.json"] {
		t.Errorf("info.json became %q", out["info.json"])
	}
	if want := "recording id,timestamp [ns],host timestamp [ns],name,type\nr1,1700000000000000000,1700000001000000000,"; !strings.HasPrefix(out["events.csv"], want) {
		t.Errorf("events.csv: %q", out["events.csv"])
	}
}

func TestRefusals(t *testing.T) {
	const bad = "section id,recording id,timestamp [ns],worn\ns,r1,1700000001000000015,1\ns,r1,"
	for _, c := range []struct {
		name string
		f    files
		is   error
		says []string
	}{
		{"a cell that is no integer", files{"gaze.csv": bad + "1.7E+18,1\n"}, retime.ErrCell, []string{"gaze.csv", "row 3", `"timestamp [ns]"`, `"1.7E+18"`}},
		{"a cell that was cut off", files{"world_timestamps.csv": "section id,recording id,timestamp [ns]\ns,r1,170000000100"}, retime.ErrFar, []string{"world_timestamps.csv", "row 2"}},
		{"a row that was cut off", files{"gaze.csv": bad + "1700000002000000015"}, retime.ErrTable, []string{"gaze.csv", "row 3"}},
		{"no time column", files{"gaze.csv": "section id,recording id,time\n"}, retime.ErrColumn, []string{"gaze.csv", `"timestamp [ns]"`}},
		{"only one of two", files{"blinks.csv": "start timestamp [ns],x\n"}, retime.ErrColumn, []string{"blinks.csv", `"end timestamp [ns]"`}},
		{"an empty table", files{"imu.csv": ""}, retime.ErrColumn, []string{"imu.csv"}},
		{"seconds of Pupil Player", files{"fixations.csv": "id,start_timestamp,duration\n"}, retime.ErrColumn, []string{"fixations.csv"}},
		{"semicolons", files{"mine.csv": "trial;start [ns];answer\n1;2;3\n"}, retime.ErrTable, []string{"mine.csv", "commas"}},
		{"a span of time", files{"mine.csv": "trial,reaction time [ns]\n1,350000000\n"}, retime.ErrFar, []string{"mine.csv", "row 2", `"reaction time [ns]"`, "rename"}},
		{"a column of pialign's", files{"gaze.csv": "timestamp [ns],host timestamp [ns]\n"}, retime.ErrRetimed, []string{"gaze.csv", `"host timestamp [ns]"`}},
		{"a column of pialign's", files{"blinks.csv": "start timestamp [ns],device start timestamp [ns],end timestamp [ns]\n"}, retime.ErrRetimed, []string{"blinks.csv"}},
		{"a pialign.json", files{"pialign.json": "{}"}, retime.ErrRetimed, []string{"pialign.json"}},
		{"a pialign.json below", files{"sub/pialign.json": "{}"}, retime.ErrRetimed, []string{"pialign.json"}},
		{"another recording's table", files{"gaze.csv": "recording id,timestamp [ns]\nr2,1700000001000000015\n"}, retime.ErrTable, []string{"gaze.csv", "row 2", `"r2"`, `"r1"`}},
		{"a row without its recording", files{"info.json": "-", "gaze.csv": "recording id,timestamp [ns]\n,1700000001000000015\n"}, retime.ErrTable, []string{"gaze.csv", "row 2"}},
		{"two key columns", files{"gaze.csv": "recording id,recording id,timestamp [ns]\nr1,r1,1700000001000000015\n"}, retime.ErrTable, []string{"gaze.csv", `"recording id"`}},
		{"a table of nobody knows which", files{"info.json": "-", "x/gaze.csv": "recording id,timestamp [ns]\nr2,1700000001000000015\n", "y/world.csv": "timestamp [ns]\n1700000001000000015\n"},
			retime.ErrColumn, []string{"world.csv", `"recording id"`}},
		{"info without start_time", files{"info.json": `{"recording_id":"r1"}`}, nil, []string{"info.json", `"start_time"`}},
		{"start_time as text", files{"info.json": `{"start_time":"1700000000000000000"}`}, retime.ErrCell, []string{"info.json", `"start_time"`}},
		{"start_time as float", files{"info.json": `{"start_time":1.7e18}`}, retime.ErrCell, []string{"info.json", "1.7e18"}},
		{"start_time too large", files{"info.json": `{"start_time":17000000000000000000}`}, retime.ErrCell, []string{"info.json"}},
		{"start_time null", files{"info.json": `{"start_time":null}`}, retime.ErrCell, []string{"info.json"}},
		{"start_time twice", files{"info.json": `{"start_time":1700000000000000000,"start\u005ftime":1}`}, nil, []string{"info.json", "twice"}},
		{"info cut off", files{"info.json": plain["info.json"][:80]}, nil, []string{"info.json", "JSON"}},
		{"info a list", files{"info.json": "[]"}, nil, []string{"info.json", "object"}},
		{"info empty", files{"info.json": ""}, nil, []string{"info.json"}},
		{"a device id that is no text", files{"info.json": `{"start_time":1700000000000000000,"android_device_id":7}`}, nil, []string{"info.json", "android_device_id"}},
		{"one recording of two phones", files{"other/info.json": `{"start_time":1000000,"recording_id":"r1","android_device_id":"p2"}`, "other/gaze.csv": "timestamp [ns]\n"}, nil, []string{"p1", "p2", "r1"}},
	} {
		_, _, err := attempt(t, plain.With(c.f), second.Clocks(t), retime.Options{})
		if err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %v", c.name, err, c.is)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %q is not in: %v", c.name, s, err)
			}
		}
	}
}

func TestClocksRefuse(t *testing.T) {
	why := errors.New("this phone was not probed")
	var asked []string
	clocks := func(device, recording string) (retime.Clock, error) {
		asked = append(asked, device+"/"+recording)
		if recording == "r1" {
			return identity.Clocks(t)(device, recording)
		}
		return retime.Clock{}, why
	}
	mixed := plain.With(files{"mapper/gaze.csv": "-"})
	both := files{}
	for name, b := range mixed {
		both["one/"+name] = b
	}
	both["mapper/gaze.csv"] = "recording id,timestamp [ns]\nr1,1700000001000000015\nr2,1700000001000000015\nr3,1700000001000000015\nr2,1700000001000000016\n"
	_, _, err := attempt(t, both, clocks, retime.Options{})
	if !errors.Is(err, retime.ErrNoClock) || !errors.Is(err, why) || !strings.Contains(err.Error(), "r2") || !strings.Contains(err.Error(), "r3") {
		t.Errorf("got %v", err)
	}
	if got := strings.Join(asked[:3], " "); got != "p1/r1 /r2 /r3" {
		t.Errorf("asked for %q", got)
	}
}

func TestEachRowOnItsOwnClock(t *testing.T) {
	clocks := func(device, recording string) (retime.Clock, error) {
		by := map[string]int64{"r1": 1000, "r2": 2000}[recording]
		return retime.Clock{New: func() align.Retimer {
			last := align.DeviceTime(0) // a Retimer may keep its place: it must not see another stream's rows
			return func(d align.DeviceTime) (int64, error) {
				if d < last {
					return 0, errors.New("out of order")
				}
				last = d
				return int64(d) + by, nil
			}
		}}, nil
	}
	out, rep, err := attempt(t, files{
		"gaze.csv": "section id,recording id,timestamp [ns]\na,r1,1700000000000000100\nb,r2,1600000000000000100\na,r1,1700000000000000200\nb,r2,1600000000000000200\n",
		"sections.csv": "recording id,recording name,section start time [ns],section end time [ns],start event name,end event name\n" +
			"r2,2020-09-13_12:26:40,1600000000000000000,1600000001000000000,recording.begin,recording.end\nr1,x,1700000000000000000,,recording.begin,recording.end\n",
	}, clocks, retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "section id,recording id,timestamp [ns]\na,r1,1700000000000001100\nb,r2,1600000000000002100\na,r1,1700000000000001200\nb,r2,1600000000000002200\n"; out["gaze.csv"] != want {
		t.Errorf("gaze.csv: %q", out["gaze.csv"])
	}
	if want := "r2,2020-09-13_12:26:40,1600000000000002000,1600000001000002000,recording.begin,recording.end\nr1,x,1700000000000001000,,recording.begin"; !strings.Contains(out["sections.csv"], want) {
		t.Errorf("sections.csv: %q", out["sections.csv"])
	}
	if len(rep.Recordings) != 2 || rep.Recordings[0].RecordingID != "r1" || rep.Recordings[0].Files[0].Rows != 2 || rep.Recordings[1].Last != 1600000001000000000 {
		t.Errorf("report: %+v", rep.Recordings)
	}
}

func TestUserColumnOfTimes(t *testing.T) {
	out, _, err := attempt(t, plain.With(files{"mine.csv": "press [ns],note\n1700000002000000000,x\n,y\n"}), second.Clocks(t), retime.Options{})
	if want := "press [ns],note\n1700000003000040000,x\n,y\n"; err != nil || out["mine.csv"] != want { // 2 s at 20 ppm are 40 us
		t.Errorf("%q, %v", out["mine.csv"], err)
	}
}

func TestSenderStamps(t *testing.T) {
	begin := "recording id,timestamp [ns],name,type\nr1,1700000000000000000,recording.begin,recording\n"
	for _, c := range []struct {
		name, row string
		flagged   bool
	}{
		{"whole ms", "r1,1700000010123000000,go,recording", false},
		{"us", "r1,1700000010123456000,go,recording", true},
		{"ns", "r1,1700000010123456789,go,recording", true},
		{"zero", "r1,0,go,recording", true},
		{"two hours early", "r1,1699992800000000000,go,recording", true},
		{"half an hour early", "r1,1699998200000000000,go,recording", false}, // within the margin: perhaps the phone's clock was set
		{"two hours late", "r1,1700010800000000000,go,recording", true},
		{"the app's own", "r1,1700003600000000000,recording.end,recording", false},
		{"named as the app's own", "r1,1700003600000000001,recording.end,recording", true},
		{"added in Pupil Cloud", "r1,1700000010123456789,go,cloud", false},
		{"empty", "r1,,go,recording", false},
	} {
		f := plain.With(files{"events.csv": begin + c.row + "\n"})
		_, _, err := attempt(t, f, second.Clocks(t), retime.Options{})
		if errors.Is(err, retime.ErrSenderStamps) != c.flagged || !c.flagged && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.flagged {
			continue
		}
		if !strings.Contains(err.Error(), `row 3, "`+strings.Split(c.row, ",")[2]+`" at `+strings.Split(c.row, ",")[1]) {
			t.Errorf("%s: not named in %v", c.name, err)
		}
		out, rep, err := attempt(t, f, second.Clocks(t), retime.Options{SenderStamps: retime.SenderHost})
		if err != nil || !strings.HasSuffix(out["events.csv"], "\n"+c.row+"\n") || rep.Recordings[0].SenderTotal != 1 {
			t.Errorf("%s on the host's clock: %q, %v", c.name, out["events.csv"], err)
		}
		out, _, err = attempt(t, f, second.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice})
		if err == nil && strings.Contains(out["events.csv"], c.row) {
			t.Errorf("%s on the device's clock stays", c.name)
		} else if err != nil && !errors.Is(err, align.ErrOutOfReach) { // 0 is out of any session's reach
			t.Errorf("%s on the device's clock: %v", c.name, err)
		}
	}
	_, _, err := attempt(t, plain, second.Clocks(t), retime.Options{SenderStamps: retime.SenderHost, Clock: "monotonic"})
	if !errors.Is(err, retime.ErrOptions) {
		t.Errorf("wall stamps among monotonic times: %v", err)
	}
}

func TestSectionBoundsFollowTheirEvents(t *testing.T) {
	f := files{"sections.csv": "recording id,section start time [ns],section end time [ns],start event name,end event name\n" +
		"r1,1700000010123456000,1700003600000000000,go,recording.end\n"}
	for name, b := range plain {
		f["rec/"+name] = b
	}
	f["rec/events.csv"] = "recording id,timestamp [ns],name,type\nr1,1700000000000000000,recording.begin,recording\nr1,1700000010123456000,go,recording\nr1,1700003600000000000,recording.end,recording\n"
	for _, answer := range []string{retime.SenderDevice, retime.SenderHost} {
		out, _, err := attempt(t, f, second.Clocks(t), retime.Options{SenderStamps: answer})
		if err != nil {
			t.Fatal(err)
		}
		events, sections := column(out["rec/events.csv"], "timestamp [ns]"), out["sections.csv"]
		if column(sections, "section start time [ns]")[0] != events[1] || column(sections, "section end time [ns]")[0] != events[2] {
			t.Errorf("%s: events %v, sections %q", answer, events, sections)
		}
		if stays := events[1] == "1700000010123456000"; stays != (answer == retime.SenderHost) {
			t.Errorf("%s: %v", answer, events)
		}
	}
	// Without the events there is a warning.
	_, rep, err := attempt(t, files{"sections.csv": f["sections.csv"]}, second.Clocks(t), retime.Options{})
	if err != nil || len(rep.Recordings) != 1 || !strings.Contains(strings.Join(rep.Recordings[0].Warnings, " "), "section bound 1700000010123456000 (go)") {
		t.Errorf("%v, %+v", err, rep)
	}
}

func TestRetimerErrors(t *testing.T) {
	refuse := func(at align.DeviceTime, err error) retime.Clocks {
		return retimetest.ClocksOf(func() align.Retimer {
			return func(d align.DeviceTime) (int64, error) {
				if d == at {
					return 0, err
				}
				return int64(d), nil
			}
		})
	}
	for _, is := range []error{align.ErrOutOfReach, align.ErrAmbiguous} {
		_, _, err := attempt(t, plain, refuse(1700000001004000015, is), retime.Options{})
		if !errors.Is(err, is) || !strings.Contains(err.Error(), `gaze.csv: row 3, column "timestamp [ns]"`) {
			t.Errorf("got %v", err)
		}
	}
	out, _, err := attempt(t, plain, refuse(1700000001004000015, align.ErrBlank), retime.Options{})
	if err != nil || !strings.HasSuffix(out["gaze.csv"], "\r\ns,r1,,1.0,1") {
		t.Errorf("blank: %q, %v", out["gaze.csv"], err)
	}
	if _, _, err := attempt(t, plain, refuse(1700000000000000000, align.ErrBlank), retime.Options{}); !errors.Is(err, align.ErrBlank) {
		t.Errorf("a blank start_time: %v", err)
	}
	backwards := retimetest.ClocksOf(func() align.Retimer { return func(d align.DeviceTime) (int64, error) { return -int64(d), nil } })
	if _, _, err := attempt(t, plain, backwards, retime.Options{}); !errors.Is(err, retime.ErrOrder) {
		t.Errorf("a clock that runs backwards: %v", err)
	}
}

func TestWarnings(t *testing.T) {
	_, rep, err := attempt(t, plain.With(files{
		"info.json":    `{"start_time": 1700000000000000000, "recording_id": "r1"}`,
		"mine.csv":     "gaze_timestamp,x\n10.5,1\n",
		"extra.csv.gz": "\x1f\x8b",
	}), second.Clocks(t), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(rep.Recordings[0].Warnings, "\n")
	for _, want := range []string{"info.json does not say which phone", `mine.csv: column "gaze_timestamp"`, "extra.csv.gz: copied"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %q", want, all)
		}
	}
	if strings.Contains(all, "no info.json") {
		t.Errorf("there is one: %q", all)
	}
	_, rep, err = attempt(t, plain.With(files{"info.json": "-"}), second.Clocks(t), retime.Options{})
	if err != nil || strings.Join(rep.Recordings[0].Warnings, "\n") != "no info.json says which phone recorded it" {
		t.Errorf("%v, %+v", err, rep)
	}
}

func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("making links needs a privilege there")
	}
	dir := plain.Folder(t)
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	annexed := filepath.Join(t.TempDir(), "object")
	gaze := filepath.Join(dir, "gaze.csv")
	if err := os.Rename(gaze, annexed); err != nil {
		t.Fatal(err)
	}
	link(annexed, "gaze.csv")
	out, _ := retimed(t, dir, identity.Clocks(t), retime.Options{})
	if err := retimetest.Same(plain, retimetest.Read(t, out)); err != nil {
		t.Error(err)
	}
	if info, err := os.Lstat(filepath.Join(out, "gaze.csv")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("a link became %v, %v", info, err)
	}
	for name, to := range map[string]string{"gone": filepath.Join(dir, "nowhere"), "loop": dir} {
		link(to, name)
		if _, err := cloud.Open(dir); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		os.Remove(filepath.Join(dir, name))
	}
}

func TestResultPlace(t *testing.T) {
	dir := plain.Folder(t)
	rec, err := cloud.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, dst := range map[string]string{"inside": filepath.Join(dir, "a", "out"), "itself": dir, "there already": t.TempDir()} {
		if _, err := rec.Retime(context.Background(), dst, identity.Clocks(t), retime.Options{}); err == nil {
			t.Errorf("%s: taken", name)
		} else if name == "there already" && !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !maps.Equal(plain, retimetest.Read(t, dir)) {
		t.Error("the input changed")
	}
}

// oneAtATime makes files be worked off in turn for the rest of the test.
func oneAtATime(t *testing.T) {
	old := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

func TestChangedInput(t *testing.T) {
	oneAtATime(t)
	f := plain.With(files{"blinks.csv": plain["blinks.csv"] + "s,r1,1,1700000001000000015,1700000001004000015,4\n"})
	for name, change := range map[string]func(dir string) error{
		"longer": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "gaze.csv"), []byte(plain["gaze.csv"]+"\n"), 0o666)
		},
		"newer": func(dir string) error {
			return os.Chtimes(filepath.Join(dir, "gaze.csv"), time.Time{}, time.Unix(1_600_000_000, 0))
		},
		"longer, no table": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "sub", "more.txt"), []byte("x"), 0o666)
		},
		"while it is read": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "blinks.csv"), []byte(f["blinks.csv"]+"\n"), 0o666)
		},
		"same size and time, other digits than the bounds are of": func(dir string) error {
			path := filepath.Join(dir, "events.csv")
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(strings.Replace(plain["events.csv"], "1700000010", "1700000011", 1)), 0o666); err != nil {
				return err
			}
			return os.Chtimes(path, time.Time{}, info.ModTime())
		},
		"same size and time, info.json": func(dir string) error {
			path := filepath.Join(dir, "info.json")
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(strings.Replace(plain["info.json"], "r1", "r2", 1)), 0o666); err != nil {
				return err
			}
			return os.Chtimes(path, time.Time{}, info.ModTime())
		},
	} {
		dir := f.Folder(t)
		rec, err := cloud.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		clocks := identity.Clocks(t)
		begun := false
		wrapped := func(device, recording string) (retime.Clock, error) {
			c, err := clocks(device, recording)
			inner := c.New
			c.New = func() align.Retimer {
				if !begun { // with the first row of blinks.csv, the first table
					begun = true
					if err := change(dir); err != nil {
						t.Error(err)
					}
				}
				return inner()
			}
			return c, err
		}
		out := filepath.Join(t.TempDir(), "out")
		if _, err := rec.Retime(context.Background(), out, wrapped, retime.Options{}); !errors.Is(err, retime.ErrChanged) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
			t.Errorf("%s: something was written", name)
		}
	}
}

func TestCancel(t *testing.T) {
	dir := plain.Folder(t)
	rec, err := cloud.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for when := 1; when <= 3; when++ { // events.csv, gaze.csv and info.json ask for a stream each
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		clocks := func(device, recording string) (retime.Clock, error) {
			return retime.Clock{New: func() align.Retimer {
				if n++; n == when {
					cancel() // while writing
				}
				return func(d align.DeviceTime) (int64, error) { return int64(d), nil }
			}}, nil
		}
		out := filepath.Join(t.TempDir(), "out")
		if _, err := rec.Retime(ctx, out, clocks, retime.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("at stream %d: got %v", when, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(out)); len(left) > 0 {
			t.Errorf("at stream %d: %s is left", when, left[0].Name())
		}
	}
}

// FuzzRecording claims: under the identity a recording comes out byte for byte, or not at all.
func FuzzRecording(f *testing.F) {
	f.Add(plain["gaze.csv"], plain["events.csv"], plain["info.json"])
	f.Add("timestamp [ns]\n", "timestamp [ns],name,type\n1,x,y\n", `{"start_time":1000000}`)
	f.Add("recording id,timestamp [ns]\r\nr1,1700000000000000000\r\r\n", "", "")
	for _, d := range retimetest.Damages(threeRows(identity.Host)["gaze.csv"], 2) {
		if len(d.Text) < 1<<16 {
			f.Add(d.Text, plain["events.csv"], plain["info.json"])
		}
	}
	f.Fuzz(func(t *testing.T, gaze, events, info string) {
		in := files{"gaze.csv": gaze, "events.csv": events, "info.json": info}
		if info == "" {
			delete(in, "info.json")
		}
		out, _, err := attempt(t, in, identity.Clocks(t), retime.Options{SenderStamps: retime.SenderDevice})
		if err == nil {
			if err := retimetest.Same(in, out); err != nil {
				t.Error(err)
			}
		}
	})
}
