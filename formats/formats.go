// Package formats recognises recordings by their content and re-times them.
//
// Most programs need only Open and the Recording it returns. One package below this one knows each format;
// retime holds what they share.
package formats

import (
	"context"
	"errors"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// Recording is one recording, or one download that holds several, on disk.
type Recording interface {
	// Kind says what it is, in words.
	Kind() string
	// Name is the base name of its folder, or of its zip without the ending.
	Name() string
	// DeviceIDs returns the ids of the phones, as far as the recording says them, sorted.
	DeviceIDs() []string
	// RecordingIDs returns the ids of the recordings in it, as far as they are seen without reading whole tables, sorted.
	RecordingIDs() []string
	// Parts returns the recordings in it, by name. What tables say in their first rows counts, no more is read of them.
	Parts() []retime.Part
	// Check reads and maps everything and writes nothing: what Retime would do, or why it would refuse.
	Check(ctx context.Context, clocks retime.Clocks, opt retime.Options) (*retime.Report, error)
	// Retime writes the re-timed recording to dst, a folder or a zip as it is one itself, which must not exist: whole, or nothing. With os.DevNull for dst
	// it does the same and writes nothing: the report has the digests that the files would have.
	Retime(ctx context.Context, dst string, clocks retime.Clocks, opt retime.Options) (*retime.Report, error)
}

// Summary reads all of a recording, needs no clock, and says which files hold which times.
func Summary(ctx context.Context, r Recording) (*retime.Report, error) {
	return r.Check(ctx, retime.Unmoved, retime.Options{SenderStamps: retime.SenderDevice})
}

// Errors that a caller may branch on.
var (
	ErrUnknown     = errors.New("not a recording that pialign knows")
	ErrUnsupported = errors.New("a recording of a kind that this version does not re-time")
	ErrRetimed     = retime.ErrRetimed
	ErrZip         = folder.ErrZip
)
