package fakephone

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/coder/websocket"
)

// watcherConn is a client of the status websocket.
type watcherConn struct {
	t    *testing.T
	conn *websocket.Conn
	ctx  context.Context
}

func watch(t *testing.T, p *Phone) watcherConn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	conn, _, err := websocket.Dial(ctx, "ws://"+p.Addr()+"/api/status", nil)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow(); cancel() })
	return watcherConn{t, conn, ctx}
}

// next returns the next message as it came.
func (w watcherConn) next() []byte {
	w.t.Helper()
	kind, b, err := w.conn.Read(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	if kind != websocket.MessageText {
		w.t.Errorf("message of kind %v, want text", kind)
	}
	return b
}

// until reads on to the next component of a model and returns its data.
func (w watcherConn) until(model string) map[string]any {
	w.t.Helper()
	for {
		var c struct {
			Model string
			Data  map[string]any
		}
		d := json.NewDecoder(bytes.NewReader(w.next()))
		d.UseNumber()
		if d.Decode(&c) == nil && c.Model == model {
			return c.Data
		}
	}
}

func TestWebsocketBurstBeginsWithAnotherPhone(t *testing.T) {
	p, c := start(t, Config{Lag: -1})
	c.started()
	w := watch(t, p)
	var first struct{ Model string }
	if err := json.Unmarshal(w.next(), &first); err != nil || first.Model != "NetworkDevice" {
		t.Errorf("the first message is a %q (%v), want the NetworkDevice that clients die of", first.Model, err)
	}
	null := false
	for range len(oddities()) - 1 {
		null = string(w.next()) == "null" || null
	}
	if !null {
		t.Error("no null among the first messages")
	}
	for _, model := range []string{"Phone", "Hardware", "Sensor", "Sensor", "Sensor", "Sensor", "Recording"} {
		var c struct{ Model string }
		if b := w.next(); json.Unmarshal(b, &c) != nil || c.Model != model {
			t.Errorf("%s, want a %s", b, model)
		}
	}
}

func TestWebsocketBurstOfAPlainPhone(t *testing.T) {
	p, _ := start(t, Config{Family: Neon, Plain: true})
	w := watch(t, p)
	for _, model := range append([]string{"Phone", "Hardware"}, slices.Repeat([]string{"Sensor"}, 10)...) {
		var c struct{ Model string }
		if b := w.next(); json.Unmarshal(b, &c) != nil || c.Model != model {
			t.Errorf("%s, want a %s", b, model)
		}
	}
}

func TestWebsocketHearsOfEveryChange(t *testing.T) {
	now := NewVirtualTime(morning, 1)
	p, c := start(t, Config{Time: now, NoIDKey: true})
	w := watch(t, p)

	stamp := stampOf(t, c.event(`{"name":"before"}`))
	got := w.until("Event")
	if id, there := got["recording_id"]; !there || id != nil || got["name"] != "before" || got["timestamp"] != json.Number(itoa(int(stamp))) {
		t.Errorf("event outside a recording: %v, want the key recording_id and a null", got)
	}

	id := c.started()
	now.Advance(p.cfg.Lag) // nobody asks: it opens by itself
	if got := w.until("Recording"); got["action"] != "START" || got["id"] != id {
		t.Errorf("opening: %v", got)
	}
	c.event(`{"name":"within"}`)
	if got := w.until("Event"); got["recording_id"] != id {
		t.Errorf("event within: %v", got)
	}
	c.do("POST", stopPath, "")
	if got := w.until("Recording"); got["action"] != "STOP" {
		t.Errorf("stop: %v", got)
	}
	if got := w.until("Recording"); got["action"] != "SAVE" || got["message"] != "" || got["rec_duration_ns"] == nil {
		t.Errorf("save: %v", got)
	}

	p.Plug(HardwareNull)
	if got := w.until("Sensor"); got["connected"] != false {
		t.Errorf("unplugged: %v", got)
	}
	if err := p.Refuse(BatteryLow); err != nil {
		t.Fatal(err)
	}
	if got := w.until("Phone"); got["battery_state"] != "CRITICAL" {
		t.Errorf("battery: %v", got)
	}
}

func TestWebsocketAnswersPings(t *testing.T) {
	p, _ := start(t, Config{})
	w := watch(t, p)
	go func() { // reading notices the pong
		for {
			if _, _, err := w.conn.Read(w.ctx); err != nil {
				return
			}
		}
	}()
	if err := w.conn.Ping(w.ctx); err != nil {
		t.Error(err)
	}
}

func TestWebsocketIgnoresWhatClientsSay(t *testing.T) {
	p, c := start(t, Config{Plain: true})
	w := watch(t, p)
	if err := w.conn.Write(w.ctx, websocket.MessageText, []byte("hello?")); err != nil {
		t.Fatal(err)
	}
	c.event(`{"name":"x"}`)
	w.until("Event") // it was not thrown out for speaking
}

func TestLazyWatcherIsDroppedAndHoldsNobodyUp(t *testing.T) {
	p, _ := start(t, Config{Plain: true})
	watch(t, p) // and never read
	// A full queue and full socket buffers: far more messages than both hold.
	name := string(bytes.Repeat([]byte("x"), 60_000))
	dropped := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.publish(component("Event", fields{"name": name}))
		return len(p.watchers) == 0
	}
	for range 10_000 {
		if dropped() {
			return
		}
	}
	t.Error("600 MB for a watcher that does not read, and it is still there")
}
