package main

import (
	"errors"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
)

// guess is how far times are off at most that were taken for the first or the second of two, if they were the other.
type guess struct {
	mu    sync.Mutex
	by    time.Duration
	empty int // times that were left empty
}

func (g *guess) note(by time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.by = max(g.by, by)
}

func (g *guess) leaveEmpty() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.empty++
}

func (g *guess) leftEmpty() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.empty
}

func (g *guess) worst() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.by
}

// retimer makes a Retimer that notes in g what it had to guess.
func (c hostClock) retimer(a align.Ambiguity, g *guess) align.Retimer {
	one, _ := c.streamer(nil, a, g)
	return one
}

// streamer is retimer with a Batch, for a stream beside others of its recording.
func (c hostClock) streamer(s *align.Sides, a align.Ambiguity, g *guess) (align.Retimer, align.Batch) {
	one, many := c.stream(s, align.AmbiguousRefused)
	if a == align.AmbiguousRefused {
		return one, many
	}
	option := c.retime(a) // asked only where no order tells anything
	guessed := func(d align.DeviceTime) (int64, error) {
		h, err := option(d)
		switch {
		case errors.Is(err, align.ErrBlank):
			g.leaveEmpty()
		case err == nil:
			g.note(c.apart(d))
		}
		return h, err
	}
	unseen := func(err error) bool { // what lies behind it cannot be left empty any more
		var e *align.UnseenStepError
		if a == align.AmbiguousEmpty || !errors.As(err, &e) {
			return false
		}
		g.note(e.By)
		return true
	}
	return func(d align.DeviceTime) (int64, error) {
			h, err := one(d)
			if unseen(err) {
				h, err = one(d)
			}
			if errors.Is(err, align.ErrAmbiguous) {
				return guessed(d)
			}
			return h, err
		}, func(dst []int64, src []align.DeviceTime) (n int, err error) {
			for {
				k, err := many(dst[n:], src[n:])
				n += k
				if unseen(err) {
					continue
				}
				if !errors.Is(err, align.ErrAmbiguous) {
					return n, err
				}
				if dst[n], err = guessed(src[n]); err != nil {
					return n, err
				}
				n++
			}
		}
}
