package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// What a scan may do at the most: a network's administrator should not have to ask what that was.
const (
	scanBits    = 24                     // of a prefix at the least: 254 addresses
	scanPace    = 5 * time.Millisecond   // from one address to the next
	scanTimeout = 800 * time.Millisecond // of one address: Wi-Fi that sleeps takes up to 0.1 s, a busy one 0.4 s
	scanAtOnce  = 64
)

// LocalNets returns the networks that this computer is in, of those that a scan may look at: IPv4, and private or link-local. Of one that is
// larger than a scan may be it is the 254 addresses around this computer's own.
func LocalNets() ([]netip.Prefix, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var out []netip.Prefix
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&(net.FlagLoopback|net.FlagPointToPoint) != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it went away
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && scannable(p.Addr()) && !p.Addr().IsLoopback() {
				p = netip.PrefixFrom(p.Addr(), max(p.Bits(), scanBits)).Masked()
				if !slices.Contains(out, p) {
					out = append(out, p)
				}
			}
		}
	}
	return out, nil
}

func scannable(a netip.Addr) bool {
	return a.Is4() && (a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsLoopback())
}

// Scan asks each address of a network, once, for its status on the app's port, and returns the phones in order of name and id. It is for networks that
// keep multicast from passing, and only if somebody asks for it.
//
// It takes IPv4 networks of at most 254 addresses that are private, link-local or loopback, and some two seconds.
func Scan(ctx context.Context, network netip.Prefix) ([]Found, error) {
	return scan(ctx, network, defaultPort)
}

func scan(ctx context.Context, network netip.Prefix, port string) ([]Found, error) {
	network = network.Masked()
	if !network.IsValid() || !scannable(network.Addr()) || network.Bits() < scanBits {
		return nil, fmt.Errorf("scanning %s: want a private IPv4 network of /%d or smaller", network, scanBits)
	}
	var mu sync.Mutex
	var out []Found
	var work sync.WaitGroup
	defer work.Wait()
	free := make(chan struct{}, scanAtOnce)
	for _, a := range hostsOf(network) {
		if err := SystemClock().Wait(ctx, scanPace); err != nil {
			return nil, err
		}
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		work.Go(func() {
			defer func() { <-free }()
			addr := net.JoinHostPort(a.String(), port)
			s, err := readStatus(ctx, addr, scanTimeout)
			if err = errors.Join(err, identify(s, addr, "")); err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, Found{Name: s.Phone.Name, ID: s.Phone.DeviceID, Addrs: []string{addr}})
		})
	}
	work.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return inOrder(out), nil
}

// hostsOf returns the addresses of a network that hosts may have: all but the first and the last, where it has more than two.
func hostsOf(network netip.Prefix) []netip.Addr {
	var out []netip.Addr
	for a := network.Addr(); network.Contains(a); a = a.Next() {
		out = append(out, a)
	}
	if len(out) > 2 {
		return out[1 : len(out)-1]
	}
	return out
}
