package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// Places below the folder of the results that are pialign's own.
const (
	ownDir        = "pialign"    // all else in the folder is results
	recordsDir    = "records"    // in ownDir: one record per line of the plan, <output>.json
	alignmentsDir = "alignments" // in ownDir: the alignments used, <digest in hex>.json, each once
	recordExt     = ".json"
)

// OwnFolders are the folders of the results' folder in which pialign keeps what is its own.
func OwnFolders() []string {
	return []string{ownDir, filepath.Join(ownDir, recordsDir), filepath.Join(ownDir, alignmentsDir)}
}

// Outcome is what became of one line of a plan.
type Outcome string

// The outcomes.
const (
	Done   Outcome = "done"
	Failed Outcome = "failed" // refused, or it could not be read or written; nothing half is left
	Passed Outcome = "passed" // not worked on: the plan does not pair it
)

// Record is what is kept of one line of a plan, in a file of its own. Equal work gives equal bytes: it has no time of day, no host name and
// no duration, and its paths are those of the plan.
type Record struct {
	Format     int               `json:"format_version"`
	Input      string            `json:"input"`
	Output     string            `json:"output"`
	Kind       string            `json:"kind,omitempty"`
	Bytes      int64             `json:"bytes,omitempty"`
	Outcome    Outcome           `json:"outcome"`
	Key        string            `json:"key,omitempty"`      // digest of all that decides the result but the input's bytes
	Inputs     string            `json:"inputs,omitempty"`   // digest of the input's bytes and names
	Manifest   string            `json:"manifest,omitempty"` // digest of the result's pialign.json
	Result     string            `json:"result,omitempty"`   // digest of the names and sizes of the result's files
	Retimed    int               `json:"files_retimed"`
	Copied     int               `json:"files_copied"`
	Recordings []RecordRecording `json:"recordings,omitempty"`
	Warnings   []string          `json:"warnings,omitempty"`
	Error      string            `json:"error,omitempty"`
	Hint       string            `json:"hint,omitempty"`
}

// RecordRecording is one recording of a line. What is not known is null or absent, never 0. Half-widths are the worst over the times written.
type RecordRecording struct {
	Name        string `json:"name"`
	RecordingID string `json:"recording_id,omitempty"`
	DeviceID    string `json:"device_id,omitempty"`
	First       nanos  `json:"first_device_ns,omitempty"`
	Last        nanos  `json:"last_device_ns,omitempty"`
	Unaligned   string `json:"unaligned,omitempty"` // why no alignment is of it; then nothing of what follows is there

	Source         string   `json:"source,omitempty"`    // the session or alignment, as the plan has it
	Alignment      string   `json:"alignment,omitempty"` // digest; the file is in alignments
	Clock          string   `json:"clock,omitempty"`     // of the result
	Confirmed      bool     `json:"confirmed"`           // ids say that the alignment is of its phone
	Offset         *nanos   `json:"offset_ns"`           // host - device in the middle between first and last, on that clock
	DriftE18       *nanos   `json:"drift_e18"`           // there
	HalfWidth      *nanos   `json:"half_width_ns"`       // of the 95 % interval
	StatHalfWidth  *nanos   `json:"stat_half_width_ns"`
	BoundHalfWidth *nanos   `json:"bound_half_width_ns"`
	IfRight        *nanos   `json:"half_width_if_right_ns,omitempty"` // the three where nothing confirms the phone
	StatIfRight    *nanos   `json:"stat_half_width_if_right_ns,omitempty"`
	BoundIfRight   *nanos   `json:"bound_half_width_if_right_ns,omitempty"`
	RTTMin         *nanos   `json:"rtt_min_ns"`    // of all exchanges used
	RTTMedian      *nanos   `json:"rtt_median_ns"` // the mean of the bursts' medians, each as often as it has exchanges
	RTTP95         *nanos   `json:"rtt_p95_ns"`    // likewise
	Samples        int      `json:"samples,omitempty"`
	Used           int      `json:"used,omitempty"`
	Bursts         int      `json:"bursts,omitempty"`
	PhoneSteps     int      `json:"phone_steps"`
	HostSteps      int      `json:"host_steps"`
	Gaps           *Gaps    `json:"gaps,omitempty"` // nil: it has no sampled stream
	Warnings       []string `json:"warnings,omitempty"`
}

// Gaps are those of the stream of a recording that lacks most.
type Gaps struct {
	File    string `json:"file"` // relative to the result
	Count   int    `json:"count"`
	Total   nanos  `json:"total_ns"`
	Longest nanos  `json:"longest_ns"`
}

// GapsOf returns those of the recording that rep is of, nil where it has no sampled stream.
func GapsOf(rep *retime.RecordingReport) *Gaps {
	s, ok := retime.Gappiest(rep.Streams())
	if !ok {
		return nil
	}
	return &Gaps{s.File, s.Gaps, nanos(s.Total), nanos(s.Worst())}
}

// RecordPath is where the record of an output lies.
func RecordPath(out, output string) string {
	return filepath.Join(out, ownDir, recordsDir, filepath.FromSlash(output)+recordExt)
}

// AlignmentPath is where an alignment that was used lies, by its digest ("xxh3:...").
func AlignmentPath(out, digest string) string {
	_, hex, _ := strings.Cut(digest, ":")
	return filepath.Join(AlignmentsPath(out), hex+".json")
}

// AlignmentsPath is the folder of the alignments that were used.
func AlignmentsPath(out string) string { return filepath.Join(out, ownDir, alignmentsDir) }

// Number is one of ns, or of 1e-18, as records have it.
type Number = nanos

// SetSpan enters when a recording was.
func (r *RecordRecording) SetSpan(first, last align.DeviceTime) {
	r.First, r.Last = nanos(first), nanos(last)
}

// Nanos is a number of ns, or of 1e-18, for a record; nil where it is not known.
func Nanos[T ~int64](v T, known bool) *nanos {
	if !known {
		return nil
	}
	n := nanos(v)
	return &n
}

// WriteRecord writes a record whole, in place of an older one, with a workplace of its own.
func WriteRecord(out string, r Record) error {
	w, err := OpenWorkplace(out, r.Output)
	if err != nil {
		return err
	}
	defer w.Close()
	return w.WriteRecord(r)
}

// WriteRecord writes a record whole, in place of an older one.
func (w *Workplace) WriteRecord(r Record) error {
	r.Format = formatVersion
	return w.write("record"+recordExt, RecordPath(w.out, r.Output), func(to io.Writer) error {
		enc := json.NewEncoder(to)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	})
}

// WriteAlignment writes an alignment of that digest where records have it.
func (w *Workplace) WriteAlignment(digest string, b []byte) error {
	return w.write("alignment"+recordExt, AlignmentPath(w.out, digest), func(to io.Writer) error {
		_, err := to.Write(b)
		return err
	})
}

// ErrRecord: not a record, or one of a newer program.
var ErrRecord = errors.New("not a record of `pialign batch run`")

// maxRecord bounds a record: one of a thousand recordings has some 800 kB.
const maxRecord = 64 << 20

// ReadRecord reads one. Where there is none, the error is fs.ErrNotExist.
func ReadRecord(path string) (Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return Record{}, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxRecord+1))
	switch {
	case err != nil:
		return Record{}, fmt.Errorf("reading %s: %w", path, err)
	case len(b) > maxRecord:
		return Record{}, fmt.Errorf("%s: %w: larger than %d MiB", path, ErrRecord, maxRecord>>20)
	}
	r, err := parseRecord(b)
	if err != nil {
		return Record{}, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func parseRecord(b []byte) (r Record, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&r); err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	switch {
	case r.Format > formatVersion:
		return Record{}, fmt.Errorf("%w: format version %d is newer than this program: use a newer pialign", ErrRecord, r.Format)
	case r.Format < 1 || d.More():
		return Record{}, ErrRecord
	case !slices.Contains([]Outcome{Done, Failed, Passed}, r.Outcome):
		return Record{}, fmt.Errorf("%w: outcome %q", ErrRecord, r.Outcome)
	case !filepath.IsLocal(filepath.FromSlash(r.Output)):
		return Record{}, fmt.Errorf("%w: output %q lies outside the folder of the results", ErrRecord, r.Output)
	}
	return r, nil
}

// Records returns the paths of all records in a folder of results, in order. Where there are none the error is fs.ErrNotExist.
func Records(out string) ([]string, error) {
	root := filepath.Join(out, ownDir, recordsDir)
	var paths []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".json") && !wholefile.IsTemp(d.Name()) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(filepath.ToSlash(a), filepath.ToSlash(b)) })
	return paths, nil
}
