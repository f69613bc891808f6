package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Status is what a phone says about itself, as far as a prober needs it.
type Status struct {
	Phone     PhoneStatus
	Recording *RecordingStatus // nil: none is spoken of
	Hardware  *HardwareStatus  // nil: none is spoken of
	Raw       json.RawMessage  // the last whole answer
	Notes     []string         // oddities that were skipped, at most 32

	hasPhone bool
	other    bool // a component was of another phone
}

// PhoneStatus is the phone itself. What is unknown is empty.
type PhoneStatus struct {
	DeviceID, Name, IP        string
	Battery                   int // per cent; -1: unknown
	BatteryState, MemoryState string
	Memory                    int64 // bytes free; -1: unknown
	EchoPort                  int   // of Time Echo; 0: none
}

// RecordingStatus is a recording that runs or has just ended.
type RecordingStatus struct {
	ID, Action, Message string
	Duration            time.Duration
}

// Running reports whether the recording has begun and not ended, as far as is known. The phone's words for what it does
// are an open set; of a recording known from an event alone there is none.
func (r *RecordingStatus) Running() bool {
	if r == nil {
		return false
	}
	switch strings.ToUpper(r.Action) {
	case "", "STOP", "STOPPED", "SAVE", "SAVED", "DISCARD", "DISCARDED", "ERROR":
		return false
	}
	return true
}

// HardwareStatus is the glasses. Version is "1.0" for Invisible and "2.0" for Neon.
type HardwareStatus struct{ Version, GlassesSerial, ModuleSerial, WorldCameraSerial string }

// ReadStatus asks the phone at addr, as Open does.
func ReadStatus(ctx context.Context, addr string) (Status, error) {
	targets, err := locate(ctx, addr)
	if err != nil {
		return Status{}, err
	}
	var errs []error
	for _, t := range targets {
		s, err := readStatus(ctx, t, defaultTimeout)
		if err == nil {
			err = identify(s, t, "")
		}
		if err == nil {
			return s, nil
		}
		errs = append(errs, err)
	}
	return Status{}, errors.Join(errs...)
}

// readStatus asks over a connection of its own.
func readStatus(ctx context.Context, addr string, timeout time.Duration) (Status, error) {
	w := &wire{addr: addr, now: func() instant { return instant{} }}
	defer w.drop()
	return askStatus(ctx, w, timeout)
}

// askStatus asks over w, which goes on carrying questions if the phone lets it.
func askStatus(ctx context.Context, w *wire, timeout time.Duration) (Status, error) {
	addr := w.addr
	question := fmt.Appendf(nil, "GET /api/status HTTP/1.1\r\nHost: %s\r\nUser-Agent: pialign\r\nAccept: application/json\r\n\r\n",
		hostHeader(addr))
	var a *reply
	_, err := w.ask(ctx, timeout, question, func() (err error) {
		a, err = w.rd.read(maxStatus)
		return err
	})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return Status{}, ctx.Err()
	case outcomeOf(err) == BadReply:
		return Status{}, fmt.Errorf("%w: status of %s: %w", ErrNotAPhone, addr, err)
	default:
		return Status{}, fmt.Errorf("%w at %s: %w; is the app open, and this computer in the phone's network?", ErrNoPhone, addr, err)
	}
	if !a.reusable {
		w.drop()
	}
	s, err := parseStatus(a)
	if err != nil {
		return Status{}, fmt.Errorf("%w: status of %s: %w", ErrNotAPhone, addr, err)
	}
	return s, nil
}

// parseStatus reads the answer to a status request, one component at a time. What it does not know or cannot read it
// notes and skips.
func parseStatus(a *reply) (Status, error) {
	result, err := openEnvelope(a)
	if err != nil {
		return Status{}, err
	}
	var list []json.RawMessage
	if json.Unmarshal(result, &list) != nil {
		return Status{}, badReply(a, "the result is not a list of components")
	}
	s := Status{Phone: unknownPhone}
	for i, c := range list {
		s.merge(fmt.Sprintf("component %d", i), c)
	}
	s.Raw = slices.Clone(a.body)
	return s, nil
}

// unknownPhone is a phone of which nothing was said.
var unknownPhone = PhoneStatus{Battery: -1, Memory: -1}

func (s Status) clone() Status {
	if s.Recording != nil {
		r := *s.Recording
		s.Recording = &r
	}
	if s.Hardware != nil {
		h := *s.Hardware
		s.Hardware = &h
	}
	s.Raw, s.Notes = slices.Clone(s.Raw), slices.Clone(s.Notes)
	return s
}

// maxNotes bounds what a phone that talks nonsense for hours can make us keep.
const maxNotes = 32

func (s *Status) note(format string, args ...any) {
	n := fmt.Sprintf(format, args...)
	if len(s.Notes) < maxNotes && !slices.Contains(s.Notes, n) {
		s.Notes = append(s.Notes, n)
	}
}

// fields is a JSON object whose fields may be missing, null or of another kind than they should.
type fields struct {
	raw   map[string]json.RawMessage
	where string
	to    *Status
}

// maxText is more than any text has that is of use.
const maxText = 500

// text sets v to the string called key.
func (f fields) text(key string, v *string) {
	raw, ok := f.raw[key]
	if !ok || string(raw) == "null" {
		return
	}
	if t, ok := text(raw); ok && len(t) <= maxText {
		*v = strings.Map(printable, t)
	} else {
		f.to.note("%s: %s is %.40s, want a string of at most %d bytes", f.where, key, raw, maxText)
	}
}

// printable replaces what would steer a terminal.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return unicode.ReplacementChar
	}
	return r
}

// number sets v to the integer called key, if it lies from lo to hi.
func number[T int | int64 | time.Duration](f fields, key string, lo, hi int64, v *T) {
	raw, ok := f.raw[key]
	if !ok || string(raw) == "null" {
		return
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < lo || n > hi {
		f.to.note("%s: %s is %.40s, want an integer from %d to %d", f.where, key, raw, lo, hi)
		return
	}
	*v = T(n)
}
