package retime

import (
	"fmt"
	"time"

	"github.com/pialign/pialign/align"
)

// Day is how far a time may lie from its recording: phones record for hours, never for days. Further is a mistake.
const Day = 24 * time.Hour

// margin is how far outside the recording an event may lie before it cannot be the phone's own. Clocks of phones
// are wrong by a second; a stamp that is off by hours came with the event, and the phone takes any, 0 too.
const margin = time.Hour

// Extent is when a recording was, as far as that is known.
type Extent struct {
	Begin, End   align.DeviceTime
	Begun, Ended bool
}

// The events that the app writes itself, in whole ms of the phone's clock.
const (
	BeginEvent = "recording.begin"
	EndEvent   = "recording.end"
)

// Part is one recording in a folder, a zip or a download of several, as far as it is seen without reading its tables.
type Part struct {
	Name        string   // of its folder, else its id
	DeviceID    string   // "" where unknown
	RecordingID string   // likewise
	Serials     []string // of the glasses: their own, their camera's, their module's
	// When it was: by its info.json, else about, by the first row of a table; from First to First where its end is not known. Both are zero where
	// nothing is known.
	First, Last align.DeviceTime
}

// SenderWhy says why the phone cannot have stamped an event at that instant, "" if it can.
func (e Extent) SenderWhy(at align.DeviceTime) string {
	end := e.End
	if !e.Ended && e.Begun {
		end = e.Begin.Add(Day)
	}
	switch {
	case e.Begun && Gap(at, e.Begin) > margin:
		return fmt.Sprintf("%s before the recording", Gap(at, e.Begin).Round(time.Minute))
	case e.Begun && Gap(end, at) > margin:
		return fmt.Sprintf("%s after the recording", Gap(end, at).Round(time.Minute))
	case !WholeMS(at):
		return "not in whole ms, as the phone's own stamps are"
	}
	return ""
}

// Near reports whether at lies within a day of the time from first to last.
func Near(at, first, last align.DeviceTime) bool {
	return Gap(at, first) <= Day && Gap(last, at) <= Day
}

// Gap returns how far a lies before b, 0 if it does not, and the longest duration where that has no int64.
func Gap(a, b align.DeviceTime) time.Duration {
	if a >= b {
		return 0
	}
	if d := b.Sub(a); d > 0 {
		return d
	}
	return 1<<63 - 1
}
