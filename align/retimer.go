package align

import (
	"fmt"
	"time"
)

// Ambiguity says what a Retimer does with an instant that may lie on either side of a step of the phone's clock.
type Ambiguity string

// The ways out of an ambiguity that the order of a stream does not resolve. By default there is none, and the instant is refused.
const (
	AmbiguousRefused Ambiguity = ""
	AmbiguousFirst   Ambiguity = "first"
	AmbiguousSecond  Ambiguity = "second"
	AmbiguousEmpty   Ambiguity = "empty"
)

// Retimer returns a function that maps the device instants of one stream, in the stream's order.
//
// Where the phone's clock was set back, the order tells which side of the step an instant lies on, in a stream whose stamps
// are less than half the step apart: they grow until the step shows as a fall of more than half its size, and lie behind
// it from there on. A step forward looks like a pause, and does not resolve anything; nor does a stream that begins within
// the gap, or one of few or sparse stamps, in which a pause may hide the step. Where a dense one comes past the step and no
// fall has shown, samples are missing for about as long as the step is: an *UnseenStepError.
func (m *Model[T]) Retimer(a Ambiguity) Retimer {
	r, _ := m.Stream(a)
	return r
}

// strideCount is how many of a stream's last intervals are looked at to tell how dense it is, strideLeast how many must be there.
const strideCount, strideLeast = 64, 8

// cursor is the place in a stream.
type cursor[T HostClock] struct {
	m       *Model[T]
	piece   int // the stream lies in, -1 where that is not known
	last    DeviceTime
	strides [strideCount]int64 // the last intervals within a piece
	n       int                // how many there were

	awaits int64 // the step back that must show, since instants that may lie behind it were taken for before it; 0: none

	stretch stretch // within which no order matters, since one piece alone can have them
	on      int     // that piece

	told []*side    // by step: what other streams of the recording know; nil, like its elements, if there are none
	seen []*witness // by step: what this one sees of it; nil if there are no others
}

// goOn puts the cursor onto d in the piece.
func (c *cursor[T]) goOn(d DeviceTime, piece int) {
	if c.piece == piece {
		c.strides[c.n%strideCount] = max(int64(d)-int64(c.last), int64(c.last)-int64(d))
		c.n++
	}
	c.piece, c.last = piece, d
}

// denser says whether the stream's stamps are known to be less than half of back apart, so that a step back by it cannot hide between two.
func (c *cursor[T]) denser(back int64) bool {
	for _, s := range c.strides[:min(c.n, strideCount)] {
		if s >= back-back/2 {
			return false
		}
	}
	return c.n >= strideLeast
}

func (c *cursor[T]) next(d DeviceTime, a Ambiguity) (int64, error) {
	if c.stretch.holds(d) || c.clear(d) {
		if err := c.arrives(d); err != nil {
			return 0, err
		}
		c.goOn(d, c.on)
		return c.stretch.at(d), nil
	}
	// two candidates about a step, more only about several large ones: those no order resolves
	var host [2]int64
	var piece [2]int
	n := 0
	for i := range c.m.pieces {
		if s, ok := c.m.pieces[i].segment(d); ok {
			if h, ok := s.at(d); ok {
				if n < len(host) {
					host[n], piece[n] = h, i
				}
				n++
			}
		}
	}
	switch n {
	case 0:
		return 0, c.m.outOfReach(d)
	}
	if back := host[1] - host[0]; c.m.phoneSteps() && n == 2 && back > 0 && piece[1] == piece[0]+1 {
		if side, ok := c.side(d, piece[0], back); ok {
			if c.piece == piece[0] && side == 1 { // the fall is no interval
				c.piece, c.last, c.awaits = piece[1], d, 0
			} else {
				c.goOn(d, piece[side])
			}
			return host[side], nil
		}
	}
	c.piece, c.awaits = -1, 0
	switch {
	case a == AmbiguousFirst && n == 2:
		return min(host[0], host[1]), nil
	case a == AmbiguousSecond && n == 2:
		return max(host[0], host[1]), nil
	case a == AmbiguousEmpty:
		return 0, fmt.Errorf("device instant %d: %w", d, ErrBlank)
	}
	return 0, fmt.Errorf("device instant %d: %w", d, ErrAmbiguous)
}

// side returns on which side of the step back behind a piece d lies: 0 before it, 1 behind it. What other streams know goes before the order
// of this one.
func (c *cursor[T]) side(d DeviceTime, before int, back int64) (int, bool) {
	side, ok := 0, false
	if c.told != nil && c.told[before] != nil {
		side, ok = c.told[before].of(d)
	}
	if !ok {
		switch fell := int64(c.last) - int64(d); {
		case c.piece == before+1:
			side, ok = 1, true
		case c.piece != before || !c.denser(back) || fell <= -back/2:
		default:
			ok = true
			if fell > back/2 {
				side = 1
			} else {
				c.awaits = back // until the fall shows
			}
		}
	}
	if ok && c.seen != nil {
		c.seen[before].note(d, side == 1, back)
	}
	return side, ok
}

// arrives refuses a stream that comes to an instant behind a step back, without a pause, of which the fall has not shown before: samples are missing there for
// about as long as the step is, and which of those that were taken for before it lie behind it nothing tells.
func (c *cursor[T]) arrives(d DeviceTime) error {
	if c.awaits == 0 || c.on == c.piece {
		return nil
	}
	back := c.awaits
	c.awaits = 0
	if c.on < c.piece || int64(d)-int64(c.last) > back/2 {
		return nil
	}
	return &UnseenStepError{At: d, By: time.Duration(back)}
}

// UnseenStepError is of a stream that is dense enough to show a step back, and came past it without: what it showed before At, where it may lie on either
// side, was taken for before the step, and some of it may lie By later. A Retimer that is asked for At again goes on.
type UnseenStepError struct {
	At DeviceTime
	By time.Duration
}

func (e *UnseenStepError) Error() string {
	return fmt.Sprintf("device instant %d: the phone's clock was set back by %v before it, and the stream does not show where: samples are missing there, and times before it may be off by that much", e.At, e.By)
}

// phoneSteps reports whether the pieces are what the phone's steps make. A model in more was cut where the host's clock was set, and no order of
// device stamps tells of that.
func (m *Model[T]) phoneSteps() bool { return len(m.pieces) == len(m.p.Steps)+1 }
