package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/probe"
)

// clockEvery is how often the host's clocks are read while a long measurement runs. Source: the contract.
const clockEvery = time.Second

// watchClock keeps a log of the host's clocks while several bursts run: it shows whether the wall clock was set, and
// whether a time service slewed it, between the bursts. stop ends it. What goes wrong is a warning: the
// exchanges are worth more.
func (m *measurement) watchClock(ctx context.Context) (stop func()) {
	if !m.o.long() {
		return func() {}
	}
	h := m.header(&measured{})
	h.DeviceID, h.DeviceStatus, h.DeviceResolution = "", nil, nil
	log, err := probelog.CreateClockLog(m.o.session, h)
	if err != nil {
		fmt.Fprintf(m.talk, "pialign: warning: no log of this computer's clocks: %v\n", err)
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() {
		for failed == nil {
			r := m.readClocks()
			failed = log.Append(r.Wall, r.Mono, r.Raw)
			if m.clock.Wait(ctx, clockEvery) != nil {
				return
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
		if _, err := log.Close(); failed == nil {
			failed = err
		}
		if failed != nil {
			fmt.Fprintf(m.talk, "pialign: warning: the log of this computer's clocks: %v\n", failed)
		}
	}
}

// readClocks reads the clocks that the phones are measured against, with this computer's uncorrected one where it has one.
func (m *measurement) readClocks() align.HostReading {
	if m.clock == probe.SystemClock() {
		return probe.ReadClocks()
	}
	wall, mono := m.clock.Stamp()
	return align.HostReading{Wall: wall, Mono: mono}
}
