package probe

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// found returns the phones of which it is known where they are, in order of name and id.
func (d *directory) found() []Found {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Found
	for _, i := range d.instances {
		if f := d.describe(i, func(sighting) bool { return true }); len(f.Addrs) > 0 {
			out = append(out, f)
		}
	}
	return inOrder(out)
}

// describe returns an instance with the addresses of those sightings that count, newest first.
func (d *directory) describe(i *instance, counts func(sighting) bool) Found {
	f := Found{}
	f.Name, f.ID = splitLabel(i.label)
	for _, s := range slices.Backward(i.sightings) {
		if !counts(s) {
			continue
		}
		for _, a := range d.addrs(s) {
			f.Addrs = append(f.Addrs, net.JoinHostPort(a.String(), strconv.Itoa(int(s.port))))
		}
	}
	f.Addrs = ipv4First(f.Addrs)
	return f
}

func inOrder(found []Found) []Found {
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID), slices.Compare(a.Addrs, b.Addrs))
	})
	return found
}

// splitLabel returns name and hardware id. The name may hold colons itself, so the id begins after the last one.
func splitLabel(label string) (name, id string) {
	rest := strings.TrimPrefix(label, instancePrefix)
	i := strings.LastIndexByte(rest, ':')
	if i < 0 {
		return rest, ""
	}
	return rest[:i], rest[i+1:]
}

// addrs returns the addresses of a sighting: what the same source says of the host, since two phones may both call
// themselves neon.local; else what anybody says; else the source itself.
func (d *directory) addrs(s sighting) []netip.Addr {
	if s.addrs != nil {
		return s.addrs
	}
	var own, any []netip.Addr
	for _, h := range d.hosts[s.host.key()] {
		if h.source == s.source {
			own = append(own, h.addr)
		}
		any = append(any, h.addr)
	}
	switch {
	case own != nil:
		return own
	case any != nil:
		return any
	}
	return []netip.Addr{s.source}
}

// at returns who answers to a host's name: the phones that call their host so; where none does, or a port is given, one
// Found for each source, of which name and id may be unknown.
func (d *directory) at(host name, port string) []Found {
	d.mu.Lock()
	defer d.mu.Unlock()
	var phones []Found
	for _, i := range d.instances {
		if f := d.describe(i, func(s sighting) bool { return s.host.key() == host.key() }); len(f.Addrs) > 0 {
			phones = append(phones, f)
		}
	}
	if port == "" {
		if len(phones) > 0 {
			return inOrder(phones)
		}
		port = defaultPort
	}
	var sources []netip.Addr
	bySource := make(map[netip.Addr][]string)
	for _, h := range d.hosts[host.key()] {
		if bySource[h.source] == nil {
			sources = append(sources, h.source)
		}
		bySource[h.source] = append(bySource[h.source], net.JoinHostPort(h.addr.String(), port))
	}
	var out []Found
	for _, s := range sources {
		f := Found{Addrs: ipv4First(bySource[s])}
		for _, p := range phones {
			if slices.Contains(p.Addrs, f.Addrs[0]) {
				f.Name, f.ID = p.Name, p.ID
			}
		}
		if !slices.ContainsFunc(out, func(o Found) bool { return slices.Contains(o.Addrs, f.Addrs[0]) }) {
			out = append(out, f)
		}
	}
	return inOrder(out)
}

// ipv4First drops repeats and puts IPv4 addresses before the others.
func ipv4First(addrs []string) []string {
	var out []string
	for _, v6 := range []bool{false, true} {
		for _, a := range addrs {
			if strings.HasPrefix(a, "[") == v6 && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}
