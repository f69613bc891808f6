package fakephone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/pialign/pialign/align"
)

// serveEvent stamps an event and answers, unless something is to go wrong.
func (p *Phone) serveEvent(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	n := p.next(eventStream)
	up, down := p.delays(eventStream, n)
	arrived := p.arrive(up)
	fault := p.fault(n)
	var a answer
	if !fault.unheard() {
		a = p.event(n, arrived, body)
	}
	p.replyWith(w, r, fault, down, a)
}

// event stamps, keeps and answers one event.
func (p *Phone) event(n int, arrived align.HostTime, body []byte) answer {
	e, err := parseEvent(body)
	if err != nil {
		return plain(http.StatusBadRequest, err.Error())
	}
	if !e.Explicit {
		e.Stamp = p.stamp(p.cfg.Clock, arrived, p.cfg.StampResolution)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(arrived)
	p.exchanges = keep(p.exchanges, Exchange{N: n, Name: e.Name, Arrived: arrived, Stamp: e.Stamp, Explicit: e.Explicit})
	id := p.eventID()
	if r := p.current(); r != nil && r.State == Running {
		r.Events = keep(r.Events, e)
	}
	p.publish(component("Event", fields{"name": e.Name, "recording_id": id, "timestamp": int64(e.Stamp)}))
	result := fields{"recording_id": id, "timestamp": int64(e.Stamp)}
	if id == nil && p.cfg.NoIDKey {
		delete(result, "recording_id")
	}
	return success("Success", result)
}

// parseEvent reads the body of an event request. A timestamp is an int64 to the last digit or an error, never a
// number nearby.
func parseEvent(body []byte) (RecordingEvent, error) {
	var raw map[string]json.RawMessage
	if !utf8.Valid(body) {
		return RecordingEvent{}, errors.New("cannot read event: not UTF-8")
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return RecordingEvent{}, fmt.Errorf("cannot read event: %w", err)
	}
	var e RecordingEvent
	if v, ok := raw["name"]; !ok || bytes.Equal(v, []byte("null")) {
		return RecordingEvent{}, errors.New("cannot read event: no name")
	} else if err := json.Unmarshal(v, &e.Name); err != nil {
		return RecordingEvent{}, fmt.Errorf("cannot read event name: %w", err)
	}
	if v, ok := raw["timestamp"]; ok && !bytes.Equal(v, []byte("null")) {
		t, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			return RecordingEvent{}, fmt.Errorf("cannot read event timestamp: %w", err)
		}
		e.Stamp, e.Explicit = align.DeviceTime(t), true
	}
	return e, nil
}
