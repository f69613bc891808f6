package fakephone

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestArrivalStampIsFlooredToMilliseconds(t *testing.T) {
	now := NewVirtualTime(morning, 1)
	clock := scenario.Clock{Origin: morning, Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000}
	_, c := start(t, Config{Time: now, Clock: clock})
	for range 50 {
		now.Advance(777_777 * time.Nanosecond)
		exact := clock.Device(now.Now())
		got := stampOf(t, c.event(`{"name":"x"}`))
		if got%1_000_000 != 0 || got > exact || exact-got >= 1_000_000 {
			t.Fatalf("stamp %d at %d on the phone's clock, want that ms begun", got, exact)
		}
	}
}

func TestArrivalStampBefore1970IsFlooredToo(t *testing.T) {
	_, c := start(t, Config{Time: NewVirtualTime(-1_500_000, 1)})
	if got := stampOf(t, c.event(`{"name":"x"}`)); got != -2_000_000 {
		t.Errorf("stamp %d, want -2000000", got)
	}
}

func TestArrivalStampToTheNanosecond(t *testing.T) {
	now := NewVirtualTime(morning, 1)
	clock := scenario.Clock{Origin: morning, Offset: 840 * time.Millisecond}
	_, c := start(t, Config{Time: now, Clock: clock, StampResolution: 1})
	if got, want := stampOf(t, c.event(`{"name":"x"}`)), clock.Device(morning); got != want {
		t.Errorf("stamp %d, want %d", got, want)
	}
}

func TestExplicitStampIsKeptToTheLastDigit(t *testing.T) {
	p, c := start(t, Config{})
	// No float64 holds the first; it would come back as ...744.
	want := []align.DeviceTime{1744271291692745001, 0, -1, 9223372036854775807, -9223372036854775808}
	for _, w := range want {
		if got := stampOf(t, c.event(fmt.Sprintf(`{"name":"x","timestamp":%d}`, w))); got != w {
			t.Errorf("stamp %d, want %d", got, w)
		}
	}
	for i, e := range p.Exchanges() {
		if !e.Explicit || e.Stamp != want[i] {
			t.Errorf("truth %d: %+v", i, e)
		}
	}
	if got := stampOf(t, c.event(`{"name":"x","timestamp":null}`)); got == 0 {
		t.Error("a null stamp was taken for 0")
	}
}

func TestUnreadableEventIsAnsweredInPlainText(t *testing.T) {
	p, c := start(t, Config{})
	for _, body := range []string{
		"", "x", "null", "[]", `{}`, `{"name":null}`, `{"name":7}`, `{"name":"x","timestamp":1.5}`,
		`{"name":"x","timestamp":1e9}`, `{"name":"x","timestamp":"1"}`, `{"name":"x","timestamp":9223372036854775808}`,
		"{\"name\":\"\xff\"}",
	} {
		got := c.do("POST", "/api/event", body)
		if got.status != http.StatusBadRequest || !strings.HasPrefix(got.kind, "text/plain") {
			t.Errorf("%q: %d %s", body, got.status, got.kind)
		}
	}
	if got := c.do("POST", "/api/event", `{"name":"`+strings.Repeat("x", maxBody)+`"}`); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of %d bytes: %d", maxBody, got.status)
	}
	if n := len(p.Exchanges()); n != 0 {
		t.Errorf("%d of them were stamped", n)
	}
}

func TestEventAnswerWithoutRecording(t *testing.T) {
	_, c := start(t, Config{})
	if id, there := c.event(`{"name":"x"}`)["recording_id"]; !there || id != nil {
		t.Errorf("recording_id %v, want null", id)
	}
	_, c = start(t, Config{NoIDKey: true})
	if id, there := c.event(`{"name":"x"}`)["recording_id"]; there {
		t.Errorf("recording_id %v, want none", id)
	}
}

// TestDelaysMoveTheClock: the way up lies before the stamp, the way down after it, and the sender sees both.
func TestDelaysMoveTheClock(t *testing.T) {
	now := NewVirtualTime(morning, 1000)
	p, c := start(t, Config{
		Time: now, StampResolution: 1,
		Up: scenario.Delay{Floor: 30 * time.Millisecond}, Down: scenario.Delay{Floor: 70 * time.Millisecond},
	})
	stamp := stampOf(t, c.event(`{"name":"x"}`))
	b, mono := now.Stamp()
	if want := align.DeviceTime(morning.Add(30 * time.Millisecond)); stamp != want {
		t.Errorf("stamp %d, want %d", stamp, want)
	}
	if want := morning.Add(100 * time.Millisecond); b != want || mono != 1000+100_000_000 {
		t.Errorf("the answer is there at %d (monotonic %d), want %d", b, mono, want)
	}
	if e := p.Exchanges(); len(e) != 1 || e[0].Arrived != morning.Add(30*time.Millisecond) || e[0].Name != "x" || e[0].Stamp != stamp {
		t.Errorf("truth %+v", e)
	}
}

func TestDelaysTakeRealTime(t *testing.T) {
	began := time.Now()
	now := RealTime(func() align.HostTime { return align.HostTime(time.Since(began)) })
	p, c := start(t, Config{Time: now, Up: scenario.Delay{Floor: 20 * time.Millisecond}, Down: scenario.Delay{Floor: 30 * time.Millisecond}})
	c.event(`{"name":"x"}`)
	took := align.HostTime(time.Since(began))
	arrived := p.Exchanges()[0].Arrived
	if arrived < 20_000_000 || took.Sub(arrived) < 30*time.Millisecond {
		t.Errorf("arrived after %d ns and was back after %d, want 20 and 30 more ms at least", arrived, took)
	}
}

func TestCloseAfterAnswer(t *testing.T) {
	_, c := start(t, Config{CloseAfterAnswer: true})
	resp, err := c.http.Post(c.base+"/api/event", "application/json", strings.NewReader(`{"name":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if !resp.Close {
		t.Error("the answer does not say that the connection closes")
	}
}

func TestFaults(t *testing.T) {
	kinds := []FaultKind{HTMLReply, EmptyReply, ServerError, PlainReply, HangUp, CutReply, Reset, "unheard of"}
	for _, kind := range kinds {
		for _, early := range []bool{false, true} {
			p, c := start(t, Config{Fault: func(n int) Fault {
				if n == 0 {
					return Fault{Kind: kind, Early: early}
				}
				return Fault{}
			}})
			got, err := c.try("POST", "/api/event", `{"name":"bad"}`)
			var ok bool
			switch kind {
			case HTMLReply:
				ok = err == nil && got.status == 200 && strings.HasPrefix(got.kind, "text/html")
			case EmptyReply:
				ok = err == nil && got.status == 200 && got.body == ""
			case PlainReply:
				ok = err == nil && got.status == 200 && strings.HasPrefix(got.kind, "text/plain")
			case HangUp:
				ok = err == nil && got.status == 200 && strings.Contains(got.body, `"timestamp"`)
			case CutReply, Reset:
				ok = err != nil
			default:
				ok = err == nil && got.status == 500 && got.kind == "application/json"
			}
			if !ok {
				t.Errorf("%s, early %v: %+v, %v", kind, early, got, err)
			}
			stamped := len(p.Exchanges()) == 1
			if want := !early || kind == HangUp; stamped != want {
				t.Errorf("%s, early %v: stamped is %v", kind, early, stamped)
			}
			c.http.CloseIdleConnections() // one that the phone closed without a word would fail the next question
			c.event(`{"name":"good"}`)    // the phone goes on
		}
	}
}

func TestSlowReplyIsLateAndRight(t *testing.T) {
	now := NewVirtualTime(morning, 1)
	_, c := start(t, Config{Time: now, StampResolution: 1, Fault: func(int) Fault { return Fault{Kind: SlowReply, After: time.Minute} }})
	if got := stampOf(t, c.event(`{"name":"x"}`)); got != align.DeviceTime(morning) {
		t.Errorf("stamp %d, want %d", got, morning)
	}
	if got := now.Now().Sub(morning); got != time.Minute {
		t.Errorf("it took %v, want a minute", got)
	}
}

func FuzzParseEvent(f *testing.F) {
	for _, s := range []string{
		`{"name":"x"}`, `{"name":"x","timestamp":1744271291692745000}`, `{"name":"x","timestamp":null}`, `{"name":null}`,
		`{"timestamp":1}`, `{"name":"\ud800"}`, `{"name":"x","timestamp":-0}`, `{"name":"a","name":"b"}`, `[`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := parseEvent(body)
		if err != nil {
			if e != (RecordingEvent{}) {
				t.Fatalf("%+v beside the error %v", e, err)
			}
			return
		}
		// What was understood, written down again, is understood the same.
		out := map[string]any{"name": e.Name}
		if e.Explicit {
			out["timestamp"] = int64(e.Stamp)
		}
		b, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseEvent(b)
		if err != nil || again != e {
			t.Fatalf("%s: %+v, written down %s: %+v, %v", body, e, b, again, err)
		}
		// And it is what the standard library, given the type, makes of it.
		var std struct {
			Timestamp *int64 `json:"timestamp"`
		}
		if err := json.Unmarshal(body, &std); err == nil && std.Timestamp != nil && e.Explicit && *std.Timestamp != int64(e.Stamp) {
			var raw map[string]json.RawMessage
			if errors.Join(json.Unmarshal(body, &raw)) == nil && len(raw["timestamp"]) > 0 && string(raw["timestamp"]) != strconv.FormatInt(*std.Timestamp, 10) {
				t.Skip("a key in another case, which the standard library takes for the same")
			}
			t.Fatalf("%s: timestamp %d, want %d", body, e.Stamp, *std.Timestamp)
		}
	})
}
