package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/probe/fakephone"
)

func TestRecordingAroundASession(t *testing.T) {
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	for _, cfg := range []fakephone.Config{{}, {StopObject: true}, {CloseAfterAnswer: true}, {Linger: time.Minute}} {
		cfg.Time = clock
		f := fake(t, cfg, "")
		p := connect(t, f.Addr(), Options{Clock: clock})
		for n := range 2 { // the second time the one before is known
			id, err := p.StartRecording(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := p.AwaitRecording(t.Context(), id, 10*time.Second); err != nil {
				t.Fatal(err)
			}
			if x := p.Event(t.Context(), int64(n)); x.RecordingID != id {
				t.Errorf("the first marker went to recording %q, want %q", x.RecordingID, id)
			}
			if _, err := p.StartRecording(t.Context()); !errors.Is(err, ErrRecording) {
				t.Errorf("started twice: %v", err)
			}
			if err := p.StopRecording(t.Context(), id+"x"); !errors.Is(err, ErrOtherRecording) {
				t.Errorf("stopped another's: %v", err)
			}
			if err := p.StopRecording(t.Context(), id); err != nil {
				t.Error(err)
			}
			if err := p.StopRecording(t.Context(), id); !errors.Is(err, ErrNoRecording) {
				t.Errorf("stopped twice: %v", err)
			}
			if all := f.Recordings(); len(all) != n+1 || all[n].State != fakephone.Saved || all[n].ID != id {
				t.Errorf("recordings %+v", all)
			}
		}
	}
}

func TestRefusalsInWords(t *testing.T) {
	for refusal, words := range map[fakephone.Refusal][]string{
		fakephone.BatteryLow:      {"Battery level is too low", "charge the phone"},
		fakephone.StorageLow:      {"Not enough storage", "free storage"},
		fakephone.NoWearer:        {"No wearer", "choose a wearer"},
		fakephone.NoWorkspace:     {"No workspace", "choose a workspace"},
		fakephone.TemplateMissing: {"required fields", "answer the template's required questions"},
	} {
		f := fake(t, fakephone.Config{Lag: -1}, "")
		p := connect(t, f.Addr(), Options{})
		if err := f.Refuse(refusal); err != nil {
			t.Fatal(err)
		}
		_, err := p.StartRecording(t.Context())
		var r *RefusalError
		if !errors.As(err, &r) {
			t.Fatalf("%s: %v", refusal, err)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", refusal, err, w)
			}
		}
		if len(f.Recordings()) != 0 {
			t.Error("it recorded")
		}
	}
	for message, want := range map[string]string{
		"Recording is already running": "stop the recording",
		"Akku leer":                    "its battery is low",
		"E_42":                         "do it on the phone",
	} {
		s := PhoneStatus{BatteryState: "OK", MemoryState: "OK"}
		if strings.HasPrefix(message, "Akku") {
			s.BatteryState = "LOW"
		}
		if got := advice(message, s); !strings.Contains(got, want) {
			t.Errorf("%q: advice %q, want %q", message, got, want)
		}
	}
	// What a template refuses to save goes on.
	f := fake(t, fakephone.Config{Lag: -1}, "")
	p := connect(t, f.Addr(), Options{})
	id, err := p.StartRecording(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Refuse(fakephone.TemplateMissing)
	var r *RefusalError
	if err := p.StopRecording(t.Context(), id); !errors.As(err, &r) {
		t.Errorf("stopped: %v", err)
	}
}

// TestRefusalsWithAnyStatus: they are explained, whatever the number is.
func TestRefusalsWithAnyStatus(t *testing.T) {
	for _, status := range []string{"400 Bad Request", "409 Conflict", "500 Internal Server Error", "503 Service Unavailable"} {
		addr := scriptedPosts(t, func(net.Conn) string {
			return answering(status, "application/json", `{"message":"Already recording!","result":null}`)
		})
		p := connect(t, addr, Options{Timeout: 10 * time.Second})
		_, err := p.StartRecording(t.Context())
		var r *RefusalError
		if !errors.As(err, &r) || r.Message != "Already recording!" || !strings.Contains(err.Error(), "stop the recording that runs on the phone") {
			t.Errorf("%s: %v", status, err)
		}
	}
}

// TestRecordingThatNeverOpens: the wait ends.
func TestRecordingThatNeverOpens(t *testing.T) {
	clock := fakephone.NewVirtualTime(1_790_000_000_000_000_000, 5_000_000_000)
	f := fake(t, fakephone.Config{Time: clock, Lag: time.Hour}, "")
	p := connect(t, f.Addr(), Options{Clock: clock})
	id, err := p.StartRecording(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := clock.Mono()
	if err := p.AwaitRecording(t.Context(), id, 10*time.Second); !errors.Is(err, ErrNoRecording) {
		t.Errorf("waited with %v", err)
	}
	if took := clock.Mono().Sub(before); took < 10*time.Second || took > 11*time.Second {
		t.Errorf("waited for %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.AwaitRecording(ctx, id, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted with %v", err)
	}
}

// TestAnswersToStart: what is no clear yes is an error that says to look at the phone.
func TestAnswersToStart(t *testing.T) {
	for name, answer := range map[string]string{
		"no id":      answering("200 OK", "application/json", `{"message":"Started recording","result":null}`),
		"id number":  answering("200 OK", "application/json", `{"message":"Started recording","result":{"id":7}}`),
		"list":       answering("200 OK", "application/json", `{"message":"","result":[]}`),
		"text":       answering("200 OK", "text/plain", "done"),
		"500 text":   answering("500 Oops", "text/plain", "no"),
		"redirect":   "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		"cut":        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
		"nothing":    "",
		"deep":       answering("200 OK", "application/json", strings.Repeat("[", 30000)),
		"much":       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n",
		"not UTF-8":  answering("200 OK", "application/json", "{\"result\":{\"id\":\""+strings.Repeat("\xff", 65)+"\"}}"),
		"long an id": answering("200 OK", "application/json", `{"result":{"id":"`+strings.Repeat("x", 65)+`"}}`),
	} {
		addr := scriptedPosts(t, func(net.Conn) string { return answer })
		p := connect(t, addr, Options{Timeout: 10 * time.Second})
		id, err := p.StartRecording(t.Context())
		if id != "" || err == nil || !strings.Contains(fmt.Sprint(err), "look at the phone") {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}

// scriptedPosts starts a phone that has a status and answers whatever is posted with what post returns; empty closes.
func scriptedPosts(t *testing.T, post func(c net.Conn) string) string {
	return serve(t, "127.0.0.1:0", func(c net.Conn) {
		for r := bufio.NewReader(c); ; {
			first := request(r)
			a := answering("200 OK", "application/json", okStatus)
			if strings.HasPrefix(first, "POST ") {
				a = post(c)
			}
			if first == "" || a == "" {
				return
			}
			if _, err := io.WriteString(c, a); err != nil || !strings.HasPrefix(a, "HTTP/1.1 200 OK\r\nContent-Type: application/json") {
				return
			}
		}
	})
}
