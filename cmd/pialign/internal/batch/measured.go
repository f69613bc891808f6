package batch

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/probelog"
)

// source is a session, or an alignment that stands alone.
type source struct {
	path      string
	alignment bool
	devices   []measured
	err       error // why it cannot be used
}

// measured is what a source says of one phone.
type measured struct {
	deviceID     string
	serials      []string // of the glasses
	recordingIDs []string // that it named while it was probed
	first, last  align.DeviceTime
}

// readSession reads which phones were measured when. A session with a log that cannot be read counts for nothing, since the log may
// be the one that shows a step.
func readSession(path string) source {
	s := source{path: path}
	session, err := probelog.ReadSession(path)
	if err != nil {
		s.err = err
		return s
	}
	for _, d := range session.Devices() {
		m := measured{deviceID: d.ID, recordingIDs: d.RecordingIDs(), serials: d.Serials()}
		for i, x := range d.Samples() {
			if i == 0 {
				m.first, m.last = x.E, x.E
			}
			m.first, m.last = min(m.first, x.E), max(m.last, x.E)
		}
		if m.first != 0 {
			s.devices = append(s.devices, m)
		}
	}
	return s
}

// readAlignment reads likewise an alignment.
func readAlignment(path string) source {
	s := source{path: path, alignment: true}
	f, err := alignfile.Read(path)
	if err != nil {
		s.err = err
		return s
	}
	m := measured{deviceID: f.Device.ID, recordingIDs: f.RecordingIDs}
	if a := f.Alignment; a.Wall != nil {
		p := a.Wall.Parts()
		m.first, m.last = p.First, p.Last
	} else {
		p := a.Mono.Parts()
		m.first, m.last = p.First, p.Last
	}
	s.devices = append(s.devices, m)
	return s
}

// alone leaves of alignments those that do not lie in a session.
func alone(alignments, sessions []string) []string {
	return slices.DeleteFunc(slices.Clone(alignments), func(path string) bool {
		return slices.Contains(sessions, filepath.Dir(filepath.Dir(path)))
	})
}

// is reports whether it is the phone of that id or, where one of the two ids is not known, whether it had the glasses of that number. The
// phone of another id is another, whatever glasses it had.
func (m measured) is(device string, serials []string) (by string, ok bool) {
	switch {
	case device != "" && m.deviceID != "":
		return "device id " + device, strings.EqualFold(device, m.deviceID)
	default:
		for _, s := range serials {
			if slices.Contains(m.serials, s) {
				return "glasses " + s, true
			}
		}
	}
	return "", false
}

// gap is how far the recording lies from the exchanges.
func (m measured) gap(first, last align.DeviceTime) time.Duration {
	return max(0, m.first.Sub(last), first.Sub(m.last))
}
