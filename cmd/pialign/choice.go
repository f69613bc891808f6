package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// use is one recording of an input of apply, and the alignment chosen for it.
type use struct {
	label             string // how messages name it
	device, recording string // ids, as the input says them or, of the device, another input of the run; "" unknown
	twins             bool   // they are several recordings, without ids of their own
	timed             bool   // the next two are known
	first, last       align.DeviceTime

	clock     hostClock
	confirmed bool // ids say that the clock is its phone's
	err       error
	guessed   guess
}

// sameDevice compares ids as probe does.
func sameDevice(a, b string) bool { return strings.EqualFold(a, b) }

// names reports whether the phone named the recording while it was probed. It may have done so too late, when it was
// recording the next one already: that says whose the recording is, not when it was.
func (c hostClock) names(recording string) bool {
	return recording != "" && slices.Contains(c.recordingIDs, recording)
}

// evidence returns the alignments of the phone that made a recording. known is false where ids tell nothing.
func evidence(clocks []hostClock, device, recording string) (of []hostClock, known bool, err error) {
	if device == "" {
		for _, c := range clocks { // whose phone named it
			switch {
			case !c.names(recording) || c.deviceID == "":
			case device == "":
				device = c.deviceID
			case !sameDevice(c.deviceID, device):
				return nil, false, fmt.Errorf("two phones named it while they were probed, %s and %s", device, c.deviceID)
			}
		}
	}
	anonymous := false
	for _, c := range clocks {
		switch {
		case c.deviceID != "" && sameDevice(c.deviceID, device), c.deviceID == "" && c.names(recording):
			of = append(of, c)
		case c.deviceID == "":
			anonymous = true
		}
	}
	switch {
	case len(of) > 0:
		return of, true, nil
	case device != "" && !anonymous:
		return nil, false, withHint(unaligned(fmt.Errorf("the recording is of another device: its info.json says %s, probed was %s",
			device, deviceNames(clocks))), "use the session of device %s", device)
	}
	return nil, false, nil
}

// unalignedError is one that retime.Options.Unaligned may let pass: it is retime.ErrUnaligned, in its own words.
type unalignedError struct{ error }

func unaligned(err error) error { return unalignedError{err} }

func (e unalignedError) Unwrap() []error { return []error{e.error, retime.ErrUnaligned} }

// conjecture returns the alignments of the only phone that a recording can be of, where ids tell nothing.
func conjecture(clocks []hostClock, device string) ([]hostClock, error) {
	of := clocks
	if device != "" { // of another device than all whose id is known
		of = slices.DeleteFunc(slices.Clone(clocks), func(c hostClock) bool { return c.deviceID != "" })
	}
	for _, c := range of[1:] {
		if c.phone() != of[0].phone() {
			return nil, withHint(fmt.Errorf("nothing says which of %d alignments (devices %s) is this recording's",
				len(of), deviceNames(of)), whoseHint)
		}
	}
	return of, nil
}

// whoseHint is what to try where nothing says which phone made a recording.
const whoseHint = "give the recordings' own folders, whose info.json names the phone, in the same run, or put that info.json beside the tables; " +
	"or give the one alignment with --alignment FILE. A phone that is probed while it records names the recording, and then no info.json is needed"

// phone tells one phone's alignments from another's. Two that do not say whose they are may be of two phones.
func (c hostClock) phone() string {
	if c.deviceID == "" {
		return "by " + c.digest
	}
	return "id " + strings.ToLower(c.deviceID)
}

// decide chooses the alignment of u, by ids, else as the only possible one.
func (u *use) decide(clocks []hostClock) {
	of, known, err := evidence(clocks, u.device, u.recording)
	if err == nil && !known {
		of, err = conjecture(clocks, u.device)
	}
	switch {
	case err != nil:
	case u.twins && !(known && len(of) == 1):
		err = withHint(fmt.Errorf("it stands for several recordings without recording_id, which nothing tells apart"), "give them one by one")
	default:
		u.clock, err = u.choose(of)
	}
	u.confirmed, u.err = known, err
}

// choose takes for u one of the alignments of one phone: the time decides, and where it does not, the recording's id.
func (u *use) choose(of []hostClock) (hostClock, error) {
	if len(of) == 1 {
		return of[0], nil
	}
	if u.timed {
		near := u.nearby(of)
		if len(near) == 0 {
			return hostClock{}, unaligned(fmt.Errorf("none of %d alignments of device %s has it: %w", len(of), deviceName(of[0].deviceID), align.ErrOutOfReach))
		}
		of = near
	}
	if len(of) == 1 {
		return of[0], nil
	}
	named := slices.DeleteFunc(slices.Clone(of), func(c hostClock) bool { return !c.names(u.recording) })
	if len(named) == 1 && !slices.ContainsFunc(of, func(c hostClock) bool { return u.timed && u.gap(c) < u.gap(named[0]) }) {
		return named[0], nil
	}
	var files []string
	for _, c := range of {
		files = append(files, c.name)
	}
	return hostClock{}, withHint(fmt.Errorf("%d alignments of device %s (%s), and nothing says which is this recording's",
		len(of), deviceName(of[0].deviceID), strings.Join(files, ", ")), "give the one of its session")
}

// nearby leaves of several alignments those that were measured around the recording or during it, else those that reach it.
func (u *use) nearby(of []hostClock) []hostClock {
	var around, reaching []hostClock
	for _, c := range of {
		switch {
		case !c.fitted:
		case u.gap(c) == 0:
			around = append(around, c)
		case c.reaches(u.first) && c.reaches(u.last):
			reaching = append(reaching, c)
		}
	}
	if len(around) > 0 {
		return around
	}
	return reaching
}

// gap is how far the recording lies from the exchanges.
func (u *use) gap(c hostClock) time.Duration {
	return max(0, c.first.Sub(u.last), u.first.Sub(c.last))
}

func deviceNames(clocks []hostClock) string {
	var out []string
	for _, c := range clocks {
		out = append(out, deviceName(c.deviceID))
	}
	return strings.Join(out, ", ")
}
