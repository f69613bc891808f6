package main

import (
	"bytes"
	"context"
	"time"

	"github.com/pialign/pialign/probe"
)

// How a status is kept up while a screen shows it.
const (
	lookEvery = time.Second
	idleLooks = 3 // looks without an exchange, until a phone may be asked
	askEvery  = 5 // looks from one question to the next
)

// refresh keeps the i-th phone's status up, until ctx ends. While it is being measured that is left to the measurement,
// which reads the status now and then, and to the recording that events name; it is asked only in pauses. To listen by
// websocket would make the phone send a message about each event right beside the answer: over loopback round
// trips took 0.1 ms longer for that.
func (p *progress) refresh(ctx context.Context, i int, phone *probe.Phone, addr string) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	old := phone.Status()
	done, idle := 0, 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if s := phone.Status(); !bytes.Equal(s.Raw, old.Raw) {
			old = s
			p.status(i, s)
		}
		if n := p.exchanges(i); n != done {
			done, idle = n, 0
			continue
		}
		if idle++; idle < idleLooks || (idle-idleLooks)%askEvery != 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, statusTime)
		if s, err := probe.ReadStatus(ctx, addr); err == nil && s.Phone.DeviceID == old.Phone.DeviceID {
			p.status(i, s)
		}
		cancel()
	}
}

func (p *progress) exchanges(i int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.phones[i].done
}
