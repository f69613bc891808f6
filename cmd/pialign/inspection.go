package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/retime"
)

// logReport is what is in a probe log.
type logReport struct {
	Kind     string         `json:"kind"`
	Path     string         `json:"path"`
	Session  string         `json:"session"`
	DeviceID string         `json:"device_id"`
	Phase    string         `json:"phase"`
	Program  string         `json:"program"`
	Host     string         `json:"host"`
	OS       string         `json:"os"`
	Boot     string         `json:"boot_id"`
	Started  nanos          `json:"started_host_ns"`
	First    nanos          `json:"first_host_ns"` // the first and the last exchange
	Last     nanos          `json:"last_host_ns"`
	Rows     int            `json:"rows"`
	Status   map[string]int `json:"status"`
	RTTMin   *nanos         `json:"rtt_min_ns"`
	RTTMid   *nanos         `json:"rtt_median_ns"`
	Warnings []string       `json:"warnings,omitempty"`
}

func newLogReport(l *probelog.Log) *logReport {
	h := l.Header
	r := &logReport{Kind: "probe log", Path: l.Path, Session: h.Session, DeviceID: h.DeviceID, Phase: h.Phase, Program: h.Program,
		Host: h.Host, OS: h.OS, Boot: h.Boot, Started: nanos(h.Started), Rows: len(l.Rows), Status: make(map[string]int), Warnings: l.Warnings}
	if l.Journal {
		r.Kind = "unfinished probe log (journal)"
	}
	var samples, warm []align.Sample
	for _, row := range l.Rows {
		r.Status[row.Status]++
		if row.A != 0 {
			if r.First == 0 || nanos(row.A) < r.First {
				r.First = nanos(row.A)
			}
			r.Last = max(r.Last, nanos(row.A))
		}
		switch row.Status {
		case probelog.StatusOK:
			samples = append(samples, row.Sample)
		case probelog.StatusWarmup:
			warm = append(warm, row.Sample)
		}
	}
	if len(samples) == 0 { // bursts of some three exchanges
		samples = warm
	}
	if len(samples) > 0 {
		lo, mid := roundTrips(samples)
		r.RTTMin, r.RTTMid = &lo, &mid
	}
	return r
}

func (r *logReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n", r.Path, r.Kind)
	fmt.Fprintf(w, "  session %s, phase %s, device %s\n", r.Session, r.Phase, deviceName(r.DeviceID))
	fmt.Fprintf(w, "  by %s on %s (%s)\n", or(r.Program, "an unknown program"), or(r.Host, "an unknown computer"), or(r.OS, "unknown system"))
	fmt.Fprintf(w, "  %s\n", r.counts())
	if r.First != 0 {
		fmt.Fprintf(w, "  %s to %s\n", instant(int64(r.First)), instant(int64(r.Last)))
	}
	if r.RTTMin != nil {
		fmt.Fprintf(w, "  round trip min %s, median %s\n", ms(time.Duration(*r.RTTMin)), ms(time.Duration(*r.RTTMid)))
	}
	for _, s := range r.Warnings {
		fmt.Fprintf(w, "  warning: %s\n", s)
	}
}

// counts says how many exchanges ended how, in the order of the log format's page.
func (r *logReport) counts() string {
	text := []string{counted(r.Rows, "exchange")}
	for _, s := range []string{probelog.StatusOK, probelog.StatusWarmup, probelog.StatusTimeout, probelog.StatusRefused, probelog.StatusHTTP, probelog.StatusBadReply} {
		if n := r.Status[s]; n > 0 {
			text = append(text, fmt.Sprintf("%d %s", n, s))
		}
	}
	return strings.Join(text, ", ")
}

// clockLogReport is what is in a log of the host's clocks.
type clockLogReport struct {
	Kind     string `json:"kind"`
	Path     string `json:"path"`
	Session  string `json:"session"`
	Host     string `json:"host"`
	Readings int    `json:"readings"`
	First    nanos  `json:"first_host_ns"`
	Last     nanos  `json:"last_host_ns"`
}

func (r *clockLogReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n  session %s on %s, %s", r.Path, r.Kind, r.Session, or(r.Host, "an unknown computer"), counted(r.Readings, "reading"))
	if r.Readings > 0 {
		fmt.Fprintf(w, ", %s to %s", instant(int64(r.First)), instant(int64(r.Last)))
	}
	fmt.Fprintln(w)
}

// sessionReport is what is in a session.
type sessionReport struct {
	Kind    string       `json:"kind"`
	Path    string       `json:"path"`
	Devices []string     `json:"device_ids"`
	Logs    []*logReport `json:"logs"`
	Skipped []string     `json:"skipped,omitempty"`
	Others  []inspection `json:"others,omitempty"` // logs of the host's clocks, and notes of recordings
}

func newSessionReport(path string, s *probelog.Session) *sessionReport {
	r := &sessionReport{Kind: "session", Path: path, Skipped: s.Skipped}
	for _, d := range s.Devices() {
		r.Devices = append(r.Devices, d.ID)
	}
	for _, l := range s.Logs {
		r.Logs = append(r.Logs, newLogReport(l))
	}
	return r
}

func (r *sessionReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s with %s of %s\n", r.Path, r.Kind, counted(len(r.Logs), "log"), counted(len(r.Devices), "device"))
	for _, l := range r.Logs {
		l.print(w)
	}
	for _, o := range r.Others {
		o.print(w)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(w, "skipped %s\n", s)
	}
}

// alignmentReport is what is in an alignment.
type alignmentReport struct {
	Kind         string    `json:"kind"`
	Path         string    `json:"path"`
	Program      string    `json:"program"`
	Result       fitResult `json:"alignment"`
	LogNames     []string  `json:"logs"`
	RecordingIDs []string  `json:"recording_ids"`

	file *alignfile.File
}

func newAlignmentReport(path string, f *alignfile.File) *alignmentReport {
	d := probelog.Device{ID: f.Device.ID, Name: f.Device.Name}
	r := &alignmentReport{Kind: "alignment", Path: path, Program: f.Program, RecordingIDs: f.RecordingIDs,
		Result: newFitResult(fitted{device: d, file: f}, path), file: f}
	for _, l := range f.Logs {
		r.LogNames = append(r.LogNames, l.Name)
	}
	return r
}

func (r *alignmentReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s by %s, of %s\n", r.Path, r.Kind, or(r.Program, "an unknown program"), strings.Join(r.LogNames, ", "))
	if len(r.RecordingIDs) > 0 {
		fmt.Fprintf(w, "recordings that ran meanwhile: %s\n", strings.Join(r.RecordingIDs, ", "))
	}
	printDiagnosis(w, r.file)
}

// recordingReport is what is in a recording.
type recordingReport struct {
	Kind       string          `json:"kind"`
	Path       string          `json:"path"`
	Recordings []recordingSpan `json:"recordings"`
	Files      []fileReport    `json:"files"`
}

type fileReport struct {
	Name    string   `json:"name"`
	Columns []string `json:"time_columns,omitempty"`
	Rows    int      `json:"rows"`
	First   nanos    `json:"first_device_ns"`
	Last    nanos    `json:"last_device_ns"`
}

func newRecordingReport(path string, rec formats.Recording, summary *retime.Report) *recordingReport {
	r := &recordingReport{Kind: rec.Kind(), Path: path}
	for _, s := range summary.Recordings {
		r.Recordings = append(r.Recordings, newRecordingSpan(s))
	}
	for _, f := range summary.Files {
		r.Files = append(r.Files, fileReport{f.Name, f.Columns, f.Rows, nanos(f.First), nanos(f.Last)})
	}
	return r
}

func (r *recordingReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n", r.Path, r.Kind)
	for _, rec := range r.Recordings {
		fmt.Fprintf(w, "  %s, device %s, recording %s, %s from %s by the phone's clock\n", rec.Name, deviceName(rec.DeviceID),
			or(rec.RecordingID, "unknown"), span(time.Duration(rec.Last-rec.First)), instant(int64(rec.First)))
		for _, s := range rec.Warnings {
			fmt.Fprintf(w, "  warning: %s\n", s)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range r.Files {
		times := "no times"
		if len(f.Columns) > 0 {
			times = fmt.Sprintf("%s, times in %s", counted(f.Rows, "row"), strings.Join(f.Columns, ", "))
		}
		fmt.Fprintf(t, "  %s\t%s\n", f.Name, times)
	}
	t.Flush()
}

// retimedReport is what was done to a recording.
type retimedReport struct {
	Kind     string           `json:"kind"`
	Path     string           `json:"path"`
	Manifest *retime.Manifest `json:"manifest"`
}

func newRetimedReport(dir string, m *retime.Manifest) *retimedReport {
	return &retimedReport{"re-timed recording", dir, m}
}

func (r *retimedReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s, on the host's %s clock, by %s\n", r.Path, r.Kind, r.Manifest.Clock, or(r.Manifest.Program, "an unknown program"))
	for _, c := range r.Manifest.Recordings {
		fmt.Fprintf(w, "  %s, device %s, alignment %s\n", c.Name, deviceName(c.DeviceID), or(c.Alignment, "none"))
	}
	for _, f := range r.Manifest.Files {
		fmt.Fprintf(w, "  %s: %s\n", f.Name, f.Action)
	}
}

// retimedFolderReport is a folder of re-timed recordings.
type retimedFolderReport struct {
	Kind       string           `json:"kind"`
	Path       string           `json:"path"`
	Recordings []*retimedReport `json:"recordings"`
}

func (r *retimedFolderReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s in it\n", r.Path, counted(len(r.Recordings), "re-timed recording"))
	for _, rec := range r.Recordings {
		fmt.Fprintf(w, "  %s, on the host's %s clock, %s, by %s\n", rec.Path, rec.Manifest.Clock, counted(len(rec.Manifest.Files), "file"), or(rec.Manifest.Program, "an unknown program"))
	}
}

// unusableReport is a recording that is recognised and no more.
type unusableReport struct {
	Kind string `json:"kind"`
	Path string `json:"path"`
}

func (r *unusableReport) print(w io.Writer) { fmt.Fprintln(w, naming(r.Path, errors.New(r.Kind))) }
