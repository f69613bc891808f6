package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/grandcat/zeroconf"
)

// This file alone knows the zeroconf library, and works around what v1.0.0 does: a Resolver serves one browse; it closes
// the channel itself, and blocks for ever if nobody drains it; it stops asking after the first answer; names come escaped.

// Discover listens for phones for as long as timeout and returns all that were heard, in order of name and id.
//
// None is no error: networks often keep multicast from passing. The error wraps ErrMulticast if it cannot even be sent.
func Discover(ctx context.Context, timeout time.Duration) ([]Found, error) {
	d := newDirectory(nil)
	if err := search(ctx, timeout, d, nil, nil); err != nil {
		return nil, err
	}
	return d.found(), nil
}

// settle is how long a search goes on after what it looked for was heard, since there may be more than one. Answers
// take up to 0.5 s, and the ear asks twice in this time.
const settle = 1500 * time.Millisecond

// search listens for timeout, or until settle after enough is first true, and puts what it hears into d. It also asks for
// host unless that is nil.
func search(ctx context.Context, timeout time.Duration, d *directory, host name, enough func() bool) error {
	inner, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var once sync.Once
	var timer *time.Timer
	check := func() {
		if enough != nil && enough() {
			once.Do(func() { timer = time.AfterFunc(settle, cancel) })
		}
	}
	var work sync.WaitGroup
	var libraryErr, earErr error
	work.Go(func() { libraryErr = browse(inner, d, check) })
	work.Go(func() { earErr = listen(inner, d, host, check) })
	work.Wait()
	if timer != nil {
		timer.Stop()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if libraryErr != nil && earErr != nil {
		return fmt.Errorf("looking for phones: %w; %s", errors.Join(earErr, libraryErr), typeTheAddress)
	}
	return nil
}

// listen is search by the ear.
func listen(ctx context.Context, d *directory, host name, check func()) error {
	sockets, err := earSockets()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMulticast, err)
	}
	questions := func() []byte {
		return buildQuery(append([]question{{httpService, typePTR}}, d.missing(host)...))
	}
	return listenAt(ctx, sockets, questions, func(p packet) {
		if records, err := parseAnswer(p.data); err == nil { // others' questions come here too
			d.hear(records, p.source, p.zone)
			check()
		}
	})
}

// browseFor is how long one browse of the library lasts before the next.
const browseFor = 3 * time.Second

// browsePause keeps a library that gives up at once from being asked without end.
const browsePause = 100 * time.Millisecond

// browse is search by the library, over IPv4 and IPv6 side by side.
func browse(ctx context.Context, d *directory, check func()) error {
	errs := make([]error, 2)
	var work sync.WaitGroup
	for i, traffic := range []zeroconf.IPType{zeroconf.IPv4, zeroconf.IPv6} {
		work.Go(func() {
			for ctx.Err() == nil && errs[i] == nil {
				if errs[i] = browseOnce(ctx, traffic, d, check); errs[i] == nil {
					_ = SystemClock().Wait(ctx, browsePause)
				}
			}
		})
	}
	work.Wait()
	if errs[0] != nil && errs[1] != nil {
		return fmt.Errorf("%w: %w", ErrMulticast, errors.Join(errs...))
	}
	return nil
}

func browseOnce(ctx context.Context, traffic zeroconf.IPType, d *directory, check func()) error {
	ctx, cancel := context.WithTimeout(ctx, browseFor)
	defer cancel()
	resolver, err := zeroconf.NewResolver(zeroconf.SelectIPTraffic(traffic))
	if err != nil {
		return err
	}
	entries := make(chan *zeroconf.ServiceEntry)
	// On an error, too, the library closes the channel.
	err = resolver.Browse(ctx, "_http._tcp", "local.", entries)
	for e := range entries {
		var addrs []netip.Addr
		for _, ip := range append(e.AddrIPv4, e.AddrIPv6...) {
			// A link-local IPv6 address leads nowhere without its interface, which the library does not tell.
			if a, ok := netip.AddrFromSlice(ip); ok && !(a.Unmap().Is6() && a.IsLinkLocalUnicast()) {
				addrs = append(addrs, a.Unmap())
			}
		}
		if e.Port > 0 && e.Port <= 0xffff {
			host := name(strings.Split(strings.TrimSuffix(e.HostName, "."), "."))
			d.add(unescape(e.Instance), host, uint16(e.Port), addrs)
			check()
		}
	}
	return err
}

// unescape returns a DNS label in presentation form as it is: \DDD is a byte, \x is x.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i+3 <= len(s) {
			if n, ok := decimal(s[i : i+3]); ok && n < 256 {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
