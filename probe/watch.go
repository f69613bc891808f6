package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// How a Watch keeps in touch: as the vendor's client does.
const (
	pingEvery    = 20 * time.Second
	pingTimeout  = 20 * time.Second
	maxComponent = 64 << 10 // one has some 200 bytes
)

// Between attempts to connect a Watch pauses, at first briefly.
const (
	firstBackoff = 500 * time.Millisecond
	lastBackoff  = 30 * time.Second
)

// Watch listens to what the phone tells by websocket, keeps Status up to date with it and calls each with every change,
// until ctx ends; it returns the context's error. A lost connection is made again. Probing never depends on it.
func (p *Phone) Watch(ctx context.Context, each func(Status)) error {
	client := p.watchClient()
	defer client.CloseIdleConnections()
	backoff := firstBackoff
	for ctx.Err() == nil {
		if heard := p.listen(ctx, client, each); heard {
			backoff = firstBackoff
		}
		// In real time, also where the phone is asked in virtual time.
		if err := SystemClock().Wait(ctx, backoff); err != nil {
			break
		}
		backoff = min(2*backoff, lastBackoff)
	}
	return ctx.Err()
}

// watchClient returns an HTTP client that reaches the phone's address and none else.
func (p *Phone) watchClient() *http.Client {
	addr := p.Addr()
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				d := net.Dialer{Timeout: p.opt.Timeout}
				return d.DialContext(ctx, "tcp", addr)
			},
			ResponseHeaderTimeout: p.opt.Timeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("redirects are not followed") },
	}
}

// listen hears one connection to its end, and says whether anything came.
func (p *Phone) listen(ctx context.Context, client *http.Client, each func(Status)) (heard bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	open, stop := context.WithTimeout(ctx, 2*p.opt.Timeout)
	conn, _, err := websocket.Dial(open, "ws://"+hostHeader(p.Addr())+"/api/status", &websocket.DialOptions{HTTPClient: client})
	stop()
	if err != nil {
		return false
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxComponent)
	pinged := make(chan struct{})
	go func() {
		defer close(pinged)
		defer cancel() // a phone that does not answer has gone
		for ping(ctx, conn) == nil {
		}
	}()
	defer func() { cancel(); <-pinged }()
	for {
		kind, b, err := conn.Read(ctx)
		if err != nil {
			return heard
		}
		heard = true
		if kind != websocket.MessageText {
			continue
		}
		s, changed := p.hear(b)
		if s.other {
			return heard // the rest of what is said here is not about this phone
		}
		if changed && each != nil {
			each(s)
		}
	}
}

// ping waits, then sees whether the phone is there.
func ping(ctx context.Context, conn *websocket.Conn) error {
	if err := SystemClock().Wait(ctx, pingEvery); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := conn.Ping(ctx); err != nil {
		return fmt.Errorf("websocket ping: %w", err)
	}
	return nil
}

// hear takes in one component and returns the status, and whether it changed.
func (p *Phone) hear(component []byte) (Status, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status.other = false
	changed := p.status.merge("websocket", component)
	return p.status.clone(), changed
}
