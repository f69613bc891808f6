package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// maxInfo is far above a real info.json of one kilobyte.
const maxInfo = 4 << 20

var errInfo = errors.New("not an info.json as Pupil Cloud writes it")

// info is what an info.json says of its recording, and where its time stands.
type info struct {
	file        file
	bytes       []byte
	deviceID    string // "" where it does not say
	recordingID string
	start       align.DeviceTime
	duration    time.Duration
	at          span // of the digits of start_time in bytes
}

type span struct{ from, to int }

// start_time is the one instant in info.json; duration is a length of time.
const startKey = "start_time"

// readInfo reads an info.json, and refuses that of a re-timed recording. Its errors name the file.
func readInfo(f file) (*info, error) {
	b, err := readSmall(f.path, maxInfo)
	if err != nil {
		return nil, err
	}
	in, err := parseInfo(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	in.file = f
	if !retime.WholeMS(in.start) {
		return nil, &retime.NotPhoneError{File: f.path, What: startKey, At: in.start}
	}
	return in, nil
}

// parseInfo finds the keys at the top of the object. The text is looked at, never printed again.
func parseInfo(b []byte) (*info, error) {
	text := bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	before := len(b) - len(text)
	if !json.Valid(text) {
		return nil, fmt.Errorf("%w: not valid JSON, or cut off", errInfo)
	}
	in := &info{bytes: b}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%w: expected an object", errInfo)
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errInfo, err)
		}
		key, _ := t.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("%w: %w", errInfo, err)
		}
		end := int(d.InputOffset()) + before
		switch key {
		case startKey, "duration", "android_device_id", "recording_id":
			if seen[key] {
				return nil, fmt.Errorf("%w: %q stands there twice", errInfo, key)
			}
			seen[key] = true
		}
		switch key {
		case startKey:
			v, err := strconv.ParseInt(string(raw), 10, 64)
			if err != nil || strconv.FormatInt(v, 10) != string(raw) {
				return nil, fmt.Errorf("%q is %s, %w: expected an integer as 1685088812484000000", key, short(raw), retime.ErrCell)
			}
			in.start, in.at = align.DeviceTime(v), span{end - len(raw), end}
			if !bytes.Equal(b[in.at.from:in.at.to], raw) {
				return nil, fmt.Errorf("%w: %q not found again", errInfo, key)
			}
		case "duration":
			if v, err := strconv.ParseInt(string(raw), 10, 64); err == nil { // else unknown, as after a crash
				in.duration = time.Duration(v)
			}
		case "android_device_id":
			if err := text1(raw, &in.deviceID); err != nil {
				return nil, fmt.Errorf("%w: %q %w", errInfo, key, err)
			}
		case "recording_id":
			if err := text1(raw, &in.recordingID); err != nil {
				return nil, fmt.Errorf("%w: %q %w", errInfo, key, err)
			}
		}
	}
	if !seen[startKey] {
		return nil, fmt.Errorf("%w: %q is missing", errInfo, startKey)
	}
	return in, nil
}

// end returns when the recording ended, its start where the duration is not to be believed.
func (in *info) end() align.DeviceTime {
	if in.duration > 0 && in.duration <= longest {
		return in.start.Add(in.duration)
	}
	return in.start
}

// text1 reads a string; null is an empty one.
func text1(raw json.RawMessage, to *string) error {
	if err := json.Unmarshal(raw, to); err != nil {
		return fmt.Errorf("is %s; expected a string", short(raw))
	}
	return nil
}

func short(raw []byte) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "..."
	}
	return string(raw)
}

// retimed returns the bytes with another start_time.
func (in *info) retimed(start int64) []byte {
	return slices.Concat(in.bytes[:in.at.from], strconv.AppendInt(nil, start, 10), in.bytes[in.at.to:])
}

// readSmall reads a file of at most limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", path, err)
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("%s: larger than %d bytes", path, limit)
	}
	return b, nil
}
