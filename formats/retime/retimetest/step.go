package retimetest

import (
	"math/rand/v2"
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

// Gaze returns what the clock shows at samples of gaze, 4 or 8 ms apart, from begin on, where it was set back at set; to the us, as a phone does. host is when each
// of it was.
func (s Step) Gaze(seed uint64, begin align.HostTime, lasts time.Duration, set align.HostTime) (shown []align.DeviceTime, host map[align.DeviceTime][]align.HostTime) {
	r := rand.New(rand.NewPCG(5, seed))
	host = map[align.DeviceTime][]align.HostTime{}
	for h := begin; h < begin.Add(lasts); h = h.Add(time.Duration(4+4*r.IntN(2))*time.Millisecond + time.Duration(r.IntN(1000))*time.Microsecond) {
		d := s.Shown(h, set) / 1000 * 1000
		host[d], shown = append(host[d], h), append(shown, d)
	}
	return shown, host
}

// Off says how far a new time lies from the only sample that a stamp of gaze stands for. Stamps that it has shown twice are right either way.
func Off(host map[align.DeviceTime][]align.HostTime, d align.DeviceTime, now int64) time.Duration {
	want := host[d]
	if len(want) != 1 {
		return 0
	}
	return time.Duration(int64(want[0])-now) / 1000 * 1000 // what the stamp does not say
}

// Shown is what the phone's clock shows at an instant of the host, where it was set back at set.
func (s Step) Shown(h, set align.HostTime) align.DeviceTime {
	d := align.DeviceTime(h) - align.DeviceTime(offset)
	if h >= set {
		d -= align.DeviceTime(s.By)
	}
	return d
}
