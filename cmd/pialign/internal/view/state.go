// Package view draws the live screen of `pialign probe`. What a State looks like is a pure function, Lines; a Screen
// puts lines on a terminal.
//
// The terminal is never put into raw mode and its cursor is never hidden, so that whatever ends the program leaves
// little to repair; no key is read, so that Ctrl-C stays a signal.
package view

import "time"

// State is a copy of all there is to show. Spans are as they are shown; offset = host - device.
type State struct {
	Session, Phase string
	Percent        int           // of the whole; -1: nobody knows when it ends
	Bursts         int           // done, where nobody knows
	Left           time.Duration // about; 0: unknown
	MaxError       time.Duration // what a bound is held against; 0: nothing
	FreeRunning    bool          // nothing sets this computer's clock
	Ending         bool          // interrupted, or all is done
	Phones         []Phone
}

// Phone is what is known of one phone.
type Phone struct {
	Name, ID, Addr string // Addr is what the user called it, where there is no name
	Tail           string // tells it from others of its name: the end of its ID; empty: nothing need
	Failed         string // why it is not measured, or not to the end; empty: it is
	Finished       bool   // nothing more will be asked of it

	Done, Count      int // exchanges; Count 0: nobody knows how many there will be
	OK, Lost, Silent int // Silent: lost since the last answer

	Offset, Bound       time.Duration   // at the latest answer; Bound is the half-width of the hard bound
	Bounded             bool            // there is an offset
	Judged              bool            // a fit has confirmed it; before, Offset and Bound are preliminary
	DriftE18, DriftHalf int64           // of the offset so far, in 1e-18, and the half-width of its hard bound
	Drifts              bool            // there is a drift
	Set                 bool            // a clock was set while it was measured
	Unusable            bool            // its exchanges contradict each other, so that nothing can be said of its clock
	Best, Median, Last  time.Duration   // round trips: of all, of Recent, the latest; 0: none
	Recent              []time.Duration // the latest exchanges' round trips, oldest first; negative: lost
	Battery             int             // per cent; -1: unknown
	BatteryLow          bool            // the phone says so itself
	StorageLow          bool
	Glasses, Recording  bool
	StatusKnown         bool // the last four are
}

// label is what the assistant calls the phone.
func (p *Phone) label() string {
	switch {
	case p.Name != "" && p.Tail != "":
		return p.Name + " " + p.Tail
	case p.Name != "":
		return p.Name
	case p.ID != "":
		return p.ID
	}
	return p.Addr
}

// lately returns how many of the latest exchanges were lost, and how many those are.
func (p *Phone) lately() (lost, of int) {
	const latest = 50
	recent := p.Recent[max(0, len(p.Recent)-latest):]
	for _, r := range recent {
		if r < 0 {
			lost++
		}
	}
	return lost, len(recent)
}
