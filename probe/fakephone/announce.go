package fakephone

import (
	"fmt"
	"net"
	"strings"

	"github.com/grandcat/zeroconf"
)

// Announcement says how a phone makes itself known by mDNS: as `PI monitor:<name>:<device id>` of _http._tcp.
//
// The library behind it does not probe for names taken by others, answers no query for the host name alone, writes to
// the standard log where it finds no multicast on IPv4 or IPv6, and for up to 4 s after a Close has one goroutine asleep.
type Announcement struct {
	Interfaces []net.Interface // where; none: every interface that can multicast
	IPs        []string        // the addresses given out; none: the one the configuration has the phone report, else all at which it is reached
	Host       string          // without .local; empty: pi or neon, as the family has it
}

// labelBytes is how long a DNS label may be.
const labelBytes = 63

// instance returns the name of the service, as people see it.
func (c Config) instance() string { return "PI monitor:" + c.Name + ":" + c.DeviceID }

// escaped returns label so that the dots in it do not split it.
func escaped(label string) string {
	return strings.NewReplacer(`\`, `\\`, `.`, `\.`).Replace(label)
}

// announce makes the phone known, where the configuration asks for it, and returns what takes it back with a goodbye.
func (p *Phone) announce() (goodbye func(), err error) {
	a := p.cfg.Announce
	if a == nil {
		return func() {}, nil
	}
	name := p.cfg.instance()
	host := a.Host
	if host == "" {
		host = map[Family]string{Invisible: "pi", Neon: "neon"}[p.cfg.Family]
	}
	ips := a.IPs
	if len(ips) == 0 {
		if ips = p.ips; p.cfg.IP != "" {
			ips = []string{p.cfg.IP}
		}
	}
	// One empty string is what an empty TXT record consists of: RFC 6763 section 6.1. The host goes without its
	// domain, which the library would put on a second time.
	s, err := zeroconf.RegisterProxy(escaped(name), "_http._tcp", "local.", port(p.web), host, ips, []string{""}, a.Interfaces)
	if err != nil {
		return nil, fmt.Errorf("announcing %q: %w", name, err)
	}
	return s.Shutdown, nil
}
