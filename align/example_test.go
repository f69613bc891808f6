package align_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/pialign/pialign/align"
)

// measured is two runs of exchanges an hour apart with a phone that is 840 ms behind and falls back by 12 ppm: 2 ms to the
// phone, 2 ms back.
func measured() []align.Sample {
	const start = align.HostTime(1_780_000_000_000_000_000)
	phone := func(h align.HostTime) align.DeviceTime {
		return align.DeviceTime(h.Add(-840*time.Millisecond - h.Sub(start)*12/1_000_000))
	}
	var samples []align.Sample
	for _, phase := range []string{"start", "end"} {
		for i := range 20 {
			a := start.Add(time.Duration(i) * 100_123_457) // no whole ms, which would make the clock look coarse
			if phase == "end" {
				a = a.Add(time.Hour)
			}
			e := a.Add(2 * time.Millisecond)
			samples = append(samples, align.Sample{A: a, E: phone(e), B: e.Add(2 * time.Millisecond), Phase: phase, Seq: int64(i)})
		}
	}
	return samples
}

func ExampleFit() {
	al, err := align.Fit(measured(), align.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("drift:", (time.Duration(al.Diagnosis.DriftE18) / 1e12).Nanoseconds(), "ppm")
	for _, w := range al.Diagnosis.Warnings {
		fmt.Println(w.Kind)
	}
	// Output:
	// drift: 12 ppm
	// wall
}

func ExampleModel_Estimate() {
	al, err := align.Fit(measured(), align.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	// the phone's stamp of half an hour after the start, 840 ms and 21.6 ms behind
	e, err := al.Wall.Estimate(1_780_001_800_000_000_000 - 861_600_000)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("after the start:", e.Host.Sub(1_780_000_000_000_000_000).Round(time.Microsecond))
	fmt.Println("truth within the bound:", e.Bound.Contains(0), "of", e.Bound.Width().Round(time.Millisecond))
	// Output:
	// after the start: 30m0s
	// truth within the bound: true of 8ms
}

func ExampleModel_Host() {
	m, err := align.NewModel[align.HostTime](align.Parts{Segments: []align.Segment{{
		From: 0, To: align.DeviceTime(time.Hour), Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000,
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	host, _ := m.Host(align.DeviceTime(time.Minute))
	fmt.Println(time.Duration(host))
	device, _ := m.Device(host)
	fmt.Println(time.Duration(device))
	_, err = m.Host(align.DeviceTime(2 * time.Hour))
	fmt.Println(errors.Is(err, align.ErrOutOfReach))
	// Output:
	// 1m0.84072s
	// 1m0s
	// true
}

// A phone whose clock was set back by 10 s at some instant within two minutes showed some instants twice.
func ExampleModel_Retimer() {
	m, err := align.NewModel[align.HostTime](align.Parts{Segments: []align.Segment{
		{Piece: 0, From: 0, To: align.DeviceTime(10 * time.Minute)},
		{Piece: 1, From: align.DeviceTime(8 * time.Minute), To: align.DeviceTime(time.Hour), Offset: 10 * time.Second},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range []align.Ambiguity{align.AmbiguousRefused, align.AmbiguousFirst, align.AmbiguousSecond, align.AmbiguousEmpty} {
		host := m.Retimer(a)
		h, err := host(align.DeviceTime(9 * time.Minute))
		switch {
		case errors.Is(err, align.ErrAmbiguous):
			fmt.Println("refused")
		case errors.Is(err, align.ErrBlank):
			fmt.Println("empty")
		default:
			fmt.Println(time.Duration(h))
		}
	}
	// Output:
	// refused
	// 9m0s
	// 9m10s
	// empty
}

func ExampleSample_Offset() {
	s := align.Sample{A: 1_000_000_000, E: 160_000_000, B: 1_006_000_000}
	// the phone stamps whole ms: the instant lies up to 1 ms after its stamp
	fmt.Println(s.RoundTrip(), s.Offset(time.Millisecond))
	// Output:
	// 6ms {839ms 846ms}
}
