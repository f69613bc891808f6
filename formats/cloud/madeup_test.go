package cloud_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
