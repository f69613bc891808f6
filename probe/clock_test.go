package probe

import (
	"context"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestStampsGoOn(t *testing.T) {
	c := SystemClock()
	lastWall, lastMono := c.Stamp()
	for range 10000 {
		wall, mono := c.Stamp()
		if mono < lastMono {
			t.Fatalf("monotonic clock went from %d to %d", lastMono, mono)
		}
		// Both clocks tell the same span, within 10 ms: a step of the wall clock during this test is all that could fail it.
		if d := wall.Sub(lastWall) - mono.Sub(lastMono); d.Abs() > 10*time.Millisecond {
			t.Fatalf("the clocks parted by %v within one reading", d)
		}
		lastWall, lastMono = wall, mono
	}
	year := time.Unix(0, int64(lastWall)).Year()
	if year < 2024 || year > 2200 {
		t.Errorf("the wall clock says %d", year)
	}
}

func TestWait(t *testing.T) {
	c := SystemClock()
	_, before := c.Stamp()
	if err := c.Wait(t.Context(), 20*time.Millisecond); err != nil {
		t.Error(err)
	}
	_, after := c.Stamp()
	if after.Sub(before) < 20*time.Millisecond {
		t.Errorf("waited %v, want 20ms or more", after.Sub(before))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, d := range []time.Duration{-1, 0, time.Hour} {
		if err := c.Wait(ctx, d); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting %v ended with %v", d, err)
		}
	}
}

func TestDescribeClock(t *testing.T) {
	i := DescribeClock()
	if i.Wall == "" || i.Mono == "" || i.Discipline == "" || i.Boot == "" || i.OS == "" {
		t.Errorf("%+v lacks something", i)
	}
	// No clock of use is finer than a ns or coarser than the 15.6 ms tick of old Windows.
	for _, r := range []time.Duration{i.WallResolution, i.MonoResolution} {
		if r < 1 || r > 16*time.Millisecond {
			t.Errorf("resolution %v", r)
		}
	}
	if again := DescribeClock(); again != i {
		t.Errorf("%+v, then %+v", i, again)
	}
}

// TestSmallestStep measures clocks of which the tick is known.
func TestSmallestStep(t *testing.T) {
	for _, tick := range []int64{1, 100, 1_000_000} {
		now := int64(0)
		read := func() int64 { now += 7 * tick / 10; return now / tick * tick }
		if tick == 1 {
			read = func() int64 { now++; return now }
		}
		if got := smallestStep(read); int64(got) != tick {
			t.Errorf("resolution %v of a clock that ticks every %d ns", got, tick)
		}
	}
	if got := smallestStep(func() int64 { return 5 }); got != 60*time.Millisecond {
		t.Errorf("resolution %v of a clock that stands still, want as long as was looked for", got)
	}
}

func TestScaleCounter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		freq := rapid.Uint64Range(1, math.MaxUint64).Draw(t, "freq")
		seconds := rapid.Uint64Range(0, 9_000_000_000).Draw(t, "seconds")
		count := new(big.Int).SetUint64(seconds)
		count.Mul(count, new(big.Int).SetUint64(freq)).Add(count, new(big.Int).SetUint64(rapid.Uint64Range(0, freq-1).Draw(t, "part")))
		if !count.IsUint64() {
			return
		}
		want := new(big.Int).Mul(count, big.NewInt(1e9))
		want.Div(want, new(big.Int).SetUint64(freq))
		if got := scaleCounter(count.Uint64(), freq); got != want.Int64() {
			t.Errorf("%v ticks at %d Hz are %d ns, want %v", count, freq, got, want)
		}
	})
}
