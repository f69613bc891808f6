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

// fleet is phones that are measured side by side, of which three are ill.
type fleet struct {
	phones, count int
	slips         [][]time.Duration // of each phone's exchanges: how long after the pause before it was over it left
	good          []int
	well, ill     sync.WaitGroup
	cancel        context.CancelFunc
}

const stalled, lossy, slow = 3, 11, 19

func isIll(i int) bool { return i == stalled || i == lossy || i == slow }

// measureFleet begins to measure phones, the ill ones too where withIll says so. What cfgs says of single phones is added to what they are; patience is the
// time-out of all but the one that loses exchanges, which has the usual one.
func measureFleet(t testing.TB, withIll bool, patience time.Duration, cfgs map[int]fakephone.Config) *fleet {
	f := &fleet{phones: 32, count: 40}
	f.slips, f.good = make([][]time.Duration, f.phones), make([]int, f.phones)
	ctx, cancel := context.WithCancel(t.Context())
	f.cancel = cancel
	t.Cleanup(cancel)
	for i := range f.phones {
		if isIll(i) && !withIll {
			continue
		}
		cfg := cfgs[i]
		cfg.DeviceID, cfg.Seed = fmt.Sprintf("fa4e0000000000%02x", i), uint64(i)
		clock := &planned{Clock: SystemClock()}
		opt := Options{Clock: clock, Info: DescribeClock()}
		group := &f.well
		if isIll(i) {
			group = &f.ill
		}
		if i != lossy {
			opt.Timeout = patience
		}
		p := connect(t, fake(t, cfg, "").Addr(), opt)
		group.Go(func() {
			err := Run(ctx, p, Schedule{Count: f.count, Seed: 7}, func(x Exchange) error {
				if x.Good() {
					f.good[i]++
				}
				f.slips[i] = append(f.slips[i], x.MonoA.Sub(clock.due))
				return nil
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("phone %d: %v", i, err)
			}
		})
	}
	return f
}

// TestOneSlowPhoneAmongMany: of 32 phones one never answers, one loses three exchanges in ten, and one answers only after all the others are done. These are measured to the end
// while the first exchange with the stalled one and with the slow one is still under way: no schedule waits for another, however long it takes. How late they are
// is BenchmarkFleet's.
func TestOneSlowPhoneAmongMany(t *testing.T) {
	othersDone := make(chan struct{})
	var asked [2]sync.Once
	under := make(chan int, 2)
	f := measureFleet(t, true, time.Hour, map[int]fakephone.Config{
		stalled: {Fault: func(int) fakephone.Fault {
			asked[0].Do(func() { under <- stalled })
			return fakephone.Fault{Kind: fakephone.NoReply}
		}},
		lossy: {Loss: 0.3},
		slow: {Fault: func(int) fakephone.Fault {
			asked[1].Do(func() { under <- slow })
			<-othersDone
			return fakephone.Fault{}
		}},
	})
	for range 2 {
		<-under
	}
	f.well.Wait() // for ever, if one of them waits for the stalled or the slow one
	for i := range f.phones {
		if !isIll(i) && f.good[i] != f.count {
			t.Errorf("phone %d: %d exchanges good, want %d", i, f.good[i], f.count)
		}
	}
	close(othersDone)
	f.cancel()
	f.ill.Wait()
	if n := len(f.slips[stalled]); n > 1 {
		t.Errorf("%d exchanges with the stalled phone ended, want its first to be under way until the end", n)
	}
}

// BenchmarkFleet has the figures: by how much the exchanges with the 29 others leave late, alone and beside a phone that is stalled, one that loses three exchanges in ten and one
// that answers after 400 ms.
func BenchmarkFleet(b *testing.B) {
	for name, withIll := range map[string]bool{"alone": false, "beside": true} {
		b.Run(name, func(b *testing.B) {
			var all []time.Duration
			for b.Loop() {
				f := measureFleet(b, withIll, 0, map[int]fakephone.Config{
					stalled: {Fault: func(int) fakephone.Fault { return fakephone.Fault{Kind: fakephone.NoReply} }},
					lossy:   {Loss: 0.3},
					slow:    {Down: scenario.Delay{Law: scenario.Constant, Floor: 400 * time.Millisecond}},
				})
				f.well.Wait()
				f.cancel() // the stalled one has 40 time-outs to go through
				f.ill.Wait()
				for i := range f.phones {
					if !isIll(i) {
						all = append(all, f.slips[i]...)
					}
				}
			}
			slices.Sort(all)
			for _, share := range []struct {
				of   float64
				name string
			}{{0.5, "ms-median"}, {0.99, "ms-99%"}, {1, "ms-most"}} {
				b.ReportMetric(float64(all[int(share.of*float64(len(all)-1))])/1e6, share.name)
			}
		})
	}
}
