package retime

import (
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
)

// What happened, or would happen, to a file.
const (
	Retimed = "retimed" // some of its times were mapped
	Renewed = "renewed" // no times in it, but sizes and checksums of files that have some
	Copied  = "copied"  // byte for byte
	LeftOut = "left out"
)

// Report says what Retime did or, from Check, would do. It names files relative to the recording, with slashes.
type Report struct {
	Files      []FileReport // every file once, sorted by name, over all recordings
	Recordings []RecordingReport

	Linked       int   // of the files copied: links to the inputs (Options.Hardlink)
	NotLinked    int   // which should be and are copies
	WhyNotLinked error // of the first of them
}

// RecordingReport is the part of a Report that concerns one recording.
type RecordingReport struct {
	Name        string // of its folder, else its id
	DeviceID    string // "" where unknown
	RecordingID string
	Alignment   string           // digest of the alignment that its clock comes from
	Unaligned   string           // why there is none, where that was let pass; "" if there is one
	First, Last align.DeviceTime // over all times that were mapped; both zero where there are none
	Files       []FileReport     // the files with times of this recording: its rows only, and all others in its folder
	Sender      []SenderStamp    // events that a program stamped, the first 1000
	SenderTotal int              // how many there are
	Warnings    []string
}

// FileReport is about one file. Input and Output are digests; Check knows the inputs of those with times only.
type FileReport struct {
	Name, Action  string
	Original      string   // its name in the input; "": the same
	Columns       []string // that hold times, as the header names them
	Rows          int
	First, Last   align.DeviceTime
	Spans         []Span // per column, in the order of the table
	Input, Output string
}

// Span is what the times of one column cover. Cells counts those that were mapped.
type Span struct {
	Column      string
	First, Last align.DeviceTime
	Cells       int
	Pauses      Pauses // where the column is a stream of its own
}

// SenderStamp is an event that was stamped by the program that sent it.
type SenderStamp struct {
	File  string
	Row   int // the header is row 1
	Event string
	Stamp align.DeviceTime
	Why   string
}

// Add widens s by at.
func (s *Span) Add(at align.DeviceTime) {
	if s.Cells == 0 || at < s.First {
		s.First = at
	}
	if s.Cells == 0 || at > s.Last {
		s.Last = at
	}
	s.Cells++
}

// Join widens s by what another span covers.
func (s *Span) Join(by Span) {
	if by.Cells > 0 {
		cells := s.Cells + by.Cells
		s.Add(by.First)
		s.Add(by.Last)
		s.Cells = cells
	}
}

// hull is what all columns together cover.
func hull(spans []Span) (all Span) {
	for _, s := range spans {
		all.Join(s)
	}
	return all
}

// Rename says that the file has another name in the result, if it has.
func (f *FileReport) Rename(name string) {
	if name != f.Name {
		f.Name, f.Original = name, f.Name
	}
}

// SetSpans enters what the columns cover, and what all of them together do.
func (f *FileReport) SetSpans(spans []Span) {
	all := hull(spans)
	f.Spans, f.First, f.Last = spans, all.First, all.Last
}

// Take adds a file, or a part of one, to the recording's.
func (r *RecordingReport) Take(f FileReport) {
	all := hull(f.Spans)
	if r.First != 0 || r.Last != 0 {
		all.Join(Span{First: r.First, Last: r.Last, Cells: 1})
	}
	r.Files = append(r.Files, f)
	r.First, r.Last = all.First, all.Last
}

// Finish adds the files that were left out, the recordings, and to the first of them the warnings that belong to none.
func (r *Report) Finish(leftOut []string, recordings []*RecordingReport, loose []string) {
	for _, name := range leftOut {
		r.Files = append(r.Files, FileReport{Name: name, Action: LeftOut})
	}
	for i, rec := range recordings {
		if i == 0 {
			rec.Warnings = slices.Concat(rec.Warnings, loose)
		}
		r.Recordings = append(r.Recordings, *rec)
	}
	slices.SortStableFunc(r.Recordings, func(a, b RecordingReport) int { return strings.Compare(a.Name, b.Name) })
}
