// Package infojson finds what an info.json says of its recording, and replaces the digits of its instants and no
// other byte. The app writes one into each recording, and Pupil Cloud into each download.
package infojson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// Name is that of the file, MaxSize far above a real one of one kilobyte.
const (
	Name    = "info.json"
	MaxSize = 4 << 20
)

// ErrInfo: somebody else's info.json, or a damaged one.
var ErrInfo = errors.New("not an info.json as the app or Pupil Cloud writes it")

// The instants. Early recordings of Pupil Invisible have the second too; duration is a length of time.
const (
	StartTime       = "start_time"
	startTimeSynced = "start_time_synced"
)

// serialKeys are what names the glasses, of Pupil Invisible and of Neon.
var serialKeys = []string{"glasses_serial_number", "scene_camera_serial_number", "module_serial_number"}

// IsSerial reports whether s is a serial number: Neon writes -1 where it has none of a kind.
func IsSerial(s string) bool { return s != "" && s != "-1" }

// longest is the longest duration that is believed; after a crash the app writes absurd ones.
const longest = 48 * time.Hour

// Info is what an info.json says, "" and 0 where it does not.
type Info struct {
	Bytes       []byte
	DeviceID    string
	RecordingID string
	Format      string   // data_format_version
	Serials     []string // of the glasses: their own, their camera's, their module's
	Start       align.DeviceTime
	Duration    time.Duration
	Instants    []Instant // start_time and what else is one, in the order of the file

	lengthFrom, lengthTo int // the digits of the duration; both 0 where it has none
}

// Instant is one instant in an info.json.
type Instant struct {
	Key      string
	At       align.DeviceTime
	from, to int // its digits
}

// NotJSON says what is wrong with a text that is no JSON.
func NotJSON(text []byte) string {
	if bytes.IndexByte(text, 0) >= 0 {
		return "not valid JSON: it holds NUL bytes, as UTF-16 does or a damaged file; expected UTF-8"
	}
	return "not valid JSON, or cut off"
}

// Parse finds the keys at the top of the object. The text is looked at, never printed again.
func Parse(b []byte) (*Info, error) {
	text := bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	before := len(b) - len(text)
	if !json.Valid(text) {
		return nil, fmt.Errorf("%w: %s", ErrInfo, NotJSON(text))
	}
	in := &Info{Bytes: b}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%w: expected an object", ErrInfo)
	}
	var uuid string
	serials := make([]string, len(serialKeys))
	texts := map[string]*string{"android_device_id": &in.DeviceID, "recording_id": &in.RecordingID, "recording_uuid": &uuid, "data_format_version": &in.Format}
	for i, key := range serialKeys {
		texts[key] = &serials[i]
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInfo, err)
		}
		key, _ := t.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInfo, err)
		}
		end := int(d.InputOffset()) + before
		to := texts[key]
		if instant := key == StartTime || key == startTimeSynced; !instant && to == nil && key != "duration" {
			continue
		}
		if seen[key] {
			return nil, fmt.Errorf("%w: %q stands there twice", ErrInfo, key)
		}
		seen[key] = true
		switch {
		case to != nil: // null is an empty one
			if err := json.Unmarshal(raw, to); err != nil {
				return nil, fmt.Errorf("%w: %q is %s; expected a string", ErrInfo, key, short(raw))
			}
		case key == "duration":
			if v, err := strconv.ParseInt(string(raw), 10, 64); err == nil { // else unknown, as after a crash
				in.Duration = time.Duration(v)
				if at := end - len(raw); strconv.FormatInt(v, 10) == string(raw) && bytes.Equal(b[at:end], raw) {
					in.lengthFrom, in.lengthTo = at, end
				}
			}
		default:
			v, err := strconv.ParseInt(string(raw), 10, 64)
			if err != nil || strconv.FormatInt(v, 10) != string(raw) {
				return nil, fmt.Errorf("%q is %s, %w: expected an integer as 1685088812484000000", key, short(raw), retime.ErrCell)
			}
			at := Instant{key, align.DeviceTime(v), end - len(raw), end}
			if !bytes.Equal(b[at.from:at.to], raw) {
				return nil, fmt.Errorf("%w: %q not found again", ErrInfo, key)
			}
			in.Instants = append(in.Instants, at)
			if key == StartTime {
				in.Start = at.At
			}
		}
	}
	if !seen[StartTime] {
		return nil, fmt.Errorf("%w: %q is missing", ErrInfo, StartTime)
	}
	for _, s := range serials {
		if IsSerial(s) {
			in.Serials = append(in.Serials, s)
		}
	}
	if in.RecordingID == "" {
		in.RecordingID = uuid // as in the earliest recordings
	}
	return in, nil
}

// End returns when the recording ended, its start where the duration is not to be believed.
func (in *Info) End() align.DeviceTime {
	if in.Duration > 0 && in.Duration <= longest {
		return in.Start.Add(in.Duration)
	}
	return in.Start
}

// Lasted reports whether the recording has a duration that can be made anew: one that is believed.
func (in *Info) Lasted() bool { return in.lengthTo > 0 && in.End() > in.Start }

// NotLasted is said of an info.json without a duration that can be made anew.
const NotLasted = "no duration in it that can be believed, as after a crash; that stays as it is"

// LastedBy returns how long the recording lasted by another clock, in ns: from its start to its end, both mapped.
func (in *Info) LastedBy(host align.Retimer) (int64, error) {
	start, err := host(in.Start)
	if err != nil {
		return 0, err
	}
	end, err := host(in.End())
	if err != nil {
		return 0, fmt.Errorf("its end, %d: %w", int64(in.End()), err)
	}
	if end < start {
		return 0, fmt.Errorf("its end, %d: %w: it would lie before its start", int64(in.End()), retime.ErrOrder)
	}
	return end - start, nil
}

// Retimed returns the bytes with other instants, one for each of Instants.
func (in *Info) Retimed(host []int64) []byte { return in.RetimedWith(host, int64(in.Duration)) }

// RetimedWith returns the bytes with other instants, one for each of Instants, and another duration in ns where the recording Lasted.
func (in *Info) RetimedWith(host []int64, duration int64) []byte {
	type number struct {
		from, to int
		v        int64
	}
	var all []number
	for i, at := range in.Instants {
		all = append(all, number{at.from, at.to, host[i]})
	}
	if in.Lasted() {
		all = append(all, number{in.lengthFrom, in.lengthTo, duration})
	}
	slices.SortFunc(all, func(a, b number) int { return a.from - b.from })
	var out []byte
	from := 0
	for _, n := range all {
		out = append(out, in.Bytes[from:n.from]...)
		out = strconv.AppendInt(out, n.v, 10)
		from = n.to
	}
	return slices.Concat(out, in.Bytes[from:])
}

func short(raw []byte) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "..."
	}
	return string(raw)
}
