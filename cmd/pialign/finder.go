package main

import (
	"context"
	"time"

	"github.com/pialign/pialign/probe"
)

// finder finds phones in the network.
type finder interface {
	discover(ctx context.Context, timeout time.Duration) ([]probe.Found, error)
	resolve(ctx context.Context, spec string, timeout time.Duration) ([]probe.Found, error)
}

// mdns is the finder of the real network.
type mdns struct{}

func (mdns) discover(ctx context.Context, timeout time.Duration) ([]probe.Found, error) {
	return probe.Discover(ctx, timeout)
}

func (mdns) resolve(ctx context.Context, spec string, timeout time.Duration) ([]probe.Found, error) {
	return probe.Resolve(ctx, spec, timeout)
}

// discoveryTime is how long phones are listened for: the vendor's client waits as long.
const discoveryTime = 10 * time.Second
