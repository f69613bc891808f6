package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/retime"
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
	recordingIDs []string // seen while probing
	name         string   // of the session or alignment file, for messages
	digest       string   // of the alignment file
	err          error

	retime      func(align.Ambiguity) align.Retimer
	worst       func(first, last align.DeviceTime) (time.Duration, bool)
	first, last align.DeviceTime // the edges of the first and the last burst
	stepped     func(first, last align.DeviceTime) time.Duration
}

// chooseClock makes the map of one alignment onto the clock called clock.
func chooseClock(f fitted, name, clock string) hostClock {
	c := hostClock{deviceID: f.device.ID, name: name, digest: f.digest, err: f.err}
	if f.err != nil {
		c.recordingIDs = f.device.RecordingIDs()
		return c
	}
	c.recordingIDs = f.file.RecordingIDs
	a := f.file.Alignment
	c.stepped = func(first, last align.DeviceTime) time.Duration { return stepWithin(a, first, last) }
	if clock == clockWall && a.Wall == nil {
		c.err = withHint(fmt.Errorf("%s: device %s has no map onto the wall clock", name, deviceName(c.deviceID)), "use --clock monotonic")
		return c
	}
	if clock == clockWall {
		p := a.Wall.Parts()
		c.retime, c.worst, c.first, c.last = a.Wall.Retimer, a.Wall.WorstHalfWidth, p.First, p.Last
		return c
	}
	if a.Mono == nil {
		c.err = withHint(fmt.Errorf("%s: device %s has no map onto the monotonic clock", name, deviceName(c.deviceID)),
			"its exchanges carry no monotonic readings that compare (none were taken, or the computer was restarted in between): use --clock wall")
		return c
	}
	p := a.Mono.Parts()
	c.retime, c.worst, c.first, c.last = a.Mono.Retimer, a.Mono.WorstHalfWidth, p.First, p.Last
	return c
}

// stepWithin returns the largest step of the phone's clock that may lie between two device instants.
func stepWithin(a *align.Alignment, first, last align.DeviceTime) (by time.Duration) {
	if a.Wall == nil {
		return 0
	}
	from, to := a.Wall.Candidates(first), a.Wall.Candidates(last)
	for _, s := range a.Wall.Parts().Steps {
		before := len(to) > 0 && to[len(to)-1].Host < s.From
		after := len(from) > 0 && from[0].Host > s.To
		if !before && !after {
			by = max(by, s.By.Abs())
		}
	}
	return by
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

// clocksFor returns what chooses among clocks for a recording. The ids decide: an alignment of another device than
// the recording's is refused; where the recording does not say whose it is, the recordings seen while probing decide,
// and else a single alignment is used with a warning. warn is told once of each thing to know.
func clocksFor(clocks []hostClock, ambiguous string, warn func(string)) retime.Clocks {
	told := make(map[string]bool)
	once := func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); !told[s] {
			told[s] = true
			warn(s)
		}
	}
	return func(deviceID, recordingID string) (retime.Clock, error) {
		c, err := selectClock(clocks, deviceID, recordingID, once)
		if err == nil {
			err = c.err
		}
		if err != nil {
			return retime.Clock{}, err
		}
		return retime.Clock{
			New:      func() align.Retimer { return c.retime(align.Ambiguity(ambiguous)) },
			DeviceID: c.deviceID,
			Digest:   c.digest,
		}, nil
	}
}

func selectClock(clocks []hostClock, deviceID, recordingID string, warn func(string, ...any)) (hostClock, error) {
	var same, unknown, probed []hostClock
	for _, c := range clocks {
		switch c.deviceID {
		case "":
			unknown = append(unknown, c)
		case deviceID:
			same = append(same, c)
		}
		if recordingID != "" && slices.Contains(c.recordingIDs, recordingID) {
			probed = append(probed, c)
		}
	}
	switch {
	case deviceID != "" && len(same) == 1:
		return same[0], nil
	case deviceID != "" && len(same) > 1:
		if both := common(same, probed); len(both) == 1 {
			return both[0], nil
		}
		return hostClock{}, withHint(fmt.Errorf("%d alignments of device %s, and nothing says which is this recording's",
			len(same), deviceID), "give the one of its session")
	case deviceID != "" && len(unknown) == 0:
		return hostClock{}, withHint(fmt.Errorf("the recording is of another device: its info.json says %s, probed was %s",
			deviceID, deviceNames(clocks)), "use the session of device %s", deviceID)
	case deviceID == "" && len(probed) == 1:
		return probed[0], nil
	}
	candidates := clocks
	if deviceID != "" {
		candidates = unknown
	}
	if len(candidates) != 1 {
		return hostClock{}, withHint(fmt.Errorf("nothing says which of %d alignments (devices %s) is this recording's",
			len(candidates), deviceNames(candidates)), "give one: --alignment FILE")
	}
	c := candidates[0]
	if deviceID == "" {
		warn("the recording does not say which phone made it (no android_device_id): taken for one of %s's, which nothing confirms", deviceName(c.deviceID))
	} else {
		warn("%s does not say which phone was probed: taken for %s, which nothing confirms", c.name, deviceID)
	}
	return c, nil
}

func common(a, b []hostClock) []hostClock {
	var out []hostClock
	for _, x := range a {
		if slices.ContainsFunc(b, func(y hostClock) bool { return y.digest == x.digest }) {
			out = append(out, x)
		}
	}
	return out
}

func deviceNames(clocks []hostClock) string {
	var out []string
	for _, c := range clocks {
		out = append(out, deviceName(c.deviceID))
	}
	return strings.Join(out, ", ")
}
