package main

import (
	"fmt"
	"time"

	"github.com/pialign/pialign/align"
)

// hostSteps notices when this computer's wall clock is set, by the readings that exchanges take anyway: it moves against the monotonic one.
type hostSteps struct {
	wall  align.HostTime
	mono  align.MonoTime
	some  bool
	steps []hostStep
}

type hostStep struct {
	at align.HostTime // after it
	by time.Duration
}

// Time services that do not set a clock make it run faster or slower: by 0.5 ms a second, or 1 ms with chrony as it comes.
const (
	mostSlew  = 2000             // ppm
	leastStep = time.Millisecond // what is less the preemption of a reading can do
	mostSteps = 100
)

func (h *hostSteps) add(wall align.HostTime, mono align.MonoTime) {
	if wall == 0 || mono == 0 {
		return
	}
	if h.some && mono >= h.mono {
		passed := mono.Sub(h.mono)
		by := wall.Sub(h.wall) - passed
		if by.Abs() > leastStep+passed/1_000_000*mostSlew && len(h.steps) < mostSteps {
			h.steps = append(h.steps, hostStep{wall, by})
		}
	}
	h.wall, h.mono, h.some = wall, mono, true
}

// warning says what was noticed, or nothing.
func (h *hostSteps) warning() string {
	if len(h.steps) == 0 {
		return ""
	}
	text := ""
	for i, s := range h.steps {
		const shown = 3
		if i == shown {
			text += fmt.Sprintf(" and %d times more", len(h.steps)-shown)
			break
		}
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("by %s before %s", span(s.by), instant(int64(s.at)))
	}
	return "this computer's wall clock was set, or the computer slept, while it measured: " + text +
		"; the fit takes the monotonic clock, and recordings that span it are told"
}
