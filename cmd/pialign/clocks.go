package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/probelog"
)

// The values of --clock. LSL's local_clock reads the monotonic clock, so its times are the same.
const (
	clockWall      = "wall"
	clockMonotonic = "monotonic"
	clockLSL       = "lsl"
)

// hostClock is one device's map onto the host clock that the user chose, or why there is none.
type hostClock struct {
	deviceID     string
	recordingIDs []string // that the phone named while it was probed
	name         string   // of the session or alignment file, for messages
	digest       string   // of the alignment file
	err          error

	recipe      string           // the method, where that is one to compare with: worst knows nothing then
	phoneSteps  int              // how many
	fitted      bool             // the next four are known, also where err says that this clock has no map
	first, last align.DeviceTime // the edges of the first and the last burst
	reaches     func(align.DeviceTime) bool
	steps       bool // of the phone

	retime func(align.Ambiguity) align.Retimer
	stream func(*align.Sides, align.Ambiguity) (align.Retimer, align.Batch)       // the same, with a Batch, beside a recording's other streams
	file   *alignfile.File                                                        // nil where there is none
	offset func(align.DeviceTime) (offset time.Duration, driftE18 int64, ok bool) // where one host instant alone is possible
	worst  func(first, last align.DeviceTime) (time.Duration, bool)               // half-width of the 95 % interval
	stat   func(first, last align.DeviceTime) (time.Duration, bool)               // without the asymmetry term
	bound  func(first, last align.DeviceTime) (time.Duration, bool)               // and of the hard bound
	apart  func(align.DeviceTime) time.Duration                                   // how far the host instants lie apart that an instant may stand for
}

// chooseClock makes the map of one alignment onto the clock called clock.
func chooseClock(f fitted, name, clock string) hostClock {
	c := hostClock{deviceID: f.device.ID, name: name, digest: f.digest, err: f.err}
	if f.err != nil {
		c.recordingIDs = f.device.RecordingIDs()
		return c
	}
	c.recordingIDs, c.file = f.file.RecordingIDs, f.file
	a := f.file.Alignment
	c.recipe = recipeOf(a)
	if a.Wall != nil {
		useModel(&c, a.Wall)
	}
	switch {
	case clock == clockWall && a.Wall == nil:
		useModel(&c, a.Mono)
		c.err = withHint(fmt.Errorf("%s: device %s has no map onto the wall clock", name, deviceName(c.deviceID)), "use --clock monotonic")
	case clock != clockWall && a.Mono == nil:
		c.err = withHint(fmt.Errorf("%s: device %s has no map onto the monotonic clock", name, deviceName(c.deviceID)),
			"its exchanges carry no monotonic readings that compare (none were taken, or the computer was restarted in between): use --clock wall")
	case clock != clockWall:
		useModel(&c, a.Mono)
	}
	return c
}

// recipeOf returns the name of the recipe that made a, "" where that is our own estimator: what a recipe's file holds in
// place of a 95 % interval is none.
func recipeOf(a *align.Alignment) string {
	if a.Diagnosis.Method == floorEdge {
		return ""
	}
	return or(a.Diagnosis.Method, "an unknown method")
}

// useModel makes m the map of c.
func useModel[T align.HostClock](c *hostClock, m *align.Model[T]) {
	p := m.Parts()
	c.fitted, c.first, c.last, c.steps, c.phoneSteps = true, p.First, p.Last, len(p.Steps) > 0, len(p.Steps)
	c.reaches = func(d align.DeviceTime) bool { return len(m.Candidates(d)) > 0 }
	c.retime, c.stream, c.worst, c.stat, c.bound = m.Retimer, m.StreamBeside, m.WorstHalfWidth, m.WorstStatHalfWidth, m.WorstBoundHalfWidth
	c.offset = func(d align.DeviceTime) (time.Duration, int64, bool) {
		all := m.Candidates(d)
		if len(all) != 1 {
			return 0, 0, false
		}
		for _, s := range p.Segments {
			if s.Piece == all[0].Piece && s.From <= d && d < s.To {
				return time.Duration(int64(all[0].Host) - int64(d)), s.DriftE18, true
			}
		}
		return 0, 0, false
	}
	if c.recipe != "" {
		c.worst = func(_, _ align.DeviceTime) (time.Duration, bool) { return 0, false }
		c.stat = c.worst
	}
	c.apart = func(d align.DeviceTime) time.Duration {
		all := m.Candidates(d) // in host order
		if len(all) < 2 {
			return 0
		}
		return time.Duration(all[len(all)-1].Host - all[0].Host)
	}
}

// checkClock refuses a --clock that does not exist.
func checkClock(clock string) error {
	switch clock {
	case clockWall, clockMonotonic, clockLSL:
		return nil
	}
	return usageError("--clock %q: want wall, monotonic or lsl", clock)
}

// readAlignments reads alignment files. A file that is given twice counts once.
func readAlignments(paths []string, clock string) ([]hostClock, error) {
	var out []hostClock
	for _, p := range paths {
		f, err := readAlignment(p)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(c hostClock) bool { return c.digest == f.digest }) {
			out = append(out, chooseClock(f, p, clock))
		}
	}
	return out, nil
}

// readAlignment reads one alignment file.
func readAlignment(path string) (fitted, error) {
	f, err := alignfile.Read(path)
	switch {
	case errors.Is(err, alignfile.ErrVersion):
		return fitted{}, withHint(err, "use the newer pialign that made it, or make it again with this one: pialign fit SESSION")
	case errors.Is(err, alignfile.ErrDamaged):
		return fitted{}, withHint(err, "make it again: pialign fit SESSION")
	case err != nil:
		return fitted{}, withHint(err, "an alignment is what `pialign fit SESSION` writes")
	}
	d, err := digest.File(path, false)
	if err != nil {
		return fitted{}, err
	}
	return fitted{device: probelog.Device{ID: f.Device.ID, Name: f.Device.Name}, file: f, digest: d}, nil
}
