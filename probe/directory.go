package probe

import (
	"net/netip"
	"slices"
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
	maxHostAddrs = 16
)

// directory is what has been heard so far.
type directory struct {
	mu        sync.Mutex
	wanted    string                  // key of a host of interest even if no phone calls its host so
	instances map[string]*instance    // by label
	hosts     map[string][]hostRecord // by key of the host's name; only those of interest
}

// instance is a phone that somebody spoke of.
type instance struct {
	label     string
	sightings []sighting // at most one for each source, newest last
}

// sighting is where one source says that a phone is.
type sighting struct {
	source netip.Addr // who said so; the zero Addr: the library
	host   name
	port   uint16       // of HTTP
	addrs  []netip.Addr // of host, where the source told both at once
}

type hostRecord struct {
	addr, source netip.Addr
}

// newDirectory returns an empty directory, for phones and, unless it is nil, for a host.
func newDirectory(host name) *directory {
	return &directory{wanted: host.key(), instances: make(map[string]*instance), hosts: make(map[string][]hostRecord)}
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
		}
	}
	for _, r := range records { // they may stand before what makes them interesting
		if key := r.owner.key(); (r.kind == typeA || r.kind == typeAAAA) && d.cares(key) {
			d.hostHas(key, r, source, zone)
		}
	}
}

// cares says whether the addresses of a host are of interest. In a large network hundreds of others are overheard.
func (d *directory) cares(key string) bool {
	if key == d.wanted {
		return true
	}
	for _, i := range d.instances {
		if slices.ContainsFunc(i.sightings, func(s sighting) bool { return s.host.key() == key }) {
			return true
		}
	}
	return false
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

func (d *directory) hostHas(key string, r record, source netip.Addr, zone string) {
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
	this := hostRecord{addr, source}
	known := slices.DeleteFunc(d.hosts[key], func(h hostRecord) bool { return h == this })
	if r.ttl > 0 && len(known) < maxHostAddrs {
		known = append(known, this)
	}
	if d.hosts[key] = known; len(known) == 0 {
		delete(d.hosts, key)
	}
}

// add takes in a phone that the library found.
func (d *directory) add(label string, host name, port uint16, addrs []netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if strings.HasPrefix(label, instancePrefix) && port != 0 && len(addrs) > 0 && d.spokenOf(label, 1) {
		d.instances[label].sight(sighting{host: host, port: port, addrs: addrs})
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
