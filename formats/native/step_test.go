package native_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// Where the phone's clock was set back in the recording, one stamp is one instant in all files: blinks, which lie further apart than the step,
// and a second part that begins behind the step go by what gaze tells.
func TestOneStampIsOneInstantAboutAStep(t *testing.T) {
	ms := align.HostTime(time.Millisecond)
	begin := align.HostTime(1_700_000_010_000_000_000)
	step := retimetest.Step{From: begin + 10_000*ms, To: begin + 30_000*ms, By: 150 * time.Millisecond}
	set := begin + 13_000*ms
	shown, host := step.Gaze(5, begin, 40*time.Second, set)
	every := func(from, n int) string {
		var b []byte
		for i := from; i < len(shown); i += n {
			b = binary.LittleEndian.AppendUint64(b, uint64(shown[i]))
		}
		return string(b)
	}
	f := files{
		"info.json":         fmt.Sprintf(`{"android_device_id": "p1", "duration": 40000000000, "recording_id": "r1", "start_time": %d}`, step.Shown(begin, set)),
		"gaze ps1.time":     every(0, 1),
		"gaze ps2.time":     every(len(shown)/2, 1),
		"blinks ps1.time":   every(3, 70),
		"a stream ps1.time": every(2, 5),
	}
	for _, a := range []align.Ambiguity{align.AmbiguousRefused, align.AmbiguousFirst, align.AmbiguousSecond} {
		out, _, err := retimed(t, f.Folder(t), step.Clocks(t, a), retime.Options{Ambiguous: string(a)})
		if err != nil {
			t.Errorf("%q: %v", a, err)
			continue
		}
		for name, b := range f {
			for i := 0; name != "info.json" && i < len(b); i += 8 {
				d, got := binary.LittleEndian.Uint64([]byte(b[i:])), binary.LittleEndian.Uint64([]byte(out[name][i:]))
				if off := retimetest.Off(host, align.DeviceTime(d), int64(got)); off != 0 {
					t.Fatalf("%q: %s, stamp %d: %d becomes %d, %v from the sample of gaze", a, name, i/8+1, d, got, off)
				}
			}
		}
	}
}

// A part that begins where the phone may have shown its stamps twice is told by the part before it, in its own file and in the one that spans all.
func TestPartsTellOfAStep(t *testing.T) {
	ms := align.HostTime(time.Millisecond)
	begin := align.HostTime(1_700_000_010_000_000_000)
	step := retimetest.Step{From: begin + 10_000*ms, To: begin + 30_000*ms, By: 150 * time.Millisecond}
	shown, host := step.Gaze(9, begin, 40*time.Second, begin+13_000*ms)
	stamps := func(of []align.DeviceTime) string {
		var b []byte
		for _, d := range of {
			b = binary.LittleEndian.AppendUint64(b, uint64(d))
		}
		return string(b)
	}
	second := len(shown) / 3 // a while after the step; the pause before it, of 5 s, is longer than the step
	rest := shown[second+800:]
	f := files{
		"info.json":       fmt.Sprintf(`{"android_device_id": "p1", "duration": 40000000000, "recording_id": "r1", "start_time": %d}`, step.Shown(begin, begin+1)),
		"gaze ps1.time":   stamps(shown[:second+400]),
		"gaze ps2.time":   stamps(rest),
		"gaze_200hz.time": stamps(shown[:second+400]) + stamps(rest),
	}
	out, _, err := retimed(t, f.Folder(t), step.Clocks(t, align.AmbiguousRefused), retime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if out["gaze_200hz.time"] != out["gaze ps1.time"]+out["gaze ps2.time"] {
		t.Error("the parts are not what spans them")
	}
	for i, d := range rest {
		got := binary.LittleEndian.Uint64([]byte(out["gaze ps2.time"][8*i:]))
		if off := retimetest.Off(host, d, int64(got)); off != 0 {
			t.Fatalf("stamp %d of the second part: %d becomes %d, off by %v", i+1, d, got, off)
		}
	}
}
