package align

import (
	"fmt"
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
// Where the phone's clock was set back, the order tells which side of the step an instant lies on, as long as the stream is denser
// than the step is large: stamps grow until the step shows as a fall of at least half its size, and lie behind it from
// there on. A step forward looks like a pause, and does not resolve anything; nor does a stream that begins within the gap.
func (m *Model[T]) Retimer(a Ambiguity) Retimer {
	if len(m.pieces) == 1 {
		return func(d DeviceTime) (int64, error) {
			h, err := m.Host(d)
			return int64(h), err
		}
	}
	c := cursor[T]{m: m, piece: -1}
	return func(d DeviceTime) (int64, error) { return c.next(d, a) }
}

// cursor is the place in a stream.
type cursor[T HostClock] struct {
	m     *Model[T]
	piece int // the stream lies in, -1 where that is not known
	last  DeviceTime
}

func (c *cursor[T]) next(d DeviceTime, a Ambiguity) (int64, error) {
	defer func() { c.last = d }()
	// one candidate as a rule, two about a step
	var host [2]int64
	var piece [2]int
	n := 0
	for i := range c.m.pieces {
		if s, ok := c.m.pieces[i].segment(d); ok && n < 2 {
			if h, ok := s.at(d); ok {
				host[n], piece[n] = h, i
				n++
			}
		}
	}
	switch n {
	case 0:
		return 0, c.m.outOfReach(d)
	case 1:
		c.piece = piece[0]
		return host[0], nil
	}
	if back := host[1] - host[0]; back > 0 && piece[1] == piece[0]+1 {
		switch {
		case c.piece == piece[1]:
			return host[1], nil
		case c.piece == piece[0] && int64(c.last)-int64(d) >= back/2:
			c.piece = piece[1]
			return host[1], nil
		case c.piece == piece[0] && int64(d)-int64(c.last) < back:
			return host[0], nil
		}
	}
	c.piece = -1
	switch a {
	case AmbiguousFirst:
		return host[0], nil
	case AmbiguousSecond:
		return host[1], nil
	case AmbiguousEmpty:
		return 0, fmt.Errorf("device instant %d: %w", d, ErrBlank)
	}
	return 0, fmt.Errorf("device instant %d: %w", d, ErrAmbiguous)
}
