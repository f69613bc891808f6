// Package batch plans and works off data sets: many recordings and the sessions in which their phones were measured.
package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/pialign/pialign/formats/retime"
)

// formatVersion is that of a line of a plan: newer ones are refused.
const formatVersion = 1

// State is how sure the plan is of a recording's session.
type State string

// The states. Only Paired lines are worked off.
const (
	Paired   State = "paired"
	Doubtful State = "doubtful" // several sessions may be its, or nothing confirms the one that may
	Unpaired State = "unpaired" // no session is its
	Broken   State = "broken"   // it cannot be read
)

// worse orders them.
var worse = map[State]int{Paired: 0, Doubtful: 1, Unpaired: 2, Broken: 3}

// Line is one line of a plan: one folder or zip, re-timed as a whole. Paths have slashes and are relative to the folder
// of the plan, or absolute.
type Line struct {
	Format     int          `json:"format_version"`
	Input      string       `json:"input"`
	Output     string       `json:"output,omitempty"` // below the folder of the results
	Kind       string       `json:"kind,omitempty"`
	Files      int          `json:"files,omitempty"`
	Bytes      int64        `json:"bytes,omitempty"`
	State      State        `json:"state"`
	Sessions   []string     `json:"sessions,omitempty"`   // folders of probe logs
	Alignments []string     `json:"alignments,omitempty"` // files
	Options    *LineOptions `json:"options,omitempty"`    // by hand
	Recordings []Recording  `json:"recordings,omitempty"`
	Problem    string       `json:"problem,omitempty"` // why it is not paired
	Settle     string       `json:"settle,omitempty"`  // what would settle it
	Notes      []string     `json:"notes,omitempty"`

	// Of a plan that was just made.
	Mentions []string `json:"-"` // the paths that Problem ends with
	NotWhole bool     `json:"-"` // a zip that is damaged, or still comes
}

// ProblemAt is Problem with paths as at has them.
func (l *Line) ProblemAt(at func(path string) string) string {
	rest, ok := strings.CutSuffix(l.Problem, strings.Join(l.Mentions, ", "))
	if !ok || len(l.Mentions) == 0 {
		return l.Problem
	}
	paths := make([]string, len(l.Mentions))
	for i, p := range l.Mentions {
		paths[i] = at(p)
	}
	return rest + strings.Join(paths, ", ")
}

// Size is Bytes, as far as it makes sense: somebody may have edited it, and sums of it are to be numbers. It is a hint by which work is shared out.
func (l *Line) Size() int64 {
	const most = 1 << 44 // 16 TB: a hundred thousand of them are below 2^63
	return min(max(l.Bytes, 0), most)
}

// Recording is one recording in a line's input.
type Recording struct {
	Name        string `json:"name"`
	RecordingID string `json:"recording_id,omitempty"`
	DeviceID    string `json:"device_id,omitempty"`
	First       nanos  `json:"first_device_ns,omitempty"` // when it was, by the phone's clock, as far as that is known without reading tables
	Last        nanos  `json:"last_device_ns,omitempty"`
	Source      string `json:"source,omitempty"` // the session or alignment that is its
	Why         string `json:"why,omitempty"`
}

// nanos is a number of nanoseconds, in JSON a string.
type nanos int64

// MarshalJSON writes a string.
func (n nanos) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatInt(int64(n), 10)), nil
}

// UnmarshalJSON reads a string.
func (n *nanos) UnmarshalJSON(b []byte) error {
	var text string
	err := json.Unmarshal(b, &text)
	if err == nil {
		var v int64
		v, err = strconv.ParseInt(text, 10, 64)
		*n = nanos(v)
	}
	if err != nil {
		return fmt.Errorf("%.30s is no whole number of ns in quotes, as \"1767603600000000000\"", b)
	}
	return nil
}

// WriteLines writes a plan.
func WriteLines(w io.Writer, lines []Line) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return b.Flush()
}

// ErrPlan: not a plan, or one that was edited into something else.
var ErrPlan = errors.New("not a plan as `pialign batch plan` writes it")

// maxLine bounds a line: a download of a thousand recordings has some 400 kB.
const maxLine = 64 << 20

// ReadLines reads a plan. Empty lines are skipped; an error names the line.
func ReadLines(name string, r io.Reader) ([]Line, error) {
	var lines []Line
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	for n := 1; s.Scan(); n++ {
		text := bytes.TrimSpace(bytes.TrimPrefix(s.Bytes(), []byte("\xef\xbb\xbf")))
		if len(text) == 0 {
			continue
		}
		l, err := parseLine(text)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, n, err)
		}
		lines = append(lines, l)
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return lines, nil
}

func parseLine(text []byte) (l Line, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields() // a name that was typed wrong would count for nothing
	if err := d.Decode(&l); err != nil {
		var version struct {
			Format int `json:"format_version"`
		}
		if json.Unmarshal(text, &version) == nil && version.Format > formatVersion {
			return Line{}, newer(version.Format)
		}
		return Line{}, lineError(text, err)
	}
	_, known := worse[l.State]
	switch {
	case d.More():
		return Line{}, fmt.Errorf("%w: more than one object; expected one a line", ErrPlan)
	case l.Format > formatVersion:
		return Line{}, newer(l.Format)
	case l.Format < 1:
		return Line{}, fmt.Errorf("%w: no format_version", ErrPlan)
	case l.Input == "":
		return Line{}, fmt.Errorf("%w: no input", ErrPlan)
	case !known:
		return Line{}, fmt.Errorf("%w: state %q; expected paired, doubtful, unpaired or broken", ErrPlan, l.State)
	}
	if err := l.RetimeOptions(retime.Options{}).Check(); err != nil {
		return Line{}, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	if twice := twiceIn(l.Sessions); twice != "" {
		return Line{}, fmt.Errorf("%w: the session %q is named twice; expected each once", ErrPlan, twice)
	}
	if twice := twiceIn(l.Alignments); twice != "" {
		return Line{}, fmt.Errorf("%w: the alignment %q is named twice; expected each once", ErrPlan, twice)
	}
	return l, nil
}

// twiceIn returns a path that is there twice, "" where none is. Two of one would both fit the same recordings, and nothing would say which.
func twiceIn(paths []string) string {
	seen := make(map[string]bool, len(paths))
	for _, p := range paths {
		clean := path.Clean(p)
		if seen[clean] {
			return p
		}
		seen[clean] = true
	}
	return ""
}

func newer(version int) error {
	return fmt.Errorf("%w: format version %d is newer than this program: use a newer pialign", ErrPlan, version)
}
