package align_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// bursts returns n samples in equal bursts of 100 spread over span: a phone 840 ms behind, drifting by 12 ppm.
func steady(n int, span time.Duration, seed uint64) []align.Sample {
	const start = align.HostTime(1_780_000_000_000_000_000)
	clock := scenario.Clock{Origin: start, Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000}
	delay := scenario.Delay{Law: scenario.LogNormal, Floor: 1500 * time.Microsecond, Scale: 2 * time.Millisecond}
	r := scenario.Rand(seed, 1)
	bursts := max(n/100, 1)
	var out []align.Sample
	for i := range n {
		at := start
		if bursts > 1 {
			at = at.Add(span / time.Duration(bursts-1) * time.Duration(i/100))
		}
		a := at.Add(time.Duration(i%100) * 60 * time.Millisecond)
		e := a.Add(delay.Draw(r))
		b := e.Add(delay.Draw(r))
		const boot = 1_700_000_000_000_000_000
		out = append(out, align.Sample{A: a, B: b, E: clock.Device(e) / 1_000_000 * 1_000_000,
			MonoA: align.MonoTime(a - boot), MonoB: align.MonoTime(b - boot), Phase: fmt.Sprint(i / 100), Seq: int64(i)})
	}
	return out
}

func BenchmarkFit(b *testing.B) {
	for _, n := range []int{200, 2000, 100_000} {
		samples := steady(n, 8*time.Hour, 1)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := align.Fit(samples, align.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkHost(b *testing.B) {
	al, err := align.Fit(steady(200, time.Hour, 1), align.Options{})
	if err != nil {
		b.Fatal(err)
	}
	host := al.Wall.Retimer(align.AmbiguousRefused)
	d := al.Wall.Parts().First
	for b.Loop() {
		d++
		if _, err := host(d); err != nil {
			b.Fatal(err)
		}
	}
}
