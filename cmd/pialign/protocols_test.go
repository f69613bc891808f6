package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// TestBothProtocolsApart: a phone that answers Time Echo from a clock 70 ms away from that of its events. What they disagree on is told, and
// the offset is that of the events, not one in between.
func TestBothProtocolsApart(t *testing.T) {
	for _, apart := range []time.Duration{0, 70 * time.Millisecond} {
		clock := probe.SystemClock()
		now := func() align.HostTime { h, _ := clock.Stamp(); return h }
		events := scenario.Clock{Origin: now(), Offset: 840 * time.Millisecond}
		echoes := events
		echoes.Offset -= apart
		p, err := fakephone.Start(t.Context(), fakephone.Config{Time: fakephone.RealTime(now), Clock: events, EchoClock: &echoes}, "")
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		args := []string{"probe", "--session", filepath.Join(t.TempDir(), "p01"), "--protocol", "both", "--count", "40", "--wake", "0s", "--device", p.Addr()}
		code, out, talk := command(t.Context(), append(args, "--json")...)
		if code != exitDone {
			t.Fatalf("exit code %d\n%s", code, talk)
		}
		var r struct {
			Phones []struct {
				Offset    int64 `json:"offset_ns,string"`
				Protocols []struct {
					Protocol string
					OK       int
					Offset   int64 `json:"offset_ns,string"`
				}
				Disagreement struct {
					By    int64 `json:"event_minus_echo_ns,string"`
					Bound int64 `json:"bound_half_width_ns,string"`
					Two   bool  `json:"two_clocks"`
				}
			}
		}
		lines := strings.Split(strings.TrimSpace(out), "\n") // the result is the last
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil || len(r.Phones) != 1 || len(r.Phones[0].Protocols) != 2 {
			t.Fatalf("%v in %s", err, out)
		}
		got := r.Phones[0]
		if off := time.Duration(got.Disagreement.By) - apart; off.Abs() > time.Duration(got.Disagreement.Bound) {
			t.Errorf("apart by %v: told %v +- %v", apart, time.Duration(got.Disagreement.By), time.Duration(got.Disagreement.Bound))
		}
		if got.Disagreement.Two != (apart != 0) || strings.Contains(talk, "two clocks") != (apart != 0) {
			t.Errorf("apart by %v: %+v\n%s", apart, got, talk)
		}
		// 5 ms is more than loopback and the 1 ms of the stamps leave open, also on a busy machine, and far below 70/2.
		for what, offset := range map[string]int64{"the phone": got.Offset, "events": got.Protocols[0].Offset, "echoes": got.Protocols[1].Offset + int64(apart)} {
			if off := time.Duration(offset) - events.Offset; off.Abs() > 5*time.Millisecond {
				t.Errorf("apart by %v: offset of %s is %v off", apart, what, off)
			}
		}
		if got.Protocols[0].OK != 20 || got.Protocols[1].OK != 20 {
			t.Errorf("%+v: want 20 exchanges of each", got.Protocols)
		}
		if _, out, _ := command(t.Context(), args...); !strings.Contains(out, "event 8") || !strings.Contains(out, ", echo ") || !strings.Contains(out, "apart by ") {
			t.Errorf("told people: %s", out)
		}
	}
}
