package probe

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/probe/fakephone"
)

func TestBurstsOverAnHour(t *testing.T) {
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	f := fake(t, fakephone.Config{Time: clock}, "")
	p := connect(t, f.Addr(), Options{Clock: clock})
	start := clock.Mono().Add(wakeLead) // before the first exchange, too
	xs := collect(t, p, Schedule{Count: 10, Every: 10 * time.Minute, For: time.Hour, FirstSeq: 1000})
	mustHoldTruth(t, f, xs)
	if len(xs) != 70 {
		t.Fatalf("%d exchanges, want 7 bursts of 10, the last at the full hour", len(xs))
	}
	names := make(map[string]bool)
	for i, x := range xs {
		if x.Seq != 1000+int64(i) || names[x.EventName] {
			t.Errorf("exchange %d has number %d and name %q", i, x.Seq, x.EventName)
		}
		names[x.EventName] = true
		if (x.Outcome == Warmup) != (i%10 < 3) || !x.Good() {
			t.Errorf("exchange %d: %s", i, x.Outcome)
		}
		due := start.Add(time.Duration(i/10) * 10 * time.Minute)
		// A burst begins when due, since on this clock nothing else takes time; its 9 pauses are of 100 ms at the most.
		if late := x.MonoA.Sub(due); late < 0 || i%10 == 0 && late != 0 || late > 9*100*time.Millisecond {
			t.Errorf("exchange %d came %v after its burst was due", i, late)
		}
	}
}

// TestPausesMissTheBeacon: exchanges fall on all parts of the access point's beacon period alike. A fixed pace, the wrong model,
// must be caught by the same count.
func TestPausesMissTheBeacon(t *testing.T) {
	const beacon = 102400 * time.Microsecond
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	f := fake(t, fakephone.Config{Time: clock}, "")
	p := connect(t, f.Addr(), Options{Clock: clock})
	spread := func(at []time.Duration) float64 { // chi squared of 8 equal parts: 7 degrees of freedom
		var parts [8]float64
		for _, d := range at {
			parts[d%beacon*8/beacon]++
		}
		want, sum := float64(len(at))/8, 0.0
		for _, n := range parts {
			sum += (n - want) * (n - want) / want
		}
		return sum
	}
	var at, fixed []time.Duration
	for i, x := range collect(t, p, Schedule{Count: 800, Seed: 1}) {
		at = append(at, time.Duration(x.MonoA))
		fixed = append(fixed, time.Duration(i)*beacon/2)
	}
	// 99.9 % of fair draws stay below 24.3; successive exchanges are not independent, which widens that a little.
	const limit = 40
	if got := spread(at); got > limit {
		t.Errorf("chi squared %.1f, want below %d", got, limit)
	}
	if got := spread(fixed); got < limit {
		t.Errorf("a fixed pace passes with %.1f", got)
	}
	mean := float64(at[799]-at[0]) / 799 / float64(time.Millisecond)
	// A pause has a standard deviation of 100/sqrt(12) = 29 ms, the mean of 799 one of 1.02 ms; five of these.
	if math.Abs(mean-50) > 5.1 {
		t.Errorf("mean pause %.2f ms, want 50", mean)
	}
}

func TestEnough(t *testing.T) {
	f := fake(t, fakephone.Config{}, "")
	p := connect(t, f.Addr(), Options{})
	n := 0
	xs := collect(t, p, Schedule{Spacing: quick, For: time.Hour, Enough: func() bool { n++; return n == 7 }})
	if len(xs) != 7 {
		t.Errorf("%d exchanges, want 7", len(xs))
	}
	full := errors.New("disk full")
	if err := Run(t.Context(), p, Schedule{}, func(Exchange) error { return full }); !errors.Is(err, full) {
		t.Errorf("ended with %v, want %v", err, full)
	}
}

func TestScheduleThatMakesNoSense(t *testing.T) {
	f := fake(t, fakephone.Config{NoEcho: true}, "")
	p := connect(t, f.Addr(), Options{})
	for _, s := range []Schedule{{Protocol: "ping"}, {Count: -1}, {Every: -1}, {For: -1}, {FirstSeq: -1}, {Wake: 1}, {Protocol: Echo}, {Protocol: Both}} {
		err := Run(t.Context(), p, s, func(x Exchange) error { t.Errorf("%+v: row %+v", s, x); return nil })
		if err == nil || (s.Protocol == Echo || s.Protocol == Both) != errors.Is(err, ErrNoEcho) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if x := p.Echo(t.Context(), 1); x.Outcome != Refused || !errors.Is(x.Err, ErrNoEcho) || x.A != 0 {
		t.Errorf("echo without a port: %+v", x)
	}
}

func TestEventName(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		session, phase string
		n              int64
		want           string
	}{
		{"s1", "start", 0, "pialign.s1.start.0"},
		{"P 07.b", "Ende/2", 42, "pialign.P%2007%2Eb.Ende%2F2.42"},
		{"é", "", 1, "pialign.%C3%A9..1"},
	} {
		if got := EventName(c.session, c.phase, c.n); got != c.want {
			t.Errorf("%q %q: %q, want %q", c.session, c.phase, got, c.want)
		}
	}
	a, b := EventName(long, "start", math.MaxInt64), EventName(long+"y", "start", math.MaxInt64)
	if a == b || len(a) >= 200 || len(EventName(long, long, math.MinInt64)) >= 200 {
		t.Errorf("%q and %q: want two names of less than 200 bytes", a, b)
	}
}
