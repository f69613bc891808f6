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
	Recordings     []ManifestClock `json:"recordings"`
	Files          []ManifestFile  `json:"files"`
	Refused        []ManifestFile  `json:"refused,omitempty"` // left out of the result
}

// ManifestClock says which alignment one recording went through.
type ManifestClock struct {
	Name        string `json:"name"`
	RecordingID string `json:"recording_id,omitempty"`
	DeviceID    string `json:"device_id,omitempty"`
	Alignment   string `json:"alignment,omitempty"`
	Sender      int    `json:"sender_stamped_events,omitempty"`
}

// ManifestFile says what was done to one file.
type ManifestFile struct {
	Name    string   `json:"name"`
	Action  string   `json:"action"`
	Columns []string `json:"columns,omitempty"`
	Rows    int      `json:"rows,omitempty"`
	Input   string   `json:"input,omitempty"`
	Output  string   `json:"output,omitempty"`
}

// NewManifest makes the manifest of a finished report.
func NewManifest(opt Options, rep *Report) *Manifest {
	m := &Manifest{Format: manifestFormat, FormatVersion: manifestVersion, Program: opt.Program, Clock: opt.Clock,
		Mode: opt.Mode, KeepDeviceTime: opt.KeepDeviceTime, Ambiguous: opt.Ambiguous, SenderStamps: opt.SenderStamps,
		Recordings: []ManifestClock{}, Files: []ManifestFile{}}
	if m.Mode == "" {
		m.Mode = Replace
	}
	if m.Clock == "" {
		m.Clock = "wall"
	}
	for _, r := range rep.Recordings {
		m.Recordings = append(m.Recordings, ManifestClock{r.Name, r.RecordingID, r.DeviceID, r.Alignment, r.SenderTotal})
	}
	for _, f := range rep.Files {
		mf := ManifestFile{f.Name, f.Action, f.Columns, f.Rows, f.Input, f.Output}
		if f.Action == LeftOut {
			m.Refused = append(m.Refused, mf)
		} else {
			m.Files = append(m.Files, mf)
		}
	}
	return m
}

// Marshal returns the bytes of pialign.json: UTF-8, LF, two spaces a level.
func (m *Manifest) Marshal() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// maxManifest bounds what is read: a study of ten thousand recordings needs some 30 MB.
const maxManifest = 256 << 20

// ReadManifest reads the pialign.json at path. A newer format version is refused.
func ReadManifest(path string) (*Manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	m, err := ParseManifest(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// ParseManifest reads the bytes of a pialign.json. Unknown fields are passed over: later versions may add some.
func ParseManifest(b []byte) (*Manifest, error) {
	if len(b) > maxManifest {
		return nil, errors.New("too large for a pialign.json")
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("not a pialign.json: %w", err)
	}
	switch {
	case m.Format != manifestFormat:
		return nil, fmt.Errorf("not a pialign.json: format is %q, expected %q", m.Format, manifestFormat)
	case m.FormatVersion > manifestVersion:
		return nil, fmt.Errorf("format version %d is newer than this program knows (%d): use a newer pialign", m.FormatVersion, manifestVersion)
	case m.FormatVersion < 1:
		return nil, fmt.Errorf("format version %d: expected %d", m.FormatVersion, manifestVersion)
	}
	for _, f := range slices.Concat(m.Files, m.Refused) {
		if !local(f.Name) {
			return nil, fmt.Errorf("file name %q is not relative to the recording", f.Name)
		}
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
