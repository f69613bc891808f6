package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/beevik/ntp"

	"github.com/pialign/pialign/probe"
)

// errNTPUnfit: a server answered and says itself that its time is not to be used.
var errNTPUnfit = errors.New("its time is not to be used")

// ntpTime is how long a server may take.
const ntpTime = 3 * time.Second

// askNTP returns server - host for the time server at HOST or HOST:PORT, and how far off that may be: half the round trip and the
// server's own distance from the true time. This file alone knows the library.
func askNTP(ctx context.Context, server string) (offset, spread time.Duration, err error) {
	opt := ntp.QueryOptions{Timeout: ntpTime, GetSystemTime: func() time.Time {
		wall, _ := probe.SystemClock().Stamp() // Go's own clock is coarse on Windows
		return time.Unix(0, int64(wall))
	}}
	var stop func() bool
	opt.Dialer = func(_, remote string) (net.Conn, error) {
		d := net.Dialer{Timeout: ntpTime}
		conn, err := d.DialContext(ctx, "udp", remote)
		if err == nil {
			stop = context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	r, err := ntp.QueryWithOptions(server, opt)
	if stop != nil {
		stop()
	}
	if err != nil {
		return 0, 0, err
	}
	if err := r.Validate(); err != nil {
		return 0, 0, fmt.Errorf("%w: %w", errNTPUnfit, err)
	}
	return r.ClockOffset, r.RootDistance, nil
}
