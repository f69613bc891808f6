package fakephone

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// TestAnnounce runs again in a network namespace that holds a loopback interface only, so that no other machine
// hears of phones that do not exist, and listens there to what goes out by multicast.
func TestAnnounce(t *testing.T) {
	if os.Getenv(aloneEnv) == "" {
		runAlone(t)
		return
	}
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	heard := listen(t, lo)
	phones := map[string]*Phone{}
	for id, cfg := range map[string]Config{
		"fa4e00000000000a": {Name: "Lab. 3: left", Family: Neon},
		"fa4e00000000000b": {Name: "OnePlus8"},
	} {
		cfg.Time, cfg.DeviceID = NewVirtualTime(morning, 1), id
		cfg.Announce = &Announcement{Interfaces: []net.Interface{*lo}}
		p, err := Start(t.Context(), cfg, "")
		if err != nil {
			t.Fatal(err)
		}
		phones[id] = p
	}
	for id, want := range map[string]struct{ owner, host string }{
		"fa4e00000000000a": {`PI\ monitor:Lab\.\ 3:\ left:fa4e00000000000a._http._tcp.local.`, "neon.local."},
		"fa4e00000000000b": {`PI\ monitor:OnePlus8:fa4e00000000000b._http._tcp.local.`, "pi.local."},
	} {
		srv := heard.until(func(r dns.RR) bool { return r.Header().Rrtype == dns.TypeSRV && r.Header().Name == want.owner }).(*dns.SRV)
		if srv.Target != want.host || srv.Port != uint16(port(phones[id].web)) {
			t.Errorf("%s: %s:%d, want %s:%d", id, srv.Target, srv.Port, want.host, port(phones[id].web))
		}
		heard.until(func(r dns.RR) bool { return r.Header().Rrtype == dns.TypeTXT && r.Header().Name == want.owner })
		a := heard.until(func(r dns.RR) bool { return r.Header().Rrtype == dns.TypeA && r.Header().Name == want.host }).(*dns.A)
		if !a.A.Equal(net.IPv4(127, 0, 0, 1)) {
			t.Errorf("%s: address %s", id, a.A)
		}
		if err := phones[id].Close(); err != nil {
			t.Error(err)
		}
		heard.until(func(r dns.RR) bool {
			ptr, ok := r.(*dns.PTR)
			return ok && ptr.Ptr == want.owner && ptr.Hdr.Ttl == 0 // a goodbye: RFC 6762 section 10.1
		})
	}
}

// TestAnnounceInSeveralNetworks: a phone that listens on all addresses is announced with each, and says one that can be asked.
func TestAnnounceInSeveralNetworks(t *testing.T) {
	if os.Getenv(aloneEnv) == "" {
		runAlone(t)
		return
	}
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	heard := listen(t, lo)
	p, err := Start(t.Context(), Config{Time: NewVirtualTime(morning, 1), Announce: &Announcement{Interfaces: []net.Interface{*lo}}}, "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if host, _, _ := net.SplitHostPort(p.Addr()); host != "10.77.1.1" {
		t.Errorf("address %s, want one of a network", p.Addr())
	}
	for _, want := range []net.IP{net.IPv4(10, 77, 1, 1), net.IPv4(10, 77, 2, 1)} {
		heard.until(func(r dns.RR) bool {
			a, ok := r.(*dns.A)
			return ok && a.Hdr.Name == "pi.local." && a.A.Equal(want)
		})
	}
}

// runAlone runs this test again in a network namespace, or skips where the system does not let us have one.
func runAlone(t *testing.T) {
	t.Helper()
	ip, err := exec.LookPath("ip")
	if err != nil {
		t.Skip("no ip command to set up a network with")
	}
	script := ip + " link set lo up multicast on && " + ip + " address add 10.77.1.1/24 dev lo && " + ip + " address add 10.77.2.1/24 dev lo && " + ip + ` route add 224.0.0.0/4 dev lo || { echo no-network; exit 0; }
exec "$0" "$@"`
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", script, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), aloneEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch text := string(out); {
	case cmd.Process == nil || strings.HasPrefix(text, "no-network"):
		t.Skipf("no network of its own to be had: %v %s", err, out)
	case err != nil || !strings.Contains(text, "--- PASS: "+t.Name()):
		t.Errorf("%v\n%s", err, out)
	}
}

// ear hears records that are sent to the mDNS group.
type ear struct {
	t    *testing.T
	conn *net.UDPConn
	kept []dns.RR
}

func listen(t *testing.T, i *net.Interface) *ear {
	t.Helper()
	conn, err := net.ListenMulticastUDP("udp4", i, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &ear{t: t, conn: conn}
}

// until returns the first record heard so far, or from now on, that is the one looked for.
func (e *ear) until(is func(dns.RR) bool) dns.RR {
	e.t.Helper()
	for i := 0; ; i++ {
		for i >= len(e.kept) {
			e.hear()
		}
		if is(e.kept[i]) {
			return e.kept[i]
		}
	}
}

func (e *ear) hear() {
	e.t.Helper()
	buf := make([]byte, 9000) // the most that mDNS sends: RFC 6762 section 17
	if err := e.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		e.t.Fatal(err)
	}
	n, err := e.conn.Read(buf)
	if err != nil {
		e.t.Fatalf("%v; heard %v", err, e.kept)
	}
	var m dns.Msg
	if m.Unpack(buf[:n]) == nil && m.Response {
		e.kept = append(append(e.kept, m.Answer...), m.Extra...)
	}
}
