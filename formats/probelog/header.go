package probelog

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pialign/pialign/align"
)

// formatVersion is that of docs/formats/probe-log.md, for Parquet and journal alike.
const formatVersion = 1

// Header says what all rows of a log have in common: who measured what, on which clocks.
type Header struct {
	Session, DeviceID, Phase string
	Program                  string // name and version
	Host, OS                 string
	// Boot names one run of the host, from start to shutdown: monotonic readings compare within it.
	Boot                           string
	WallClock, MonoClock           string        // the calls that read them
	Discipline                     string        // what corrects the wall clock, as far as it is known
	WallResolution, MonoResolution time.Duration // zero: unknown
	// DeviceResolution is that of the phone's stamps by protocol, where it is known.
	DeviceResolution map[string]time.Duration
	// DeviceStatus is what the phone said about itself, as answered; above 1 MB it is left out.
	DeviceStatus json.RawMessage
	Schedule     string
	Started      align.HostTime
	// Clock is a reading of the host's clocks when the phase began, zero where there is none.
	Clock align.HostReading
}

// kind tells a probe log from a log of the host's clocks.
type kind string

const (
	kindProbe kind = "probe"
	kindClock kind = "hostclock"
)

// maxStatus bounds DeviceStatus. A phone says some 2 kB.
const maxStatus = 1 << 20

// pair is one entry of the metadata, its key without "pialign.".
type pair struct{ key, value string }

// pairs returns h as metadata, in the order of the documentation.
func (h Header) pairs(k kind) []pair {
	status := strings.ToValidUTF8(string(h.DeviceStatus), "\uFFFD")
	if len(status) > maxStatus {
		status = ""
	}
	p := []pair{
		{"format_version", strconv.Itoa(formatVersion)},
		{"kind", string(k)},
		{"program_version", h.Program},
		{"session", h.Session},
		{"device_id", h.DeviceID},
		{"phase", h.Phase},
		{"started_ns", strconv.FormatInt(int64(h.Started), 10)},
		{"host", h.Host},
		{"os", h.OS},
		{"boot_id", h.Boot},
		{"wall_clock", h.WallClock},
		{"wall_resolution_ns", strconv.FormatInt(int64(h.WallResolution), 10)},
		{"mono_clock", h.MonoClock},
		{"mono_resolution_ns", strconv.FormatInt(int64(h.MonoResolution), 10)},
		{"discipline", h.Discipline},
	}
	protocols := make([]string, 0, len(h.DeviceResolution))
	for name := range h.DeviceResolution {
		protocols = append(protocols, name)
	}
	sort.Strings(protocols)
	for _, name := range protocols {
		p = append(p, pair{deviceResolution + name, strconv.FormatInt(int64(h.DeviceResolution[name]), 10)})
	}
	if c := h.Clock; c != (align.HostReading{}) {
		p = append(p, pair{"clock_wall_ns", strconv.FormatInt(int64(c.Wall), 10)}, pair{"clock_mono_ns", strconv.FormatInt(int64(c.Mono), 10)})
		if c.Raw != 0 {
			p = append(p, pair{"clock_raw_ns", strconv.FormatInt(int64(c.Raw), 10)})
		}
		if c.Rated {
			p = append(p, pair{"clock_rate_e18", strconv.FormatInt(c.RateE18, 10)})
		}
	}
	return append(p, pair{"schedule", h.Schedule}, pair{"device_status", status})
}

const deviceResolution = "device_resolution_ns."

// parseHeader undoes pairs. Unknown keys are left alone: a later program may add some to this version.
func parseHeader(pairs []pair) (Header, kind, error) {
	var h Header
	var k kind
	var version string
	seen := map[string]bool{}
	texts := map[string]*string{
		"format_version": &version, "program_version": &h.Program, "session": &h.Session, "device_id": &h.DeviceID,
		"phase": &h.Phase, "host": &h.Host, "os": &h.OS, "boot_id": &h.Boot, "wall_clock": &h.WallClock,
		"mono_clock": &h.MonoClock, "discipline": &h.Discipline, "schedule": &h.Schedule,
	}
	numbers := map[string]*int64{
		"started_ns":         (*int64)(&h.Started),
		"wall_resolution_ns": (*int64)(&h.WallResolution),
		"mono_resolution_ns": (*int64)(&h.MonoResolution),
		"clock_wall_ns":      (*int64)(&h.Clock.Wall),
		"clock_mono_ns":      (*int64)(&h.Clock.Mono),
		"clock_raw_ns":       (*int64)(&h.Clock.Raw),
		"clock_rate_e18":     &h.Clock.RateE18,
	}
	number := func(p pair) (int64, error) {
		v, err := strconv.ParseInt(p.value, 10, 64)
		signed := p.key == "started_ns" || strings.HasPrefix(p.key, "clock_")
		if err != nil || (v < 0 && !signed) {
			return 0, damaged("metadata pialign.%s is %.40q, not a number of ns", p.key, p.value)
		}
		return v, nil
	}
	var bad error
	for _, p := range pairs {
		if seen[p.key] {
			return Header{}, "", damaged("metadata has pialign.%.40s twice", p.key)
		}
		seen[p.key] = true
		name, isDevice := strings.CutPrefix(p.key, deviceResolution)
		switch {
		case texts[p.key] != nil:
			*texts[p.key] = p.value
		case numbers[p.key] != nil:
			v, err := number(p)
			bad = firstOf(bad, err)
			*numbers[p.key] = v
			h.Clock.Rated = h.Clock.Rated || p.key == "clock_rate_e18"
		case p.key == "kind":
			k = kind(p.value)
		case p.key == "device_status":
			if p.value != "" {
				h.DeviceStatus = json.RawMessage(p.value)
			}
		case isDevice:
			v, err := number(p)
			bad = firstOf(bad, err)
			if h.DeviceResolution == nil {
				h.DeviceResolution = map[string]time.Duration{}
			}
			h.DeviceResolution[name] = time.Duration(v)
		}
	}
	// The version first: what else is odd may be right in a newer one.
	switch v, err := strconv.Atoi(version); {
	case version == "":
		return Header{}, "", foreign("its metadata has no pialign.format_version")
	case err != nil || v < 1:
		return Header{}, "", damaged("pialign.format_version is %.40q", version)
	case v > formatVersion:
		return Header{}, "", fmt.Errorf("format version %d: %w", v, ErrVersion)
	case bad != nil:
		return Header{}, "", bad
	case k != kindProbe && k != kindClock:
		return Header{}, "", damaged("pialign.kind is %.40q, neither probe nor hostclock", string(k))
	}
	for _, key := range []string{"session", "device_id", "phase"} { // without them rows cannot be told apart
		if !seen[key] {
			return Header{}, "", damaged("its metadata has no pialign.%s", key)
		}
	}
	return h, k, nil
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// check returns why h cannot be written.
func (h Header) check() error {
	for _, f := range []struct{ name, value string }{
		{"session", h.Session}, {"device id", h.DeviceID}, {"phase", h.Phase},
	} {
		if err := checkText(f.name, f.value); err != nil {
			return err
		}
	}
	for name := range h.DeviceResolution {
		if err := checkText("protocol", name); err != nil {
			return err
		}
	}
	if h.WallResolution < 0 || h.MonoResolution < 0 {
		return fmt.Errorf("a clock resolution is negative")
	}
	return nil
}

// clean returns h with texts that are not UTF-8 made so: they are for people, and other readers insist.
func (h Header) clean() Header {
	for _, s := range []*string{&h.Program, &h.Host, &h.OS, &h.Boot, &h.WallClock, &h.MonoClock, &h.Discipline, &h.Schedule} {
		*s = clip(*s)
	}
	return h
}

// maxText bounds every text of a row, in bytes. Event names have under 200.
const maxText = 4096

func checkText(name, s string) error {
	switch {
	case !utf8.ValidString(s):
		return fmt.Errorf("%s %.40q is not UTF-8", name, s)
	case len(s) > maxText:
		return fmt.Errorf("%s has %d bytes, at most %d", name, len(s), maxText)
	}
	return nil
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

// FileName returns the name of the log of h, without extension: <UTC>_<phase>_<device id>.
func FileName(h Header) string {
	return utc(h.Started) + "_" + Escape(h.Phase) + "_" + Escape(h.DeviceID)
}

func clockFileName(h Header) string { return utc(h.Started) + clockSuffix }

const clockSuffix = "_hostclock"

// utc formats an instant for a file name, to the ms below it.
func utc(t align.HostTime) string {
	return time.Unix(0, int64(t)).UTC().Format("20060102T150405.000Z")
}

// Escape keeps [A-Za-z0-9-] and writes every other byte as %XX, so that any text can be part of a file name, and
// "_" parts them.
func Escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
