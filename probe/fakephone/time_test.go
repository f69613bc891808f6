package fakephone

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

func TestAnHourPassesAtOnce(t *testing.T) {
	began := time.Now()
	now := NewVirtualTime(morning, 500)
	if err := now.Wait(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	h, m := now.Stamp()
	if h != morning.Add(time.Hour) || m != align.MonoTime(500).Add(time.Hour) || now.Mono() != m || now.Now() != h {
		t.Errorf("%d and %d after an hour from %d and 500", h, m, morning)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	for _, d := range []time.Duration{0, -time.Hour} {
		if err := now.Wait(t.Context(), d); err != nil || now.Now() != h {
			t.Errorf("waiting %v moved the clock to %d (%v)", d, now.Now(), err)
		}
	}
}

func TestAlarmsGoOffInOrder(t *testing.T) {
	var now VirtualTime // its zero value is ready
	var got []int
	ring := func(n int) func() { return func() { got = append(got, n) } }
	now.after(3*time.Second, ring(3))
	now.after(time.Second, ring(1))
	stop := now.after(time.Second, ring(9))
	now.after(2*time.Second, ring(2))
	now.after(2*time.Second, ring(22))
	now.after(time.Minute, ring(60))
	stop()
	now.Advance(999 * time.Millisecond)
	if len(got) != 0 {
		t.Errorf("early: %v", got)
	}
	now.Advance(time.Hour - 60*time.Minute + 3*time.Second)
	if !slices.Equal(got, []int{1, 2, 22, 3}) {
		t.Errorf("%v, want 1 2 22 3", got)
	}
	now.Advance(time.Hour)
	if !slices.Equal(got, []int{1, 2, 22, 3, 60}) {
		t.Errorf("%v, want each once", got)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	real := RealTime(func() align.HostTime { return 0 })
	waited := make(chan error, 1)
	go func() { waited <- real.Wait(ctx, time.Hour) }()
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("real: %v", err)
	}
	now := NewVirtualTime(morning, 0)
	if err := now.Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) || now.Now() != morning {
		t.Errorf("virtual: %v, and the clock shows %d", err, now.Now())
	}
	if err := real.Wait(t.Context(), -1); err != nil {
		t.Error(err)
	}
}
