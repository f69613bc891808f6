package player

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// Frames of the scene lie too far apart to tell of a step back by 50 ms; what gaze tells holds for them, in stamps of the phone and in
// seconds.
func TestOneStampIsOneInstantAboutAStep(t *testing.T) {
	ms := align.HostTime(time.Millisecond)
	step := retimetest.Step{From: startNs + 20_000*ms, To: startNs + 40_000*ms, By: 50 * time.Millisecond}
	begin, set := align.HostTime(startNs)+10_000*ms, startNs+30_000*ms
	var gaze, world []byte
	var frames []align.DeviceTime
	var seconds []float64
	shown, host := step.Gaze(6, begin, 40*time.Second, set)
	for i, d := range shown {
		gaze = binary.LittleEndian.AppendUint64(gaze, uint64(d))
		if i%7 == 0 {
			world, frames = binary.LittleEndian.AppendUint64(world, uint64(d)), append(frames, d)
			seconds = append(seconds, float64(int64(d)-startNs)*1e-9)
		}
	}
	f := map[string]string{
		"info.invisible.json": info, "info.player.json": playerInfoText,
		"gaze ps1.time": string(gaze), "world.time": string(world),
		"world_timestamps.npy": npyOf("'<f8'", len(seconds)) + doubles(seconds...),
	}
	for _, a := range []align.Ambiguity{align.AmbiguousRefused, align.AmbiguousSecond} {
		out, _, err := apply(t, tree(t, f), step.Clocks(t, a), retime.Options{Ambiguous: string(a)})
		if err != nil {
			t.Errorf("%q: %v", a, err)
			continue
		}
		began := int64(step.Shown(startNs, set)) // what start_time becomes is what it was plus the offset before the step
		began = 2*startNs - began
		npy := out["world_timestamps.npy"]
		npy = npy[len(npy)-8*len(frames):]
		for i, d := range frames {
			got := int64(binary.LittleEndian.Uint64([]byte(out["world.time"][8*i:])))
			if off := retimetest.Off(host, d, got); off != 0 {
				t.Fatalf("%q: frame %d: %d becomes %d, %v from the sample of gaze", a, i, d, got, off)
			}
			if ns, err := wholeNs(math.Float64frombits(binary.LittleEndian.Uint64([]byte(npy[8*i:])))); err != nil || ns != got-began {
				t.Fatalf("%q: frame %d: %d ns since the start, its stamp says %d", a, i, ns, got-began)
			}
		}
	}
}
