package main

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// TestRunningDriftHoldsTheTruth: over hours, through every doubling of the stretches, with stamps cut to ms and in ns.
func TestRunningDriftHoldsTheTruth(t *testing.T) {
	for _, quantum := range []int64{1, 1_000_000} {
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, uint64(quantum)))
			drift := r.Int64N(100e12) - 50e12
			var d runningDrift
			start := align.HostTime(1_780_000_000_000_000_000)
			half := int64(mostUnsure)
			for at := time.Duration(0); at < 3*time.Hour; at += time.Duration(r.Int64N(int64(20 * time.Second))) {
				a := start.Add(at)
				e := a.Add(time.Millisecond + time.Duration(r.ExpFloat64()*5e6))
				b := e.Add(time.Millisecond + time.Duration(r.ExpFloat64()*5e6))
				offset := 840*time.Millisecond + time.Duration(float64(drift)/1e18*float64(e.Sub(start)))
				stamp := align.DeviceTime(int64(e)-int64(offset)) / align.DeviceTime(quantum) * align.DeviceTime(quantum)
				d.add(align.Sample{A: a, B: b, E: stamp})
				e18, h, ok := d.drift()
				if !ok {
					continue
				}
				// Per device second, not per host second, the drift is less than 1e-4 of itself more.
				if wrong := max(e18-drift, drift-e18); wrong > h+h/1000+1e9 {
					t.Fatalf("seed %d, after %v: %d +- %d, truth %d", seed, at, e18, h, drift)
				}
				half = h
			}
			// The way there and back takes 4 ms at best, 5 ms with the stamp's ms and 6.5 where it may be rounded: twice that over three
			// hours is 1.2 ppm, half of it 0.6.
			if half > 1e12 {
				t.Errorf("seed %d: +- %d after three hours", seed, half)
			}
			if len(d.stretches) > mostStretches {
				t.Errorf("%d stretches", len(d.stretches))
			}
		}
	}
}

func TestRunningDriftAfterAStep(t *testing.T) {
	v := tracked{}
	at := func(s time.Duration, offset time.Duration) align.Sample {
		host := align.HostTime(1_780_000_000_000_000_001).Add(s)
		return align.Sample{A: host, B: host.Add(2 * time.Millisecond), E: align.DeviceTime(host.Add(time.Millisecond - offset))}
	}
	for i := range 100 {
		v.follow(at(time.Duration(i)*10*time.Second, 0))
	}
	if _, _, ok := v.drift.drift(); !ok || v.v.Set {
		t.Fatalf("a steady clock: drift known %v, set %v", ok, v.v.Set)
	}
	v.follow(at(1010*time.Second, time.Second))
	if _, _, ok := v.drift.drift(); ok || !v.v.Set {
		t.Errorf("its clock was set by 1 s: drift known %v, set %v", ok, v.v.Set)
	}
}
