package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/pialign/pialign/align"
)

// maxEventName keeps names under the 200 bytes that every version of the app is sure to take.
const maxEventName = 199

// EventName returns the name of the n-th event of a phase, `pialign.<session>.<phase>.<n>`, under 200 bytes of ASCII.
//
// Of session and phase only letters, digits and hyphens are kept, other bytes are written %XX. Where that is too long
// both are cut, and end in a hash of the whole so that they stay apart.
func EventName(session, phase string, n int64) string {
	const room = maxEventName - len("pialign...") - len("-9223372036854775808")
	s, p := escape(session), escape(phase)
	if len(s)+len(p) > room {
		s, p = shorten(s, room/2), shorten(p, room/2)
	}
	return "pialign." + s + "." + p + "." + strconv.FormatInt(n, 10)
}

func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// shorten cuts s to at most n bytes that are its own.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	hash := fmt.Sprintf("-%016x", xxhash.Sum64String(s))
	return s[:n-len(hash)] + hash
}

// Event sends the event with number seq of the phase and returns what became of it.
//
// The phone stamps it on arrival, in all that were seen in whole ms, and keeps it if it is recording. When ctx ends an event
// that is under way may take another 250 ms. It may be called at any time; exchanges with one phone wait for each other.
func (p *Phone) Event(ctx context.Context, seq int64) Exchange {
	p.turn.Lock()
	defer p.turn.Unlock()
	x := p.exchange(Event, seq)
	x.EventName = EventName(p.opt.Session, p.opt.Phase, seq)
	question := p.post("/api/event", fmt.Appendf(nil, `{"name":"%s"}`, x.EventName)) // nothing in it needs escaping
	var a *reply
	t, err := p.ask(ctx, p.web, question, func() (err error) {
		a, err = p.web.rd.read(maxAnswer)
		return err
	})
	x.A, x.MonoA, x.Fresh = t.sent.wall, t.sent.mono, t.fresh
	if err != nil {
		return x.fail(fmt.Errorf("event to %s: %w", p.web.addr, err))
	}
	if !a.reusable {
		p.web.drop()
	}
	e, err := parseEvent(a, x.EventName)
	if err != nil {
		return x.fail(fmt.Errorf("event to %s: %w", p.web.addr, err))
	}
	x.B, x.MonoB, x.E, x.RecordingID = a.heard.wall, a.heard.mono, e.stamp, e.recordingID
	x.Outcome, p.heard = OK, a.heard
	return x
}

// eventAnswer is what the phone says to an event.
type eventAnswer struct {
	stamp       align.DeviceTime
	recordingID string
}

// parseEvent reads the answer to the event called name. What is not certain to be its time is an error.
func parseEvent(a *reply, name string) (eventAnswer, error) {
	result, err := openEnvelope(a)
	if err != nil {
		return eventAnswer{}, err
	}
	var fields map[string]json.RawMessage // a struct would take keys of any case
	if json.Unmarshal(result, &fields) != nil || fields == nil {
		return eventAnswer{}, badReply(a, "the result is not an object")
	}
	stamp, problem := parseStamp(fields["timestamp"])
	if problem != "" {
		return eventAnswer{}, badReply(a, "%s", problem)
	}
	if said, ok := text(fields["name"]); ok && said != name {
		return eventAnswer{}, badReply(a, "it answers another event, want %s", name)
	}
	id, _ := text(fields["recording_id"]) // null or missing where nothing records
	if len(id) > maxID {
		id = ""
	}
	return eventAnswer{stamp, id}, nil
}

// maxID is more than any id has: a UUID is of 36 bytes, a hardware id of 16.
const maxID = 64

// openEnvelope returns the result of an answer that is in the frame of all the phone's JSON answers.
func openEnvelope(a *reply) (json.RawMessage, error) {
	var envelope map[string]json.RawMessage
	isJSON := json.Unmarshal(a.body, &envelope) == nil && envelope != nil
	if a.status != 200 {
		problem := "want status 200"
		if message, ok := text(envelope["message"]); ok {
			problem = fmt.Sprintf("the phone says %.200q", message)
		} else if a.status/100 == 3 {
			problem = "redirects are not followed; want status 200"
		}
		return nil, badReply(a, "%s", problem)
	}
	kind, _, err := mime.ParseMediaType(a.contentType)
	switch {
	case err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) || kind != "application/json":
		return nil, badReply(a, "want content type application/json")
	case len(a.body) == 0:
		return nil, badReply(a, "want JSON")
	case !isJSON:
		return nil, badReply(a, "not a JSON object")
	case envelope["result"] == nil:
		return nil, badReply(a, "no result in it")
	}
	return envelope["result"], nil
}

// Stamps before 2000 or after 2200 are in another unit, or of a clock that was never set.
const (
	earliestStamp = 946684800_000000000
	latestStamp   = 7258118400_000000000
)

// parseStamp reads ns since 1970, to the last digit. A number that is not written as an integer is none.
func parseStamp(raw json.RawMessage) (align.DeviceTime, string) {
	if raw == nil {
		return 0, "no timestamp in it"
	}
	n, ok := decimal(string(raw))
	if !ok {
		return 0, fmt.Sprintf("timestamp %.40s, want ns since 1970 as an integer", raw)
	}
	if n < earliestStamp || n > latestStamp {
		return 0, fmt.Sprintf("timestamp %d, want ns since 1970, between the years 2000 and 2200", n)
	}
	return align.DeviceTime(n), ""
}

// text returns the string that raw is.
func text(raw json.RawMessage) (string, bool) {
	var s *string
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) || json.Unmarshal(raw, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}
