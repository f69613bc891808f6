package retime

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
)

// Asking asks for the clocks of the recordings of one run, and remembers which were refused: the run goes on without them, so that the user
// hears of all.
type Asking struct {
	Clocks  Clocks
	Options Options
	Blanks  bool // a time may be left empty

	aligned int // recordings that have one
	sides   []*align.Sides
	refused []error    // what is in the way
	beyond  bool       // one of them begins out of reach
	passed  []error    // what Options.Unaligned lets pass
	mu      sync.Mutex // for New, which need not bear two calls at once
}

// Clock asks for the clock of a recording. Where there is none it leaves the times as they are, and Verdict says so.
func (a *Asking) Clock(name, deviceID, recordingID string) Clock {
	c, err := a.Clocks(deviceID, recordingID)
	if err == nil && c.New == nil {
		err = errors.New("there is none")
	}
	if err == nil {
		a.aligned++
		if c.Steps {
			c.sides = new(align.Sides)
			a.sides = append(a.sides, c.sides)
		}
		return c
	}
	c, _ = Unmoved(deviceID, recordingID)
	named := fmt.Errorf("%s: %w", name, err)
	if !errors.Is(err, ErrUnaligned) || a.Options.Unaligned == "" || a.blank() && !a.Blanks {
		a.refused = append(a.refused, named)
		return c
	}
	a.passed = append(a.passed, named)
	c.unaligned = err
	if a.blank() {
		c.New = func() align.Retimer { return empty }
	}
	return c
}

// Begins refuses a recording that begins out of its clock's reach.
func (a *Asking) Begins(name string, c Clock, at align.DeviceTime) {
	if c.Reaches == nil || c.Reaches(at) {
		return
	}
	a.beyond = true
	a.aligned--
	when := time.Unix(0, int64(at)).UTC().Format("2006-01-02 15:04:05 UTC")
	a.refused = append(a.refused, fmt.Errorf("%s begins at %s by the phone's clock: %w", name, when, align.ErrOutOfReach))
}

// Beyond returns the Verdict if a recording begins out of reach: to go on would only find that of its every time.
func (a *Asking) Beyond() error {
	if !a.beyond {
		return nil
	}
	return a.Verdict(SenderError{})
}

// blank reports whether the new times of a recording without an alignment are left empty: beside the phone's they would pass for the host's.
func (a *Asking) blank() bool { return a.Options.Unaligned == UnalignedEmpty || a.Options.Mode == Add }

func empty(align.DeviceTime) (int64, error) { return 0, align.ErrBlank }

// Retimer returns a new Retimer of c, for one stream. It may be called by several at the same time.
func (a *Asking) Retimer(c Clock) align.Retimer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.sides != nil {
		one, _ := c.NewStream(c.sides)
		return one
	}
	return c.New()
}

// Steps reports whether a phone's clock stepped. Then the files are worked off one after the other, as ByDensity has them, with Settle after each:
// what a dense stream tells of a step holds for the others.
func (a *Asking) Steps() bool { return len(a.sides) > 0 }

// Settle ends all streams.
func (a *Asking) Settle() {
	for _, s := range a.sides {
		s.Settle()
	}
}

// Verdict is the error of a run whose every time is fine: that clocks were refused, or there is none at all, or, unless the options say
// whose they are, that there are events which senders have stamped.
func (a *Asking) Verdict(sent SenderError) error {
	switch {
	case len(a.refused) > 0:
		return &NoClockError{Causes: slices.Concat(a.refused, a.passed), Aligned: a.aligned}
	case a.aligned == 0 && len(a.passed) > 0:
		return &NoClockError{Causes: a.passed}
	case sent.Total > 0 && a.Options.SenderStamps == "":
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
	one, many := c.NewStream(c.sides)
	return Stream{Retime: one, batch: many}
}
