package scenario

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pialign/pialign/align"
)

// noon is an instant of these years, so that the integers have the size that they have in use.
const noon = align.HostTime(1_767_614_400_000_000_000)

func TestDeviceIsHostMinusOffsetThenDrifts(t *testing.T) {
	c := Clock{Origin: noon, Offset: 840_000_000, DriftE18: 12_000_000_000_000}
	if got, want := c.Device(noon), align.DeviceTime(noon-840_000_000); got != want {
		t.Errorf("at the origin: %d, want %d", got, want)
	}
	// 12 ppm of an hour are 43.2 ms; host - device grows, so the phone falls behind.
	const hour = 3_600_000_000_000
	if got, want := c.Device(noon+hour), align.DeviceTime(noon+hour-840_000_000-43_200_000); got != want {
		t.Errorf("an hour later: %d, want %d", got, want)
	}
	if got, want := c.Device(noon-hour), align.DeviceTime(noon-hour-840_000_000+43_200_000); got != want {
		t.Errorf("an hour before: %d, want %d", got, want)
	}
}

func clocks(t *rapid.T) Clock {
	return Clock{
		Origin:   noon,
		Offset:   0,
		DriftE18: rapid.Int64Range(-400_000_000_000_000_000, 400_000_000_000_000_000).Draw(t, "drift"),
	}
}

func TestHostUndoesDevice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clocks(t)
		d := align.DeviceTime(noon) + align.DeviceTime(rapid.Int64Range(-1e15, 1e15).Draw(t, "instant"))
		host := c.Host(d)
		if len(host) != 1 {
			t.Fatalf("%d host instants, want 1", len(host))
		}
		// 1 ns: a clock that runs fast skips an instant now and then.
		if got := c.Device(host[0]); got < d-1 || got > d+1 {
			t.Errorf("Device(Host(%d)) = %d", d, got)
		}
	})
}

func TestHostFollowsSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clocks(t)
		at := noon
		for range rapid.IntRange(0, 4).Draw(t, "steps") {
			at += align.HostTime(rapid.Int64Range(0, 1e12).Draw(t, "gap"))
			c.Steps = append(c.Steps, Step{At: at, By: time.Duration(rapid.Int64Range(-1e11, 1e11).Draw(t, "by"))})
		}
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		h := noon + align.HostTime(rapid.Int64Range(-1e12, 6e12).Draw(t, "instant"))
		d := c.Device(h)
		near := false
		var before align.HostTime
		for i, got := range c.Host(d) {
			if i > 0 && got < before {
				t.Errorf("host instants out of order: %d before %d", before, got)
			}
			before = got
			if e := c.Device(got) - d; e < -1 || e > 1 {
				t.Errorf("Device(%d) is %d ns off", got, e)
			}
			// A clock slower than the host's by up to 0.4 shows one reading for up to two host instants.
			if e := got - h; e >= -2 && e <= 2 {
				near = true
			}
		}
		// Within 2 ns of a step the solution may fall on its other side.
		for _, s := range c.Steps {
			if e := h - s.At; e >= -2 && e <= 2 {
				near = true
			}
		}
		if !near {
			t.Errorf("host instant %d shows %d, for which Host knows only %v", h, d, c.Host(d))
		}
	})
}

func TestStepForwardSkipsAndStepBackRepeats(t *testing.T) {
	const second = 1_000_000_000
	c := Clock{Origin: noon, Steps: []Step{{At: noon, By: second}}}
	if got := c.Host(align.DeviceTime(noon + second/2)); len(got) != 0 {
		t.Errorf("a reading that was jumped over has host instants %v", got)
	}
	if got, want := c.Device(noon), align.DeviceTime(noon+second); got != want {
		t.Errorf("at the step: %d, want %d: the step has happened at its instant", got, want)
	}
	c.Steps[0].By = -second
	got := c.Host(align.DeviceTime(noon - second/2))
	want := []align.HostTime{noon - second/2, noon + second/2}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("a reading shown twice has host instants %v, want %v", got, want)
	}
}

func TestClockCheck(t *testing.T) {
	for name, c := range map[string]Clock{
		"stands still":       {DriftE18: e18},
		"half again as fast": {DriftE18: -e18 / 2},
		"steps out of order": {Steps: []Step{{At: 2}, {At: 1}}},
	} {
		if c.Check() == nil {
			t.Errorf("a clock that %s is taken", name)
		}
	}
	if err := (Clock{Steps: []Step{{At: 1}, {At: 1}}}).Check(); err != nil {
		t.Error(err)
	}
}
