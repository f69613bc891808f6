package retime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/digest"
)

// ManifestName is the file that says of a recording that it is re-timed, and how.
const ManifestName = "pialign.json"

// manifestVersion is the newest format version, the one that is written.
const manifestVersion = 1

const manifestFormat = "pialign re-timed recording"

// Manifest is what pialign.json holds. It is a function of the inputs, the alignments, the options and the
// program's version alone, so that equal work gives equal bytes.
type Manifest struct {
	Format         string          `json:"format"`
	FormatVersion  int             `json:"format_version"`
	Program        string          `json:"program"`
	Clock          string          `json:"clock"`
	Mode           Mode            `json:"mode"`
	KeepDeviceTime bool            `json:"keep_device_time"`
	Ambiguous      string          `json:"ambiguous,omitempty"`
	SenderStamps   string          `json:"sender_stamps,omitempty"`
	Unaligned      string          `json:"unaligned,omitempty"`
	Recompute      bool            `json:"recompute_durations,omitempty"`
	Tables         Format          `json:"tables,omitempty"` // "" is CSV
	Recordings     []ManifestClock `json:"recordings"`
	Files          []ManifestFile  `json:"files"`
	Refused        []ManifestFile  `json:"refused,omitempty"` // left out of the result
	Digest         string          `json:"digest,omitempty"`  // of the file itself, its own hex digits taken for zeros; "": of an early version
}

// ManifestClock says which alignment one recording went through.
type ManifestClock struct {
	Name        string `json:"name"`
	RecordingID string `json:"recording_id,omitempty"`
	DeviceID    string `json:"device_id,omitempty"`
	Alignment   string `json:"alignment,omitempty"`
	Sender      int    `json:"sender_stamped_events,omitempty"`
	Unaligned   bool   `json:"unaligned,omitempty"` // no alignment is of it; see the Unaligned of the whole

	// First and Last are those of all times that were mapped; both 0 where there are none.
	First align.DeviceTime `json:"first_device_ns,string,omitempty"`
	Last  align.DeviceTime `json:"last_device_ns,string,omitempty"`

	Streams []ManifestStream `json:"streams,omitempty"` // its sampled streams
}

// ManifestFile says what was done to one file.
type ManifestFile struct {
	Name     string   `json:"name"`
	Original string   `json:"original,omitempty"` // its name there; "" is Name
	Action   string   `json:"action"`
	Columns  []string `json:"columns,omitempty"`
	Rows     int      `json:"rows,omitempty"`
	Input    string   `json:"input,omitempty"`
	Output   string   `json:"output,omitempty"`
}

// NewManifest makes the manifest of a finished report.
func NewManifest(opt Options, rep *Report) *Manifest {
	m := &Manifest{Format: manifestFormat, FormatVersion: manifestVersion, Program: opt.Program, Clock: opt.Clock,
		Mode: opt.Mode, KeepDeviceTime: opt.KeepDeviceTime, Ambiguous: opt.Ambiguous, SenderStamps: opt.SenderStamps,
		Unaligned: opt.Unaligned, Recompute: opt.RecomputeDurations, Recordings: []ManifestClock{}, Files: []ManifestFile{}}
	if opt.Format.Columnar() {
		m.Tables = opt.Format
	}
	if m.Mode == "" {
		m.Mode = Replace
	}
	if m.Clock == "" {
		m.Clock = "wall"
	}
	for _, r := range rep.Recordings {
		m.Recordings = append(m.Recordings, ManifestClock{r.Name, r.RecordingID, r.DeviceID, r.Alignment, r.SenderTotal, r.Unaligned != "", r.First, r.Last, r.Streams()})
	}
	for _, f := range rep.Files {
		mf := ManifestFile{f.Name, f.Original, f.Action, f.Columns, f.Rows, f.Input, f.Output}
		if f.Action == LeftOut {
			m.Refused = append(m.Refused, mf)
		} else {
			m.Files = append(m.Files, mf)
		}
	}
	return m
}

// Options returns what NewManifest was given, so that the same can be done again.
func (m *Manifest) Options() Options {
	return Options{Mode: m.Mode, KeepDeviceTime: m.KeepDeviceTime, Ambiguous: m.Ambiguous, SenderStamps: m.SenderStamps,
		Unaligned: m.Unaligned, RecomputeDurations: m.Recompute, Format: m.Tables, Clock: m.Clock, SHA256: m.SHA256(), Program: m.Program}
}

// Source is the name of the file that f was made of.
func (f ManifestFile) Source() string {
	if f.Original != "" {
		return f.Original
	}
	return f.Name
}

// SHA256 reports whether the digests are SHA-256.
func (m *Manifest) SHA256() bool {
	sha := func(f ManifestFile) bool { return strings.HasPrefix(f.Output, "sha256:") }
	return slices.ContainsFunc(m.Files, sha)
}

// Marshal returns the bytes of pialign.json: UTF-8, LF, two spaces a level, with its own digest, whatever m's is.
func (m *Manifest) Marshal() ([]byte, error) {
	c := *m
	c.Digest = zeroed(digest.Bytes(nil, m.SHA256()))
	b, err := c.encode()
	if err != nil {
		return nil, err
	}
	copy(b[bytes.LastIndex(b, []byte(c.Digest)):], digest.Bytes(b, m.SHA256()))
	return b, nil
}

// Intact reports, with ErrManifest, whether b, of which m was parsed, is as it was written: by its digest or, where an early
// version wrote none, by its form.
func (m *Manifest) Intact(b []byte) error {
	if m.Digest == "" {
		if own, err := m.encode(); err != nil || !bytes.Equal(own, b) {
			return fmt.Errorf("%w: it is not in the form that pialign writes", ErrManifest)
		}
		return nil
	}
	if !digest.Valid(m.Digest) {
		return fmt.Errorf("%w: %.80q is no digest", ErrManifest, m.Digest)
	}
	i := bytes.LastIndex(b, []byte(m.Digest))
	if i < 0 {
		return fmt.Errorf("%w: it does not hold its digest as plain text", ErrManifest)
	}
	blank := slices.Concat(b[:i], []byte(zeroed(m.Digest)), b[i+len(m.Digest):])
	if now := digest.Bytes(blank, strings.HasPrefix(m.Digest, "sha256:")); now != m.Digest {
		return fmt.Errorf("%w: its digest is %s, and it says %s", ErrManifest, now, m.Digest)
	}
	return nil
}

// zeroed returns a digest with zeros for its hex digits.
func zeroed(sum string) string {
	name, hex, _ := strings.Cut(sum, ":")
	return name + ":" + strings.Repeat("0", len(hex))
}

// MaxManifest bounds what is read: a study of ten thousand recordings needs some 30 MB.
const MaxManifest = 256 << 20

// ReadManifest reads the pialign.json at path. A newer format version is refused.
func ReadManifest(path string) (*Manifest, error) {
	_, m, err := ReadManifestBytes(path)
	return m, err
}

// ReadManifestBytes is ReadManifest that also returns the bytes of the file.
func ReadManifestBytes(path string) ([]byte, *Manifest, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, err
	case !info.Mode().IsRegular(): // a pipe would be waited for
		return nil, nil, fmt.Errorf("%s: %w: it is no file", path, ErrManifest)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxManifest+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", path, err)
	}
	m, err := ParseManifest(b)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, m, nil
}

// What ParseManifest answers that a caller may branch on.
var (
	ErrManifest        = errors.New("not a pialign.json, or a damaged one")
	ErrManifestVersion = errors.New("newer than this program knows")
)

// ParseManifest reads the bytes of a pialign.json, or fails with ErrManifest or ErrManifestVersion. Unknown fields are passed
// over: later versions may add some. Names are relative and stand in it once.
func ParseManifest(b []byte) (*Manifest, error) {
	if len(b) > MaxManifest {
		return nil, fmt.Errorf("%w: larger than %d MiB", ErrManifest, MaxManifest>>20)
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	switch {
	case m.Format != manifestFormat:
		return nil, fmt.Errorf("%w: format is %.80q, expected %q", ErrManifest, m.Format, manifestFormat)
	case m.FormatVersion > manifestVersion:
		return nil, fmt.Errorf("format version %d is %w (%d): use a newer pialign", m.FormatVersion, ErrManifestVersion, manifestVersion)
	case m.FormatVersion < 1:
		return nil, fmt.Errorf("%w: format version %d: expected %d", ErrManifest, m.FormatVersion, manifestVersion)
	}
	names := make(map[string]bool, len(m.Files))
	for _, f := range slices.Concat(m.Files, m.Refused) {
		switch {
		case !local(f.Name) || !local(f.Source()):
			return nil, fmt.Errorf("%w: file name %.200q is not relative to the recording", ErrManifest, f.Name)
		case names[f.Name]:
			return nil, fmt.Errorf("%w: file name %.200q stands in it twice", ErrManifest, f.Name)
		}
		names[f.Name] = true
	}
	return &m, nil
}

// Holds reports whether m names a file in the folder dir, relative to m's own folder with slashes.
func (m *Manifest) Holds(dir string) bool {
	return slices.ContainsFunc(m.Files, func(f ManifestFile) bool { return strings.HasPrefix(f.Name, dir+"/") })
}

// local reports whether name stays below its root on every system.
func local(name string) bool {
	return name != "" && name != ".." && !path.IsAbs(name) && path.Clean(name) == name && !strings.HasPrefix(name, "../") &&
		!strings.ContainsAny(name, "\\\x00") && !(len(name) > 1 && name[1] == ':')
}
