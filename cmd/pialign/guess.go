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
	retime := c.retime(a)
	if a == align.AmbiguousEmpty {
		return func(d align.DeviceTime) (int64, error) {
			h, err := retime(d)
			if errors.Is(err, align.ErrBlank) {
				g.leaveEmpty()
			}
			return h, err
		}
	}
	if a != align.AmbiguousFirst && a != align.AmbiguousSecond {
		return retime
	}
	strict := c.retime(align.AmbiguousRefused)
	return func(d align.DeviceTime) (int64, error) {
		if _, err := strict(d); errors.Is(err, align.ErrAmbiguous) {
			g.note(c.apart(d))
		}
		return retime(d)
	}
}

// streamer is retimer with a Batch.
func (c hostClock) streamer(a align.Ambiguity, g *guess) (align.Retimer, align.Batch) {
	if a != align.AmbiguousRefused {
		one := c.retimer(a, g) // what it guesses it must note one by one
		return one, one.Batch()
	}
	return c.stream(a)
}
