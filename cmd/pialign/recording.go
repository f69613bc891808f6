package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/wholefile"
	"github.com/pialign/pialign/probe"
)

// started is the recording that a session started on a phone, in a file beside its logs: another run of probe may stop that one, and none
// that it did not start.
type started struct {
	Version   string `json:"format_version"`
	DeviceID  string `json:"device_id"`
	Recording string `json:"recording_id"`
	Opened    bool   `json:"opened"`  // the phone was seen to record it
	Stopped   bool   `json:"stopped"` // by us, or found to have ended after it was open
}

const (
	startedVersion = "1"
	startedPrefix  = "recording_"
	mostStarted    = 4 << 10 // bytes of the file; there are some 200
)

// openLimit is how long a recording may take to open. 0.4 to 0.9 s were reported.
const openLimit = 10 * time.Second

// startedPath is where the recording of a phone is remembered: SESSION/recording_<device id>.json, the id written as in the names of logs.
func (m *measurement) startedPath(p *measured) string {
	name := probelog.FileName(m.header(p))
	return filepath.Join(m.o.session, startedPrefix+name[strings.LastIndexByte(name, '_')+1:]+".json")
}

// remembered returns what the session started on the phone; nothing is no error.
func (m *measurement) remembered(p *measured) (started, error) {
	path := m.startedPath(p)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return started{}, nil
	}
	if err != nil {
		return started{}, err
	}
	defer f.Close()
	var s started
	b, err := io.ReadAll(io.LimitReader(f, mostStarted))
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	switch {
	case err != nil:
		return started{}, fmt.Errorf("%s: %w; it says which recording this session started: stop that on the phone, and remove the file", path, err)
	case s.Version != startedVersion || s.DeviceID != p.status.Phone.DeviceID:
		return started{}, fmt.Errorf("%s: version %q of device %q, want %q of %q", path, s.Version, s.DeviceID, startedVersion, p.status.Phone.DeviceID)
	}
	return s, nil
}

func (m *measurement) remember(p *measured, s started) error {
	s.Version, s.DeviceID = startedVersion, p.status.Phone.DeviceID
	return wholefile.Write(m.startedPath(p), func(w io.Writer) error { return printJSON(w, s) })
}

// startRecordings starts a recording on each phone and waits until it is open. A phone that refuses is not measured: somebody has to
// go there first. It fails where all do.
func (m *measurement) startRecordings(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, p := range m.phones {
		if p.err == nil {
			wg.Go(func() { p.err = m.startRecording(ctx, p) })
		}
	}
	wg.Wait()
	m.told()
	if ctx.Err() != nil && !slices.ContainsFunc(m.phones, func(p *measured) bool { return p.recording != "" }) {
		m.discard()
		return fmt.Errorf("nothing was measured: %w", ctx.Err())
	}
	var errs []error
	for _, p := range m.phones {
		if p.err != nil && p.log != nil {
			removeLog(p.log)
			p.log = nil
		}
		if p.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.spec, p.err))
		}
	}
	if len(errs) == len(m.phones) {
		return fmt.Errorf("nothing was measured: %w", errors.New(oneLine(errors.Join(errs...))))
	}
	return nil
}

func (m *measurement) startRecording(ctx context.Context, p *measured) error {
	id, err := p.phone.StartRecording(ctx)
	if errors.Is(err, probe.ErrRecording) {
		// A run before this one may have started it, and crashed.
		old, bad := m.remembered(p)
		if now := p.phone.Status().Recording; bad == nil && old.Recording != "" && !old.Stopped && now.Running() && now.ID == old.Recording {
			p.tell("recording %s, which this session started, goes on", old.Recording)
			p.recording, p.recordingState = old.Recording, "running"
			return nil
		}
		return fmt.Errorf("%w; stop it on the phone first, or measure during it without --start-recording", err)
	}
	if err != nil {
		return err
	}
	p.recording, p.recordingState = id, "started"
	if err := m.remember(p, started{Recording: id}); err != nil {
		p.trouble = append(p.trouble, fmt.Sprintf("which recording was started could not be written down, stop it on the phone: %v", err))
	}
	switch err := p.phone.AwaitRecording(ctx, id, openLimit); {
	case ctx.Err() != nil:
		p.tell("recording %s was started", id)
	case err != nil:
		p.tell("warning: %v; measured all the same, but the first exchanges may not be in the recording", err)
		p.trouble = append(p.trouble, err.Error())
	default:
		p.recordingState = "running"
		p.tell("recording %s runs", id)
		if err := m.remember(p, started{Recording: id, Opened: true}); err != nil {
			p.trouble = append(p.trouble, err.Error())
		}
	}
	return nil
}

// stopRecordings stops what this session started, also after Ctrl-C, which is how a run without an end ends.
func (m *measurement) stopRecordings(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openLimit+2*statusTime)
	defer cancel()
	var wg sync.WaitGroup
	for _, p := range m.phones {
		// One that refused to start one, and said so, has none of ours to stop.
		if p.phone != nil && !(m.o.startRecording && p.recording == "") {
			wg.Go(func() {
				if err := m.stopRecording(ctx, p); err != nil {
					p.trouble = append(p.trouble, "the recording was not stopped: "+oneLine(err))
				}
			})
		}
	}
	wg.Wait()
}

// tell keeps a line for people until all phones are done.
func (p *measured) tell(format string, args ...any) {
	p.said = append(p.said, fmt.Sprintf(format, args...))
}

func (m *measurement) told() {
	for _, p := range m.phones {
		for _, line := range p.said {
			fmt.Fprintf(m.talk, "pialign: %s: %s\n", p.spec, line)
		}
		p.said = nil
	}
}

func (m *measurement) stopRecording(ctx context.Context, p *measured) error {
	s := started{Recording: p.recording, Opened: p.recordingState == "running"}
	if s.Recording == "" {
		var err error
		if s, err = m.remembered(p); err != nil {
			return err
		}
	}
	if s.Recording == "" || s.Stopped {
		return fmt.Errorf("session %s has started none on %s that still runs; what was started otherwise, stop on the phone", m.o.session, p.spec)
	}
	// One that was started a moment ago, as before a Ctrl-C, may not be open yet: a phone that records nothing now may well do so in a
	// second.
	if !s.Opened {
		s.Opened = p.phone.AwaitRecording(ctx, s.Recording, openLimit) == nil
	}
	err := p.phone.StopRecording(ctx, s.Recording)
	p.recording = s.Recording
	if !s.Opened && errors.Is(err, probe.ErrNoRecording) {
		return fmt.Errorf("recording %s was started but has not opened within %v: look at the phone, and stop it there: %w", s.Recording, openLimit, err)
	}
	if err == nil {
		p.recordingState = "saved"
		p.tell("recording %s stopped and saved", s.Recording)
	}
	if errors.Is(err, probe.ErrNoRecording) || errors.Is(err, probe.ErrOtherRecording) {
		p.recordingState = "ended"
		err = fmt.Errorf("recording %s had ended already: %w", s.Recording, err)
	}
	if s.Stopped = p.recordingState == "saved" || p.recordingState == "ended"; s.Stopped {
		if bad := m.remember(p, s); bad != nil {
			p.trouble = append(p.trouble, fmt.Sprintf("that recording %s has ended could not be written down: %v", s.Recording, bad))
		}
	}
	return err
}
