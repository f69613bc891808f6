package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// choosing finds the alignment of every recording of a run. What ids decide is decided at once. The rest waits until all
// recordings of the run and their times are known, since one alignment must not pass for two phones'.
type choosing struct {
	clocks    []hostClock
	ambiguous align.Ambiguity
	lenient   bool // recordings that no alignment is of may pass: the times of all are looked at first
	made      map[useKey]*use
}

// useKey is how an input asks for the clock of a recording.
type useKey struct {
	input             int
	device, recording string
}

// errUndecided: ids do not decide.
var errUndecided = errors.New("which alignment is the recording's is not decided yet")

func newChoosing(clocks []hostClock, opt retime.Options) *choosing {
	return &choosing{clocks: clocks, ambiguous: align.Ambiguity(opt.Ambiguous), lenient: opt.Unaligned != "", made: make(map[useKey]*use)}
}

// of returns what chooses for the recordings of one input.
func (c *choosing) of(input int) retime.Clocks {
	return func(device, recording string) (retime.Clock, error) {
		u := c.made[useKey{input, device, recording}]
		if u == nil {
			u = &use{device: device, recording: recording}
			of, known, err := evidence(c.clocks, device, recording)
			switch {
			case err != nil && !c.lenient:
				u.err = err
			case len(of) != 1 || c.lenient:
				return retime.Clock{}, errUndecided
			default:
				u.clock, u.confirmed = of[0], known
			}
			c.made[useKey{input, device, recording}] = u
		}
		err := u.err
		if err == nil {
			err = u.clock.err
		}
		if err != nil {
			return retime.Clock{}, err
		}
		return retime.Clock{
			New:       func() align.Retimer { return u.clock.retimer(c.ambiguous, &u.guessed) },
			NewStream: func(s *align.Sides) (align.Retimer, align.Batch) { return u.clock.streamer(s, c.ambiguous, &u.guessed) },
			Steps:     u.clock.steps,
			Reaches:   u.clock.reaches,
			DeviceID:  u.clock.deviceID,
			Digest:    u.clock.digest,
		}, nil
	}
}

// use returns the choice that was made for a recording.
func (c *choosing) use(input int, rec retime.RecordingReport) *use {
	return c.made[useKey{input, rec.DeviceID, rec.RecordingID}]
}

// place notes when the recordings of a finished input were.
func (c *choosing) place(input int, path string, report *retime.Report) {
	for _, rec := range report.Recordings {
		if u := c.use(input, rec); u != nil {
			u.place(path, rec)
		}
	}
}

func (u *use) place(path string, rec retime.RecordingReport) {
	u.label = labelOf(path, rec.Name)
	if rec.First == 0 && rec.Last == 0 {
		return
	}
	if !u.timed {
		u.timed, u.first, u.last = true, rec.First, rec.Last
	}
	u.first, u.last = min(u.first, rec.First), max(u.last, rec.Last)
}

// labelOf is how messages name a recording in an input.
func labelOf(path, recording string) string {
	if recording == filepath.Base(path) {
		return path
	}
	return path + ": " + recording
}

// look reads the whole of an input without mapping anything, to see which recordings are in it and when they were.
func (c *choosing) look(ctx context.Context, input int, w applyWork) error {
	// what a program stamped by another clock says nothing about when the recording was
	report, err := w.recording.Check(ctx, retime.Unmoved, retime.Options{SenderStamps: retime.SenderHost})
	if err != nil {
		return err
	}
	for key := range c.made { // whatever was decided of it already is decided again, with all the rest
		if key.input == input {
			delete(c.made, key)
		}
	}
	for _, rec := range report.Recordings {
		key := useKey{input, rec.DeviceID, rec.RecordingID}
		u := c.made[key]
		if u == nil {
			u = &use{device: rec.DeviceID, recording: rec.RecordingID}
			c.made[key] = u
		} else {
			u.twins = true
		}
		u.place(w.path, rec)
	}
	return nil
}

// decide chooses for every recording of the inputs that were looked at.
func (c *choosing) decide(looked []int) {
	var all, open []*use
	for _, key := range slices.SortedFunc(maps.Keys(c.made), useKey.compare) {
		u := c.made[key]
		if u.label == "" { // of an input that was refused as a whole
			continue
		}
		all = append(all, u)
		if slices.Contains(looked, key.input) {
			open = append(open, u)
		}
	}
	phones := phonesOf(all)
	for _, u := range open {
		if u.device == "" {
			u.device = phones[u.recording]
		}
	}
	for _, u := range open {
		u.decide(c.clocks)
		if c.lenient && u.err != nil && u.timed && !slices.ContainsFunc(c.clocks, func(h hostClock) bool { return !h.fitted || h.reaches(u.first) || h.reaches(u.last) }) {
			u.err = unaligned(fmt.Errorf("all alignments are hours away from it: %w", align.ErrOutOfReach))
		}
		if c.lenient && u.err == nil && u.timed && u.clock.fitted && !(u.clock.reaches(u.first) && u.clock.reaches(u.last)) {
			u.err = unaligned(fmt.Errorf("%s is hours away from it: %w", u.clock.name, align.ErrOutOfReach))
		}
	}
	contradict(all, c.clocks)
}

func (k useKey) compare(l useKey) int {
	return cmp.Or(cmp.Compare(k.input, l.input), cmp.Compare(k.device, l.device), cmp.Compare(k.recording, l.recording))
}

// phonesOf returns what the recordings of a run say of each other, by recording id: an enrichment does not name the phone, but the
// recordings beside it may. Of one on which they contradict each other it says nothing.
func phonesOf(all []*use) map[string]string {
	phones := make(map[string]string)
	for _, u := range all {
		if u.recording == "" || u.device == "" {
			continue
		}
		switch device, known := phones[u.recording]; {
		case !known:
			phones[u.recording] = u.device
		case device != "" && !sameDevice(u.device, device):
			phones[u.recording] = ""
		}
	}
	return phones
}
