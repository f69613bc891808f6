package probe

import (
	"context"
	"net"
	"time"
)

// A radio that sleeps wakes for a beacon of the access point, and stays awake for tens to hundreds of ms after a message.
const (
	defaultWake = 20 * time.Millisecond  // from one wake packet to the next, and from the last to the exchange
	leastWake   = time.Millisecond       // no phone needs more
	wakeLead    = 120 * time.Millisecond // before an exchange they begin: a beacon, 102.4 ms, falls in between
)

// wake sends one byte to the phone, for no other purpose than that something comes for it.
//
// A radio that sleeps lets the request wait for the access point's next beacon, up to 102.4 ms, but not the answer: the
// exchange gets longer, and on one side only. What wakes it goes by UDP to the address that HTTP goes to, for these reasons. It
// is the address that was named or found, and the port of the app, where nothing hears UDP: the phone's system drops the
// byte, and says so, which makes the radio speak too. On the prepared connection it would have to be part of HTTP; on another one it would
// keep a server waiting for the rest of a request. No answer is read, and where a firewall drops the byte nothing but its use is
// lost.
func (p *Phone) wake() {
	p.turn.Lock()
	defer p.turn.Unlock()
	if p.closed {
		return
	}
	if p.waker != nil && p.waker.RemoteAddr().String() != p.web.addr {
		_ = p.waker.Close()
		p.waker = nil
	}
	if p.waker == nil {
		c, err := net.Dial("udp", p.web.addr) // sends nothing, and waits for nothing
		if err != nil {
			return
		}
		p.waker = c
	}
	// That the last byte was not wanted is told in place of sending this one.
	for range 2 {
		if _, err := p.waker.Write([]byte{0}); err == nil {
			return
		}
	}
}

// await waits for d until an exchange. The phone is woken, if wake is more than 0, that long before the exchange and, to keep it awake once a beacon
// woke it, each such while before, for as long as the lead. What follows on another exchange within that while finds the phone awake.
func (p *Phone) await(ctx context.Context, d, wake time.Duration) error {
	n := time.Duration(0)
	if wake > 0 && d > wake {
		n = min((d-1)/wake, (wakeLead+wake-1)/wake)
	}
	// Each wait may be a little too long, which the next one makes up for.
	_, now := p.opt.Clock.Stamp()
	for due := now.Add(d); ; n-- {
		if err := p.opt.Clock.Wait(ctx, due.Add(-n*wake).Sub(now)); err != nil || n == 0 {
			return err
		}
		p.wake()
		_, now = p.opt.Clock.Stamp()
	}
}
