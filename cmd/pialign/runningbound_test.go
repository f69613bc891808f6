package main

import (
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// TestRunningBoundHoldsTheTruth: whatever the delays, the drift and the rule by which the phone makes its stamps.
func TestRunningBoundHoldsTheTruth(t *testing.T) {
	for _, c := range []struct {
		name  string
		drift int64
		stamp func(align.DeviceTime) align.DeviceTime
		least time.Duration // what stamps and delays leave open at the best
	}{
		{"truncated", 12_000_000_000_000, func(d align.DeviceTime) align.DeviceTime { return d / 1_000_000 * 1_000_000 }, 2 * time.Millisecond},
		{"rounded", -190_000_000_000_000, func(d align.DeviceTime) align.DeviceTime { return (d + 500_000) / 1_000_000 * 1_000_000 }, 2 * time.Millisecond},
		{"ns", 190_000_000_000_000, func(d align.DeviceTime) align.DeviceTime { return d }, time.Millisecond},
	} {
		r := scenario.Rand(7, 0)
		clock := scenario.Clock{Origin: scriptStart, Offset: 840 * time.Millisecond, DriftE18: c.drift}
		way := scenario.Delay{Law: scenario.Exponential, Floor: time.Millisecond, Scale: 5 * time.Millisecond}
		var b runningBound
		if _, ok := b.halfWidth(); ok {
			t.Errorf("%s: a bound before the first exchange", c.name)
		}
		at := align.HostTime(scriptStart)
		narrowest := time.Hour
		for i := range 2000 {
			arrived := at.Add(way.Draw(r))
			s := align.Sample{A: at, B: arrived.Add(way.Draw(r)), E: c.stamp(clock.Device(arrived))}
			b.add(s)
			at = s.B.Add(50 * time.Millisecond)
			truth := time.Duration(int64(arrived) - int64(clock.Device(arrived)))
			// The bound stands at the stamp; the truth is taken up to 1 ms later, in which 201 ppm are 0.2 us.
			if !(align.Interval{Lo: b.offset.Lo - 201, Hi: b.offset.Hi + 201}).Contains(truth) {
				t.Fatalf("%s: exchange %d: truth %v, bound %v", c.name, i, truth, b.offset)
			}
			w, _ := b.halfWidth()
			narrowest = min(narrowest, w)
		}
		// Half of the two floors and of 1.5 quanta, as the stamps have it, and hardly more.
		if narrowest > c.least+c.least/2 {
			t.Errorf("%s: never narrower than %v, want some %v", c.name, narrowest, c.least)
		}
	}
}

func TestRunningBoundBeginsAnewAfterAStep(t *testing.T) {
	var b runningBound
	add := func(host align.HostTime, offset time.Duration) {
		b.add(align.Sample{A: host, E: align.DeviceTime(host.Add(time.Millisecond - offset)), B: host.Add(2 * time.Millisecond)})
	}
	add(1e15, time.Second)
	add(1e15+1e8, time.Second)
	add(1e15+2e8, 3*time.Second)
	if !b.offset.Contains(3*time.Second) || b.offset.Contains(time.Second) {
		t.Errorf("%v", b.offset)
	}
}
