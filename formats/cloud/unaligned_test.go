package cloud_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// An enrichment with rows of three recordings, of which the alignment is of one: the others are refused or, as asked, stay or become empty,
// and the report names them.
func TestUnalignedRows(t *testing.T) {
	clocks := func(device, recording string) (retime.Clock, error) {
		if recording == "r1" {
			return second.Clocks(t)(device, recording)
		}
		return retime.Clock{}, fmt.Errorf("recording %s: %w", recording, retime.ErrUnaligned)
	}
	const sections = "recording id,section start time [ns],section end time [ns]\nr1,1700000000000000000,1700003600000000000\n" +
		"r2,1600000000000000000,1600000001000000000\nr3,1600000100000000000,1600000101000000000\n"
	mapper := files{"sections.csv": sections, "enrichment_info.txt": "x",
		"gaze.csv": "recording id,timestamp [ns],x\nr1,1700000001000000015,1\nr2,1600000000500000016,2\nr1,1700000001000000017,3\nr3,1600000100000000018,4\nr2,1600000000600000016,\n"}
	moved, err := second.Clocks(t)("p1", "r1")
	if err != nil {
		t.Fatal(err)
	}
	host := func(at int64) string {
		h, err := moved.New()(align.DeviceTime(at))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(h)
	}
	a, b := host(1700000001000000015), host(1700000001000000017)
	for _, c := range []struct {
		name string
		opt  retime.Options
		gaze string
	}{
		{"leave", retime.Options{Unaligned: retime.UnalignedLeave},
			"recording id,timestamp [ns],x\nr1," + a + ",1\nr2,1600000000500000016,2\nr1," + b + ",3\nr3,1600000100000000018,4\nr2,1600000000600000016,\n"},
		{"empty", retime.Options{Unaligned: retime.UnalignedEmpty},
			"recording id,timestamp [ns],x\nr1," + a + ",1\nr2,,2\nr1," + b + ",3\nr3,,4\nr2,,\n"},
		{"empty, the phone's kept", retime.Options{Unaligned: retime.UnalignedEmpty, KeepDeviceTime: true},
			"recording id,timestamp [ns],device timestamp [ns],x\nr1," + a + ",1700000001000000015,1\nr2,,1600000000500000016,2\nr1," + b + ",1700000001000000017,3\nr3,,1600000100000000018,4\nr2,,1600000000600000016,\n"},
		{"leave, beside", retime.Options{Unaligned: retime.UnalignedLeave, Mode: retime.Add},
			"recording id,timestamp [ns],host timestamp [ns],x\nr1,1700000001000000015," + a + ",1\nr2,1600000000500000016,,2\nr1,1700000001000000017," + b + ",3\nr3,1600000100000000018,,4\nr2,1600000000600000016,,\n"},
	} {
		out, rep, err := attempt(t, mapper, clocks, c.opt)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if out["gaze.csv"] != c.gaze {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, out["gaze.csv"], c.gaze)
		}
		m, err := retime.ParseManifest([]byte(out[retime.ManifestName]))
		if err != nil || m.Options().Unaligned != c.opt.Unaligned || len(m.Recordings) != 3 {
			t.Fatalf("%s: %+v, %v", c.name, m, err)
		}
		for i, rec := range rep.Recordings {
			if (rec.Unaligned == "") != (rec.RecordingID == "r1") || m.Recordings[i].Unaligned != (rec.Unaligned != "") || (rec.Alignment == "") != (rec.Unaligned != "") {
				t.Errorf("%s: %+v, %+v", c.name, rec, m.Recordings[i])
			}
		}
	}
	for _, c := range []struct {
		name   string
		files  files
		clocks retime.Clocks
		opt    retime.Options
		says   string
	}{
		{"by default", mapper, clocks, retime.Options{}, "r2"},
		{"of all", mapper, func(string, string) (retime.Clock, error) { return retime.Clock{}, retime.ErrUnaligned }, retime.Options{Unaligned: retime.UnalignedLeave}, "r1"},
		{"another reason", mapper, func(device, recording string) (retime.Clock, error) {
			if recording == "r3" {
				return retime.Clock{}, errors.New("two phones named it")
			}
			return clocks(device, recording)
		}, retime.Options{Unaligned: retime.UnalignedLeave}, "two phones named it"},
	} {
		out, _, err := attempt(t, c.files, c.clocks, c.opt)
		if out != nil || !errors.Is(err, retime.ErrNoClock) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v", c.name, out, err)
		}
	}
	if _, _, err := attempt(t, mapper, clocks, retime.Options{Unaligned: "drop"}); !errors.Is(err, retime.ErrOptions) {
		t.Errorf("drop: %v", err)
	}
}

// A recording with a folder of its own comes out as it went in, and is not counted as re-timed.
func TestUnalignedFolder(t *testing.T) {
	clocks := func(device, recording string) (retime.Clock, error) {
		if recording == "r1" {
			return second.Clocks(t)(device, recording)
		}
		return retime.Clock{}, retime.ErrUnaligned
	}
	both := files{}
	for name, b := range plain {
		both["one/"+name] = b
		both["two/"+name] = strings.ReplaceAll(strings.ReplaceAll(b, "r1", "r2"), "p1", "p2")
	}
	out, rep, err := attempt(t, both, clocks, retime.Options{Unaligned: retime.UnalignedLeave})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range both {
		if changed := out[name] != b; strings.HasPrefix(name, "two/") && changed {
			t.Errorf("%s changed", name)
		} else if strings.HasSuffix(name, "gaze.csv") && strings.HasPrefix(name, "one/") && !changed {
			t.Errorf("%s did not change", name)
		}
	}
	for _, f := range rep.Files {
		if f.Rows > 0 && strings.HasPrefix(f.Name, "two/") && (f.Action != retime.Copied || len(f.Columns) > 0) {
			t.Errorf("%+v", f)
		}
	}
}

// An enrichment with rows of thirteen recordings, of which the only alignment reaches one: all others are refused at once, ten of them by name.
func TestOutOfReachIsNamedAtOnce(t *testing.T) {
	clocks := func(device, recording string) (retime.Clock, error) {
		c, err := second.Clocks(t)(device, recording)
		c.Reaches = func(d align.DeviceTime) bool { return d > 1_690_000_000_000_000_000 }
		return c, err
	}
	sections, gaze := "recording id,section start time [ns],section end time [ns]\n", "recording id,timestamp [ns],x\n"
	for i := range 13 {
		at := 1_600_000_000_000_000_000 + int64(i)*1_000_000_000_000
		if i == 4 {
			at = 1_700_000_000_000_000_000
		}
		sections += fmt.Sprintf("r%02d,%d,%d\n", i, at, at+10_000_000_000)
		gaze += fmt.Sprintf("r%02d,%d,1\n", i, at+15)
	}
	_, _, err := attempt(t, files{"sections.csv": sections, "gaze.csv": gaze, "enrichment_info.txt": "x"}, clocks, retime.Options{})
	if !errors.Is(err, align.ErrOutOfReach) || !errors.Is(err, retime.ErrNoClock) {
		t.Fatal(err)
	}
	for _, want := range []string{"r00 begins at 2020-09-13 12:26:40 UTC by the phone's clock", "r10", "and 2 more"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q not in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "r04") {
		t.Errorf("the one in reach is refused: %v", err)
	}
}
