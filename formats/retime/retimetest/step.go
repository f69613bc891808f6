package retimetest

import (
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// Step is the clock of a phone that was set back once: host - device grew by By. The exchanges tell of the step only that it lies somewhere from From to
// To, both of the host.
type Step struct {
	From, To align.HostTime
	By       time.Duration
}

// offset is host - device before the step.
const offset = 3 * time.Second

// Clocks returns the clock, for all recordings.
func (s Step) Clocks(t testing.TB, a align.Ambiguity) retime.Clocks {
	t.Helper()
	before := func(h align.HostTime) align.DeviceTime { return align.DeviceTime(h) - align.DeviceTime(offset) }
	day := align.HostTime(24 * time.Hour)
	m, err := align.NewModel[align.HostTime](align.Parts{
		Segments: []align.Segment{
			{Piece: 0, From: before(s.From - day), To: before(s.To), Offset: offset},
			{Piece: 1, From: before(s.From) - align.DeviceTime(s.By), To: before(s.To + day), Offset: offset + s.By},
		},
		First: before(s.From - day), Last: before(s.To + day),
		Steps: []align.Step{{From: s.From, To: s.To, By: s.By}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(string, string) (retime.Clock, error) {
		return retime.Clock{
			New:       func() align.Retimer { return m.Retimer(a) },
			NewStream: func(s *align.Sides) (align.Retimer, align.Batch) { return m.StreamBeside(s, a) },
			Steps:     true, Digest: "xxh64:0",
		}, nil
	}
}

// Shown is what the phone's clock shows at an instant of the host, where it was set back at set.
func (s Step) Shown(h, set align.HostTime) align.DeviceTime {
	d := align.DeviceTime(h) - align.DeviceTime(offset)
	if h >= set {
		d -= align.DeviceTime(s.By)
	}
	return d
}
