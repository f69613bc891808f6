package probe

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe/fakephone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// phoneClock is a phone that lags by 840 ms and drifts by 12 ppm.
var phoneClock = scenario.Clock{Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000}

// wallNow is the host clock of fake phones that live in real time.
func wallNow() align.HostTime {
	h, _ := SystemClock().Stamp()
	return h
}

// fake starts a phone whose stamps are exact to the ns unless cfg says otherwise, in real time unless it says otherwise.
func fake(t testing.TB, cfg fakephone.Config, listen string) *fakephone.Phone {
	t.Helper()
	if cfg.Time == nil {
		cfg.Time = fakephone.RealTime(wallNow)
	}
	if cfg.StampResolution == 0 {
		cfg.StampResolution = 1
	}
	if cfg.Clock.Offset == 0 {
		cfg.Clock = phoneClock
		cfg.Clock.Origin = cfg.Time.Now()
	}
	p, err := fakephone.Start(t.Context(), cfg, listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// open connects to addr.
func connect(t testing.TB, addr string, opt Options) *Phone {
	t.Helper()
	if opt.Session == "" {
		opt.Session, opt.Phase = "s1", "start"
	}
	p, err := Open(t.Context(), addr, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// collect runs s to its end.
func collect(t testing.TB, p *Phone, s Schedule) []Exchange {
	t.Helper()
	var out []Exchange
	if err := Run(t.Context(), p, s, func(x Exchange) error {
		out = append(out, x)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// truths returns what a phone did, by name of the event.
func truths(p *fakephone.Phone) map[string]fakephone.Exchange {
	out := make(map[string]fakephone.Exchange)
	for _, x := range p.Exchanges() {
		out[x.Name] = x
	}
	return out
}

// mustHoldTruth fails unless the good exchanges have the stamp that the phone gave them, made between A and B.
func mustHoldTruth(t testing.TB, p *fakephone.Phone, xs []Exchange) {
	t.Helper()
	events, echoes, good := truths(p), p.Echoes(), 0
	for _, x := range xs {
		if !x.Good() {
			if x.Err == nil || x.E != 0 || x.B != 0 || x.MonoB != 0 {
				t.Errorf("exchange %d is %s and has a stamp or no error: %+v", x.Seq, x.Outcome, x)
			}
			continue
		}
		var truth fakephone.Exchange
		found := false
		if x.Protocol == "event" {
			truth, found = events[x.EventName]
		} else {
			for _, e := range echoes {
				if e.Arrived >= x.A && e.Arrived <= x.B {
					truth, found = e, true
				}
			}
		}
		switch {
		case !found || truth.Stamp != x.E:
			t.Errorf("exchange %d has stamp %d, the phone gave %d (%v)", x.Seq, x.E, truth.Stamp, found)
		case truth.Arrived < x.A || truth.Arrived > x.B:
			t.Errorf("exchange %d: the phone stamped at %d, outside of [%d, %d]", x.Seq, truth.Arrived, x.A, x.B)
		case x.MonoB < x.MonoA:
			t.Errorf("exchange %d ran backwards: %d to %d", x.Seq, x.MonoA, x.MonoB)
		case x.Err != nil:
			t.Errorf("exchange %d is good, with error %v", x.Seq, x.Err)
		}
		good++
	}
	if good == 0 {
		t.Error("no good exchange at all")
	}
}

// serve starts a server on a socket and calls handle for each connection, which is closed after it.
func serve(t testing.TB, listen string, handle func(c net.Conn)) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", listen)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { c.Close() })
			handle(c)
			stop()
			c.Close()
		}
	}()
	t.Cleanup(func() { cancel(); l.Close(); <-done })
	return l.Addr().String()
}

// request reads one request and returns its first line; empty when the client has gone.
func request(r *bufio.Reader) string {
	first, err := r.ReadString('\n')
	if err != nil {
		return ""
	}
	length := 0
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return ""
		}
		if strings.TrimSpace(line) == "" {
			break
		}
		fmt.Sscanf(strings.ToLower(line), "content-length: %d", &length)
	}
	if _, err := io.CopyN(io.Discard, r, int64(length)); err != nil {
		return ""
	}
	return strings.TrimSpace(first)
}

// answering returns the bytes of an answer.
func answering(status, kind, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", status, kind, len(body), body)
}

const okStatus = `{"message":"Success","result":[{"model":"Phone","data":{"device_id":"fa4e0000000000aa","device_name":"Raw","ip":"127.0.0.1"}}]}`

// scripted starts a phone that has a status, and answers events with what event returns. An empty answer closes the connection.
func scripted(t testing.TB, event func(n int, c net.Conn) string) string {
	n := 0
	return serve(t, "127.0.0.1:0", func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			first := request(r)
			if first == "" {
				return
			}
			a := answering("200 OK", "application/json", okStatus)
			if strings.HasPrefix(first, "POST /api/event ") {
				a = event(n, c)
				n++
			}
			if a == "" {
				return
			}
			if _, err := io.WriteString(c, a); err != nil {
				return
			}
		}
	})
}

// command posts to the phone as its user would.
func command(t testing.TB, addr, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/api/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
}
