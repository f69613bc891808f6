package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/retime"
)

// applyResult is what became of one input of apply.
type applyResult struct {
	Input      string           `json:"input"`
	Output     string           `json:"output,omitempty"`
	Kind       string           `json:"kind,omitempty"`
	Recordings []applyRecording `json:"recordings,omitempty"`
	Retimed    int              `json:"files_retimed"`
	Copied     int              `json:"files_copied"`
	Warnings   []string         `json:"warnings,omitempty"`
	Error      string           `json:"error,omitempty"`

	err error
}

// applyRecording is one recording in an input.
type applyRecording struct {
	Name        string   `json:"name"`
	DeviceID    string   `json:"device_id"`
	RecordingID string   `json:"recording_id"`
	First       nanos    `json:"first_device_ns"`
	Last        nanos    `json:"last_device_ns"`
	HalfWidth   *nanos   `json:"half_width_ns"` // the worst of the 95 % interval over the times written; null where unknown
	Warnings    []string `json:"warnings,omitempty"`
}

// run re-times one recording, or only checks it.
func (w applyWork) run(ctx context.Context, talk io.Writer, clocks []hostClock, o applyOptions) applyResult {
	r := applyResult{Input: w.path, Output: w.dst}
	if w.recording != nil {
		r.Kind = w.recording.Kind()
	}
	if w.err != nil {
		return r.failed(w.err)
	}
	choose := clocksFor(clocks, o.retime.Ambiguous, func(s string) { r.Warnings = append(r.Warnings, s) })
	var report *retime.Report
	var err error
	if o.dryRun {
		report, err = w.recording.Check(ctx, choose, o.retime)
	} else {
		report, err = w.recording.Retime(ctx, w.dst, choose, o.retime)
	}
	if err != nil {
		return r.failed(naming(w.path, err))
	}
	for _, f := range report.Files {
		switch f.Action {
		case retime.Retimed:
			r.Retimed++
		case retime.Copied:
			r.Copied++
		}
	}
	for _, rec := range report.Recordings {
		r.Recordings = append(r.Recordings, rate(rec, clocks, o.retime.Ambiguous))
	}
	return r
}

func (r applyResult) failed(err error) applyResult {
	r.err, r.Error, r.Output = explainApply(err), err.Error(), ""
	return r
}

// explainApply adds to a refusal of a recording what to try, where nothing better was said.
func explainApply(err error) error {
	if hintOf(err) != "" {
		return err
	}
	for _, c := range []struct {
		is   error
		hint string
	}{
		{formats.ErrUnknown, "give a folder of Pupil Cloud's \"Timeseries Data\", or the folder that holds several"},
		{retime.ErrSenderStamps, "find out which clock that program used: --sender-stamps host leaves them, --sender-stamps device maps them"},
		{align.ErrOutOfReach, "is it the right session? Its exchanges are hours away from the recording"},
		{align.ErrBlank, "this time cannot be left empty: choose one of the two possible ones with --ambiguous first or second"},
		{align.ErrAmbiguous, "choose one of the two possible times with --ambiguous first or second, or leave such cells empty: --ambiguous empty"},
	} {
		if errors.Is(err, c.is) {
			return withHint(err, "%s", c.hint)
		}
	}
	return err
}

// rate says how far any time of rec can be off.
func rate(rec retime.RecordingReport, clocks []hostClock, ambiguous string) applyRecording {
	r := applyRecording{Name: rec.Name, DeviceID: rec.DeviceID, RecordingID: rec.RecordingID,
		First: nanos(rec.First), Last: nanos(rec.Last), Warnings: rec.Warnings}
	for _, c := range clocks {
		if c.digest != rec.Alignment || c.err != nil {
			continue
		}
		if d, ok := c.worst(rec.First, rec.Last); ok {
			n := nanos(d)
			r.HalfWidth = &n
		}
		if by := c.stepped(rec.First, rec.Last); by > 0 && (ambiguous == "first" || ambiguous == "second") {
			r.Warnings = append(r.Warnings, fmt.Sprintf("the phone's clock stepped meanwhile, and times it may have shown twice were taken for the %s: where that is wrong they are off by %s, which no interval tells", ambiguous, ms(by)))
		}
		if beyond := max(c.first.Sub(rec.First), rec.Last.Sub(c.last)); beyond > farOut {
			r.Warnings = append(r.Warnings, fmt.Sprintf("reaches %s beyond the exchanges, where the clocks were not watched: the interval grows there", span(beyond)))
		}
	}
	return r
}

// farOut is how far outside the bursts a time is worth a warning. Source: the method's table of refusals.
const farOut = 10 * time.Minute

// within reports whether every time is as good as limit asks. A limit of 0 asks nothing.
func (r applyResult) within(limit time.Duration) bool {
	if limit == 0 || r.err != nil {
		return true
	}
	for _, rec := range r.Recordings {
		if rec.First == 0 && rec.Last == 0 {
			continue // nothing was written
		}
		if rec.HalfWidth == nil || time.Duration(*rec.HalfWidth) > limit {
			return false
		}
	}
	return true
}

// print tells people what became of one input.
func (r applyResult) print(s stdio, o applyOptions) {
	if r.err != nil {
		return // the verdict says it
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(s.err, "pialign: warning: %s: %s\n", r.Input, w)
	}
	verb := "wrote"
	if o.dryRun {
		verb = "would write"
	}
	fmt.Fprintf(s.out, "%s %s: %d files re-timed, %d copied\n", verb, r.Output, r.Retimed, r.Copied)
	for _, rec := range r.Recordings {
		for _, w := range rec.Warnings {
			fmt.Fprintf(s.err, "pialign: warning: %s: %s\n", rec.Name, w)
		}
		width := "unknown"
		if rec.HalfWidth != nil {
			width = "at most " + ms(time.Duration(*rec.HalfWidth))
		}
		fmt.Fprintf(s.out, "  %s, device %s, %s: off by %s (95 %%)\n", rec.Name, deviceName(rec.DeviceID),
			span(time.Duration(rec.Last-rec.First)), width)
	}
}
