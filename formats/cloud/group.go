package cloud

import (
	"fmt"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// maxRecordings bounds what a table can make of recordings: a study has some hundreds. Each is compared with all others when it is asked whose they
// are.
const maxRecordings = 10_000

// group is one recording in one run.
type group struct {
	id, name string
	scope    *info // nil where no info.json speaks for it
	clock    retime.Clock

	known         bool // first and last say roughly when the recording was
	first         align.DeviceTime
	last          align.DeviceTime
	retime.Extent                           // begins in whole ms, as info.json or the app's event says
	app           bool                      // begin is that of an event
	settled       bool                      // end is that of info.json and of an event
	odd           *event                    // the first recording.begin that is not in whole ms
	listed        bool                      // its events are in the folder
	stamped       map[align.DeviceTime]bool // by senders
	sender        []retime.SenderStamp
	senders       int
	warnings      []string
}

// about places a recording that is not placed yet.
func (g *group) about(first, last align.DeviceTime) {
	if !g.known {
		g.known, g.first, g.last = true, first, max(first, last)
	}
}

// near reports whether at lies within a day of the recording.
func (g *group) near(at align.DeviceTime) bool {
	return retime.Near(at, g.first, g.last)
}

// warn adds a warning once.
func (g *group) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, w := range g.warnings {
		if w == text {
			return
		}
	}
	g.warnings = append(g.warnings, text)
}

// device returns the id of the phone, "" where it is unknown.
func (g *group) device(r *Recording) string {
	if g.scope != nil {
		return g.scope.DeviceID
	}
	return r.devices[g.id]
}
