package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/view"
)

// speaker writes to w what it is given, in order, by a goroutine of its own: a terminal that stands still (Ctrl-S, a selection with the
// mouse) or a pipe that nobody reads holds up what is said, and neither what is measured nor what is saved.
//
// While a screen is on, lines wait until it is taken away: on it they would be lost.
type speaker struct {
	w io.Writer

	mu      sync.Mutex
	queue   []utterance
	dropped int    // lines for which there was no room
	leave   func() // takes the screen away; nil: none is on
	writing bool
	idle    chan struct{} // closed once there is nothing left to write
	stalled bool          // somebody has waited in vain since a write ended
	started bool          // what Ctrl-S stopped was started again
	ended   int           // writes
	err     error         // of the first write that failed
}

// utterance is one thing to write.
type utterance struct {
	write func() error
	kind  utteranceKind
}

type utteranceKind int

const (
	aLine   utteranceKind = iota // or some
	aFrame                       // the newest state of things: replaced by the next, if it still waits then
	theExit                      // of the screen
)

const (
	mostLines = 1000        // that wait: more than a measurement says, but for one that warns without end
	fewLines  = 16          // that wait, until those are left out that another follows anyway
	standing  = time.Second // in which no write ends, until what is written to counts as standing still
)

var errStalled = errors.New("nobody reads any more")

func newSpeaker(w io.Writer) *speaker { return &speaker{w: w} }

// Write takes a line, or some; it never waits and never fails.
func (s *speaker) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) >= mostLines {
		s.dropped++
	} else {
		s.text(b)
	}
	return len(b), nil
}

// offer takes a line that is soon out of date: it is left out where others wait already.
func (s *speaker) offer(b string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) < fewLines {
		s.text([]byte(b))
	}
}

// text queues b; s.mu is held.
func (s *speaker) text(b []byte) {
	b = slices.Clone(b)
	s.begin(utterance{func() error { _, err := s.w.Write(b); return err }, aLine})
}

// show has draw called soon, by the goroutine that writes, in place of what was to be drawn before and is not yet.
func (s *speaker) show(draw func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.queue, func(u utterance) bool { return u.kind == aFrame }); i >= 0 {
		s.queue[i].write = draw
		return
	}
	s.begin(utterance{draw, aFrame})
}

// cover says that a screen is on until uncover, which has leave called, by the goroutine that writes.
func (s *speaker) cover(leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave = leave
}

func (s *speaker) uncover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if leave := s.leave; leave != nil {
		s.leave = nil
		s.begin(utterance{func() error { leave(); return nil }, theExit})
	}
}

// begin has u written; s.mu is held.
func (s *speaker) begin(u utterance) {
	s.queue = append(s.queue, u)
	if !s.writing {
		s.writing, s.idle = true, make(chan struct{})
		go s.write()
	}
}

func (s *speaker) write() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for do := s.next(); do != nil; do = s.next() {
		s.mu.Unlock()
		err := do()
		s.mu.Lock()
		s.ended++
		s.stalled = false
		if s.err == nil {
			s.err = err
		}
	}
	s.writing = false
	close(s.idle)
}

// next returns what to write next; nil: nothing. s.mu is held.
func (s *speaker) next() func() error {
	screen := s.leave != nil || slices.ContainsFunc(s.queue, func(u utterance) bool { return u.kind == theExit })
	for i, u := range s.queue {
		if !screen || u.kind != aLine {
			s.queue = slices.Delete(s.queue, i, i+1)
			return u.write
		}
	}
	if n := s.dropped; n > 0 && !screen {
		s.dropped = 0
		return func() error {
			_, err := fmt.Fprintf(s.w, "pialign: warning: %s more left out: nobody read them in time\n", counted(n, "line"))
			return err
		}
	}
	return nil
}

// flush waits until all is written, or until no write has ended for a second: then it returns errStalled, and from then on at
// once. Before, a terminal is started again that Ctrl-S stopped: what is flushed is the last there is to say, and the screen should not stay on. The first error of a write is returned too.
func (s *speaker) flush() error {
	for {
		s.mu.Lock()
		writing, idle, ended, stalled, err := s.writing, s.idle, s.ended, s.stalled, s.err
		s.mu.Unlock()
		switch {
		case !writing:
			return err
		case stalled:
			return errStalled
		}
		timer := time.NewTimer(standing)
		select {
		case <-idle:
		case <-timer.C:
			s.mu.Lock()
			still := s.writing && s.ended == ended
			again := still && !s.started && view.RestartOutput(s.w)
			s.started = s.started || again
			s.stalled = still && !again
			s.mu.Unlock()
		}
		timer.Stop()
	}
}

// flushUntil is flush with all the patience in the world until ctx ends.
func (s *speaker) flushUntil(ctx context.Context) error {
	s.mu.Lock()
	writing, idle := s.writing, s.idle
	s.mu.Unlock()
	if writing {
		select {
		case <-idle:
		case <-ctx.Done():
		}
	}
	return s.flush()
}
