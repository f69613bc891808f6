package fakephone

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/pialign/pialign/align/scenario"
)

// Fault is what goes wrong with one event request.
type Fault struct {
	Kind  FaultKind
	After time.Duration // Slow: how much longer the answer takes
	Early bool          // the fault strikes before the phone has seen the event: nothing is stamped
}

// FaultKind names a fault.
type FaultKind string

// The faults. After all but the last three the connection can go on.
const (
	NoFault     FaultKind = ""
	HTMLReply   FaultKind = "html"   // 200 and a web page, as a captive portal sends it
	EmptyReply  FaultKind = "empty"  // 200 and no body
	ServerError FaultKind = "500"    // 500 with the envelope
	PlainReply  FaultKind = "text"   // 200 and plain text
	SlowReply   FaultKind = "slow"   // the right answer, After later
	HangUp      FaultKind = "hangup" // the right answer, then the connection is closed without having said so
	CutReply    FaultKind = "cut"    // the connection ends within the answer
	NoReply     FaultKind = "none"   // nothing, until the client or the phone closes
	Reset       FaultKind = "reset"  // the connection is reset
)

// unheard says whether the event never reached the phone. A right answer cannot come without it.
func (f Fault) unheard() bool {
	switch f.Kind {
	case NoFault, SlowReply, HangUp:
		return false
	}
	return f.Early
}

// fault returns what goes wrong with the n-th event: a loss on the way there or on the way back, or else what the
// configuration wants.
func (p *Phone) fault(n int) Fault {
	if p.cfg.Loss > 0 {
		r := scenario.Rand(p.cfg.Seed, uint64(lossStream)<<56|uint64(n))
		if r.Float64() < p.cfg.Loss {
			return Fault{Kind: NoReply, Early: r.Uint64()&1 == 0}
		}
	}
	if p.cfg.Fault == nil {
		return Fault{}
	}
	return p.cfg.Fault(n)
}

// replyWith answers a, or what the fault makes of it.
func (p *Phone) replyWith(w http.ResponseWriter, r *http.Request, f Fault, down time.Duration, a answer) {
	switch f.Kind {
	case NoFault:
	case HTMLReply:
		a = answer{http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html>\n<html><body>Please log in</body></html>\n")}
	case EmptyReply:
		a = answer{http.StatusOK, "application/json", nil}
	case ServerError:
		a = refuse("Internal error")
	case PlainReply:
		a = plain(http.StatusOK, "something is wrong")
	case SlowReply:
		down += f.After
	case HangUp, CutReply:
		p.replyAndClose(w, r, f, down, a)
		return
	case NoReply:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case Reset:
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			if t, ok := c.(*net.TCPConn); ok {
				_ = t.SetLinger(0) // so that closing resets
			}
			_ = c.Close()
		}
		return
	default:
		a = refuse(fmt.Sprintf("the test asks for an unknown fault %q", f.Kind))
	}
	p.reply(w, r, down, a)
}

// replyAndClose writes the whole answer, or half of it, and closes the connection without a word in the header.
func (p *Phone) replyAndClose(w http.ResponseWriter, r *http.Request, f Fault, down time.Duration, a answer) {
	if p.downward(r.Context(), down) != nil {
		panic(http.ErrAbortHandler)
	}
	if f.unheard() {
		a = success("Success", nil) // half of it goes out, and not what tells it from a real one
	}
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	b := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", a.status,
		http.StatusText(a.status), a.kind, len(a.body))
	body := a.body
	if f.Kind == CutReply {
		body = body[:len(body)/2]
	}
	_, _ = c.Write(append(b, body...))
}
