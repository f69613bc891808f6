package probe

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe/fakephone"
)

// endless are answers that never come to an end: as fast as they are taken, and so slowly that no single read takes long.
var endless = map[string]struct {
	head, unit string
	slow       bool
}{
	"body of 10 MB":       {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n", "[", false},
	"body without end":    {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", `{"result":`, false},
	"nesting without end": {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", "[", false},
	"chunks without end":  {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n{\r\n", false},
	"header without end":  {"HTTP/1.1 200 OK\r\n", "X: y\r\n", false},
	"line without end":    {"HTTP/1.1 200 OK\r\nX: ", "y", false},
	"interim without end": {"", "HTTP/1.1 100 Continue\r\n\r\n", false},
	"trailers":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n", false},
	"slow body":           {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n", " ", true},
	"slow chunks":         {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n", true},
	"slow header":         {"HTTP/1.1 200 OK\r\nX: ", "y", true},
}

// pour writes an endless answer until the other side has had enough.
func pour(t *testing.T, c net.Conn, head, unit string, slow bool) {
	_, err := io.WriteString(c, head)
	if !slow {
		unit = strings.Repeat(unit, 1000)
	}
	for err == nil {
		if slow { // far less than the time-out from byte to byte
			err = SystemClock().Wait(t.Context(), 5*time.Millisecond)
		}
		if err == nil {
			_, err = io.WriteString(c, unit)
		}
	}
}

// TestEndlessAnswers: neither the time nor the memory of an exchange is in the phone's hands, and the next one goes on.
func TestEndlessAnswers(t *testing.T) {
	const timeout = 500 * time.Millisecond
	for name, e := range endless {
		t.Run(name, func(t *testing.T) {
			addr := scripted(t, func(n int, c net.Conn) string {
				if n%2 == 1 {
					return timestamped("1744271292116000000")
				}
				pour(t, c, e.head, e.unit, e.slow)
				return ""
			})
			p := connect(t, addr, Options{Timeout: timeout})
			mustBeBounded(t, timeout, func() {
				x := p.Event(t.Context(), 0)
				if want := map[bool]Outcome{false: BadReply, true: Timeout}[e.slow]; x.Outcome != want || x.E != 0 || x.A == 0 {
					t.Errorf("%s: %v, want %s", x.Outcome, x.Err, want)
				}
			})
			if x := p.Event(t.Context(), 1); !x.Good() {
				t.Errorf("the next one: %s, %v", x.Outcome, x.Err)
			}
			all := serve(t, "127.0.0.1:0", func(c net.Conn) { pour(t, c, e.head, e.unit, e.slow) })
			mustBeBounded(t, timeout, func() {
				_, err := Open(t.Context(), all, Options{Timeout: timeout})
				if !errors.Is(err, ErrNotAPhone) && !errors.Is(err, ErrNoPhone) || !strings.Contains(err.Error(), all) || strings.Contains(err.Error(), "\n") {
					t.Errorf("opened with %v", err)
				}
			})
		})
	}
}

// mustBeBounded fails if f takes much longer than a time-out, or much memory.
func mustBeBounded(t *testing.T, timeout time.Duration, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, began := SystemClock().Stamp()
	f()
	_, ended := SystemClock().Stamp()
	runtime.ReadMemStats(&after)
	// A time-out for the connection, one for the answer; the rest is for a busy machine.
	if took := ended.Sub(began); took > 2*timeout+5*time.Second {
		t.Errorf("it took %v", took)
	}
	// A status may have 1 MB, which append grows in steps of a quarter; the server's own part is small.
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("it took %d bytes", n)
	}
}

func TestEchoThatSaysNothing(t *testing.T) {
	const timeout = 300 * time.Millisecond
	for name, answer := range map[string]func(c net.Conn){
		"silent":   func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"half":     func(c net.Conn) { _, _ = c.Write(make([]byte, 8)); _, _ = io.Copy(io.Discard, c) },
		"drips":    func(c net.Conn) { pour(t, c, "", "\x00", true) },
		"floods":   func(c net.Conn) { pour(t, c, "", "\x00", false) },
		"hangs up": func(net.Conn) {},
	} {
		t.Run(name, func(t *testing.T) {
			p := connect(t, echoing(t, answer), Options{Timeout: timeout})
			mustBeBounded(t, timeout, func() {
				for seq := range int64(2) {
					if x := p.Echo(t.Context(), seq); x.Good() || x.E != 0 || x.Err == nil {
						t.Errorf("%+v", x)
					}
				}
			})
		})
	}
}

// TestOddText: what is not UTF-8, or would steer a terminal, does neither harm the time nor get through.
func TestOddText(t *testing.T) {
	addr := scripted(t, func(int, net.Conn) string {
		return answering("200 OK", "application/json", "{\"message\":\"\xff\xfe\",\"result\":{\"recording_id\":\"\xff\x80\",\"timestamp\":1744271292116000000}}")
	})
	if x := connect(t, addr, Options{}).Event(t.Context(), 0); x.E != 0 && x.E != 1744271292116000000 || !utf8.ValidString(x.RecordingID) {
		t.Errorf("recording %q", x.RecordingID)
	}
	s, err := parseStatus(&reply{status: 200, contentType: "application/json", body: []byte(
		`{"result":[{"model":"Phone","data":{"device_id":"a","device_name":"\u001b[2J` + "\xff" + `\u0007 Ada\n"}},{"model":"Recording","data":{"id":"r","action":"ERROR","message":"\u009b31m"}}]}`)})
	if err != nil || strings.ContainsFunc(s.Phone.Name+s.Recording.Message, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) || !strings.Contains(s.Phone.Name, "Ada") {
		t.Errorf("name %q, message %q, %v", s.Phone.Name, s.Recording.Message, err)
	}
}

// TestPhoneRestarts: the same phone comes back at the same address with another port for Time Echo and another time, as after it was restarted. Exchanges go on,
// and none mixes the two.
func TestPhoneRestarts(t *testing.T) {
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	for _, by := range []Protocol{Event, Echo, Both} {
		f := fake(t, fakephone.Config{Time: clock}, "")
		p := connect(t, f.Addr(), Options{Clock: clock, Timeout: time.Second})
		var xs []Exchange
		back := (*fakephone.Phone)(nil)
		if err := Run(t.Context(), p, Schedule{Protocol: by, Count: 40}, func(x Exchange) error {
			xs = append(xs, x)
			switch x.Seq {
			case 9:
				return f.Close()
			case 19:
				back = fake(t, fakephone.Config{Time: clock, Clock: scenario.Clock{Origin: clock.Now(), Offset: -time.Hour}}, f.Addr())
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for i, x := range xs {
			// Right after the restart one exchange may go to where Time Echo was.
			if up := i < 10 || i >= 22; len(xs) != 40 || up != x.Good() && (i < 20 || i >= 22) {
				t.Errorf("%s: exchange %d of %d: %s: %v", by, i, len(xs), x.Outcome, x.Err)
			}
		}
		mustHoldTruth(t, f, xs[:10])
		mustHoldTruth(t, back, xs[22:])
	}
}

// TestLinkLocal reaches a phone at a link-local address, which needs the name of the interface, through this computer's own.
func TestLinkLocal(t *testing.T) {
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			n, ok := a.(*net.IPNet)
			if !ok || n.IP.To4() != nil || !n.IP.IsLinkLocalUnicast() || i.Flags&net.FlagUp == 0 {
				continue
			}
			host := fmt.Sprintf("%s%%%s", n.IP, i.Name)
			if l, err := net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
				continue
			} else {
				l.Close()
			}
			f := fake(t, fakephone.Config{Radio: &fakephone.Radio{Awake: time.Hour}}, net.JoinHostPort(host, "0"))
			p := connect(t, f.Addr(), Options{})
			if !strings.Contains(p.Addr(), "%"+i.Name) {
				t.Errorf("address %s has lost its zone", p.Addr())
			}
			mustHoldTruth(t, f, collect(t, p, Schedule{Protocol: Both, Count: 10, Spacing: time.Millisecond, Wake: time.Millisecond}))
			if f.Wakes() == 0 {
				t.Error("no wake packet came")
			}
			until := watching(t, p)
			until("the phone", func(s Status) bool { return s.Phone.DeviceID == f.DeviceID() })
			found, err := Resolve(t.Context(), f.Addr(), time.Second)
			if err != nil || len(found) != 1 || found[0].Addrs[0] != f.Addr() {
				t.Errorf("resolved to %v, %v", found, err)
			}
			return
		}
	}
	t.Skip("no interface with a link-local IPv6 address here")
}

// TestSeveralInterfaces: of a phone's addresses the first ones lead nowhere, or to another phone; over a computer's several interfaces that is usual.
func TestSeveralInterfaces(t *testing.T) {
	severalLoopbacks(t)
	f := fake(t, fakephone.Config{}, "127.0.0.2:0")
	other := fake(t, fakephone.Config{DeviceID: "fa4e000000000002"}, "127.0.0.3:0")
	deaf := serve(t, "127.0.0.4:0", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	p, err := Found{ID: f.DeviceID(), Addrs: []string{"127.0.0.5:1", deaf, other.Addr(), "[::1]:1", f.Addr()}}.Open(t.Context(), Options{Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Addr() != f.Addr() {
		t.Errorf("opened %s, want %s", p.Addr(), f.Addr())
	}
	mustHoldTruth(t, f, collect(t, p, Schedule{Count: 5, Spacing: quick}))
	if n := len(other.Exchanges()); n > 0 {
		t.Errorf("the other phone got %d events", n)
	}
}

// TestHostClockSetDuringAPhase: the wall clock is set by a second and back; the monotonic stamps tell, and what they bound stays true.
func TestHostClockSetDuringAPhase(t *testing.T) {
	clock := &settable{VirtualTime: fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)}
	f := fake(t, fakephone.Config{Time: clock.VirtualTime}, "")
	p := connect(t, f.Addr(), Options{Clock: clock})
	var xs []Exchange
	if err := Run(t.Context(), p, Schedule{Count: 30}, func(x Exchange) error {
		xs = append(xs, x)
		clock.by = map[bool]time.Duration{true: time.Second}[x.Seq >= 9 && x.Seq < 19]
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	all := truths(f)
	for i, x := range xs {
		by := map[bool]time.Duration{true: time.Second}[i >= 10 && i < 20]
		e := all[x.EventName]
		if at := e.Arrived.Add(by); !x.Good() || x.A > at || x.B < at || e.Stamp != x.E {
			t.Errorf("exchange %d: %s, [%d, %d], want it around %d", i, x.Outcome, x.A, x.B, at)
		}
		const origin = 1_790_000_000_000_000_000 - 5_000_000_000
		if wall := align.HostTime(x.MonoA) + origin; wall != x.A.Add(-by) {
			t.Errorf("exchange %d: monotonic %d, wall %d", i, x.MonoA, x.A)
		}
	}
}

// settable is a host clock whose wall clock somebody sets.
type settable struct {
	*fakephone.VirtualTime
	by time.Duration
}

func (c *settable) Stamp() (align.HostTime, align.MonoTime) {
	h, m := c.VirtualTime.Stamp()
	return h.Add(c.by), m
}
