package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe"
)

// phoneResult is what probe tells of one phone.
type phoneResult struct {
	Device       string           `json:"device"` // as the user called it
	DeviceID     string           `json:"device_id"`
	Name         string           `json:"name,omitempty"`
	Address      string           `json:"address,omitempty"`
	Log          string           `json:"log,omitempty"`
	OK           int              `json:"ok"`
	Lost         int              `json:"lost"`
	RTTMin       *nanos           `json:"rtt_min_ns"`
	RTTMedian    *nanos           `json:"rtt_median_ns"`
	Offset       *nanos           `json:"offset_ns"` // host - device on the wall clock at the last exchange
	Bound        *nanos           `json:"bound_half_width_ns"`
	HalfWidth    *nanos           `json:"half_width_ns"`          // of the 95 % interval there
	Recording    string           `json:"recording_id,omitempty"` // that this session started
	RecordingIs  string           `json:"recording_state,omitempty"`
	BoundReached *bool            `json:"bound_reached,omitempty"` // with --until-bound
	Protocols    []protocolResult `json:"protocols,omitempty"`     // with --protocol both, each by itself
	Disagreement *disagreement    `json:"disagreement,omitempty"`
	Warnings     []string         `json:"warnings,omitempty"`
	Error        string           `json:"error,omitempty"`
}

// enoughSilence is how many exchanges must be lost in a row at the end for a phone to count as gone: of a network
// that loses three in ten, one run in four hundred ends like that.
const enoughSilence = 5

// finish says what came of the measurement.
func (m *measurement) finish(ctx context.Context) error {
	var results []phoneResult
	answered, inexact := 0, 0
	var amiss shortfall
	var unsaved []error
	full := false
	for _, p := range m.phones {
		full = full || errors.Is(p.err, errFull) || errors.Is(p.unsaved, errFull)
		if p.unsaved != nil && !errors.Is(p.unsaved, errFull) && !errors.Is(p.err, errFull) { // what a full disk does is said once
			unsaved = append(unsaved, p.unsaved)
		}
		gone := p.silent >= enoughSilence && p.ok > 0 && ctx.Err() == nil
		r := m.result(p, gone)
		results = append(results, r)
		if p.ok > 0 {
			answered++
		}
		amiss.add(p, p.ok == 0 || gone || p.err != nil && ctx.Err() == nil)
		if m.o.maxError > 0 && (r.HalfWidth == nil || time.Duration(*r.HalfWidth) > m.o.maxError) {
			inexact++
		}
		if text := r.String(); !m.o.json && text != "" {
			_ = m.talk.flush() // on a terminal the result comes after what was said before
			fmt.Fprintln(legible{m.out}, text)
			_ = m.out.flushUntil(ctx)
		}
		for _, w := range r.Warnings {
			fmt.Fprintf(m.talk, "pialign: warning: %s: %s\n", p.spec, w)
		}
	}
	if m.o.json {
		_ = writeEvent(m.out, resultEvent{"result", m.o.name(), m.o.phase, results}) // its error is that of flushing
	}
	if err := m.out.flushUntil(ctx); err != nil && ctx.Err() == nil {
		unsaved = append(unsaved, fmt.Errorf("writing the result: %w; what was measured is in %s", err, m.o.session))
	}
	switch {
	case full:
		err := fmt.Errorf("the disk of %s is full: what was measured until then is kept", m.o.session)
		if len(unsaved) > 0 {
			err = fmt.Errorf("%w; %s", err, oneLine(errors.Join(unsaved...)))
		}
		return withHint(err,
			"free some space; what is left as a .journal fit reads as it is, and pialign recover %s makes the log of it", quoted(m.o.session))
	case len(unsaved) > 0:
		return errors.Join(unsaved...)
	case ctx.Err() != nil:
		return withCode(exitInterrupted, fmt.Errorf("interrupted: what was measured is in %s", m.o.session))
	case answered == 0:
		return withHint(withCode(exitNoPhone, errors.New("no exchange was answered")), "keep the phone's screen on and the Companion app in front; the lost exchanges are in the log")
	case amiss.some():
		return amiss.verdict(len(m.phones), m.o.session)
	case inexact > 0:
		return withCode(exitInexact, fmt.Errorf("done, but %s worse than --max-error %v", someOf(inexact, len(m.phones), "phone", "is", "are"), m.o.maxError))
	}
	return nil
}

// result sums up one phone.
func (m *measurement) result(p *measured, gone bool) phoneResult {
	r := phoneResult{Recording: p.recording, RecordingIs: p.recordingState, Warnings: slices.Clone(p.trouble), Device: p.spec, DeviceID: p.status.Phone.DeviceID, Name: p.status.Phone.Name, Log: p.path, OK: p.ok, Lost: p.lost}
	if p.phone != nil {
		r.Address = p.phone.Addr()
	}
	if p.err != nil && !errors.Is(p.err, context.Canceled) {
		r.Error = oneLine(p.err)
		r.Warnings = append(r.Warnings, r.Error)
	}
	if w := p.steps.warning(); w != "" {
		r.Warnings = append(r.Warnings, w)
	}
	if m.o.untilBound > 0 {
		r.BoundReached = &p.bound
		if !p.bound {
			r.Warnings = append(r.Warnings, fmt.Sprintf("the bound did not come down to %s: raise --count, or bring phone and computer closer", ms(m.o.untilBound)))
		}
	}
	if gone {
		r.Warnings = append(r.Warnings, fmt.Sprintf("it stopped answering: the last %d exchanges were lost (%v)", p.silent, p.last))
	} else if p.ok == 0 && p.last != nil {
		r.Warnings = append(r.Warnings, fmt.Sprintf("none of %d exchanges was answered (%v)", p.lost, p.last))
	}
	if len(p.samples) == 0 {
		return r
	}
	rtts := p.settled
	if len(rtts) == 0 {
		rtts = p.samples
	}
	lo, mid := roundTrips(rtts)
	r.RTTMin, r.RTTMedian = &lo, &mid
	if m.o.protocol == probe.Both {
		r.Protocols, r.Disagreement = byProtocol(p.samples, m.resolutions())
		if d := r.Disagreement; d != nil && d.TwoClock {
			r.Warnings = append(r.Warnings, fmt.Sprintf("events and Time Echo are answered from two clocks, %s apart: the offset is that of the events; which of the two stamps the sensors cannot be told", ms(time.Duration(d.By))))
		}
	}
	if p.unfit != nil {
		r.Error = or(r.Error, unusable(p.unfit))
		r.Warnings = append(r.Warnings, unusable(p.unfit))
		return r
	}
	r.Warnings = append(r.Warnings, p.doubts...)
	e := p.estimate
	r.Offset = ref(nanos(p.offset()))
	r.Bound = some(e.Bounded, e.Bound.HalfWidth())
	r.HalfWidth = some(e.Rated, e.Likely.HalfWidth())
	if r.HalfWidth != nil && m.o.maxError > 0 && e.Likely.HalfWidth() > m.o.maxError {
		r.Warnings = append(r.Warnings, fmt.Sprintf("it may be %s off (95 %% half-width at the last exchange), more than --max-error %v", ms(e.Likely.HalfWidth()), m.o.maxError))
	}
	return r
}

// String tells people of one phone, on a line; nothing of one that was not measured.
func (r phoneResult) String() string {
	if r.Log == "" {
		return ""
	}
	text := []string{fmt.Sprintf("%s: %d ok, %d lost", or(r.DeviceID, r.Device), r.OK, r.Lost)}
	if r.RTTMin != nil {
		text = append(text, fmt.Sprintf("round trip min %s, median %s", ms(time.Duration(*r.RTTMin)), ms(time.Duration(*r.RTTMedian))))
	}
	if r.Offset != nil {
		o := "offset " + ms(time.Duration(*r.Offset))
		if r.Bound != nil {
			o += " +- " + ms(time.Duration(*r.Bound))
		}
		text = append(text, o)
	}
	if t := r.Disagreement.text(r.Protocols); t != "" {
		text = append(text, t)
	}
	return strings.Join(text, "; ") + "; " + r.Log
}

func roundTrips(samples []align.Sample) (least, median nanos) {
	s := slices.Clone(samples)
	slices.SortFunc(s, func(a, b align.Sample) int { return cmp.Compare(a.RoundTrip(), b.RoundTrip()) })
	return nanos(s[0].RoundTrip()), nanos(s[len(s)/2].RoundTrip())
}

// fitNow is what a fit of what was measured so far says at the last exchange, whose stamp is at.
type fitNow struct {
	at       align.DeviceTime
	estimate align.Estimate[align.HostTime]
	doubts   []string // what it warns of that whoever measures should know at once
}

// offset returns host - device on the wall clock.
func (f fitNow) offset() time.Duration { return time.Duration(int64(f.estimate.Host) - int64(f.at)) }

// estimateNow fits what was measured so far. Its error says why that cannot be used.
func estimateNow(samples []align.Sample, opt align.Options) (f fitNow, err error) {
	a, err := align.Fit(samples, opt)
	if err == nil {
		err = refuted(a.Diagnosis)
	}
	if err == nil {
		f.at = samples[len(samples)-1].E
		f.estimate, err = a.Wall.Estimate(f.at)
		f.doubts = doubts(a.Diagnosis)
	}
	return f, err
}

func (m *measurement) resolutions() align.Options {
	return align.Options{WallResolution: m.info.WallResolution, MonoResolution: m.info.MonoResolution, DeviceResolution: deviceResolution}
}

// reached reports whether the bound has come down to limit, as a fit confirms.
func (m *measurement) reached(p *measured) bool {
	if w, ok := p.running.halfWidth(); p.bound || !ok || w > m.o.untilBound || len(p.samples) < p.nextFit {
		return p.bound
	}
	f, err := estimateNow(p.samples, m.resolutions())
	p.bound = err == nil && f.estimate.Bounded && f.estimate.Bound.HalfWidth() <= m.o.untilBound
	p.nextFit = len(p.samples) + 10 // a fit that disagrees is not asked again at once
	return p.bound
}

// removeLog takes back a log without rows.
func removeLog(w *probelog.Writer) {
	if path, err := w.Close(); err == nil {
		_ = os.Remove(path)
		_ = os.Remove(filepath.Dir(path)) // only if it is empty
	}
}
