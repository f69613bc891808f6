package probe

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/probe/fakephone"
)

// patience is how long a test waits for what must come. It is long because machines are busy, and never waited out.
const patience = 30 * time.Second

// watching starts a Watch and returns a function that waits for a status of which ok is true.
func watching(t *testing.T, p *Phone) (until func(what string, ok func(Status) bool)) {
	ctx, cancel := context.WithCancel(t.Context())
	heard, ended := make(chan Status, 1000), make(chan error)
	go func() { ended <- p.Watch(ctx, func(s Status) { heard <- s }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("watch ended with %v", err)
		}
	})
	return func(what string, ok func(Status) bool) {
		t.Helper()
		late := time.After(patience)
		for {
			select {
			case s := <-heard:
				if ok(s) {
					return
				}
			case <-late:
				t.Fatalf("never heard of %s; the status is %+v", what, p.Status())
			}
		}
	}
}

func TestWatch(t *testing.T) {
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	f := fake(t, fakephone.Config{Time: clock}, "")
	p := connect(t, f.Addr(), Options{Clock: clock})
	until := watching(t, p)
	until("the phone", func(s Status) bool { return s.Phone.DeviceID == f.DeviceID() })
	f.Plug(fakephone.HardwareNull)
	until("glasses taken off", func(s Status) bool { return s.Hardware != nil && s.Hardware.Version == "" })
	if err := f.Refuse(fakephone.BatteryLow); err != nil {
		t.Fatal(err)
	}
	until("battery", func(s Status) bool { return s.Phone.Battery == 3 })
	if err := f.Refuse(fakephone.NoRefusal); err != nil {
		t.Fatal(err)
	}
	command(t, f.Addr(), "recording:start")
	clock.Advance(time.Second)
	id := f.Recordings()[0].ID
	until("the recording", func(s Status) bool { return s.Recording.Running() && s.Recording.ID == id })
	if x := p.Event(t.Context(), 0); !x.Good() || x.RecordingID != id {
		t.Errorf("event of recording %q: %v", x.RecordingID, x.Err)
	}
	command(t, f.Addr(), "recording:stop_and_save")
	until("the end", func(s Status) bool {
		return !s.Recording.Running() && s.Recording.ID == id && s.Recording.Action == "SAVE"
	})
	if got := p.Status(); got.Recording == nil || got.Recording.ID != id || got.Phone.DeviceID != f.DeviceID() {
		t.Errorf("status %+v", got)
	}
}

func TestWatchOutlivesThePhone(t *testing.T) {
	f := fake(t, fakephone.Config{}, "")
	p := connect(t, f.Addr(), Options{Timeout: time.Second})
	until := watching(t, p)
	until("the phone", func(s Status) bool { return true })
	f.Close()
	back := fake(t, fakephone.Config{Refusal: fakephone.BatteryLow}, f.Addr())
	until("the phone that came back", func(s Status) bool { return s.Phone.Battery == 3 })
	mustHoldTruth(t, back, collect(t, p, Schedule{Count: 3, Spacing: quick}))
}

// TestWatchOfAPhoneWithout: an app that knows no websocket, or talks nonsense on it, costs nothing but the news.
func TestWatchOfAPhoneWithout(t *testing.T) {
	addr := scripted(t, func(int, net.Conn) string { return timestamped("1744271292116000000") })
	p := connect(t, addr, Options{})
	watching(t, p)
	if x := p.Event(t.Context(), 0); !x.Good() {
		t.Error(x.Err)
	}
	for _, c := range []string{"", "null", "[]", "{", `{"model":"Phone","data":{"device_id":"another","device_name":"x"}}`, `{"model":"Recording"}`} {
		if s, changed := p.hear([]byte(c)); changed || s.other != strings.Contains(c, "another") {
			t.Errorf("%q changed the status to %+v", c, s)
		}
	}
}

func TestEventsTellTheRecording(t *testing.T) {
	p := &Phone{}
	hear := func(c string) string {
		p.hear([]byte(c))
		if r := p.Status().Recording; r != nil {
			return r.ID
		}
		return ""
	}
	for _, c := range []struct{ component, want string }{
		{`{"model":"Event","data":{"name":"a","recording_id":null,"timestamp":1}}`, ""},
		{`{"model":"Event","data":{"name":"a","recording_id":"old","timestamp":1}}`, "old"},
		{`{"model":"Recording","data":{"id":"new","action":"START"}}`, "new"},
		{`{"model":"Event","data":{"name":"late","recording_id":"old","timestamp":1}}`, "new"},
		{`{"model":"Recording","data":{"id":"new","action":"STOP"}}`, "new"},
		{`{"model":"Event","data":{"name":"a","recording_id":"newer","timestamp":1}}`, "newer"},
	} {
		if got := hear(c.component); got != c.want {
			t.Errorf("after %s the recording is %q, want %q", c.component, got, c.want)
		}
	}
}
