package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
)

// The ear is a second way of hearing phones. The library drops every packet that has one record it dislikes, and stops
// asking after the first answer; the ear does neither, and can ask for a host's address.

// mdnsGroup is where everybody listens: RFC 6762 section 3. The ear speaks IPv4 alone; the library hears IPv6.
var mdnsGroup = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

// socket is one place to ask from, or to listen at.
type socket struct {
	conn *net.UDPConn
	to   *net.UDPAddr // nil: it only listens
	zone string       // the interface, where only packets of this one arrive
}

// packet is what a socket heard.
type packet struct {
	data   []byte
	source netip.Addr
	zone   string
}

// maxPacket is how long an mDNS packet may be: RFC 6762 section 17.
const maxPacket = 9000

// earSockets opens two sockets on every interface that can multicast: one to ask from, of a port of its own so that
// answers come back even where another program owns port 5353, and one that overhears what all are told.
func earSockets() ([]socket, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var out []socket
	for _, ifi := range all {
		if ifi.Flags&net.FlagUp == 0 || ifi.Flags&net.FlagMulticast == 0 {
			continue
		}
		addrs, _ := ifi.Addrs() // none: nothing to ask from
		for _, a := range addrs {
			n, ok := a.(*net.IPNet)
			if !ok || n.IP.To4() == nil {
				continue
			}
			if c, err := askFrom(n.IP, &ifi); err == nil {
				out = append(out, socket{c, mdnsGroup, ifi.Name})
				break
			}
		}
		if c, err := net.ListenMulticastUDP("udp4", &ifi, mdnsGroup); err == nil {
			out = append(out, socket{conn: c})
		}
	}
	return out, nil
}

func askFrom(ip net.IP, ifi *net.Interface) (*net.UDPConn, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: ip})
	if err != nil {
		return nil, err
	}
	p := ipv4.NewPacketConn(c)
	if err := errors.Join(p.SetMulticastInterface(ifi), p.SetMulticastTTL(255)); err != nil {
		_ = c.Close()
		return nil, err
	}
	_ = p.SetMulticastLoopback(true) // a fake phone may sit on this computer; the default on most systems
	return c, nil
}

// askAgain is after how long the questions are repeated, each time; the last one goes on.
var askAgain = []time.Duration{250 * time.Millisecond, 750 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}

// listenAt asks what questions returns, again and again, and calls heard with every packet that comes to one of the sockets,
// until ctx ends; then it closes them. It returns at once, with an error, if nothing can be sent from any.
func listenAt(ctx context.Context, sockets []socket, questions func() []byte, heard func(packet)) error {
	ctx, cancel := context.WithCancel(ctx)
	packets := make(chan packet, 16)
	var readers sync.WaitGroup
	defer func() {
		cancel()
		for _, s := range sockets {
			_ = s.conn.Close()
		}
		readers.Wait()
	}()
	for _, s := range sockets {
		readers.Go(func() { s.read(ctx, packets) })
	}
	for i := 0; ; i++ {
		if err := askAll(sockets, questions()); err != nil && i == 0 {
			return err
		}
		timer := time.NewTimer(askAgain[min(i, len(askAgain)-1)])
		for waiting := true; waiting; {
			select {
			case p := <-packets:
				heard(p)
			case <-timer.C:
				waiting = false
			case <-ctx.Done():
				timer.Stop()
				return nil
			}
		}
	}
}

// askAll sends from every socket that can. It returns an error if none could.
func askAll(sockets []socket, query []byte) error {
	var errs []error
	sent := false
	for _, s := range sockets {
		if s.to == nil {
			continue
		}
		_ = s.conn.SetWriteDeadline(deadline(time.Second))
		_, err := s.conn.WriteToUDP(query, s.to)
		sent = sent || err == nil
		errs = append(errs, err)
	}
	switch {
	case sent:
		return nil
	case errs == nil:
		return fmt.Errorf("%w: no network interface has multicast and an IPv4 address", ErrMulticast)
	}
	return fmt.Errorf("%w: %w", ErrMulticast, errors.Join(errs...))
}

// read passes on what the socket hears until it is closed.
func (s socket) read(ctx context.Context, to chan<- packet) {
	buf := make([]byte, maxPacket)
	for {
		n, source, err := s.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
				return
			}
			// On Windows a "port unreachable" of an earlier question arrives here; the socket works on.
			if SystemClock().Wait(ctx, 10*time.Millisecond) != nil {
				return
			}
			continue
		}
		p := packet{append([]byte(nil), buf[:n]...), source.Addr().Unmap(), s.zone}
		select {
		case to <- p:
		case <-ctx.Done():
			return
		}
	}
}
