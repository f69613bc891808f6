package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/alignfile"
)

// clocked is a session of two bursts with a log of the computer's clocks, a reading a second, in which the wall clock was set at the instants
// given, by so much.
func clocked(t testing.TB, set map[time.Duration]time.Duration, slew func(time.Duration) time.Duration) *Alignment {
	t.Helper()
	const start = align.HostTime(1_767_603_600_000_000_000)
	wallAt := func(mono time.Duration) align.HostTime {
		h := start.Add(mono)
		for at, by := range set {
			if mono >= at {
				h = h.Add(by)
			}
		}
		return h
	}
	const boot = align.MonoTime(5e12)
	var samples []align.Sample
	for _, burst := range []time.Duration{time.Minute, 19 * time.Minute} {
		for i := range 60 {
			at := burst + time.Duration(i)*100*time.Millisecond
			there, back := 2*time.Millisecond+time.Duration(i*7%13)*300*time.Microsecond, 2*time.Millisecond+time.Duration(i*5%11)*300*time.Microsecond
			samples = append(samples, align.Sample{A: wallAt(at), E: align.DeviceTime(start.Add(at+there)) - 700_000_000, B: wallAt(at + there + back),
				MonoA: boot.Add(at), MonoB: boot.Add(at + there + back), Phase: "p", Protocol: "event"})
		}
	}
	var clocks []align.HostReading
	for at := time.Duration(0); at <= 20*time.Minute; at += time.Second {
		clocks = append(clocks, align.HostReading{Wall: wallAt(at), Mono: boot.Add(at), Raw: align.MonoTime(9e11).Add(at - slew(at))})
	}
	al, err := align.Fit(samples, align.Options{HostClock: clocks})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(clocks) // the order of logs is that of their names
	return NewAlignment("s", "", &alignfile.File{Alignment: al}, Widths{}, false, &Logs{Samples: samples, Clocks: clocks})
}

func still(time.Duration) time.Duration { return 0 }

// TestComputersClocks claims that each setting of the wall clock is marked between the two readings that it lies between, however often it was set, and
// to and fro.
func TestComputersClocks(t *testing.T) {
	for name, set := range map[string]map[time.Duration]time.Duration{
		"not set":    {},
		"once":       {5*time.Minute + 500*time.Millisecond: 250 * time.Millisecond},
		"to and fro": {5*time.Minute + 500*time.Millisecond: time.Hour, 8*time.Minute + 500*time.Millisecond: -2 * time.Hour},
		"before":     {20*time.Second + 500*time.Millisecond: -40 * time.Millisecond, 10*time.Minute + 500*time.Millisecond: 80 * time.Millisecond},
	} {
		a := clocked(t, set, still)
		if len(a.HostSteps) != len(set) || len(a.hostSet) != len(set) {
			t.Fatalf("%s: %d steps found, %d drawn, want %d", name, len(a.HostSteps), len(a.hostSet), len(set))
		}
		var times []time.Duration
		for at := range set {
			times = append(times, at-time.Minute) // since the first exchange
		}
		slices.Sort(times)
		for i, at := range times {
			g := a.hostSet[i]
			// a reading each second, and the exchanges up to 10 ms off the second: nothing is off by more than that
			if from, to := at-500*time.Millisecond, at+500*time.Millisecond; (g[0]-from).Abs() > 20*time.Millisecond || (g[1]-to).Abs() > 20*time.Millisecond {
				t.Errorf("%s: drawn from %v to %v, want from %v to %v", name, g[0], g[1], from, to)
			}
		}
		if a.HostClock == nil || a.HostClock.Readings != 1201 || time.Duration(a.HostClock.Length) != 20*time.Minute {
			t.Fatalf("%s: %+v", name, a.HostClock)
		}
		lo, hi, now := time.Duration(0), time.Duration(0), time.Duration(0)
		var order []time.Duration
		for at := range set {
			order = append(order, at)
		}
		slices.Sort(order)
		for _, at := range order {
			now += set[at]
			lo, hi = min(lo, now), max(hi, now)
		}
		if got := time.Duration(a.HostClock.Range); got != hi-lo {
			t.Errorf("%s: wall - monotonic moves by %v, want %v", name, got, hi-lo)
		}
		if *a.HostClock.Slew != 0 || *a.HostClock.Rate != 0 {
			t.Errorf("%s: a slew of %v and a rate of %v that were not there", name, *a.HostClock.Slew, *a.HostClock.Rate)
		}
	}
}

// TestSlewIsDrawn claims that what a time service did shows as what is off a straight line, and the line in the rate.
func TestSlewIsDrawn(t *testing.T) {
	a := clocked(t, nil, func(at time.Duration) time.Duration { // 10 ppm, and 3 ms that come by and by and go again
		return at/100_000 + 3*time.Millisecond - time.Duration(float64(3*time.Millisecond)*(at-10*time.Minute).Abs().Minutes()/10)
	})
	if got := time.Duration(*a.HostClock.Slew); (got - 3*time.Millisecond).Abs() > time.Microsecond { // rounding to whole ns
		t.Errorf("a slew of %v, want 3 ms", got)
	}
	if got := *a.HostClock.Rate; got < 9_999_000_000_000 || got > 10_001_000_000_000 {
		t.Errorf("a rate of %d, want 10 ppm", got)
	}
	d := NewDocument("test")
	d.Alignments = []*Alignment{a}
	page := string(written(t, d))
	for _, want := range []string{`<figure id="device1-hostclock">`, `<figure id="device1-slew">`, "It was not seen to be set."} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s on the page", want)
		}
	}
	if off := numbersOff(t, page); len(off) > 0 {
		t.Error(off)
	}
}

// TestNoLogOfTheClocksNoFigure claims that nothing is drawn of clocks that were not logged.
func TestNoLogOfTheClocksNoFigure(t *testing.T) {
	f, _ := scenario.Named("two_probes")
	s := f.Draw(1)
	al, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	for _, clocks := range [][]align.HostReading{nil, {{Wall: 1, Mono: 1}}, {{Wall: 1, Mono: 1}, {Wall: 2, Mono: 2}, {Wall: 2, Mono: 2}}} {
		a := NewAlignment("s", "", &alignfile.File{Alignment: al}, Widths{}, false, &Logs{Samples: s.Samples, Clocks: clocks})
		d := NewDocument("test")
		d.Alignments = []*Alignment{a}
		if page := string(written(t, d)); strings.Contains(page, "hostclock") || strings.Contains(page, "host_clock") {
			t.Errorf("%d readings are drawn", len(clocks))
		}
	}
}

// TestInterruptedReadingsSqueezeNothing claims that a reading that was interrupted between the clocks does not hide what the others show, and is not hidden.
func TestInterruptedReadingsSqueezeNothing(t *testing.T) {
	a := clocked(t, nil, still)
	for i := range a.clocks {
		a.clocks[i].wall = time.Duration(i) * time.Microsecond
	}
	a.clocks[600].wall = time.Minute
	f := a.hostChart("x")
	if top := f.plot.Y.Max; top > 2 { // ms, of 1.2 that the others move by
		t.Errorf("the figure reaches up to %v ms", top)
	}
	if !strings.Contains(f.Caption, "Beyond the figure: 1 reading") {
		t.Errorf("nothing is said of it: %s", f.Caption)
	}
}
