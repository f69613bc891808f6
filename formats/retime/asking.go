package retime

import (
	"errors"
	"fmt"
	"sync"

	"github.com/pialign/pialign/align"
)

// Asking asks for the clocks of the recordings of one run, and remembers which were refused: the run goes on without them, so that the user
// hears of all.
type Asking struct {
	Clocks  Clocks
	refused []error
	mu      sync.Mutex // for New, which need not bear two calls at once
}

// Clock asks for the clock of a recording. Where there is none it leaves the times as they are, and Verdict says so.
func (a *Asking) Clock(name, deviceID, recordingID string) Clock {
	c, err := a.Clocks(deviceID, recordingID)
	if err == nil && c.New == nil {
		err = errors.New("there is none")
	}
	if err != nil {
		a.refused = append(a.refused, fmt.Errorf("%s: %w", name, err))
		c, _ = Unmoved(deviceID, recordingID)
	}
	return c
}

// Retimer returns a new Retimer of c, for one stream. It may be called by several at the same time.
func (a *Asking) Retimer(c Clock) align.Retimer {
	a.mu.Lock()
	defer a.mu.Unlock()
	return c.New()
}

// Verdict is the error of a run whose every time is fine: that clocks were refused or, unless opt says whose they are,
// that there are events which senders have stamped.
func (a *Asking) Verdict(opt Options, sent SenderError) error {
	switch {
	case len(a.refused) > 0:
		return &NoClockError{Causes: a.refused}
	case sent.Total > 0 && opt.SenderStamps == "":
		return &sent
	}
	return nil
}

// Stream returns a new Stream of c, as Retimer does.
func (a *Asking) Stream(c Clock) Stream {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.NewStream == nil {
		return Stream{Retime: c.New()}
	}
	one, many := c.NewStream()
	return Stream{Retime: one, batch: many}
}
