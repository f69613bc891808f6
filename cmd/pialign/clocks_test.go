package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// reaching is an alignment with exchanges from first to last, which reaches 1000 further.
func reaching(device, digest string, first, last align.DeviceTime, recordings ...string) hostClock {
	return hostClock{deviceID: device, digest: digest, name: digest, recordingIDs: recordings, fitted: true, first: first, last: last,
		reaches: func(d align.DeviceTime) bool { return first-1000 <= d && d <= last+1000 }}
}

func TestWhichAlignmentIsARecordings(t *testing.T) {
	clock := func(device, digest string, recordings ...string) hostClock {
		return reaching(device, digest, 0, 100, recordings...)
	}
	a, a2, b, unknown := clock("a", "A", "r1"), clock("a", "A2", "r2"), clock("b", "B", "r3"), clock("", "U", "r4")
	next, after := reaching("a", "next", 200, 300, "r1"), reaching("a", "after", 5000, 6000, "r5")
	broken := clock("b", "broken")
	broken.err = errors.New("cannot be fitted")
	for _, c := range []struct {
		what              string
		clocks            []hostClock
		device, recording string
		first, last       align.DeviceTime
		want              string // the digest, or what the refusal says
		confirmed         bool
	}{
		{"the device's own", []hostClock{a, b}, "a", "", 0, 0, "A", true},
		{"the device's own, in upper case", []hostClock{a, b}, "A", "", 0, 0, "A", true},
		{"another device's", []hostClock{a}, "b", "", 0, 0, "of another device: its info.json says b, probed was a", false},
		{"another device's, though the recording was seen", []hostClock{a}, "b", "r1", 0, 0, "of another device", false},
		{"two of the device, one saw the recording", []hostClock{a, a2, b}, "a", "r2", 10, 20, "A2", true},
		{"two of the device, none saw it", []hostClock{a, a2}, "a", "r9", 10, 20, "2 alignments of device a (A, A2)", false},
		{"two of the device, nothing known", []hostClock{a, a2}, "a", "", 0, 0, "2 alignments of device a (A, A2)", false},
		{"two of the device, one of the recording's time, the other named it too late", []hostClock{a2, next}, "a", "r1", 10, 20, "A2", true},
		{"two of the device, in between, the one that named it is nearer", []hostClock{a2, next}, "a", "r1", 170, 180, "next", true},
		{"two of the device, in between, the one that named it is farther", []hostClock{a2, next}, "a", "r1", 110, 120, "2 alignments of device a (A2, next)", false},
		{"two of the device, one reaches it", []hostClock{a, after}, "a", "r5", 110, 120, "A", true},
		{"two of the device, neither reaches it", []hostClock{a, after}, "a", "r5", 2000, 2100, "none of 2 alignments of device a", false},
		{"probed without id", []hostClock{unknown}, "a", "", 0, 0, "U", false},
		{"probed without id, beside another's", []hostClock{unknown, b}, "a", "", 0, 0, "U", false},
		{"probed without id, but it saw the recording", []hostClock{unknown, b}, "a", "r4", 0, 0, "U", true},
		{"two probed without id", []hostClock{unknown, clock("", "U2")}, "a", "r9", 0, 0, "nothing says which of 2 alignments", false},
		{"recording without id, seen while probing", []hostClock{a, b}, "", "r3", 0, 0, "B", true},
		{"recording without id, seen while probing, in another session of the phone", []hostClock{a2, next}, "", "r1", 10, 20, "A2", true},
		{"recording without id, seen by two phones", []hostClock{a, clock("c", "C", "r1")}, "", "r1", 0, 0, "two phones named it", false},
		{"recording without id, one alignment", []hostClock{a}, "", "r9", 0, 0, "A", false},
		{"recording without any id, one alignment", []hostClock{a}, "", "", 0, 0, "A", false},
		{"recording without id, two phones", []hostClock{a, b}, "", "r9", 0, 0, "nothing says which of 2 alignments", false},
		{"the device's own cannot be fitted", []hostClock{a, broken}, "b", "", 0, 0, "broken", true},
	} {
		u := use{device: c.device, recording: c.recording, timed: c.last != 0, first: c.first, last: c.last}
		u.decide(c.clocks)
		switch {
		case u.err != nil && !strings.Contains(u.err.Error(), c.want), u.err == nil && u.clock.digest != c.want:
			t.Errorf("%s: %q, %v, want %q", c.what, u.clock.digest, u.err, c.want)
		case u.err == nil && u.confirmed != c.confirmed:
			t.Errorf("%s: confirmed %v, want %v", c.what, u.confirmed, c.confirmed)
		}
	}
}

// Ids that decide are enough to begin with; whatever else there is has to wait for the rest of the run.
func TestWhatIdsDecideIsDecidedAtOnce(t *testing.T) {
	a, a2, b, unknown := reaching("a", "A", 0, 1, "r1"), reaching("a", "A2", 0, 1), reaching("b", "B", 0, 1), reaching("", "U", 0, 1)
	broken := reaching("c", "broken", 0, 1)
	broken.err = errors.New("cannot be fitted")
	for _, c := range []struct {
		clocks            []hostClock
		device, recording string
		want              string
	}{
		{[]hostClock{a, b}, "a", "", "A"},
		{[]hostClock{a, b}, "", "r1", "A"},
		{[]hostClock{a, b}, "d", "", "of another device"},
		{[]hostClock{a, broken}, "c", "", "cannot be fitted"},
		{[]hostClock{a}, "", "r2", errUndecided.Error()},
		{[]hostClock{unknown}, "a", "", errUndecided.Error()},
		{[]hostClock{a, a2}, "a", "r1", errUndecided.Error()},
	} {
		choose := newChoosing(c.clocks, retime.Options{}).of(0)
		for range 3 { // once for each file of the recording
			got, err := choose(c.device, c.recording)
			switch {
			case err != nil && !strings.Contains(err.Error(), c.want), err == nil && got.Digest != c.want:
				t.Errorf("%v: %q, %v, want %q", c, got.Digest, err, c.want)
			case err != nil && got.New != nil:
				t.Errorf("%v: a clock beside the error", c)
			}
		}
	}
}

func TestHumanForms(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{ms(1_234_567), "1.235 ms"}, {ms(-400), "-0.000 ms"}, {ms(840_000_000), "840.000 ms"},
		{span(999_000_000), "999.000 ms"}, {span(12_340_000_000), "12.3 s"}, {span(150_000_000_000), "2 min 30 s"},
		{span(120_000_000_000), "2 min 0 s"}, {span(3_600_000_000_000), "1 h 0 min"}, {span(5_430_000_000_000), "1 h 31 min"},
		{span(59_960_000_000), "60.0 s"}, {span(-150_000_000_000), "-2 min 30 s"},
		{ppm(12_000_000_000_000), "12.000 ppm"}, {ppm(-3_500_000_000_000), "-3.500 ppm"},
		{instant(1_767_603_600_123_456_789), "2026-01-05 09:00:00.123Z"},
		{quoted("p01"), "p01"}, {quoted("my session"), `"my session"`},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if b, err := nanos(-1 << 63).MarshalJSON(); err != nil || string(b) != `"-9223372036854775808"` {
		t.Errorf("%s, %v", b, err)
	}
}

func TestExitCodes(t *testing.T) {
	plain := errors.New("x")
	for _, c := range []struct {
		err  error
		code int
		hint string
	}{
		{nil, exitDone, ""}, {plain, exitFailed, ""}, {usageError("x"), exitUsage, ""},
		{withHint(plain, "try %d", 1), exitFailed, "try 1"}, {withHint(usageError("x"), "try"), exitUsage, "try"},
		{fmt.Errorf("more: %w", withHint(withCode(exitNoPhone, plain), "try")), exitNoPhone, "try"},
		{withCode(exitPartial, withHint(plain, "inner")), exitPartial, "inner"},
	} {
		if got := codeOf(c.err); got != c.code {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.code)
		}
		if got := hintOf(c.err); got != c.hint {
			t.Errorf("%v: hint %q, want %q", c.err, got, c.hint)
		}
	}
}
