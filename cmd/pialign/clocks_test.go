package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestWhichAlignmentIsARecordings(t *testing.T) {
	clock := func(device, digest string, recordings ...string) hostClock {
		return hostClock{deviceID: device, digest: digest, name: digest, recordingIDs: recordings}
	}
	a, a2, b, unknown := clock("a", "A", "r1"), clock("a", "A2", "r2"), clock("b", "B", "r3"), clock("", "U")
	broken := clock("b", "broken")
	broken.err = errors.New("cannot be fitted")
	for _, c := range []struct {
		what              string
		clocks            []hostClock
		device, recording string
		want              string // the digest, or what the refusal says
		warns             bool
	}{
		{"the device's own", []hostClock{a, b}, "a", "", "A", false},
		{"another device's", []hostClock{a}, "b", "", "of another device: its info.json says b, probed was a", false},
		{"another device's, though the recording was seen", []hostClock{a}, "b", "r1", "of another device", false},
		{"two of the device, one saw the recording", []hostClock{a, a2, b}, "a", "r2", "A2", false},
		{"two of the device, none saw it", []hostClock{a, a2}, "a", "r9", "2 alignments of device a", false},
		{"two of the device, nothing known", []hostClock{a, a2}, "a", "", "2 alignments of device a", false},
		{"probed without id", []hostClock{unknown}, "a", "", "U", true},
		{"probed without id, beside another's", []hostClock{unknown, b}, "a", "", "U", true},
		{"recording without id, seen while probing", []hostClock{a, b}, "", "r3", "B", false},
		{"recording without id, one alignment", []hostClock{a}, "", "r9", "A", true},
		{"recording without any id, one alignment", []hostClock{a}, "", "", "A", true},
		{"recording without id, two alignments", []hostClock{a, b}, "", "r9", "nothing says which of 2 alignments", false},
		{"the device's own cannot be fitted", []hostClock{a, broken}, "b", "", "cannot be fitted", false},
	} {
		var warnings []string
		choose := clocksFor(c.clocks, "", func(s string) { warnings = append(warnings, s) })
		for range 3 { // once for each file of the recording
			got, err := choose(c.device, c.recording)
			switch {
			case err != nil && !strings.Contains(err.Error(), c.want), err == nil && got.Digest != c.want:
				t.Errorf("%s: %q, %v, want %q", c.what, got.Digest, err, c.want)
			case err != nil && got.New != nil:
				t.Errorf("%s: a clock beside the error", c.what)
			}
		}
		want := 0
		if c.warns {
			want = 1
		}
		if len(warnings) != want {
			t.Errorf("%s: %d warnings, want %d: %q", c.what, len(warnings), want, warnings)
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
