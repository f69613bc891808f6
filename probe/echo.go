package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"

	"github.com/pialign/pialign/align"
)

// errEcho marks what came over a Time Echo connection and is no answer.
var errEcho = errors.New("not a time echo")

// Echo makes one round of Time Echo, as number seq of the phase, and returns what became of it.
//
// One connection carries all rounds. Each asks with a number of its own in place of the time that the vendor's client sends,
// so that a late answer to an earlier round cannot pass for this one's. The phone answers in whole ms. It goes to the
// address that HTTP went to and, if nothing listens there, to the one in the status, provided that the same phone answers.
func (p *Phone) Echo(ctx context.Context, seq int64) Exchange {
	p.turn.Lock()
	defer p.turn.Unlock()
	x := p.exchange(Echo, seq)
	if err := p.aimEcho(ctx); err != nil {
		return x.fail(err)
	}
	var question [8]byte
	p.round++
	binary.BigEndian.PutUint64(question[:], p.round)
	var a echoAnswer
	t, err := p.ask(ctx, p.echo, question[:], func() (err error) {
		a, err = readEcho(p.echo.conn, p.echo.now, p.round, &p.echoBuf)
		return err
	})
	x.A, x.MonoA, x.Fresh = t.sent.wall, t.sent.mono, t.fresh
	if err != nil {
		return x.fail(fmt.Errorf("time echo to %s: %w", p.echo.addr, err))
	}
	x.B, x.MonoB, x.E = a.heard.wall, a.heard.mono, a.stamp
	x.Outcome, p.heard = OK, a.heard
	return x
}

// aimEcho chooses the address of Time Echo.
func (p *Phone) aimEcho(ctx context.Context) error {
	if p.closed {
		return net.ErrClosed
	}
	s := p.Status().Phone
	if s.EchoPort == 0 {
		return fmt.Errorf("%w: its status names no time_echo_port; use events", ErrNoEcho)
	}
	if p.echo != nil && p.echoPort == s.EchoPort {
		return nil
	}
	if p.echo != nil {
		p.echo.drop()
	}
	port := strconv.Itoa(s.EchoPort)
	host, webPort, err := net.SplitHostPort(p.web.addr)
	if err != nil {
		return err
	}
	first := &wire{addr: net.JoinHostPort(host, port), now: p.now}
	_, err = first.open(ctx, p.opt.Timeout)
	if err == nil {
		p.echo, p.echoPort = first, s.EchoPort
		return nil
	}
	err = fmt.Errorf("time echo to %s: %w", first.addr, err)
	ip, bad := netip.ParseAddr(s.IP)
	// only one of a local network: what a phone says must not make us ask somebody on the internet
	if bad != nil || ip.String() == host || !(ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsLoopback()) {
		return err
	}
	// Behind a VPN or a router the phone's own idea of its address may be somebody else's here.
	there, bad := readStatus(ctx, net.JoinHostPort(ip.String(), webPort), p.opt.Timeout)
	if bad != nil || there.Phone.DeviceID == "" || there.Phone.DeviceID != p.id {
		return err
	}
	second := &wire{addr: net.JoinHostPort(ip.String(), port), now: p.now}
	if _, bad := second.open(ctx, p.opt.Timeout); bad != nil {
		return errors.Join(err, fmt.Errorf("time echo to %s: %w", second.addr, bad))
	}
	p.echo, p.echoPort = second, s.EchoPort
	return nil
}

// echoAnswer is one answer of Time Echo.
type echoAnswer struct {
	stamp align.DeviceTime
	heard instant
}

// readEcho reads the 16 bytes that answer round: the number that was sent, then the phone's ms since 1970. The answer
// counts as heard directly after the read that brought its last byte; a phone sends it in one piece. b holds one byte more than an answer
// has, and is the caller's so that nothing is allocated after the question was sent.
func readEcho(src io.Reader, now func() instant, round uint64, b *[17]byte) (echoAnswer, error) {
	var a echoAnswer
	for n := 0; n < 16; {
		more, err := src.Read(b[n:])
		if more > 0 && n+more >= 16 && a.heard == (instant{}) {
			a.heard = now()
		}
		if n += more; err != nil && n < 16 {
			if n > 0 && errors.Is(err, io.EOF) {
				err = fmt.Errorf("%w: %d bytes, want 16", errEcho, n)
			}
			return echoAnswer{}, err
		}
		if n > 16 {
			return echoAnswer{}, fmt.Errorf("%w: more than 16 bytes", errEcho)
		}
	}
	if got := binary.BigEndian.Uint64(b[:8]); got != round {
		return echoAnswer{}, fmt.Errorf("%w: it begins with %016x, want %016x as sent", errEcho, got, round)
	}
	ms := binary.BigEndian.Uint64(b[8:16])
	if ms < earliestStamp/1e6 || ms > latestStamp/1e6 {
		return echoAnswer{}, fmt.Errorf("%w: time %d, want ms since 1970, between the years 2000 and 2200", errEcho, ms)
	}
	a.stamp = align.DeviceTime(ms * 1e6)
	return a, nil
}
