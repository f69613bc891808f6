package main

import (
	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/report"
)

// widths says of each re-timed recording how far its own times can be off, by the alignment that it went through: beyond the exchanges that is more than
// between them.
func (c *collecting) widths() {
	for i := range c.doc.Retimed {
		t := &c.doc.Retimed[i]
		for j := range t.Recordings {
			r := &t.Recordings[j]
			if f, ok := c.fits[r.Alignment]; ok && r.Alignment != "" && f.err == nil && r.First != nil {
				widthsOf(r, chooseClock(f, "", t.Clock), t.Ambiguous)
			}
		}
	}
}

// widthsOf enters the widths of one recording on the clock of its result.
func widthsOf(r *report.RetimedRecording, c hostClock, ambiguous string) {
	first, last := align.DeviceTime(*r.First), align.DeviceTime(*r.Last)
	switch {
	case c.err != nil:
		r.Unsure = c.err.Error()
	case c.recipe != "":
		r.Unsure = "a recipe to compare with has no interval"
	case !sameDevice(r.DeviceID, c.deviceID) || c.deviceID == "":
		r.Unsure = "nothing confirms that the alignment is of its phone"
	case c.steps && (ambiguous == "first" || ambiguous == "second"):
		r.Unsure = "the phone's clock stepped, and times it may have shown twice were taken for the " + ambiguous + ": apply and batch run told the width"
	default:
		if d, ok := c.worst(first, last); ok {
			r.HalfWidth = (*report.Number)(known(d, true))
		} else {
			r.Unsure = "its 95 % interval is not known everywhere"
		}
		if d, ok := c.stat(first, last); ok {
			r.StatWidth = (*report.Number)(known(d, true))
		}
		if d, ok := c.bound(first, last); ok {
			r.Bound = (*report.Number)(known(d, true))
		}
	}
	if beyond := max(c.first.Sub(first), last.Sub(c.last)); c.fitted && beyond > farOut {
		r.Beyond = (*report.Number)(known(beyond, true))
	}
}
