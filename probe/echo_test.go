package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/probe/fakephone"
)

// echoing starts a phone whose Time Echo is rounds, which is called for each connection.
func echoing(t *testing.T, rounds func(c net.Conn)) string {
	_, port, err := net.SplitHostPort(serve(t, "127.0.0.1:0", rounds))
	if err != nil {
		t.Fatal(err)
	}
	status := strings.Replace(okStatus, `"ip"`, `"time_echo_port":`+port+`,"ip"`, 1)
	return serve(t, "127.0.0.1:0", func(c net.Conn) {
		_, _ = io.WriteString(c, answering("200 OK", "application/json", status))
	})
}

func echoed(t1, ms uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, t1), ms)
}

func TestEchoAnswers(t *testing.T) {
	const now = 1744271292116
	for name, c := range map[string]struct {
		answer func(t1 uint64) []byte
		want   Outcome
	}{
		"good":      {func(t1 uint64) []byte { return echoed(t1, now) }, OK},
		"another":   {func(t1 uint64) []byte { return echoed(t1-1, now) }, BadReply},
		"too long":  {func(t1 uint64) []byte { return append(echoed(t1, now), 0) }, BadReply},
		"too short": {func(t1 uint64) []byte { return echoed(t1, now)[:15] }, BadReply},
		"empty":     {func(uint64) []byte { return nil }, Refused},
		"zero":      {func(t1 uint64) []byte { return echoed(t1, 0) }, BadReply},
		"seconds":   {func(t1 uint64) []byte { return echoed(t1, now/1000) }, BadReply},
		"us":        {func(t1 uint64) []byte { return echoed(t1, now*1000) }, BadReply},
		"ns":        {func(t1 uint64) []byte { return echoed(t1, now*1000000) }, BadReply},
		"negative":  {func(t1 uint64) []byte { return echoed(t1, 1<<64-now) }, BadReply},
		"overflow":  {func(t1 uint64) []byte { return echoed(t1, 1<<63/1000000+1) }, BadReply},
	} {
		t.Run(name, func(t *testing.T) {
			addr := echoing(t, func(conn net.Conn) {
				var b [8]byte
				if _, err := io.ReadFull(conn, b[:]); err == nil {
					_, _ = conn.Write(c.answer(binary.BigEndian.Uint64(b[:])))
				}
			})
			x := connect(t, addr, Options{Timeout: 10 * time.Second}).Echo(t.Context(), 5)
			if x.Outcome != c.want || (c.want == OK) != (x.Err == nil) || x.Protocol != "echo" || x.Seq != 5 || x.A == 0 {
				t.Errorf("%+v, want %s", x, c.want)
			}
			if c.want == OK && (x.E != now*1e6 || x.B < x.A) || c.want != OK && (x.E != 0 || x.B != 0) {
				t.Errorf("stamps %d %d %d", x.A, x.E, x.B)
			}
		})
	}
}

// TestEchoThatStampsLate sends back the number at once and reads its clock only then: B must not be taken before.
func TestEchoThatStampsLate(t *testing.T) {
	stamped := make(chan int64, 1)
	addr := echoing(t, func(c net.Conn) {
		var b [8]byte
		if _, err := io.ReadFull(c, b[:]); err != nil {
			return
		}
		_, _ = c.Write(b[:])
		// What a careless client would take for B passes by now; how long it is does not matter.
		_ = SystemClock().Wait(t.Context(), 20*time.Millisecond)
		now := wallNow()
		stamped <- int64(now)
		_, _ = c.Write(binary.BigEndian.AppendUint64(nil, uint64(now)/1e6))
	})
	x := connect(t, addr, Options{Timeout: 10 * time.Second}).Echo(t.Context(), 0)
	if at := <-stamped; !x.Good() || int64(x.A) > at || int64(x.B) < at {
		t.Errorf("%v: stamped at %d, outside of [%d, %d]", x.Err, at, x.A, x.B)
	}
}

// TestInterimAnswer does the same to HTTP: the first bytes belong to no answer yet.
func TestInterimAnswer(t *testing.T) {
	for name, first := range map[string]string{
		"interim":        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
		"interim in two": "HTTP/1.1 100 Con",
		"chunked":        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
		"open":           "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			stamped := make(chan int64, 1)
			addr := scripted(t, func(_ int, c net.Conn) string {
				_, _ = io.WriteString(c, first)
				_ = SystemClock().Wait(t.Context(), 20*time.Millisecond) // as above
				now := int64(wallNow())
				stamped <- now
				body := fmt.Sprintf(`{"result":{"timestamp":%d}}`, now)
				rest := map[string]string{
					"interim":        answering("200 OK", "application/json", body),
					"interim in two": "tinue\r\n\r\n" + answering("200 OK", "application/json", body),
					"chunked":        fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body),
					"open":           body,
				}[name]
				_, _ = io.WriteString(c, rest)
				return ""
			})
			x := connect(t, addr, Options{Timeout: 10 * time.Second}).Event(t.Context(), 0)
			if at := <-stamped; !x.Good() || int64(x.A) > at || int64(x.B) < at || int64(x.E) != at {
				t.Errorf("%v: stamped at %d, got %d in [%d, %d]", x.Err, at, x.E, x.A, x.B)
			}
		})
	}
}

// TestAnswersNobodyAskedFor: what lies on a connection before the question goes out is not its answer.
func TestAnswersNobodyAskedFor(t *testing.T) {
	const stale, right = "1744271292116000000", "1744271299999000000"
	addr := scripted(t, func(n int, c net.Conn) string {
		if n == 0 {
			return timestamped(stale) + timestamped(stale)
		}
		return timestamped(right)
	})
	p := connect(t, addr, Options{Timeout: 10 * time.Second})
	if x := p.Event(t.Context(), 0); !x.Good() {
		t.Error(x.Err)
	}
	if x := p.Event(t.Context(), 1); fmt.Sprint(int64(x.E)) != right || !x.Fresh {
		t.Errorf("%+v, want the stamp %s over a fresh connection", x, right)
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := serve(t, "127.0.0.1:0", func(net.Conn) { t.Error("somebody came") })
	addr := scripted(t, func(int, net.Conn) string {
		return "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://" + elsewhere + "/api/event\r\nContent-Length: 0\r\n\r\n"
	})
	x := connect(t, addr, Options{}).Event(t.Context(), 0)
	if x.Outcome != HTTP || !strings.Contains(fmt.Sprint(x.Err), "307") {
		t.Errorf("%s: %v", x.Outcome, x.Err)
	}
	all := serve(t, "127.0.0.1:0", func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 302 Found\r\nLocation: http://"+elsewhere+"/\r\nContent-Length: 0\r\n\r\n")
	})
	if _, err := Open(t.Context(), all, Options{}); !errors.Is(err, ErrNotAPhone) {
		t.Errorf("opened with %v, want %v", err, ErrNotAPhone)
	}
}

// forward passes connections on to another address.
func forward(t *testing.T, listen, to string) string {
	return serve(t, listen, func(c net.Conn) {
		var d net.Dialer
		out, err := d.DialContext(t.Context(), "tcp", to)
		if err != nil {
			return
		}
		done := make(chan struct{})
		go func() { _, _ = io.Copy(out, c); out.Close(); close(done) }()
		_, _ = io.Copy(c, out)
		c.Close()
		<-done
	})
}

// TestEchoBehindARouter: HTTP goes through a forwarded port, Time Echo does not, and the phone names its own address.
func TestEchoBehindARouter(t *testing.T) {
	const inside = "127.0.0.2"
	if l, err := net.Listen("tcp", inside+":0"); err != nil {
		t.Skip("this system has one loopback address: ", err)
	} else {
		l.Close()
	}
	f := fake(t, fakephone.Config{}, inside+":0")
	_, port, _ := net.SplitHostPort(f.Addr())
	p := connect(t, forward(t, "127.0.0.1:"+port, f.Addr()), Options{})
	if x := p.Echo(t.Context(), 0); !x.Good() {
		t.Errorf("%s: %v", x.Outcome, x.Err)
	}

	// Somebody else has that address here.
	hidden := fake(t, fakephone.Config{IP: inside}, "127.0.0.3:0")
	_, port, _ = net.SplitHostPort(hidden.Addr())
	fake(t, fakephone.Config{DeviceID: "fa4e000000000002"}, inside+":"+port)
	serve(t, fmt.Sprintf("%s:%d", inside, hidden.EchoPort()), func(net.Conn) { t.Error("another phone was asked for its time") })
	p = connect(t, forward(t, "127.0.0.1:"+port, hidden.Addr()), Options{})
	if x := p.Echo(t.Context(), 0); x.Good() || x.A != 0 || x.Outcome != Refused {
		t.Errorf("%+v, want no answer", x)
	}
}
