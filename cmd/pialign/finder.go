package main

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/pialign/pialign/probe"
)

// finder finds phones in the network.
type finder interface {
	discover(ctx context.Context, timeout time.Duration) ([]probe.Found, error)
	resolve(ctx context.Context, spec string, timeout time.Duration) ([]probe.Found, error)
	// scan asks each address of this computer's networks; it returns these as well.
	scan(ctx context.Context) ([]probe.Found, []netip.Prefix, error)
}

// mdns is the finder of the real network.
type mdns struct{}

func (mdns) discover(ctx context.Context, timeout time.Duration) ([]probe.Found, error) {
	return probe.Discover(ctx, timeout)
}

func (mdns) resolve(ctx context.Context, spec string, timeout time.Duration) ([]probe.Found, error) {
	return probe.Resolve(ctx, spec, timeout)
}

func (mdns) scan(ctx context.Context) ([]probe.Found, []netip.Prefix, error) {
	nets, err := probe.LocalNets()
	var found []probe.Found
	for _, n := range nets {
		more, bad := probe.Scan(ctx, n)
		found, err = append(found, more...), errors.Join(err, bad)
	}
	return found, nets, err
}

// discoveryTime is how long phones are listened for: the vendor's client waits as long.
const discoveryTime = 10 * time.Second
