package fakephone

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

func TestMain(m *testing.M) {
	if os.Getenv(aloneEnv) != "" { // the announcing library leaves a goroutine asleep, see Announcement
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

// aloneEnv is set where a test runs again in a network of its own.
const aloneEnv = "PIALIGN_TEST_ALONE"

// morning is where virtual time begins: an instant of these years, no multiple of a ms.
const morning = align.HostTime(1_767_603_600_123_456_789)

// patience is how long a test waits for what must come: only a failing test takes it.
const patience = 10 * time.Second

// client has one connection per phone at a time, and a way to be rid of it.
type client struct {
	t    *testing.T
	http http.Client
	base string
}

// start puts a phone on a virtual clock and returns it with a client.
func start(t *testing.T, cfg Config) (*Phone, *client) {
	t.Helper()
	if cfg.Time == nil {
		cfg.Time = NewVirtualTime(morning, 1)
	}
	p, err := Start(t.Context(), cfg, "")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, &client{t, http.Client{Transport: transport, Timeout: patience}, "http://" + p.Addr()}
}

// reply is an answer as it came.
type reply struct {
	status int
	kind   string
	body   string
}

func (c *client) try(method, path, body string) (reply, error) {
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header.Get("Content-Type"), string(b)}, err
}

func (c *client) do(method, path, body string) reply {
	c.t.Helper()
	got, err := c.try(method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

// event sends an event and returns the answer's result.
func (c *client) event(body string) map[string]any {
	c.t.Helper()
	got := c.do("POST", "/api/event", body)
	if got.status != http.StatusOK {
		c.t.Fatalf("event %s: %d %s", body, got.status, got.body)
	}
	return parse(c.t, got.body)["result"].(map[string]any)
}

// parse reads a JSON object with its numbers as they are written.
func parse(t *testing.T, body string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// stampOf returns the timestamp of an event's result.
func stampOf(t *testing.T, result map[string]any) align.DeviceTime {
	t.Helper()
	n, err := result["timestamp"].(json.Number).Int64()
	if err != nil {
		t.Fatal(err)
	}
	return align.DeviceTime(n)
}

func TestConfigRefuses(t *testing.T) {
	now := NewVirtualTime(morning, 0)
	for want, c := range map[string]Config{
		"Time":             {},
		"family":           {Time: now, Family: "pro"},
		"hardware":         {Time: now, Hardware: "broken"},
		"refusal":          {Time: now, Refusal: "tired"},
		"stamp resolution": {Time: now, StampResolution: -1},
		"clock":            {Time: now, Clock: scenario.Clock{DriftE18: 1e18}},
		"Time Echo":        {Time: now, EchoClock: &scenario.Clock{DriftE18: 1e18}},
		"way up":           {Time: now, Up: scenario.Delay{Floor: -1}},
		"way down":         {Time: now, Down: scenario.Delay{Law: "slow"}},
		"loss":             {Time: now, Loss: 1.1},
		"listen tcp":       {Time: now, IP: "256"}, // with the address below
	} {
		listen := ""
		if want == "listen tcp" {
			listen = "127.0.0.1:99999"
		}
		p, err := Start(t.Context(), c, listen)
		if err == nil || p != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: phone %v, error %v", want, p, err)
		}
	}
}

// TestCloseLeavesNothing is judged by goleak: every socket below is open, and something waits, when the phone closes.
func TestCloseLeavesNothing(t *testing.T) {
	never := RealTime(func() align.HostTime { return morning })
	p, c := start(t, Config{Time: never, Lag: time.Hour, Fault: func(int) Fault { return Fault{Kind: NoReply} }})
	conn, _ := dialEcho(t, p)
	watching := watch(t, p)
	c.do("POST", "/api/recording:start", "")
	hung := make(chan error, 1)
	go func() {
		_, err := c.try("POST", "/api/event", `{"name":"x"}`)
		hung <- err
	}()
	watching.until("Event") // the request is being ignored by now
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := <-hung; err == nil {
		t.Error("an event was answered by a closed phone")
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("time echo goes on after Close")
	}
	if _, err := c.try("GET", "/api/status", ""); err == nil {
		t.Error("status goes on after Close")
	}
	if err := p.Close(); err != nil {
		t.Error("second Close:", err)
	}
}

func TestEndOfContextFreesThePort(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := Start(ctx, Config{Time: NewVirtualTime(morning, 0)}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	addr := p.Addr()
	cancel()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	again, err := Start(t.Context(), Config{Time: NewVirtualTime(morning, 0)}, addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
}

// TestSeedTellsAll runs the same requests against two phones of one seed and one of another.
func TestSeedTellsAll(t *testing.T) {
	run := func(seed uint64) (bodies []byte, truth []Exchange, echoes []Exchange) {
		p, c := start(t, Config{
			Seed: seed, Loss: 0.2, IP: "192.0.2.1",
			Up:   scenario.Delay{Law: scenario.Pareto, Floor: time.Millisecond, Scale: 5 * time.Millisecond},
			Down: scenario.Delay{Law: scenario.Gamma, Scale: 3 * time.Millisecond},
		})
		c.http.Timeout = 50 * time.Millisecond // of a lost exchange; the answered ones take far less on loopback
		for range 20 {
			got, err := c.try("POST", "/api/event", `{"name":"x"}`)
			if err != nil {
				got.body = "lost"
			}
			bodies = append(bodies, got.body...)
		}
		_, round := dialEcho(t, p)
		for range 5 {
			b := round(7)
			bodies = append(bodies, b[:]...)
		}
		c.http.Timeout = patience
		bodies = append(bodies, c.do("POST", "/api/recording:start", "").body...)
		return bodies, p.Exchanges(), p.Echoes()
	}
	b1, t1, e1 := run(11)
	b2, t2, e2 := run(11)
	if !bytes.Equal(b1, b2) || !reflect.DeepEqual(t1, t2) || !reflect.DeepEqual(e1, e2) {
		t.Errorf("one seed, two stories:\n%s\n%s", b1, b2)
	}
	if !bytes.Contains(b1, []byte("lost")) {
		t.Error("nothing of 20 was lost at 20 %")
	}
	if b3, _, _ := run(12); bytes.Equal(b1, b3) {
		t.Error("two seeds, one story")
	}
}

func TestLossIsTheShareAskedFor(t *testing.T) {
	p, _ := start(t, Config{Seed: 3, Loss: 0.25})
	lost, early := 0, 0
	const n = 10_000
	for i := range n {
		if f := p.fault(i); f.Kind == NoReply {
			lost++
			if f.Early {
				early++
			}
		}
	}
	// The standard deviation of the count is sqrt(n/4*3/4) = 43: 4 of them, and as many for the half on the way there.
	if lost < n/4-173 || lost > n/4+173 {
		t.Errorf("%d of %d lost, want a quarter", lost, n)
	}
	if early < lost/2-100 || early > lost/2+100 {
		t.Errorf("%d of %d lost on the way there, want half", early, lost)
	}
}
