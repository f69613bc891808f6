package fakephone

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

const (
	startPath  = "/api/recording:start"
	stopPath   = "/api/recording:stop_and_save"
	cancelPath = "/api/recording:cancel"
)

// refused sends a command that must be refused in the envelope.
func (c *client) refused(path, want string) {
	c.t.Helper()
	got := c.do("POST", path, "")
	if got.status != http.StatusInternalServerError || got.kind != "application/json" {
		c.t.Errorf("%s: %d %s %s, want a refusal", path, got.status, got.kind, got.body)
		return
	}
	top := parse(c.t, got.body)
	if result, there := top["result"]; !there || result != nil || !strings.Contains(top["message"].(string), want) {
		c.t.Errorf("%s: %s, want a message with %q and a null result", path, got.body, want)
	}
}

// started starts a recording and returns its id.
func (c *client) started() string {
	c.t.Helper()
	got := c.do("POST", startPath, "{}")
	top := parse(c.t, got.body)
	if got.status != http.StatusOK || top["message"] != "Started recording" {
		c.t.Fatalf("start: %d %s", got.status, got.body)
	}
	return top["result"].(map[string]any)["id"].(string)
}

func TestRecordingLagsBehindItsStart(t *testing.T) {
	for _, lagNull := range []bool{false, true} {
		now := NewVirtualTime(morning, 1)
		p, c := start(t, Config{Time: now, LagNull: lagNull, Plain: true})
		first := c.started()
		if id := c.event(`{"name":"early"}`)["recording_id"]; id != nil {
			t.Errorf("before the first recording opens: id %v, want null", id)
		}
		if got, _ := c.status(); len(got["Recording"]) != 0 {
			t.Error("the status shows a recording that is not open yet")
		}
		now.Advance(600 * time.Millisecond)
		if id := c.event(`{"name":"in time"}`)["recording_id"]; id != first {
			t.Errorf("id %v, want %s", id, first)
		}
		c.do("POST", stopPath, "")

		second := c.started()
		if second == first {
			t.Fatal("two recordings with one id")
		}
		now.Advance(599 * time.Millisecond)
		var want any = first // as from the field: the recording before
		if lagNull {
			want = nil
		}
		if id := c.event(`{"name":"early"}`)["recording_id"]; id != want {
			t.Errorf("lagNull %v: id %v, want %v", lagNull, id, want)
		}
		now.Advance(time.Millisecond)
		if id := c.event(`{"name":"in time"}`)["recording_id"]; id != second {
			t.Errorf("id %v, want %s", id, second)
		}
		c.do("POST", stopPath, "")
		for i, r := range p.Recordings() {
			var names []string
			for _, e := range r.Events {
				names = append(names, e.Name)
			}
			if got := strings.Join(names, ","); got != "recording.begin,in time,recording.end" {
				t.Errorf("recording %d holds %s", i, got)
			}
		}
	}
}

func TestRecordingBeginsWhenTheLagIsOver(t *testing.T) {
	now := NewVirtualTime(morning, 1)
	p, c := start(t, Config{Time: now, Lag: 500 * time.Millisecond})
	c.started()
	now.Advance(2 * time.Second)
	c.do("POST", stopPath, "")
	r := p.Recordings()[0]
	if want := morning.Add(500 * time.Millisecond); r.Began != want || r.Ended != morning.Add(2*time.Second) || r.State != Saved {
		t.Errorf("%+v, want it to begin at %d", r, want)
	}
	if r.BeganStamp != align.DeviceTime(r.Began/1_000_000*1_000_000) {
		t.Errorf("begin is stamped %d, want whole ms of %d", r.BeganStamp, r.Began)
	}
}

func TestRecordingOpensByItselfInRealTime(t *testing.T) {
	began := time.Now()
	now := RealTime(func() align.HostTime { return align.HostTime(time.Since(began)) })
	p, c := start(t, Config{Time: now, Lag: 10 * time.Millisecond, Plain: true})
	w := watch(t, p)
	id := c.started()
	if got := w.until("Recording"); got["id"] != id || got["action"] != "START" {
		t.Errorf("%v, want the start of %s", got, id)
	}
}

func TestRecordingRefusals(t *testing.T) {
	p, c := start(t, Config{Lag: -1})
	c.refused(stopPath, "No recording")
	c.refused(cancelPath, "No recording")
	for _, why := range []Refusal{BatteryLow, StorageLow, NoWearer, NoWorkspace, TemplateMissing} {
		if err := p.Refuse(why); err != nil {
			t.Fatal(err)
		}
		c.refused(startPath, refusalText[why])
	}
	if n := len(p.Recordings()); n != 0 {
		t.Errorf("%d recordings were begun all the same", n)
	}
	_ = p.Refuse(NoRefusal)
	id := c.started()
	c.refused(startPath, "already running")
	_ = p.Refuse(TemplateMissing)
	c.refused(stopPath, "required fields")
	if got := c.event(`{"name":"x"}`)["recording_id"]; got != id {
		t.Errorf("a refused stop has ended the recording: id %v", got)
	}
	if got := c.do("POST", cancelPath, ""); got.status != http.StatusOK {
		t.Errorf("cancel: %d %s", got.status, got.body)
	}
	c.refused(stopPath, "No recording")
}

func TestStartIsRefusedWhileOneIsAboutToOpen(t *testing.T) {
	_, c := start(t, Config{})
	c.started()
	c.refused(startPath, "already running")
}

func TestStopAnswersNullOrAnObject(t *testing.T) {
	for path, state := range map[string]RecordingState{stopPath: Saved, cancelPath: Cancelled} {
		p, c := start(t, Config{Lag: -1})
		c.started()
		if got := c.do("POST", path, "").body; got != `{"message":"Stopped recording","result":null}` {
			t.Errorf("%s: %s", path, got)
		}
		if got := p.Recordings()[0].State; got != state {
			t.Errorf("%s: %s, want %s", path, got, state)
		}
		if got := c.event(`{"name":"x"}`)["recording_id"]; got != nil {
			t.Errorf("%s: an event after it has id %v", path, got)
		}

		now := NewVirtualTime(morning, 1)
		_, c = start(t, Config{Time: now, Lag: -1, StopObject: true})
		id := c.started()
		now.Advance(3 * time.Second)
		want := `{"message":"Stopped recording","result":{"id":"` + id + `","rec_duration_ns":3000000000}}`
		if path == cancelPath {
			want = `{"message":"Stopped recording","result":{"id":"` + id + `"}}`
		}
		if got := c.do("POST", path, "").body; got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestStopBeforeItOpensLeavesAnEmptyRecording(t *testing.T) {
	now := NewVirtualTime(morning, 1)
	p, c := start(t, Config{Time: now})
	c.started()
	c.do("POST", stopPath, "")
	now.Advance(time.Minute) // the alarm for its opening must be off
	r := p.Recordings()
	if len(r) != 1 || r[0].State != Saved || r[0].Began != r[0].Ended || len(r[0].Events) != 2 {
		t.Errorf("%+v", r)
	}
}
