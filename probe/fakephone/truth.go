package fakephone

import "github.com/pialign/pialign/align"

// Exchange is what truly happened in one exchange, whether or not the answer reached anybody.
type Exchange struct {
	N        int              // of this protocol's exchanges, counted from 0
	Name     string           // of the event; empty for a Time Echo
	Arrived  align.HostTime   // when the request reached the phone
	Stamp    align.DeviceTime // the time in the answer
	Explicit bool             // the sender gave the stamp
}

// RecordingEvent is one line of a recording's events.
type RecordingEvent struct {
	Name     string
	Stamp    align.DeviceTime
	Explicit bool // the sender gave the stamp
}

// Recording is one recording as the phone keeps it, with recording.begin first and, once it ended, recording.end last.
type Recording struct {
	ID                     string
	Began, Ended           align.HostTime // true instants; Ended is 0 while it runs
	BeganStamp, EndedStamp align.DeviceTime
	State                  RecordingState
	Events                 []RecordingEvent
}

// RecordingState is where a recording is in its life.
type RecordingState string

// The states of a recording. A pending one was started but is not open yet: events pass it by.
const (
	Pending   RecordingState = "pending"
	Running   RecordingState = "running"
	Saved     RecordingState = "saved"
	Cancelled RecordingState = "cancelled"
)

// Exchanges returns the event exchanges in the order in which they reached the phone. The first million is kept.
func (p *Phone) Exchanges() []Exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Exchange(nil), p.exchanges...)
}

// Echoes returns the Time Echo exchanges likewise.
func (p *Phone) Echoes() []Exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Exchange(nil), p.echoes...)
}

// Recordings returns every recording started so far, oldest first.
func (p *Phone) Recordings() []Recording {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(p.cfg.Time.Now())
	out := make([]Recording, len(p.recordings))
	for i, r := range p.recordings {
		out[i] = *r
		out[i].Events = append([]RecordingEvent(nil), r.Events...)
	}
	return out
}

// Requests returns how many HTTP requests, of any kind, the phone has been sent.
func (p *Phone) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

// maxTruth is how many exchanges of a protocol, and events of a recording, are kept: some 100 MB at most, so that
// a phone left running does not eat the machine.
const maxTruth = 1 << 20

// keep appends v unless that would be too much.
func keep[T any](s []T, v T) []T {
	if len(s) >= maxTruth {
		return s
	}
	return append(s, v)
}
