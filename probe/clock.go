package probe

import (
	"context"
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
)

// Clock is a host clock pair that can also wait.
type Clock interface {
	// Stamp returns the wall and the monotonic reading of one instant.
	Stamp() (align.HostTime, align.MonoTime)
	// Wait returns once d has passed, or with the context's error.
	Wait(ctx context.Context, d time.Duration) error
}

// ClockInfo describes this computer's clocks.
type ClockInfo struct {
	Wall, Mono                     string        // the calls that read them
	WallResolution, MonoResolution time.Duration // the smallest step that was seen, or that the system states if that is larger
	Discipline                     string        // what the system says about who corrects the wall clock, or "unknown"
	Boot                           string        // changes with each start of the computer: monotonic readings compare only within one
	Host, OS                       string
}

// SystemClock returns this computer's clocks, read from the operating system anew for each stamp: one is never derived
// from the other, since their difference is how a step of the wall clock is seen. The monotonic one is that of LSL's
// local_clock: CLOCK_MONOTONIC, QueryPerformanceCounter or mach_absolute_time.
func SystemClock() Clock { return systemClock{} }

type systemClock struct{}

// tight is how far apart the monotonic readings on both sides of the wall reading may be for a pair to be taken at
// once. A read takes 20 to 400 ns where the system has a fast path; being put aside by the scheduler takes far longer.
const tight = int64(2 * time.Microsecond)

// pairTries is how often a pair is taken again. The closest one is kept, so the limit costs accuracy, not correctness.
const pairTries = 5

func (systemClock) Stamp() (align.HostTime, align.MonoTime) {
	var wall, mono int64
	best := int64(-1)
	for range pairTries {
		before := readMono()
		w := readWall()
		width := readMono() - before
		if best < 0 || width < best {
			best, wall, mono = width, w, before+width/2
		}
		if best <= tight {
			break
		}
	}
	return align.HostTime(wall), align.MonoTime(mono)
}

func (systemClock) Wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ReadClocks returns one reading of all of this computer's clocks: wall, monotonic and, where there is one, the monotonic clock that
// no time service corrects, with the rate at which the other one is being corrected, as far as the system says. It is
// for logs beside the exchanges; no exchange waits for it.
func ReadClocks() align.HostReading {
	var r align.HostReading
	for range pairTries {
		wall, before := SystemClock().Stamp()
		raw, ok := readRaw()
		width := readMono() - int64(before)
		r = align.HostReading{Wall: wall, Mono: before}
		if !ok {
			return r
		}
		r.Raw = align.MonoTime(raw - width/2) // as of the reading of the pair
		if width <= 4*tight {
			break
		}
	}
	r.RateE18, r.Rated = correction()
	return r
}

// DescribeClock measures and describes this computer's clocks. It is done once per process.
func DescribeClock() ClockInfo { return describe() }

var describe = sync.OnceValue(func() ClockInfo {
	wall, mono := statedResolution()
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	return ClockInfo{
		Wall: wallName, Mono: monoName,
		WallResolution: max(wall, smallestStep(readWall)),
		MonoResolution: max(mono, smallestStep(readMono)),
		Discipline:     discipline(), Boot: bootID(), Host: host, OS: systemName(),
	}
})

// smallestStep returns the smallest forward step between successive readings of a clock: its tick, or the time that
// reading it takes if that is longer. It looks for at least three ticks of a 15.6 ms clock, the slowest known.
func smallestStep(read func() int64) time.Duration {
	const steps, limit = 256, int64(60 * time.Millisecond)
	least := limit
	start, last := readMono(), read()
	for seen := 0; seen < steps && readMono()-start < limit; {
		if now := read(); now != last {
			if step := now - last; step > 0 {
				least = min(least, step)
				seen++
			}
			last = now
		}
	}
	return time.Duration(least)
}

// scaleCounter returns count ticks of a counter with freq ticks a second in ns, cut to whole ones, exactly.
func scaleCounter(count, freq uint64) int64 {
	hi, lo := bits.Mul64(count%freq, uint64(time.Second))
	part, _ := bits.Div64(hi, lo, freq) // count % freq < freq, so it fits
	return int64(count/freq*uint64(time.Second) + part)
}

// deadline returns the instant d from now as sockets want it.
func deadline(d time.Duration) time.Time { return time.Now().Add(d) }

// platform is what Go was built for.
const platform = runtime.GOOS + "/" + runtime.GOARCH

// processBoot stands in for a boot id that cannot be had: monotonic readings then compare within this process only.
func processBoot() string { return fmt.Sprintf("process-%d-%d", os.Getpid(), readWall()) }
