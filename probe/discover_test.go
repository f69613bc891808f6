package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/pialign/pialign/probe/fakephone"
)

// rr writes one resource record.
func rr(owner name, kind uint16, ttl uint32, data []byte) []byte {
	var b []byte
	for _, l := range owner {
		b = append(append(b, byte(len(l))), l...)
	}
	b = append(b, 0)
	b = binary.BigEndian.AppendUint16(b, kind)
	b = binary.BigEndian.AppendUint16(b, classINET|1<<15)
	b = binary.BigEndian.AppendUint32(b, ttl)
	b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	return append(b, data...)
}

func wireName(n name) []byte { return buildQuery([]question{{n, 0}})[12 : 12+nameBytes(n)] }

func nameBytes(n name) int {
	size := 1
	for _, l := range n {
		size += len(l) + 1
	}
	return size
}

// mdnsAnswer puts records into an answer.
func mdnsAnswer(records ...[]byte) []byte {
	b := make([]byte, 12)
	b[2] = 0x84
	binary.BigEndian.PutUint16(b[6:], uint16(len(records)))
	for _, r := range records {
		b = append(b, r...)
	}
	return b
}

// announced is what a phone called label at host says, port in two bytes. It holds the NSEC record without a single type
// that python-zeroconf writes, for which the library's parser drops the packet.
func announced(label, host string, port uint16, ttl uint32, ip ...byte) [][]byte {
	service := append(name{label}, httpService...)
	target := name{host, "local"}
	srv := binary.BigEndian.AppendUint16([]byte{0, 0, 0, 0}, port)
	return [][]byte{
		rr(httpService, typePTR, ttl, wireName(service)),
		rr(target, 47, ttl, append(wireName(target), 0, 0)),
		rr(service, typeSRV, ttl, append(srv, wireName(target)...)),
		rr(service, 16, ttl, []byte{0}),
		rr(target, typeA, ttl, ip),
	}
}

// responder answers every mDNS question sent to it with what answer returns, and returns a socket that asks it.
func responder(t *testing.T, answer func(query []byte) []byte) socket {
	t.Helper()
	var lc net.ListenConfig
	c, err := lc.ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, maxPacket)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = c.WriteTo(answer(b[:n]), from)
		}
	}()
	t.Cleanup(func() { c.Close(); <-done })
	ask, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return socket{conn: ask, to: c.LocalAddr().(*net.UDPAddr)}
}

// ear listens with the sockets until ok, and returns what was found.
func hearUntil(t *testing.T, sockets []socket, host name, ok func(*directory) bool) *directory {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	d := newDirectory(host)
	questions := func() []byte { return buildQuery(append([]question{{httpService, typePTR}}, d.missing(host)...)) }
	err := listenAt(ctx, sockets, questions, func(p packet) {
		if records, err := parseAnswer(p.data); err == nil {
			d.hear(records, p.source, p.zone)
		}
		if ok(d) {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if !ok(d) {
		t.Fatalf("never heard; found %v", d.found())
	}
	return d
}

func TestTheEarHearsWhatTheLibraryDrops(t *testing.T) {
	const label = "PI monitor:Dr. Who: 2nd (ü):d55a33b5ab845785"
	answer := mdnsAnswer(announced(label, "neon", 8081, 120, 192, 0, 2, 7)...)
	if new(dns.Msg).Unpack(answer) == nil {
		t.Error("the library's parser takes this packet by now, so this test shows nothing")
	}
	asks := responder(t, func(query []byte) []byte {
		var p dnsmessage.Parser
		if _, err := p.Start(query); err != nil {
			t.Error(err)
		}
		q, err := p.Question()
		if err != nil || q.Name.String() != "_http._tcp.local." || q.Type != dnsmessage.TypePTR || q.Class != dnsmessage.ClassINET {
			t.Errorf("asked %v, %v", q, err)
		}
		return answer
	})
	d := hearUntil(t, []socket{asks}, nil, func(d *directory) bool { return len(d.found()) > 0 })
	want := Found{Name: "Dr. Who: 2nd (ü)", ID: "d55a33b5ab845785", Addrs: []string{"192.0.2.7:8081"}}
	if got := d.found(); len(got) != 1 || got[0].Name != want.Name || got[0].ID != want.ID || !slices.Equal(got[0].Addrs, want.Addrs) {
		t.Errorf("found %v, want %v", got, want)
	}
}

// TestTheEarAsksForTheRest of a phone that first tells its name alone, then its port, then its address.
func TestTheEarAsksForTheRest(t *testing.T) {
	all := announced("PI monitor:A:01", "pi", 8080, 120, 192, 0, 2, 9)
	asks := responder(t, func(query []byte) []byte {
		m := new(dns.Msg)
		if err := m.Unpack(query); err != nil {
			t.Error(err)
			return nil
		}
		switch last := m.Question[len(m.Question)-1]; {
		case last.Qtype == dns.TypeSRV && last.Name == `PI\ monitor:A:01._http._tcp.local.`:
			return mdnsAnswer(all[2])
		case last.Qtype == dns.TypeA && last.Name == "pi.local.":
			return mdnsAnswer(all[4])
		}
		return mdnsAnswer(all[0])
	})
	d := hearUntil(t, []socket{asks}, nil, func(d *directory) bool {
		f := d.found()
		return len(f) == 1 && f[0].Addrs[0] == "192.0.2.9:8080"
	})
	if q := d.missing(nil); len(q) != 0 {
		t.Errorf("still asks %v", q)
	}
}

// TestTheEarAsksForAHost of which no phone speaks.
func TestTheEarAsksForAHost(t *testing.T) {
	pi := name{"pi", "local"}
	asks := responder(t, func(query []byte) []byte {
		m := new(dns.Msg)
		if err := m.Unpack(query); err != nil || m.Question[1].Name != "pi.local." || m.Question[1].Qtype != dns.TypeA {
			t.Errorf("asked %v (%v)", m.Question, err)
		}
		return mdnsAnswer(rr(name{"printer", "local"}, typeA, 120, []byte{192, 0, 2, 1}), rr(name{"PI", "local"}, typeA, 120, []byte{192, 0, 2, 2}))
	})
	d := hearUntil(t, []socket{asks}, pi, func(d *directory) bool { return len(d.at(pi, "")) > 0 })
	if got := listed(d.at(pi, "")); got != "192.0.2.2:8080" || len(d.hosts) != 1 {
		t.Errorf("pi.local is %s, and %d hosts are kept", got, len(d.hosts))
	}
}

func TestWhatWasHeard(t *testing.T) {
	one, two := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	d := newDirectory(nil)
	hear := func(source netip.Addr, records ...[]byte) {
		t.Helper()
		got, err := parseAnswer(mdnsAnswer(records...))
		if err != nil {
			t.Fatal(err)
		}
		d.hear(got, source, "eth0")
	}
	found := func(want ...string) {
		t.Helper()
		if got := listed(d.found()); got != strings.Join(want, "; ") {
			t.Errorf("found %s, want %s", got, strings.Join(want, "; "))
		}
	}
	found("no phone at all")
	// Two phones that both call themselves neon.local: each keeps its own address.
	hear(one, announced("PI monitor:Left:01", "neon", 8080, 120, 192, 0, 2, 1)...)
	hear(two, announced("PI monitor:Right:02", "neon", 8080, 120, 192, 0, 2, 2)...)
	found(`"Left" 01 at 192.0.2.1:8080`, `"Right" 02 at 192.0.2.2:8080`)
	for _, port := range []string{"", "8080"} {
		if got := listed(d.at(name{"NEON", "Local"}, port)); got != `"Left" 01 at 192.0.2.1:8080; "Right" 02 at 192.0.2.2:8080` {
			t.Errorf("neon.local with port %q is %s, want two phones", port, got)
		}
	}
	if got := listed(d.at(name{"neon", "local"}, "81")); got != "192.0.2.1:81; 192.0.2.2:81" {
		t.Errorf("neon.local with port 81 is %s, want two addresses", got)
	}
	// Others that offer HTTP are no phones.
	hear(one, announced("Printer:03", "hp", 80, 120, 192, 0, 2, 3)...)
	hear(one, announced("pi monitor:x:04", "hp", 80, 120, 192, 0, 2, 3)...)
	found(`"Left" 01 at 192.0.2.1:8080`, `"Right" 02 at 192.0.2.2:8080`)
	// A new port, the same phone; an IPv6 address comes last, with the interface it leads through.
	hear(one, announced("PI monitor:Left:01", "neon", 8081, 120, 192, 0, 2, 1)...)
	v6 := netip.MustParseAddr("fe80::1").As16()
	hear(one, rr(name{"neon", "local"}, typeAAAA, 120, v6[:]))
	found(`"Left" 01 at 192.0.2.1:8081, [fe80::1%eth0]:8081`, `"Right" 02 at 192.0.2.2:8080`)
	// The library has heard it too.
	d.add("PI monitor:Left:01", name{"neon", "local"}, 8081, []netip.Addr{one})
	d.add("Printer", nil, 80, []netip.Addr{one})
	found(`"Left" 01 at 192.0.2.1:8081, [fe80::1%eth0]:8081`, `"Right" 02 at 192.0.2.2:8080`)
	// Goodbye.
	hear(one, announced("PI monitor:Left:01", "neon", 8081, 0, 192, 0, 2, 1)...)
	found(`"Right" 02 at 192.0.2.2:8080`)
	// A hostile network does not fill the memory.
	for i := range 3000 {
		label := string(rune('a'+i%26)) + strings.Repeat("x", i/26%40) + string(rune('a'+i/1040))
		hear(one, announced("PI monitor:"+label, label, 1, 120, 1, 2, byte(i>>8), byte(i))...)
	}
	if len(d.instances) > maxInstances || len(d.hosts) > maxInstances {
		t.Errorf("keeps %d phones and %d hosts", len(d.instances), len(d.hosts))
	}
}

func TestLabels(t *testing.T) {
	for label, want := range map[string][2]string{
		"PI monitor:OnePlus8:d55a33b5ab845785": {"OnePlus8", "d55a33b5ab845785"},
		"PI monitor:a:b:c:01":                  {"a:b:c", "01"},
		"PI monitor:alone":                     {"alone", ""},
		"PI monitor::01":                       {"", "01"},
	} {
		if n, id := splitLabel(label); n != want[0] || id != want[1] {
			t.Errorf("%q is %q and %q, want %q", label, n, id, want)
		}
	}
	for escaped, want := range map[string]string{
		`PI\ monitor:My\ Phone\ \(\195\188\)`: "PI monitor:My Phone (ü)", `a\.b\\c`: `a.b\c`, `\`: `\`, `\99`: "99", `\999`: "999", ``: ``,
	} {
		if got := unescape(escaped); got != want {
			t.Errorf("%q is %q, want %q", escaped, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	all := []Found{{Name: "Neon Companion", ID: "0a"}, {Name: "Neon Companion", ID: "0b"}, {Name: "left", ID: "0c"}, {Name: "LEFT", ID: "0d"}}
	for spec, want := range map[string]string{
		"0A": "0a", "0b": "0b", "Neon Companion": "0a 0b", "neon companion": "0a 0b", "left": "0c", "Left": "0c 0d", "0": "", "Neon": "",
		"PI monitor:left:0c": "0c", "": "",
	} {
		var ids []string
		for _, f := range match(all, spec) {
			ids = append(ids, f.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q names %q, want %q", spec, got, want)
		}
	}
	if _, err := One(all[:2]); !errors.Is(err, ErrAmbiguous) || !strings.Contains(err.Error(), "0b") {
		t.Errorf("one of two: %v", err)
	}
	if _, err := One(nil); !errors.Is(err, ErrNoPhone) || !strings.Contains(err.Error(), "Streaming") {
		t.Errorf("one of none: %v", err)
	}
}

// TestAnAddressNeedsNoNetwork: these come back although nothing may be sent.
func TestAnAddressNeedsNoNetwork(t *testing.T) {
	for spec, want := range map[string]string{
		"192.0.2.1:8081": "192.0.2.1:8081", "192.0.2.1": "192.0.2.1:8080", " localhost ": "localhost:8080", "[2001:db8::1]:80": "[2001:db8::1]:80",
		"2001:db8::1": "[2001:db8::1]:8080", "fe80::1%eth0": "[fe80::1%eth0]:8080", "phone.example.org:8080": "phone.example.org:8080",
		"http://192.0.2.1:8080/": "192.0.2.1:8080",
	} {
		got, err := Resolve(t.Context(), spec, 0)
		if err != nil || len(got) != 1 || len(got[0].Addrs) != 1 || got[0].Addrs[0] != want {
			t.Errorf("%q leads to %v (%v), want %s", spec, got, err, want)
		}
	}
	if _, err := Resolve(t.Context(), "", 0); !errors.Is(err, ErrNoPhone) {
		t.Errorf("nothing: %v", err)
	}
}

func TestNowhereToAsk(t *testing.T) {
	err := listenAt(t.Context(), nil, func() []byte { return nil }, func(packet) {})
	if !errors.Is(err, ErrMulticast) {
		t.Errorf("%v, want %v", err, ErrMulticast)
	}
}

// TestMulticast finds fake phones on this computer. It needs a network with multicast: PIALIGN_TEST_MULTICAST=1 asks for it.
func TestMulticast(t *testing.T) {
	if os.Getenv("PIALIGN_TEST_MULTICAST") == "" {
		t.Skip("PIALIGN_TEST_MULTICAST is not set")
	}
	a := fake(t, fakephone.Config{Name: "A: Dr. W", DeviceID: "fa4e0000000000a1", Announce: &fakephone.Announcement{}}, "0.0.0.0:0")
	b := fake(t, fakephone.Config{Name: "B", DeviceID: "fa4e0000000000b1", Announce: &fakephone.Announcement{}}, "0.0.0.0:0")
	found, err := Discover(t.Context(), 4*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(listed(found))
	for _, f := range []*fakephone.Phone{a, b} {
		for _, spec := range []string{f.DeviceID(), f.Name()} {
			got, err := Resolve(t.Context(), spec, 10*time.Second)
			if err != nil || len(got) != 1 || got[0].ID != f.DeviceID() || got[0].Name != f.Name() {
				t.Errorf("%q leads to %v (%v)", spec, got, err)
				continue
			}
			p, err := got[0].Open(t.Context(), Options{})
			if err != nil {
				t.Error(err)
				continue
			}
			mustHoldTruth(t, f, collect(t, p, Schedule{Count: 3, Spacing: quick}))
			p.Close()
		}
	}
	if got, err := Resolve(t.Context(), "PI.local", 10*time.Second); err != nil || len(got) != 2 {
		t.Errorf("pi.local leads to %v (%v), want both phones", got, err)
	}
	_, port, _ := net.SplitHostPort(a.Addr())
	p, err := Open(t.Context(), "pi.local:"+port, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Status().Phone.DeviceID != a.DeviceID() {
		t.Errorf("pi.local:%s is %+v", port, p.Status().Phone)
	}
	p.Close()
}
