package fakephone

import (
	"encoding/binary"
	"io"
	"net"
	"time"
)

// serveEcho accepts Time Echo connections.
func (p *Phone) serveEcho() {
	for {
		c, err := p.echo.Accept()
		if err != nil {
			if p.ctx.Err() != nil {
				return
			}
			if p.cfg.Time.Wait(p.ctx, time.Millisecond) != nil { // out of file descriptors, say: others will be freed
				return
			}
			continue
		}
		p.mu.Lock()
		p.echoConns[c] = struct{}{}
		p.mu.Unlock()
		p.work.Go(func() { p.echoRounds(c) })
		if p.ctx.Err() != nil { // closed while this connection came in
			_ = c.Close()
		}
	}
}

// echoRounds answers each 8 bytes with these and the phone's clock in whole ms, 16 bytes in one write, since the
// vendor's client does not put pieces together.
func (p *Phone) echoRounds(c net.Conn) {
	defer func() {
		_ = c.Close()
		p.mu.Lock()
		delete(p.echoConns, c)
		p.mu.Unlock()
	}()
	clock := p.cfg.Clock
	if p.cfg.EchoClock != nil {
		clock = *p.cfg.EchoClock
	}
	var buf [16]byte
	for {
		if _, err := io.ReadFull(c, buf[:8]); err != nil {
			return
		}
		n := p.next(echoStream)
		up, down := p.delays(echoStream, n)
		if p.upward(p.ctx, up) != nil {
			return
		}
		arrived := p.cfg.Time.Now()
		stamp := p.stamp(clock, arrived, time.Millisecond)
		p.mu.Lock()
		p.echoes = keep(p.echoes, Exchange{N: n, Arrived: arrived, Stamp: stamp})
		p.mu.Unlock()
		binary.BigEndian.PutUint64(buf[8:], uint64(int64(stamp)/int64(time.Millisecond)))
		if p.downward(p.ctx, down) != nil {
			return
		}
		if _, err := c.Write(buf[:]); err != nil {
			return
		}
	}
}
