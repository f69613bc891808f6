package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe/fakephone"
)

// quick spares the pauses where they are not what is tested.
const quick = time.Microsecond

func TestTruthLiesBetweenAAndB(t *testing.T) {
	slow := scenario.Delay{Law: scenario.Exponential, Floor: 200 * time.Microsecond, Scale: time.Millisecond, Max: 20 * time.Millisecond}
	for name, cfg := range map[string]fakephone.Config{
		"keep-alive":         {},
		"close after answer": {CloseAfterAnswer: true},
		"closed unsaid":      {Fault: func(int) fakephone.Fault { return fakephone.Fault{Kind: fakephone.HangUp} }},
		"way up slow":        {Up: slow},
		"way down slow":      {Down: slow},
		"Neon":               {Family: fakephone.Neon, NoIDKey: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := fake(t, cfg, "")
			xs := collect(t, connect(t, f.Addr(), Options{}), Schedule{Count: 40, Spacing: quick})
			mustHoldTruth(t, f, xs)
			refused := 0
			for i, x := range xs {
				if cfg.Fault != nil && x.Outcome == Refused && x.A != 0 {
					refused++ // the server's close crossed the question
					continue
				}
				if !x.Good() {
					t.Errorf("exchange %d: %s: %v", i, x.Outcome, x.Err)
				}
				if want := i < 3; (x.Outcome == Warmup) != want {
					t.Errorf("exchange %d: warm-up is %v, want %v", i, !want, want)
				}
				if fresh := cfg.CloseAfterAnswer || cfg.Fault != nil; x.Fresh != fresh && i > 0 {
					t.Errorf("exchange %d: fresh is %v, want %v", i, x.Fresh, fresh)
				}
			}
			if len(xs) != 40 || refused > 20 {
				t.Errorf("%d exchanges, of them %d refused; want 40, and most of them good", len(xs), refused)
			}
		})
	}
}

func TestIPv6(t *testing.T) {
	if l, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skip("no IPv6 here: ", err)
	} else {
		l.Close()
	}
	f := fake(t, fakephone.Config{}, "[::1]:0")
	mustHoldTruth(t, f, collect(t, connect(t, f.Addr(), Options{}), Schedule{Count: 10, Spacing: quick}))
}

// TestBothProtocols gives Time Echo whole ms to stamp with, the event clock ns, and lets each lie where it must.
func TestBothProtocols(t *testing.T) {
	f := fake(t, fakephone.Config{}, "")
	p := connect(t, f.Addr(), Options{})
	xs := collect(t, p, Schedule{Protocol: Both, Count: 20, Spacing: quick})
	mustHoldTruth(t, f, xs)
	for i, x := range xs {
		want := []string{"event", "echo"}[i%2]
		if x.Protocol != want || x.Seq != int64(i) || !x.Good() || (x.EventName == "") != (want == "echo") {
			t.Errorf("exchange %d: %+v, want a good one by %s", i, x, want)
		}
		if fresh := i == 1; x.Fresh != fresh {
			t.Errorf("exchange %d: fresh is %v, want %v: the status went before the first event, nothing before the first echo", i, x.Fresh, fresh)
		}
	}
	if len(f.Echoes()) != 10 || len(f.Exchanges()) != 10 {
		t.Errorf("%d echoes and %d events, want 10 each", len(f.Echoes()), len(f.Exchanges()))
	}
}

func TestBadAnswers(t *testing.T) {
	for _, c := range []struct {
		fault fakephone.Fault
		want  Outcome
		says  []string
	}{
		{fakephone.Fault{Kind: fakephone.HTMLReply}, BadReply, []string{"status 200", "text/html", "<!doctype", "want content type application/json"}},
		{fakephone.Fault{Kind: fakephone.EmptyReply}, BadReply, []string{"status 200", "no body"}},
		{fakephone.Fault{Kind: fakephone.ServerError}, HTTP, []string{"status 500", "application/json", "Internal error"}},
		{fakephone.Fault{Kind: fakephone.PlainReply}, BadReply, []string{"status 200", "text/plain", "something is wrong"}},
		{fakephone.Fault{Kind: fakephone.CutReply}, BadReply, []string{"ended within the answer"}},
		{fakephone.Fault{Kind: fakephone.NoReply}, Timeout, nil},
		{fakephone.Fault{Kind: fakephone.SlowReply, After: time.Minute}, Timeout, nil},
		{fakephone.Fault{Kind: fakephone.Reset}, Refused, nil},
		{fakephone.Fault{Kind: fakephone.Reset, Early: true}, Refused, nil},
	} {
		t.Run(string(c.fault.Kind), func(t *testing.T) {
			f := fake(t, fakephone.Config{Fault: func(n int) fakephone.Fault {
				if n%3 == 1 {
					return c.fault
				}
				return fakephone.Fault{}
			}}, "")
			// Well above a round trip on loopback, also of a busy machine; a test with a shorter one would fail when the machine is slow.
			p := connect(t, f.Addr(), Options{Timeout: time.Second})
			xs := collect(t, p, Schedule{Count: 5, Spacing: quick})
			mustHoldTruth(t, f, xs)
			for i, x := range xs {
				if i%3 != 1 {
					if !x.Good() {
						t.Errorf("exchange %d: %s: %v", i, x.Outcome, x.Err)
					}
					continue
				}
				if x.Outcome != c.want || x.A == 0 || x.MonoA == 0 {
					t.Errorf("exchange %d: %s (%v), sent at %d; want %s, and sent", i, x.Outcome, x.Err, x.A, c.want)
				}
				for _, s := range append(c.says, f.Addr()) {
					if !strings.Contains(fmt.Sprint(x.Err), s) {
						t.Errorf("exchange %d: error %q does not say %q", i, x.Err, s)
					}
				}
			}
		})
	}
}

func TestVanishedPhone(t *testing.T) {
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	f := fake(t, fakephone.Config{Time: clock}, "")
	p := connect(t, f.Addr(), Options{Clock: clock, Timeout: time.Second})
	var xs []Exchange
	back := (*fakephone.Phone)(nil)
	err := Run(t.Context(), p, Schedule{Count: 30}, func(x Exchange) error {
		xs = append(xs, x)
		switch x.Seq {
		case 9:
			return f.Close()
		case 19:
			back = fake(t, fakephone.Config{Time: clock}, f.Addr())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(xs) != 30 {
		t.Fatalf("%d rows, want all 30", len(xs))
	}
	for i, x := range xs {
		if gone := i >= 10 && i < 20; gone != !x.Good() || gone != (x.Outcome == Refused) || x.Seq != int64(i) {
			t.Errorf("exchange %d: %s: %v", i, x.Outcome, x.Err)
		}
	}
	mustHoldTruth(t, f, xs[:10])
	mustHoldTruth(t, back, xs[20:])
}

// TestAnotherPhoneTakesTheAddress: the stamps of a second phone must not continue the log of the first.
func TestAnotherPhoneTakesTheAddress(t *testing.T) {
	f := fake(t, fakephone.Config{}, "")
	p := connect(t, f.Addr(), Options{Timeout: time.Second})
	if x := p.Event(t.Context(), 0); !x.Good() {
		t.Fatal(x.Err)
	}
	f.Close()
	other := fake(t, fakephone.Config{DeviceID: "fa4e000000000002"}, f.Addr())
	for seq := range int64(3) {
		x := p.Event(t.Context(), seq+1)
		if x.Outcome != BadReply && x.Outcome != Refused || seq > 0 && !errors.Is(x.Err, ErrOtherPhone) {
			t.Errorf("exchange %d: %s: %v, want %v", x.Seq, x.Outcome, x.Err, ErrOtherPhone)
		}
	}
	if n := len(other.Exchanges()); n > 1 {
		t.Errorf("the other phone got %d events, want at most the one that found out", n)
	}
}

func TestWantedPhone(t *testing.T) {
	f := fake(t, fakephone.Config{}, "")
	if _, err := Open(t.Context(), f.Addr(), Options{DeviceID: "fa4e0000000000ff"}); !errors.Is(err, ErrOtherPhone) {
		t.Errorf("opened with %v, want %v", err, ErrOtherPhone)
	}
	p, err := (Found{ID: f.DeviceID(), Addrs: []string{"127.0.0.1:1", f.Addr()}}).Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Addr() != f.Addr() {
		t.Errorf("opened %s, want %s", p.Addr(), f.Addr())
	}
}

func TestRecordingIDLags(t *testing.T) {
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	for _, noKey := range []bool{false, true} {
		f := fake(t, fakephone.Config{Time: clock, NoIDKey: noKey}, "")
		p := connect(t, f.Addr(), Options{Clock: clock})
		if x := p.Event(t.Context(), 0); !x.Good() || x.RecordingID != "" {
			t.Errorf("recording %q (%v), want none", x.RecordingID, x.Err)
		}
		command(t, f.Addr(), "recording:start")
		if x := p.Event(t.Context(), 1); !x.Good() || x.RecordingID != "" {
			t.Errorf("recording %q (%v), want none yet", x.RecordingID, x.Err)
		}
		clock.Advance(time.Second)
		if x := p.Event(t.Context(), 2); !x.Good() || x.RecordingID != f.Recordings()[0].ID {
			t.Errorf("recording %q (%v), want %q", x.RecordingID, x.Err, f.Recordings()[0].ID)
		}
	}
}

// TestCancel hangs up on a phone that does not answer: the exchange under way is a row, and it does not take its 2 s.
func TestCancel(t *testing.T) {
	arrived := make(chan struct{})
	f := fake(t, fakephone.Config{Fault: func(n int) fakephone.Fault {
		if n < 2 {
			return fakephone.Fault{}
		}
		close(arrived)
		return fakephone.Fault{Kind: fakephone.NoReply}
	}}, "")
	p := connect(t, f.Addr(), Options{Timeout: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	var xs []Exchange
	_, before := SystemClock().Stamp()
	err := Run(ctx, p, Schedule{Spacing: quick}, func(x Exchange) error { xs = append(xs, x); return nil })
	_, after := SystemClock().Stamp()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v, want %v", err, context.Canceled)
	}
	if len(xs) != 3 || xs[2].Outcome != Timeout || xs[2].A == 0 {
		t.Errorf("rows %+v, want two good ones and one that was given up", xs)
	}
	// The grace is a quarter of a second; the rest is for a busy machine, and far from the minute of the time-out.
	if took := after.Sub(before); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestCancelledBeforeItBegan(t *testing.T) {
	f := fake(t, fakephone.Config{}, "")
	p := connect(t, f.Addr(), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Run(ctx, p, Schedule{}, func(x Exchange) error { t.Errorf("row %+v", x); return nil })
	if !errors.Is(err, context.Canceled) || len(f.Exchanges()) != 0 {
		t.Errorf("ended with %v after %d events", err, len(f.Exchanges()))
	}
}

// timestamped is an answer with a time written as text.
func timestamped(text string) string {
	return answering("200 OK", "application/json", `{"message":"Success","result":{"recording_id":null,"timestamp":`+text+`}}`)
}

func TestAnswersThatAreNone(t *testing.T) {
	const good = "1744271292116000000"
	body := func(s string) string { return answering("200 OK", "application/json", s) }
	for name, c := range map[string]struct {
		answer string
		want   Outcome
	}{
		"good":                     {timestamped(good), OK},
		"good, charset":            {answering("200 OK", "Application/JSON; charset=utf-8", `{"result":{"timestamp":`+good+`}}`), OK},
		"good, odd recording id":   {body(`{"message":"","result":{"recording_id":7,"timestamp":` + good + `}}`), OK},
		"good, own name":           {body(`{"message":"","result":{"name":"pialign.s1.start.0","timestamp":` + good + `}}`), OK},
		"good, HTTP/1.0":           {"HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{\"result\":{\"timestamp\":" + good + "}}", OK},
		"good, chunked":            {"HTTP/1.1 200\r\nContent-Type:application/json\r\nTransfer-Encoding: chunked\r\n\r\n26\r\n{\"result\":{\"timestamp\":174427129211600\r\n6;x=y\r\n0000}}\r\n0\r\nA: b\r\n\r\n", OK},
		"good, bare line ends":     {"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 44\n\n{\"result\":{\"timestamp\":" + good + "}} ", OK},
		"another event's":          {body(`{"message":"","result":{"name":"pialign.s1.start.1","timestamp":` + good + `}}`), BadReply},
		"fraction":                 {timestamped(good + ".5"), BadReply},
		"exponent":                 {timestamped("1.744271292116e18"), BadReply},
		"string":                   {timestamped(`"` + good + `"`), BadReply},
		"null":                     {timestamped("null"), BadReply},
		"zero":                     {timestamped("0"), BadReply},
		"negative":                 {timestamped("-" + good), BadReply},
		"milliseconds":             {timestamped("1744271292116"), BadReply},
		"microseconds":             {timestamped("1744271292116000"), BadReply},
		"10^30":                    {timestamped("1" + strings.Repeat("0", 30)), BadReply},
		"2^63":                     {timestamped("9223372036854775808"), BadReply},
		"no timestamp":             {body(`{"message":"Success","result":{"recording_id":null}}`), BadReply},
		"capital T":                {body(`{"message":"Success","result":{"Timestamp":` + good + `}}`), BadReply},
		"result null":              {body(`{"message":"Success","result":null}`), BadReply},
		"result list":              {body(`{"message":"Success","result":[` + good + `]}`), BadReply},
		"no envelope":              {body(`{"timestamp":` + good + `}`), BadReply},
		"list":                     {body(`[1]`), BadReply},
		"two answers in one":       {body(`{"result":{"timestamp":` + good + `}}{"result":{"timestamp":` + good + `}}`), BadReply},
		"deep":                     {body(strings.Repeat("[", 30000)), BadReply},
		"no content type":          {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", BadReply},
		"no content":               {"HTTP/1.1 204 No Content\r\n\r\n", HTTP},
		"redirect":                 {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", HTTP},
		"right, but 500":           {answering("500 Oops", "application/json", `{"message":"Success","result":{"timestamp":`+good+`}}`), HTTP},
		"not HTTP":                 {"SSH-2.0-OpenSSH_9.2\r\n", BadReply},
		"not HTTP, long":           {strings.Repeat("x", 100<<10), BadReply},
		"HTTP/2":                   {"HTTP/2 200\r\n\r\n", BadReply},
		"long header":              {"HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 4000), BadReply},
		"long body":                {answering("200 OK", "application/json", strings.Repeat(" ", 65<<10)), BadReply},
		"long body, unstated":      {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + strings.Repeat(" ", 65<<10), BadReply},
		"long body, chunked":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", BadReply},
		"two lengths":              {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}}", BadReply},
		"negative length":          {"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", BadReply},
		"length and chunks":        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BadReply},
		"gzip":                     {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", BadReply},
		"websocket":                {"HTTP/1.1 101 Switching Protocols\r\n\r\n", BadReply},
		"interim answers, no end":  {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50), BadReply},
		"nothing":                  {"", Refused},
		"cut in the status line":   {"HTTP/1.1 20", BadReply},
		"cut within an open body":  {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"result\":{\"timestamp\":17442712921160", BadReply},
		"cut after interim answer": {"HTTP/1.1 100 Continue\r\n\r\n", BadReply},
	} {
		t.Run(name, func(t *testing.T) {
			addr := scripted(t, func(_ int, conn net.Conn) string {
				_, _ = conn.Write([]byte(c.answer)) // the client may have had enough before the end
				return ""
			})
			x := connect(t, addr, Options{Timeout: 10 * time.Second}).Event(t.Context(), 0)
			if x.Outcome != c.want {
				t.Errorf("%s (%v), want %s", x.Outcome, x.Err, c.want)
			}
			switch {
			case c.want == OK && (x.E != 1744271292116000000 || x.B < x.A || x.Err != nil || x.RecordingID != ""):
				t.Errorf("got %+v", x)
			case c.want != OK && (x.E != 0 || x.B != 0 || x.MonoB != 0 || x.Err == nil || x.A == 0):
				t.Errorf("got %+v, want no stamp, and an error", x)
			}
		})
	}
}

// broken is a connection on which writing fails after n bytes.
type broken struct {
	stream
	n int
}

func (b broken) Write(p []byte) (int, error) {
	n, _ := b.stream.Write(p[:b.n])
	return n, errors.New("broken pipe")
}

// TestAskedAgainOnlyIfUnheard: a question of which nothing left is asked again, with a new stamp; any other may have been heard.
func TestAskedAgainOnlyIfUnheard(t *testing.T) {
	f := fake(t, fakephone.Config{}, "")
	p := connect(t, f.Addr(), Options{})
	p.web.conn = broken{p.web.conn, 0}
	x := p.Event(t.Context(), 0)
	mustHoldTruth(t, f, []Exchange{x})
	if !x.Fresh || len(f.Exchanges()) != 1 {
		t.Errorf("%+v, and %d events", x, len(f.Exchanges()))
	}
	p.web.conn = broken{p.web.conn, 5}
	if x := p.Event(t.Context(), 1); x.Outcome != Refused || x.A == 0 || len(f.Exchanges()) != 1 {
		t.Errorf("%+v, and %d events", x, len(f.Exchanges()))
	}
	p.Close()
	for _, x := range []Exchange{p.Event(t.Context(), 2), p.Echo(t.Context(), 3)} {
		if x.Outcome != Refused || !errors.Is(x.Err, net.ErrClosed) || x.A != 0 {
			t.Errorf("after Close: %+v", x)
		}
	}
}
