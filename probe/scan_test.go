package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pialign/pialign/probe/fakephone"
)

// severalLoopbacks skips the test where the system has one loopback address.
func severalLoopbacks(t *testing.T) {
	if l, err := net.Listen("tcp", "127.0.0.9:0"); err != nil {
		t.Skip("this system has one loopback address: ", err)
	} else {
		l.Close()
	}
}

// TestScan looks through 127.0.0.0/27, where there are three phones and some that are none, one of which never answers and one never ends.
func TestScan(t *testing.T) {
	severalLoopbacks(t)
	first := fake(t, fakephone.Config{Name: "A", DeviceID: "fa4e000000000001"}, "127.0.0.2:0")
	_, port, _ := net.SplitHostPort(first.Addr())
	fake(t, fakephone.Config{Name: "B: the 2nd", DeviceID: "fa4e000000000002", Hardware: fakephone.HardwareAbsent}, "127.0.0.5:"+port)
	fake(t, fakephone.Config{Name: "C", DeviceID: "fa4e000000000003"}, "127.0.0.30:"+port)
	var visits atomic.Int32
	serve(t, "127.0.0.7:"+port, func(c net.Conn) { visits.Add(1); _, _ = io.Copy(io.Discard, c) })
	serve(t, "127.0.0.8:"+port, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for {
			if _, err := io.WriteString(c, "1\r\n \r\n"); err != nil {
				return
			}
		}
	})
	serve(t, "127.0.0.9:"+port, func(c net.Conn) { _, _ = io.WriteString(c, "220 mail\r\n") })
	serve(t, "127.0.0.40:"+port, func(net.Conn) { t.Error("an address outside was asked") })
	_, before := SystemClock().Stamp()
	found, err := scan(t.Context(), netip.MustParsePrefix("127.0.0.3/27"), port)
	_, after := SystemClock().Stamp()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`["A" fa4e000000000001 at 127.0.0.2:%[1]s "B: the 2nd" fa4e000000000002 at 127.0.0.5:%[1]s "C" fa4e000000000003 at 127.0.0.30:%[1]s]`, port)
	if got := fmt.Sprint(found); got != want {
		t.Errorf("found %s\nwant  %s", got, want)
	}
	if n := visits.Load(); n != 1 {
		t.Errorf("an address was asked %d times", n)
	}
	// 30 addresses 5 ms apart, then the last time-out; the rest is for a busy machine.
	if took := after.Sub(before); took < 29*scanPace || took > 30*time.Second {
		t.Errorf("took %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found, err := scan(ctx, netip.MustParsePrefix("127.0.0.3/27"), port); found != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v, %v", found, err)
	}
}

func TestScanIsBounded(t *testing.T) {
	for _, network := range []string{"10.0.0.0/8", "192.168.0.0/23", "8.8.8.0/24", "fe80::/120", "0.0.0.0/0", "224.0.0.0/24"} {
		if found, err := Scan(t.Context(), netip.MustParsePrefix(network)); found != nil || err == nil {
			t.Errorf("%s was scanned", network)
		}
	}
	if _, err := Scan(t.Context(), netip.Prefix{}); err == nil {
		t.Error("no network at all was scanned")
	}
	for network, want := range map[string]int{"192.168.1.77/24": 254, "192.168.1.1/30": 2, "192.168.1.1/31": 2, "192.168.1.1/32": 1} {
		if got := len(hostsOf(netip.MustParsePrefix(network).Masked())); got != want {
			t.Errorf("%s has %d hosts, want %d", network, got, want)
		}
	}
	nets, err := LocalNets()
	for _, n := range nets {
		if n.Bits() < scanBits || !scannable(n.Addr()) || n.Addr().IsLoopback() || n != n.Masked() {
			t.Errorf("local network %s", n)
		}
	}
	if err != nil {
		t.Error(err)
	}
}
