package fakephone

import (
	"context"
	"net"
	"time"

	"github.com/pialign/pialign/align"
)

// Radio is a phone's Wi-Fi that sleeps to save power. While it sleeps, what comes for the phone and what the phone has to say
// waits for the next beacon of the access point; every message, either way, keeps it awake for a while. A datagram to
// the UDP port with the number of the HTTP one is a message like any other, and nothing else.
type Radio struct {
	Beacon time.Duration // from beacon to beacon, which fall on multiples of it; 0: 102.4 ms, the usual one
	Awake  time.Duration // for how long it stays awake after a message
}

const usualBeacon = 102400 * time.Microsecond

// radio is a Radio at work: it is awake from one instant until another.
type radio struct {
	Radio
	from, until align.HostTime
}

// hold returns how long a message of the instant now has to wait.
func (r *radio) hold(now align.HostTime) time.Duration {
	if now >= r.until { // it sleeps, and nothing is to wake it yet
		beacon := int64(r.Beacon)
		r.from = align.HostTime((int64(now) + beacon - 1) / beacon * beacon)
	}
	passes := max(now, r.from)
	r.until = max(r.until, passes.Add(r.Awake))
	return passes.Sub(now)
}

// held returns how long a message of this instant has to wait for the radio.
func (p *Phone) held() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.radio == nil {
		return 0
	}
	return p.radio.hold(p.cfg.Time.Now())
}

// upward waits out the way up, which takes d without the radio.
func (p *Phone) upward(ctx context.Context, d time.Duration) error {
	if err := p.cfg.Time.Wait(ctx, d); err != nil {
		return err
	}
	return p.cfg.Time.Wait(ctx, p.held())
}

// downward waits out the way down.
func (p *Phone) downward(ctx context.Context, d time.Duration) error {
	return p.cfg.Time.Wait(ctx, p.held()+d)
}

// Wakes returns how many datagrams have come to wake the radio.
func (p *Phone) Wakes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wakes
}

// serveRadio listens for datagrams, if there is a radio for them to wake.
func (p *Phone) serveRadio() error {
	if p.cfg.Radio == nil {
		return nil
	}
	p.radio = &radio{Radio: *p.cfg.Radio}
	var lc net.ListenConfig
	var err error
	if p.air, err = lc.ListenPacket(p.ctx, "udp", p.bound); err != nil {
		return err
	}
	if t, ok := p.cfg.Time.(*VirtualTime); ok {
		p.silence = t.beforeMoving(p.drain)
		return nil
	}
	p.work.Go(func() {
		for p.woken() {
		}
	})
	return nil
}

// woken takes one datagram; false if there is none.
func (p *Phone) woken() bool {
	var b [64]byte
	if _, _, err := p.air.ReadFrom(b[:]); err != nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wakes++
	p.radio.hold(p.cfg.Time.Now())
	return true
}

// drain takes what has come by now, before the virtual time moves on: on loopback that is what was sent. Real time passes only
// in waiting for a datagram that did not come.
func (p *Phone) drain() {
	const enough = time.Millisecond
	for p.air.SetReadDeadline(time.Now().Add(enough)) == nil && p.woken() {
	}
}
