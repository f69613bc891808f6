package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/probelog"
)

// fitted is the alignment of one device of a session, or why there is none.
type fitted struct {
	device probelog.Device
	file   *alignfile.File
	digest string // of the bytes that `fit` writes
	err    error
}

// readSession reads the probe logs at paths, files and folders. What it could not read it names on talk; it fails
// where no log is left.
func readSession(talk io.Writer, paths ...string) (*probelog.Session, error) {
	for _, p := range paths {
		if _, err := os.Stat(p); err != nil {
			err = unreadable(fmt.Errorf("reading session: %w", err))
			if whole := joinedArgs(paths); whole != "" || hintOf(err) != "" {
				return nil, absent(err, p, paths)
			}
			return nil, withHint(err, "a session is the folder that `pialign probe --session` made")
		}
	}
	s, err := probelog.ReadSession(paths...)
	if errors.Is(err, probelog.ErrDamaged) || errors.Is(err, probelog.ErrForeign) {
		// There is no flag to skip it: a log that cannot be read may be the one that shows a step, and without it all would look right.
		return nil, withHint(fmt.Errorf("reading session: %w", err), "fetch that file again from where it was made; if it is lost, and with it any step "+
			"that it alone shows, name the logs that are to count in its place: pialign fit LOG...")
	}
	if err != nil {
		if err = unreadable(fmt.Errorf("reading session: %w", err)); hintOf(err) != "" {
			return nil, err
		}
		return nil, withHint(err, "pialign inspect %s", quoted(paths[0]))
	}
	if len(s.Logs) == 0 {
		for _, p := range paths {
			if kind := recordingKind(p); kind != "" {
				return nil, withHint(fmt.Errorf("%s: that is a recording, not a session: %s", p, kind), "a session is the folder that `pialign probe --session` made")
			}
		}
	}
	for _, skipped := range s.Skipped {
		fmt.Fprintf(talk, "pialign: warning: skipped %s\n", skipped)
	}
	for _, l := range s.Logs {
		for _, w := range l.Warnings {
			fmt.Fprintf(talk, "pialign: warning: %s: %s\n", l.Path, w)
		}
	}
	if len(s.Logs) == 0 {
		return nil, withHint(fmt.Errorf("%s: no probe log in it", strings.Join(paths, ", ")),
			"measure first: pialign probe --session %s", quoted(paths[0]))
	}
	return s, nil
}

// recordingKind returns what recording, or download of several, is at path; "" for none.
func recordingKind(path string) string {
	r, err := formats.Open(path)
	switch {
	case err == nil:
		return r.Kind()
	case errors.Is(err, formats.ErrRetimed):
		return "a re-timed one"
	case errors.Is(err, formats.ErrUnsupported):
		return "of a kind that pialign does not re-time"
	}
	return ""
}

// fitSession fits every device of the logs at paths, or the one called device, as opt asks. Its error is about the session
// as a whole; what is wrong with one device stands in its fitted.
func fitSession(talk io.Writer, paths []string, device string, opt align.Options) ([]fitted, error) {
	s, err := readSession(talk, paths...)
	if err != nil {
		return nil, err
	}
	var out []fitted
	var ids []string
	for _, d := range s.Devices() {
		ids = append(ids, deviceName(d.ID))
		if device != "" && !sameDevice(d.ID, device) {
			continue
		}
		out = append(out, fitDevice(d, opt))
	}
	if len(out) == 0 {
		return nil, withHint(fmt.Errorf("%s: no exchange with device %s", strings.Join(paths, ", "), device),
			"devices in there: %s", strings.Join(ids, ", "))
	}
	return out, nil
}

// fitDevice fits the exchanges of one device: what the logs say about the clocks goes with what the user asked for.
func fitDevice(d probelog.Device, asked align.Options) fitted {
	f := fitted{device: d}
	opt := d.Options()
	opt.Method, opt.Rounding, opt.Asymmetry, opt.Override = asked.Method, asked.Rounding, asked.Asymmetry, asked.Override
	a, err := align.Fit(d.Samples(), opt)
	if err != nil {
		f.err = explainFit(fmt.Errorf("fitting device %s: %w", deviceName(d.ID), err))
		return f
	}
	f.file = &alignfile.File{Device: alignfile.Device{ID: d.ID, Name: d.Name}, Program: program,
		RecordingIDs: d.RecordingIDs(), Alignment: a}
	for _, l := range d.Logs {
		sum, err := digest.File(l.Path, false)
		if err != nil {
			f.err = fmt.Errorf("fitting device %s: %w", deviceName(d.ID), err)
			return f
		}
		f.file.Logs = append(f.file.Logs, alignfile.LogRef{Name: filepath.Base(l.Path), Digest: sum})
	}
	b, err := alignfile.Marshal(f.file)
	if err != nil {
		f.err = fmt.Errorf("fitting device %s: %w", deviceName(d.ID), err)
		return f
	}
	f.digest = digest.Bytes(b, false)
	return f
}

// explainFit adds to a refusal of the fit what to try.
func explainFit(err error) error {
	for _, c := range []struct {
		is   error
		hint string
	}{
		{align.ErrTooFew, "no exchange was answered: check that the phone's screen is on and probe again"},
		{align.ErrHosts, "probe start and end with the same computer, or fit each computer's logs alone"},
		{align.ErrFalsetickers, "pialign inspect shows each log; leave out the log that contradicts the others"},
		{align.ErrStepSuspected, "if a clock was set or the phone restarted in between, fit the logs on one side of that alone; " +
			"if you know that none was: pialign fit --override"},
		{align.ErrDisjoint, "if a clock was set or the phone restarted in between, fit the logs on one side of that alone; " +
			"pialign fit --override fits them nevertheless, without a bound"},
		{align.ErrRange, "pialign inspect shows each log; one of them has stamps years away from the others"},
	} {
		if errors.Is(err, c.is) {
			return withHint(err, "%s", c.hint)
		}
	}
	return err
}

// deviceName is how messages name a device.
func deviceName(id string) string {
	if id == "" {
		return "unknown"
	}
	return id
}
