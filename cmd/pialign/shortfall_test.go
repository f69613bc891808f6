package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// stuckPhone answers as phones do, but its clock shows the same hour for ever: no two of its stamps, minutes apart on the computer's clock or ms, go together.
func stuckPhone(t *testing.T, id string) *fakephone.Phone {
	t.Helper()
	clock := probe.SystemClock()
	now := func() align.HostTime { h, _ := clock.Stamp(); return h }
	p, err := fakephone.Start(t.Context(), fakephone.Config{DeviceID: id, Time: fakephone.RealTime(now), Clock: scenario.Clock{Origin: now()}, StampResolution: time.Hour}, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// TestProbeOfStuckPhone: what no fit makes sense of is a failure while the phone can still be probed again; it is kept, and a phone beside it is fine.
func TestProbeOfStuckPhone(t *testing.T) {
	stuck, sound := stuckPhone(t, "fa4e000000000002"), startPhone(t, "fa4e000000000001", func(int) {})
	for _, c := range []struct {
		devices []string
		code    int
		says    string
	}{
		{[]string{stuck.Addr()}, exitFailed, "error: what was measured of the phone cannot be used"},
		{[]string{sound.Addr(), stuck.Addr()}, exitPartial, "error: what was measured of 1 of 2 phones cannot be used"},
	} {
		session := filepath.Join(t.TempDir(), "p01")
		args := []string{"probe", "--session", session, "--count", "12", "--json"}
		for _, d := range c.devices {
			args = append(args, "--device", d)
		}
		code, out, talk := command(t.Context(), args...)
		if code != c.code || !strings.Contains(talk, c.says) || !strings.Contains(talk, "hint: let nobody set a clock, and probe this phone again") || !strings.Contains(talk, "_fa4e000000000002.parquet") {
			t.Errorf("exit code %d, want %d, %q\n%s", code, c.code, c.says, talk)
		}
		var r struct {
			Phones []struct {
				ID     string  `json:"device_id"`
				Offset *string `json:"offset_ns"`
				Bound  *string `json:"bound_half_width_ns"`
				Error  string
			}
		}
		lines := strings.Split(strings.TrimSpace(out), "\n") // the result is the last
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
			t.Fatal(err)
		}
		for _, p := range r.Phones {
			if bad := p.ID == "fa4e000000000002"; bad != (p.Offset == nil) || bad != (p.Bound == nil) || bad != (p.Error != "") {
				t.Errorf("result %+v", p)
			}
		}
		if s, err := readSession(new(strings.Builder), session); err != nil || len(s.Logs) != len(c.devices) {
			t.Errorf("%+v, %v; want the logs of all", s, err)
		}
		// The last that was shown before: no figure is left, and the light is red.
		var last progressEvent
		for _, l := range lines {
			if strings.Contains(l, `"event":"progress"`) {
				last = progressEvent{}
				_ = json.Unmarshal([]byte(l), &last) // figures are strings, and do not matter here
			}
		}
		for _, p := range last.Phones {
			if p.DeviceID == "fa4e000000000002" && (p.Light != "red" || !strings.Contains(p.Advice, "contradict each other") || p.Offset != nil || p.Bound != nil || p.Drift != nil) {
				t.Errorf("progress %+v", p)
			}
		}
	}
}

// TestFewContradictionsAreLeftOut, many are not, also where a majority agrees.
func TestFewContradictionsAreLeftOut(t *testing.T) {
	for wrong, usable := range map[int]bool{0: true, 2: true, 9: false} {
		var samples []align.Sample
		for i, e := range exchangesOf(steady)[:20] {
			if i < 2*wrong && i%2 == 0 {
				e.E = e.E.Add(5 * time.Second)
			}
			e.MonoA, e.MonoB = align.MonoTime(e.A-phoneNow)+1, align.MonoTime(e.B-phoneNow)+1
			e.Host, e.Boot, e.Phase, e.Protocol = "h", "b", "start", "event"
			samples = append(samples, e.Sample)
		}
		f, err := estimateNow(samples, align.Options{})
		if (err == nil) != usable || err != nil && !errors.Is(err, align.ErrFalsetickers) {
			t.Errorf("%d of 20 are wrong: %v", wrong, err)
		}
		if err == nil && (len(f.doubts) > 0) != (wrong > 0) {
			t.Errorf("%d of 20 are wrong: warnings %q", wrong, f.doubts)
		}
	}
}
