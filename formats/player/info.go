package player

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// invisibleSoftware is what Pupil Player calls the app of Pupil Invisible.
const invisibleSoftware = "Pupil Invisible"

var errPlayerInfo = errors.New("not an info.player.json as Pupil Player writes it")

// playerInfo is what an info.player.json says, and where its two instants stand.
type playerInfo struct {
	file     folder.File
	bytes    []byte
	software string
	id       string // of the recording
	starts   []startSecond
}

// startSecond is start_time in seconds, a double of the info file's ns.
type startSecond struct {
	key      string
	from, to int
	at       retime.Decimal
}

// rounding is what a double of some 10^9 s can be off by, with room for digits cut off by hand.
const rounding = 1000 // ns

func parsePlayerInfo(b []byte) (*playerInfo, error) {
	text := bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	skipped := len(b) - len(text)
	if !json.Valid(text) {
		return nil, fmt.Errorf("%w: %s", errPlayerInfo, infojson.NotJSON(text))
	}
	p := &playerInfo{bytes: b}
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("%w: expected an object", errPlayerInfo)
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errPlayerInfo, err)
		}
		key, _ := t.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("%w: %w", errPlayerInfo, err)
		}
		end := int(d.InputOffset()) + skipped
		if seen[key] {
			return nil, fmt.Errorf("%w: %q stands there twice", errPlayerInfo, key)
		}
		seen[key] = true
		switch key {
		case "recording_software_name", "recording_uuid":
			to := &p.software
			if key == "recording_uuid" {
				to = &p.id
			}
			if err := json.Unmarshal(raw, to); err != nil {
				return nil, fmt.Errorf("%w: %q is no string", errPlayerInfo, key)
			}
		case "start_time_synced_s", "start_time_system_s":
			at, err := retime.ParseDecimal(raw, second)
			if err != nil || !bytes.Equal(b[end-len(raw):end], raw) {
				return nil, fmt.Errorf("%w: %q: %.40s is no number of seconds", errPlayerInfo, key, raw)
			}
			p.starts = append(p.starts, startSecond{key, end - len(raw), end, at})
		}
	}
	if len(p.starts) != 2 || p.software == "" {
		return nil, fmt.Errorf("%w: expected recording_software_name, start_time_synced_s and start_time_system_s", errPlayerInfo)
	}
	return p, nil
}

// agrees compares with the info file of the app.
func (p *playerInfo) agrees(in *infojson.Info) error {
	for _, s := range p.starts {
		if d := s.at.Ns - int64(in.Start); d < -rounding || d > rounding {
			return fmt.Errorf("%s: %w: %q is %d ns, but start_time in %s is %d: they are of two recordings",
				p.file.Path, errPlayerInfo, s.key, s.at.Ns, invisibleInfoName, int64(in.Start))
		}
	}
	if p.id != "" && in.RecordingID != "" && p.id != in.RecordingID {
		return fmt.Errorf("%s: %w: recording %s, but %s says %s", p.file.Path, errPlayerInfo, p.id, invisibleInfoName, in.RecordingID)
	}
	return nil
}

// retimed returns the bytes with the start on the new clock, exactly, in place of a double of the old one.
func (p *playerInfo) retimed(old, start int64) []byte {
	if start == old {
		return p.bytes
	}
	var out []byte
	from := 0
	for _, s := range p.starts {
		out = append(out, p.bytes[from:s.from]...)
		out = retime.Seconds(out, start, 1)
		from = s.to
	}
	return slices.Concat(out, p.bytes[from:])
}
