package fakephone

import (
	"context"
	"net/http"

	"github.com/coder/websocket"
)

// watcher is one websocket that hears of every change.
type watcher struct {
	queue chan []byte
	leave context.CancelFunc
}

// backlog is how many messages a watcher may lag behind before it is dropped, which it can mend by connecting
// again: a burst then tells it everything. An answer to an event never waits for a watcher.
const backlog = 256

// watch serves a websocket until the client leaves, lags too far behind, or the phone is closed.
func (p *Phone) watch(w http.ResponseWriter, r *http.Request) {
	ctx, leave := context.WithCancel(p.ctx)
	defer leave()
	// Before the handshake, since whatever happens once the client knows of that is to be heard.
	me := p.join(leave)
	defer p.part(me)
	// The phone knows no origins: pages from anywhere may connect.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	p.work.Go(func() { // reading answers pings and notices the end; what a client says is ignored
		defer leave()
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	})
	for {
		select {
		case b := <-me.queue:
			if conn.Write(ctx, websocket.MessageText, b) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// join adds a watcher whose queue begins with the current state, so that no change falls in between.
func (p *Phone) join(leave context.CancelFunc) *watcher {
	p.mu.Lock()
	defer p.mu.Unlock()
	burst := p.burst(p.cfg.Time.Now())
	me := &watcher{make(chan []byte, len(burst)+backlog), leave}
	for _, c := range burst {
		me.queue <- encode(c)
	}
	p.watchers[me] = struct{}{}
	return me
}

func (p *Phone) part(w *watcher) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.watchers, w)
}

// publish tells every watcher, and drops those that do not listen. The caller holds the lock.
func (p *Phone) publish(c any) {
	if len(p.watchers) == 0 {
		return
	}
	b := encode(c)
	for w := range p.watchers {
		select {
		case w.queue <- b:
		default:
			delete(p.watchers, w)
			w.leave()
		}
	}
}
