package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe/fakephone"
)

// planned is a clock that keeps until when it was last asked to wait.
type planned struct {
	Clock
	due align.MonoTime
}

func (c *planned) Wait(ctx context.Context, d time.Duration) error {
	_, now := c.Clock.Stamp()
	c.due = now.Add(max(d, 0))
	return c.Clock.Wait(ctx, d)
}

// TestOneSlowPhoneAmongMany: of 32 phones one is stalled, one loses three exchanges in ten, one answers after 400 ms. The schedules of the others slip
// by less than 10 ms beyond what they do without these three: a machine that has other things to do lets everybody wait.
func TestOneSlowPhoneAmongMany(t *testing.T) {
	alone := slipOf(t, false)
	among := slipOf(t, true)
	if among-alone > 10*time.Millisecond {
		t.Errorf("of 100 exchanges one is late by %v, and by %v without the slow phones; want less than 10 ms more", among, alone)
	}
}

// slipOf measures 29 phones, with three others that are ill or without, and returns by how much one exchange in a hundred of the 29 left late: after the pause
// before it was over.
func slipOf(t *testing.T, withIll bool) time.Duration {
	const phones, count = 32, 40
	slips := make([][]time.Duration, phones)
	good := make([]int, phones)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var well, ill sync.WaitGroup
	isIll := func(i int) bool { return i == 3 || i == 11 || i == 19 }
	for i := range phones {
		if isIll(i) && !withIll {
			continue
		}
		cfg := fakephone.Config{DeviceID: fmt.Sprintf("fa4e0000000000%02x", i), Seed: uint64(i)}
		group := &ill
		switch i {
		case 3:
			cfg.Fault = func(int) fakephone.Fault { return fakephone.Fault{Kind: fakephone.NoReply} }
		case 11:
			cfg.Loss = 0.3
		case 19:
			cfg.Down = scenario.Delay{Law: scenario.Constant, Floor: 400 * time.Millisecond}
		default:
			group = &well
		}
		clock := &planned{Clock: SystemClock()}
		p := connect(t, fake(t, cfg, "").Addr(), Options{Clock: clock, Info: DescribeClock()})
		group.Go(func() {
			err := Run(ctx, p, Schedule{Count: count, Seed: 7}, func(x Exchange) error {
				if x.Good() {
					good[i]++
				}
				slips[i] = append(slips[i], x.MonoA.Sub(clock.due))
				return nil
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("phone %d: %v", i, err)
			}
		})
	}
	well.Wait()
	cancel() // the stalled one has 40 time-outs to go through
	ill.Wait()
	var all []time.Duration
	for i := range phones {
		if isIll(i) {
			continue
		}
		if good[i] != count {
			t.Errorf("phone %d: %d exchanges good, want %d", i, good[i], count)
		}
		all = append(all, slips[i]...)
	}
	slices.Sort(all)
	at := func(share float64) time.Duration { return all[int(share*float64(len(all)-1))] }
	t.Logf("with ill phones: %v; slips of %d exchanges: median %v, 99 %% within %v, the most %v", withIll, len(all), at(0.5), at(0.99), at(1))
	return at(0.99)
}
