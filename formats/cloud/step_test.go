package cloud_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// Where the phone's clock was set back in the recording, a fixation begins when the gaze sample with its stamp was, whichever of two times the user
// wants where nothing tells; so do blinks, which lie further apart than the step, and what another folder has of the same stream.
func TestOneStampIsOneInstantAboutAStep(t *testing.T) {
	ms := align.HostTime(time.Millisecond)
	for _, by := range []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, 3 * time.Second} {
		begin := align.HostTime(1_700_000_010_000_000_000)
		step := retimetest.Step{From: begin + 10_000*ms, To: begin + 30_000*ms, By: by}
		set := begin + 13_000*ms
		var gaze, mapped, fixations, saccades, blinks strings.Builder
		fmt.Fprintln(&gaze, "recording id,timestamp [ns],worn")
		fmt.Fprintln(&mapped, "recording id,timestamp [ns],gaze detected on surface")
		fmt.Fprintln(&fixations, "recording id,fixation id,start timestamp [ns],end timestamp [ns],duration [ms]")
		fmt.Fprintln(&saccades, "recording id,saccade id,start timestamp [ns],end timestamp [ns],duration [ms]")
		fmt.Fprintln(&blinks, "recording id,blink id,start timestamp [ns],end timestamp [ns],duration [ms]")
		shown, host := step.Gaze(uint64(by), begin, 40*time.Second, set)
		for i, d := range shown {
			fmt.Fprintf(&gaze, "r1,%d,1\n", d)
			if i%3 == 0 {
				fmt.Fprintf(&mapped, "r1,%d,True\n", d)
			}
		}
		for i := 7; i+50 < len(shown); i += 60 {
			fmt.Fprintf(&fixations, "r1,%d,%d,%d,200\n", i, shown[i], shown[i+45])
			fmt.Fprintf(&saccades, "r1,%d,%d,%d,20\n", i, shown[i-7], shown[i])
			if i%180 == 7 {
				fmt.Fprintf(&blinks, "r1,%d,%d,%d,200\n", i, shown[i+4], shown[i+33])
			}
		}
		f := files{
			"info.json":          fmt.Sprintf(`{"android_device_id": "p1", "duration": 40000000000, "recording_id": "r1", "start_time": %d}`, step.Shown(begin, set)),
			"gaze.csv":           gaze.String(),
			"3d_eye_states.csv":  gaze.String(),
			"fixations.csv":      fixations.String(),
			"saccades.csv":       saccades.String(),
			"blinks.csv":         blinks.String(),
			"a surface/gaze.csv": mapped.String(),
			"a surface/sections.csv": fmt.Sprintf("recording id,section start time [ns],section end time [ns],start event name,end event name\nr1,%d,%d,a,b\n",
				step.Shown(begin, set), step.Shown(begin+40_000*ms, set)/1_000_000*1_000_000),
		}
		for _, a := range []align.Ambiguity{align.AmbiguousRefused, align.AmbiguousFirst, align.AmbiguousSecond} {
			out, _, err := attempt(t, f, step.Clocks(t, a), retime.Options{Ambiguous: string(a)})
			if err != nil {
				t.Errorf("back by %v, %q: %v", by, a, err)
				continue
			}
			compared := 0
			for name, text := range out {
				if !strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, "sections.csv") {
					continue
				}
				was, is := strings.Split(f[name], "\n"), strings.Split(text, "\n")
				for i := range was[1:] {
					olds, news := strings.Split(was[i], ","), strings.Split(is[i], ",")
					for j, cell := range olds {
						d, err := strconv.ParseInt(cell, 10, 64)
						if err == nil && len(cell) == 19 {
							got, _ := strconv.ParseInt(news[j], 10, 64)
							if off := retimetest.Off(host, align.DeviceTime(d), got); off != 0 {
								t.Fatalf("back by %v, %q: %s, row %d: %s becomes %s, %v from the sample of gaze", by, a, name, i+1, cell, news[j], off)
							}
							compared++
						}
					}
				}
			}
			if compared < 5000 {
				t.Errorf("only %d times compared", compared)
			}
		}
	}
}
