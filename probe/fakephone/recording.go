package fakephone

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// start answers a request to record. The recording itself opens only after the lag.
func (p *Phone) start(arrived align.HostTime) answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(arrived)
	if p.current() != nil {
		return refuse("Recording is already running")
	}
	if p.refusal != NoRefusal {
		return refuse(refusalText[p.refusal])
	}
	r := &Recording{ID: recordingID(p.cfg.Seed, len(p.recordings)), State: Pending}
	p.recordings = append(p.recordings, r)
	p.openAt = arrived.Add(p.cfg.Lag)
	p.settle(arrived)
	if r.State == Pending {
		p.arm()
	}
	return success("Started recording", fields{"id": r.ID})
}

func (p *Phone) save(arrived align.HostTime) answer    { return p.stop(arrived, Saved) }
func (p *Phone) discard(arrived align.HostTime) answer { return p.stop(arrived, Cancelled) }

// stop ends the recording that was started, even one that is not open yet.
func (p *Phone) stop(arrived align.HostTime, as RecordingState) answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle(arrived)
	r := p.current()
	if r == nil {
		return refuse("No recording is running")
	}
	if as == Saved && p.refusal == TemplateMissing {
		return refuse(refusalText[TemplateMissing])
	}
	if r.State == Pending {
		p.begin(r, arrived)
	}
	r.Ended, r.State = arrived, as
	r.EndedStamp = p.stamp(p.cfg.Clock, arrived, p.cfg.StampResolution)
	r.Events = append(r.Events, RecordingEvent{Name: "recording.end", Stamp: r.EndedStamp})
	p.publish(recordingComponent(r, "STOP", arrived))
	p.publish(recordingComponent(r, closing[as], arrived))
	if !p.cfg.StopObject {
		return success("Stopped recording", nil)
	}
	result := fields{"id": r.ID}
	if as == Saved {
		result["rec_duration_ns"] = int64(r.Ended.Sub(r.Began))
	}
	return success("Stopped recording", result)
}

// closing is the action with which a recording ends.
var closing = map[RecordingState]string{Saved: "SAVE", Cancelled: "DISCARD"}

// current returns the recording that runs or is about to, or nil.
func (p *Phone) current() *Recording {
	if n := len(p.recordings); n > 0 {
		if r := p.recordings[n-1]; r.State == Pending || r.State == Running {
			return r
		}
	}
	return nil
}

// eventID returns the recording id that an event's answer carries now: a string or nil. While a recording is
// about to open it is still the one before.
func (p *Phone) eventID() any {
	r := p.current()
	switch n := len(p.recordings); {
	case r == nil:
		return nil
	case r.State == Running:
		return r.ID
	case n > 1 && !p.cfg.LagNull:
		return p.recordings[n-2].ID
	default:
		return nil
	}
}

// settle opens the recording whose time has come by now. Everything that looks at the state calls it first.
func (p *Phone) settle(now align.HostTime) {
	if r := p.current(); r != nil && r.State == Pending && now >= p.openAt {
		p.begin(r, p.openAt)
	}
}

// begin opens r at the instant at.
func (p *Phone) begin(r *Recording, at align.HostTime) {
	p.disarm()
	r.Began, r.State = at, Running
	r.BeganStamp = p.stamp(p.cfg.Clock, at, p.cfg.StampResolution)
	r.Events = append(r.Events, RecordingEvent{Name: "recording.begin", Stamp: r.BeganStamp})
	p.publish(recordingComponent(r, "START", at))
}

// arm has the pending recording open by itself, so that watchers hear of it without anybody asking. A Time of the
// caller's own has no way to call back: there, the next request opens it.
func (p *Phone) arm() {
	at := p.openAt
	left := at.Sub(p.cfg.Time.Now())
	opens := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.openAt == at {
			p.settle(at)
		}
	}
	switch t := p.cfg.Time.(type) {
	case *VirtualTime:
		p.disarm = t.after(left, opens)
	case realTime:
		ctx, cancel := context.WithCancel(p.ctx)
		p.disarm = cancel
		p.work.Go(func() {
			defer cancel()
			if t.Wait(ctx, left) == nil {
				opens()
			}
		})
	}
}

// recordingID returns the id of the n-th recording: a random UUID out of the seed.
func recordingID(seed uint64, n int) string {
	r := scenario.Rand(seed, uint64(recordingStream)<<56|uint64(n))
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], r.Uint64())
	binary.BigEndian.PutUint64(b[8:], r.Uint64())
	b[6] = b[6]&0x0f | 0x40 // version 4, variant 1: RFC 9562 section 5.4
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
