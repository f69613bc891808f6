package probe

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe/fakephone"
)

// overSleepyRadio measures a phone whose radio sleeps 40 ms after each message, which is as soon as phones were seen to. It returns how many
// requests were held back, the half-width of what the exchanges leave open, and how far its middle is from the truth.
func overSleepyRadio(t *testing.T, seed uint64, s Schedule) (held int, bound, off time.Duration) {
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	way := scenario.Delay{Law: scenario.Exponential, Floor: 1500 * time.Microsecond, Scale: time.Millisecond, Max: 10 * time.Millisecond}
	f := fake(t, fakephone.Config{Time: clock, Up: way, Down: way, Seed: seed, Radio: &fakephone.Radio{Awake: 40 * time.Millisecond},
		Clock: scenario.Clock{Offset: 840 * time.Millisecond}}, "")
	p := connect(t, f.Addr(), Options{Clock: clock})
	clock.Advance(time.Second + time.Duration(seed)*13*time.Millisecond) // another part of the beacon's period each time
	s.Seed = seed
	xs := collect(t, p, s)
	mustHoldTruth(t, f, xs)
	if n := f.Wakes(); s.Wake < 0 && n != 0 || s.Wake > 0 && n < 3 {
		t.Errorf("%+v: %d datagrams came", s, n)
	}
	all := align.Interval{Lo: math.MinInt64 / 4, Hi: math.MaxInt64 / 4}
	for _, x := range xs {
		if x.RoundTrip() > 20*time.Millisecond { // two ways take 20 at the most
			held++
		}
		all = all.Intersect(x.Sample.Offset(0)) // the phone's clock does not drift
	}
	return held, all.Width() / 2, (all.Mid() - f.Clock().Offset).Abs()
}

func median(d []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(d))[len(d)/2]
}

// TestWakingTheRadio: bytes sent before the exchange let requests through at once, and what is known is known better. Not waking
// is the wrong model that the same figures must catch.
func TestWakingTheRadio(t *testing.T) {
	const runs = 8
	figures := func(s Schedule) (held int, bound, off time.Duration) {
		var bounds, offs []time.Duration
		for seed := range uint64(runs) {
			h, b, o := overSleepyRadio(t, seed, s)
			held, bounds, offs = held+h, append(bounds, b), append(offs, o)
		}
		t.Logf("%d exchanges each %v, woken each %v: %d held back; medians: bound +-%v, error %v", s.Count, s.Every, s.Wake, held, median(bounds), median(offs))
		return held, median(bounds), median(offs)
	}
	burst := Schedule{Count: 20}
	trickle := Schedule{Count: 1, Warmup: -1, Every: 5 * time.Second, For: 25 * time.Second}
	for _, s := range []Schedule{burst, trickle} {
		s.Wake = -1
		held, bound, off := figures(s)
		s.Wake = defaultWake
		heldWoken, boundWoken, offWoken := figures(s)
		if held < runs*3 || heldWoken > 0 {
			t.Errorf("%d requests held back, %d with waking", held, heldWoken)
		}
		if boundWoken > bound || offWoken > off {
			t.Errorf("bound +-%v and error %v, +-%v and %v with waking", bound, off, boundWoken, offWoken)
		}
		// Of 6 requests that wait for 0 to 102.4 ms one waits for some 15 at the least: the bound is some 7 ms wider, its middle off by as much.
		if s.Every > 0 && (boundWoken > bound/2 || offWoken > off/4) {
			t.Errorf("trickle: bound +-%v and error %v, +-%v and %v with waking", bound, off, boundWoken, offWoken)
		}
	}
}

func TestWakeInRealTime(t *testing.T) {
	f := fake(t, fakephone.Config{Radio: &fakephone.Radio{Beacon: 5 * time.Millisecond}}, "")
	p := connect(t, f.Addr(), Options{})
	mustHoldTruth(t, f, collect(t, p, Schedule{Protocol: Both, Count: 10, Spacing: 4 * time.Millisecond, Wake: -1}))
	if n := f.Wakes(); n != 0 {
		t.Errorf("%d datagrams that nobody wanted", n)
	}
	mustHoldTruth(t, f, collect(t, p, Schedule{Protocol: Both, Count: 10, Spacing: 4 * time.Millisecond, Wake: 2 * time.Millisecond}))
	// The lead is of 60; that the last ones were also counted nobody has said.
	if n := f.Wakes(); n < 55 {
		t.Errorf("%d datagrams, want 60 before the first exchange alone", n)
	}
}

// TestWakeOfADeafPort: a phone's system refuses the byte, and the exchanges do not care.
func TestWakeOfADeafPort(t *testing.T) {
	f := fake(t, fakephone.Config{}, "")
	p := connect(t, f.Addr(), Options{})
	mustHoldTruth(t, f, collect(t, p, Schedule{Count: 10, Spacing: quick, Wake: leastWake}))
	p.Close()
	p.wake()
	if x := p.Event(t.Context(), 99); x.Good() || errors.Is(x.Err, ErrNoPhone) {
		t.Errorf("closed, and then %+v", x)
	}
}

// TestWakeGoesWhereThePhoneIs: nothing is sent to any address but the phone's own.
func TestWakeGoesWhereThePhoneIs(t *testing.T) {
	f := fake(t, fakephone.Config{Radio: &fakephone.Radio{}, IP: "192.0.2.1"}, "")
	p := connect(t, f.Addr(), Options{})
	p.wake()
	if got := p.waker.RemoteAddr().String(); got != f.Addr() {
		t.Errorf("sent to %s, want %s", got, f.Addr())
	}
}
