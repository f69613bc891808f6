package retime

import (
	"errors"
	"fmt"

	"github.com/pialign/pialign/align"
)

// Mode says where the new times go.
type Mode string

// The modes. An empty Mode is Replace.
const (
	Replace Mode = "replace" // in place of the device's
	Add     Mode = "add"     // into a column "host <name>" directly after each time column, which stays
)

// The answers to Options.SenderStamps and Options.Ambiguous that the formats act on.
const (
	SenderDevice = "device" // such stamps are on the device's clock: mapped as all others
	SenderHost   = "host"   // such stamps are on the host's clock already: left as they are
)

// The answers to Options.Unaligned.
const (
	UnalignedLeave = "leave" // the phone's times stay; with Add, the cells beside them are empty
	UnalignedEmpty = "empty" // cells of times become empty
)

// Options change what Retime does. The zero value replaces, and refuses whatever is in doubt.
type Options struct {
	Mode Mode
	// KeepDeviceTime puts the original of each time into a column "device <name>" directly after it. Only with Replace.
	KeepDeviceTime bool
	// Ambiguous is "", first, second or empty. The Retimers act on it; here it is only recorded in pialign.json.
	Ambiguous string
	// SenderStamps says whose clock events are on that a program stamped itself: "" (refuse), device or host.
	SenderStamps string
	// Unaligned says what becomes of recordings that no alignment is of, beside others: "" (refuse), leave or empty.
	Unaligned string
	// Clock is the host clock of the result: "" or wall, monotonic, lsl. The Retimers act on it; here it is recorded
	// in pialign.json, and SenderHost is refused with any but the wall clock.
	Clock string
	// Format is how tables are written: "" or csv, parquet, feather.
	Format Format
	// RecomputeDurations makes the durations of fixations, blinks, saccades and recordings anew of the new times.
	RecomputeDurations bool
	// SHA256 makes the digests SHA-256 instead of xxHash.
	SHA256 bool
	// Hardlink makes links to the inputs of the files that do not change, in place of copies. pialign.json does not say it: the bytes are the same.
	Hardlink bool
	// Program is the name and version that pialign.json gets.
	Program string
}

// Check reports options that contradict each other, with ErrOptions.
func (o Options) Check() error {
	switch {
	case o.Mode != "" && o.Mode != Replace && o.Mode != Add:
		return fmt.Errorf("%w: mode %q; expected replace or add", ErrOptions, o.Mode)
	case o.Mode == Add && o.KeepDeviceTime:
		return fmt.Errorf("%w: mode add leaves the device's times where they are; keep-device-time goes with mode replace", ErrOptions)
	case o.SenderStamps != "" && o.SenderStamps != SenderDevice && o.SenderStamps != SenderHost:
		return fmt.Errorf("%w: sender stamps %q; expected device or host", ErrOptions, o.SenderStamps)
	case o.SenderStamps == SenderHost && o.Clock != "" && o.Clock != "wall":
		return fmt.Errorf("%w: sender stamps of the host's wall clock cannot stand among times of the %s clock", ErrOptions, o.Clock)
	}
	if o.Format != "" && o.Format != CSV && !o.Format.Columnar() {
		return fmt.Errorf("%w: format %q; expected csv, parquet or feather", ErrOptions, o.Format)
	}
	switch {
	case o.Unaligned != "" && o.Unaligned != UnalignedLeave && o.Unaligned != UnalignedEmpty:
		return fmt.Errorf("%w: unaligned %q; expected leave or empty", ErrOptions, o.Unaligned)
	case o.Unaligned == UnalignedEmpty && o.Mode != Add && o.RecomputeDurations:
		return fmt.Errorf("%w: where times are left empty, no duration can be made of them; unaligned leave goes with recompute-durations", ErrOptions)
	case o.Unaligned == UnalignedLeave && o.Mode != Add && o.Format.Columnar():
		return fmt.Errorf("%w: a column with a type holds times of one clock, and unaligned leave would put the phone's among the host's; use unaligned empty, or format csv", ErrOptions)
	}
	switch o.Ambiguous {
	case "", "first", "second", "empty":
		return nil
	}
	return fmt.Errorf("%w: ambiguous %q; expected first, second or empty", ErrOptions, o.Ambiguous)
}

// leaves reports whether a file of recordings that no alignment is of comes out as it went in.
func (o Options) leaves() bool {
	return o.Unaligned == UnalignedLeave && o.Mode != Add && !o.KeepDeviceTime && !o.Format.Columnar()
}

// Clock is one device's clock as a recording needs it.
type Clock struct {
	New func() align.Retimer // one Retimer per stream: a column of a file, of one recording; several are used at a time
	// NewStream is New with a Batch for the same stream, beside the recording's others; nil: there is none.
	NewStream func(*align.Sides) (align.Retimer, align.Batch)
	// Steps says that the phone's clock stepped, and NewStream makes something of what other streams say.
	Steps bool

	// Reaches reports whether the map speaks of an instant; nil: not known.
	Reaches func(align.DeviceTime) bool

	DeviceID string
	Digest   string // of the alignment file it comes from

	unaligned error        // why there is none, where Options.Unaligned lets the recording pass
	sides     *align.Sides // of this recording; nil without Steps
}

// Unaligned says why no alignment is of the recording, where that was let pass; "" if there is one.
func (c Clock) Unaligned() string {
	if c.unaligned == nil {
		return ""
	}
	return c.unaligned.Error()
}

// Left reports whether a file that is all of such a recording comes out as it went in.
func (c Clock) Left(opt Options) bool { return c.unaligned != nil && opt.leaves() }

// Clocks chooses the clock of a recording. Device and recording are as the recording's info.json or the row says;
// "" where unknown. An error refuses the recording: a sentence for the user; Options.Unaligned concerns those that wrap ErrUnaligned alone.
type Clocks func(deviceID, recordingID string) (Clock, error)

// Unmoved is a Clocks that leaves every time as it is, in ns: for looking at a recording.
func Unmoved(string, string) (Clock, error) {
	same := func(d align.DeviceTime) (int64, error) { return int64(d), nil }
	return Clock{New: func() align.Retimer { return same }}, nil
}

// Errors that a caller may branch on.
var (
	ErrRetimed      = errors.New("recording is re-timed already")
	ErrOptions      = errors.New("options make no sense")
	ErrSenderStamps = errors.New("events whose times were written by the program that sent them")
	ErrCell         = errors.New("not a time in whole ns")
	ErrDecimal      = errors.New("not a time in decimal digits")
	ErrColumn       = errors.New("column not found")
	ErrLeft         = errors.New("a time of the recording that would stay the phone's")
	ErrTable        = errors.New("malformed table")
	ErrFar          = errors.New("time is not near the recording")
	ErrOrder        = errors.New("new times would run backwards")
	ErrDuration     = errors.New("not the duration from start to end")
	ErrNoClock      = errors.New("no alignment for the recording")
	ErrUnaligned    = errors.New("none of the alignments is of it")
	ErrChanged      = errors.New("file changed while it was read")
)
