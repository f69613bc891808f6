package probe

import (
	"runtime"
	"testing"
	"time"
)

// The readings of one moment belong together: between two of them every clock moves by the same span, but for what a time
// service corrects. 600 ppm is what it may at most.
func TestReadClocks(t *testing.T) {
	a := ReadClocks()
	wall, mono := SystemClock().Stamp()
	for until := mono.Add(20 * time.Millisecond); mono < until; {
		wall, mono = SystemClock().Stamp()
	}
	b := ReadClocks()
	if b.Mono < mono || b.Wall < wall {
		t.Errorf("the readings go back: %+v after %d, %d", b, wall, mono)
	}
	if runtime.GOOS != "linux" {
		if a.Raw != 0 || a.Rated {
			t.Errorf("a raw clock where there is none: %+v", a)
		}
		return
	}
	d := b.Mono.Sub(a.Mono)
	// 100 us: a preemption within the reading, five times in a row, would show as such
	if off := (b.Raw.Sub(a.Raw) - d).Abs(); off > d*600/1_000_000+100*time.Microsecond {
		t.Errorf("over %v the raw clock moved by %v less or more", d, off)
	}
	if !a.Rated {
		t.Error("Linux did not say at which rate it corrects the clock")
	}
	if a.RateE18 > 600_000_000_000_000 || a.RateE18 < -600_000_000_000_000 {
		t.Errorf("a correction by %d e-18 is beyond what Linux does", a.RateE18)
	}
}
