package cloud_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

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
