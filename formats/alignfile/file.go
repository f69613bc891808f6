package alignfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/wholefile"
)

// formatVersion is that of docs/formats/alignment.md.
const formatVersion = 1

// What a caller may branch on. Errors that wrap them name the file.
var (
	// ErrForeign: a file of something else.
	ErrForeign = errors.New("not an alignment file")
	// ErrDamaged: an alignment file, but not a right one.
	ErrDamaged = errors.New("damaged alignment file")
	// ErrVersion: written by a newer program.
	ErrVersion = errors.New("format version is newer than this program: use a newer pialign")
)

// File is an alignment with what it was made of.
type File struct {
	Device       Device
	Program      string // name and version of what made it
	Logs         []LogRef
	RecordingIDs []string // of the recordings that ran during the exchanges
	Alignment    *align.Alignment
}

// Device is the phone whose clock is aligned.
type Device struct {
	ID   string // empty: unknown
	Name string
}

// LogRef is a log that the alignment was fitted to.
type LogRef struct {
	Name   string // the last part of its path
	Digest string // as package digest gives it
}

// Marshal returns f as JSON. Equal files give equal bytes.
func Marshal(f *File) ([]byte, error) {
	if f == nil || f.Alignment == nil || (f.Alignment.Wall == nil && f.Alignment.Mono == nil) {
		return nil, errors.New("an alignment file needs an alignment")
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(toDocument(f)); err != nil {
		return nil, fmt.Errorf("alignment of device %q: %w", f.Device.ID, err)
	}
	return b.Bytes(), nil
}

// Unmarshal undoes Marshal. It takes no field that it does not know, none twice, and misses none that it needs:
// an offset left out would be one of 0. name is for errors. Empty lists come back as nil.
func Unmarshal(name string, b []byte) (*File, error) {
	f, err := unmarshal(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

func unmarshal(b []byte) (*File, error) {
	// What the file is and its version come first: all the rest may be right in another one.
	var head struct {
		Pialign string       `json:"pialign"`
		Version *json.Number `json:"format_version"`
	}
	switch err := json.Unmarshal(b, &head); {
	case len(bytes.TrimSpace(b)) == 0:
		return nil, fmt.Errorf("%w: it is empty", ErrForeign)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrForeign, err)
	case head.Pialign != fileKind || head.Version == nil:
		return nil, fmt.Errorf("%w: it does not begin with \"pialign\": %q and a format version", ErrForeign, fileKind)
	}
	switch v, err := head.Version.Int64(); {
	case err != nil || v < 1:
		return nil, fmt.Errorf("%w: format version %.40s", ErrDamaged, *head.Version)
	case v > formatVersion:
		return nil, fmt.Errorf("format version %d: %w", v, ErrVersion)
	}
	var doc document
	if err := strict(b, &doc); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	f, err := doc.file()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for i, l := range f.Logs {
		if !digest.Valid(l.Digest) {
			return nil, fmt.Errorf("%w: logs[%d]: digest %.80q", ErrDamaged, i, l.Digest)
		}
	}
	return f, nil
}

// maxFile bounds what is read into memory: some 100 000 segments.
const maxFile = 1 << 24

// Read reads the alignment file path.
func Read(path string) (*File, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading an alignment: %w", err)
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading an alignment: %w", err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s: %w: above 16 MB", path, ErrForeign)
	}
	return Unmarshal(path, b)
}

// Write makes the alignment file path, whole or not at all, replacing one that is there.
func Write(path string, f *File) error {
	b, err := Marshal(f)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return wholefile.Write(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}
