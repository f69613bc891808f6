package probe_test

import (
	"context"
	"fmt"
	"time"

	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// A phone that is 840 ms behind, over a network that takes 3 ms there and 2 ms back, is asked three times.
func ExampleRun() {
	ctx := context.Background()
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 1_000_000_000)
	phone, err := fakephone.Start(ctx, fakephone.Config{
		Time:  clock,
		Clock: scenario.Clock{Offset: 840 * time.Millisecond},
		Up:    scenario.Delay{Floor: 3 * time.Millisecond},
		Down:  scenario.Delay{Floor: 2 * time.Millisecond},

		StampResolution: 1, // real phones stamp in whole ms
	}, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer phone.Close()

	p, err := probe.Open(ctx, phone.Addr(), probe.Options{Clock: clock, Session: "P07", Phase: "start"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	err = probe.Run(ctx, p, probe.Schedule{Count: 3, Warmup: 1}, func(x probe.Exchange) error {
		fmt.Println(x.EventName, x.Outcome, x.RoundTrip(), x.Offset(0))
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// pialign.P07.start.0 warmup 5ms {837ms 842ms}
	// pialign.P07.start.1 ok 5ms {837ms 842ms}
	// pialign.P07.start.2 ok 5ms {837ms 842ms}
}
