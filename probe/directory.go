package probe

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// httpService is what phones announce themselves as, like printers do.
var httpService = name{"_http", "_tcp", "local"}

// instancePrefix begins the name of every phone, of both families.
const instancePrefix = "PI monitor:"

// Bounds on what a hostile network can make us keep.
const (
	maxInstances = 256
	maxSightings = 8
	maxHosts     = 256
	maxHostAddrs = 16
)

// directory is what has been heard so far.
type directory struct {
	mu        sync.Mutex
	instances map[string]*instance    // by label
	hosts     map[string][]hostRecord // by key of the host's name
}

// instance is a phone that somebody spoke of.
type instance struct {
	label     string
	sightings []sighting // at most one for each source, newest last
}

// sighting is where one source says that a phone is.
type sighting struct {
	source netip.Addr   // who said so; the zero Addr: the library
	host   name         // unless addrs are known
	port   uint16       // of HTTP
	addrs  []netip.Addr // known from the beginning
}

type hostRecord struct {
	addr, source netip.Addr
}

func newDirectory() *directory {
	return &directory{instances: make(map[string]*instance), hosts: make(map[string][]hostRecord)}
}

// hear takes in the records of one packet.
func (d *directory) hear(records []record, source netip.Addr, zone string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range records {
		switch r.kind {
		case typePTR:
			if label, ok := phoneLabel(r.target); ok && r.owner.key() == httpService.key() {
				d.spokenOf(label, r.ttl)
			}
		case typeSRV:
			if label, ok := phoneLabel(r.owner); ok && d.spokenOf(label, r.ttl) && r.port != 0 {
				d.instances[label].sight(sighting{source: source, host: r.target, port: r.port})
			}
		case typeA, typeAAAA:
			d.hostHas(r, source, zone)
		}
	}
}

// phoneLabel returns the instance label of a phone's service name.
func phoneLabel(n name) (string, bool) {
	if len(n) != 4 || n[1:].key() != httpService.key() || !strings.HasPrefix(n[0], instancePrefix) {
		return "", false
	}
	return n[0], true
}

// spokenOf keeps an instance, or forgets it where ttl is 0, and says whether it is kept.
func (d *directory) spokenOf(label string, ttl uint32) bool {
	if ttl == 0 {
		delete(d.instances, label)
		return false
	}
	if d.instances[label] == nil {
		if len(d.instances) == maxInstances {
			return false
		}
		d.instances[label] = &instance{label: label}
	}
	return true
}

// sight keeps where the instance is, in place of what the same source said before.
func (i *instance) sight(s sighting) {
	i.sightings = slices.DeleteFunc(i.sightings, func(old sighting) bool { return old.source == s.source })
	if len(i.sightings) == maxSightings {
		i.sightings = i.sightings[1:]
	}
	i.sightings = append(i.sightings, s)
}

func (d *directory) hostHas(r record, source netip.Addr, zone string) {
	addr := r.addr
	if addr.IsUnspecified() || addr.IsMulticast() {
		return
	}
	if addr.IsLinkLocalUnicast() && addr.Is6() {
		if zone == "" {
			return // it leads nowhere
		}
		addr = addr.WithZone(zone)
	}
	key := r.owner.key()
	this := hostRecord{addr, source}
	known := slices.DeleteFunc(d.hosts[key], func(h hostRecord) bool { return h == this })
	if r.ttl > 0 && len(known) < maxHostAddrs && (len(known) > 0 || len(d.hosts) < maxHosts) {
		known = append(known, this)
	}
	if d.hosts[key] = known; len(known) == 0 {
		delete(d.hosts, key)
	}
}

// add takes in a phone that the library found.
func (d *directory) add(label string, port uint16, addrs []netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if strings.HasPrefix(label, instancePrefix) && port != 0 && len(addrs) > 0 && d.spokenOf(label, 1) {
		d.instances[label].sight(sighting{port: port, addrs: addrs})
	}
}

// missing returns what has to be asked for in order to know where the phones spoken of, and the wanted host, are.
func (d *directory) missing(host name) []question {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []question
	ask := func(q question) {
		const enough = 8 // to a packet
		if len(out) < enough {
			out = append(out, q)
		}
	}
	if host != nil && len(d.hosts[host.key()]) == 0 {
		ask(question{host, typeA})
	}
	for _, label := range sortedKeys(d.instances) {
		i := d.instances[label]
		if len(i.sightings) == 0 {
			ask(question{append(name{label}, httpService...), typeSRV})
		}
		for _, s := range i.sightings {
			if s.addrs == nil && len(d.hosts[s.host.key()]) == 0 {
				ask(question{s.host, typeA})
			}
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// found returns the phones of which it is known where they are, in order of name and id.
func (d *directory) found() []Found {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Found
	for _, i := range d.instances {
		f := Found{}
		f.Name, f.ID = splitLabel(i.label)
		for _, s := range slices.Backward(i.sightings) {
			for _, a := range d.addrs(s) {
				f.Addrs = append(f.Addrs, net.JoinHostPort(a.String(), strconv.Itoa(int(s.port))))
			}
		}
		if f.Addrs = ipv4First(f.Addrs); len(f.Addrs) > 0 {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b Found) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out
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

// at returns who answers to a host's name: one Found for each source, without name and id.
func (d *directory) at(host name, port string) []Found {
	d.mu.Lock()
	defer d.mu.Unlock()
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
		if !slices.ContainsFunc(out, func(o Found) bool { return slices.Equal(o.Addrs, f.Addrs) }) {
			out = append(out, f)
		}
	}
	return out
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
