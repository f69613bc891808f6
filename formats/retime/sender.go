package retime

import (
	"fmt"
	"strings"
)

// MostListed bounds the events of a recording that a report names; all are counted.
const MostListed = 1000

// SenderError lists the events that a program stamped itself. It wraps ErrSenderStamps.
type SenderError struct {
	Stamps []SenderStamp // the first of them
	Total  int
}

func (e *SenderError) Error() string {
	const most = 10 // rows that a terminal shows at a glance
	var b strings.Builder
	fmt.Fprintf(&b, "%d %v, so that their clock is not known:", e.Total, ErrSenderStamps)
	shown := min(len(e.Stamps), most)
	for _, s := range e.Stamps[:shown] {
		fmt.Fprintf(&b, "\n  %s: row %d, %q at %d: %s", s.File, s.Row, s.Event, s.Stamp, s.Why)
	}
	if n := e.Total - shown; n > 0 {
		fmt.Fprintf(&b, "\n  and %d more", n)
	}
	b.WriteString("\nsay whose clock they are on: device (map them) or host (leave them as they are)")
	return b.String()
}

func (e *SenderError) Unwrap() error { return ErrSenderStamps }
