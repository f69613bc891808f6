package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/view"
	"github.com/pialign/pialign/probe"
)

// progress shows how far a measurement is: a live screen on a terminal, a line for each 10 % elsewhere, and with --json
// events. Where nobody knows when it ends, it counts the bursts instead.
//
// What measures only counts, under a lock that nobody holds for long, after each exchange. All writing is a speaker's.
type progress struct {
	o       probeOptions
	session string
	clock   probe.Clock
	began   align.MonoTime
	info    probe.ClockInfo

	mu     sync.Mutex
	phones []tracked
	lost   int
	shown  int // per cent or bursts that the last line spoke of
	ending bool

	screen *view.Screen // nil: none
	talk   *speaker
	events *speaker      // nil: none
	news   chan struct{} // an exchange has ended
	stop   func()        // ends what newProgress began
}

// How often something is drawn or told: people read no faster, and terminals share our processors.
const (
	drawEvery  = 200 * time.Millisecond
	eventEvery = time.Second
	idleEvery  = time.Second // while no exchange ends
)

// newProgress begins to show m, until end.
func newProgress(ctx context.Context, m *measurement) *progress {
	p := &progress{o: m.o, session: m.o.name(), clock: m.clock, info: m.info, talk: m.talk, news: make(chan struct{}, 1)}
	_, p.began = p.clock.Stamp()
	if m.o.json {
		p.events = m.out
	} else if screen, ok := view.OpenScreen(m.talk.w, os.Getenv); ok {
		p.screen = screen
	}
	earlier := func(string) []align.Sample { return nil }
	if p.watched() {
		earlier = m.earlier()
	}
	for _, phone := range m.phones {
		p.phones = append(p.phones, newTracked(phone, m.o.protocol, earlier(phone.status.Phone.DeviceID)))
	}
	distinguish(p.phones)
	p.begin(ctx, m)
	return p
}

func (p *progress) begin(ctx context.Context, m *measurement) {
	ctx, cancel := context.WithCancel(ctx)
	ended, end := context.WithCancel(context.WithoutCancel(ctx)) // there is more to show after Ctrl-C
	var watchers sync.WaitGroup
	stopClose := func() bool { return true }
	switch {
	case p.screen != nil:
		stopStops := p.screen.WatchStops()
		p.talk.cover(func() { stopStops(); p.screen.Close() })
		// At the first Ctrl-C already: the second ends the program with no chance to clean up.
		stopClose = context.AfterFunc(ctx, p.talk.uncover)
		watchers.Go(func() {
			p.follow(ended, drawEvery, p.talk, func() error { p.screen.Draw(p.state()); return nil })
		})
	case p.events != nil:
		_ = writeEvent(p.events, newBeginEvent(m)) // it cannot fail yet
		watchers.Go(func() {
			p.follow(ended, eventEvery, p.events, func() error { return writeEvent(p.events.w, newProgressEvent(p.state())) })
		})
	}
	if p.watched() {
		for i, phone := range m.phones {
			if phone.err == nil && phone.phone != nil {
				addr := phone.phone.Addr()
				watchers.Go(func() { p.refresh(ctx, i, phone.phone, addr) })
			}
		}
	}
	p.stop = sync.OnceFunc(func() {
		stopClose()
		cancel()
		end()
		watchers.Wait()
		p.talk.uncover()
	})
}

// watched reports whether somebody wants to know more than how far it is.
func (p *progress) watched() bool { return p.screen != nil || p.events != nil }

// follow has the state shown after exchanges, at most once in every, and once a second while there are none, until ctx ends: then once
// more. It begins right after an exchange, so that with one phone it is over before the next.
func (p *progress) follow(ctx context.Context, every time.Duration, by *speaker, draw func() error) {
	pause, idle := time.NewTimer(0), time.NewTimer(idleEvery)
	defer pause.Stop()
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			by.show(draw)
			return
		case <-pause.C:
		}
		select {
		case <-p.news: // of an exchange some time ago: the next may have begun
		default:
		}
		select {
		case <-ctx.Done():
		case <-p.news:
			by.show(draw)
		case <-idle.C:
			by.show(draw)
		}
		pause.Reset(every)
		idle.Reset(every + idleEvery)
	}
}

// step counts one exchange of the i-th phone.
func (p *progress) step(i int, e probe.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phones[i].take(e)
	if !e.Good() {
		p.lost++
	}
	p.tell()
}

// status takes what the i-th phone says of itself.
func (p *progress) status(i int, s probe.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phones[i].status(s)
}

// finished says that nothing more will be asked of the i-th phone, and why if that is not as it should be.
func (p *progress) finished(i int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phones[i].finish(err)
	p.tell() // where the end is a time, the last exchange comes before it
}

// judged puts what the fit says of the i-th phone in the place of the preliminary figures.
func (p *progress) judged(i int, m *measured) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phones[i].judged(m)
	p.ring()
}

// saving says that all is measured.
func (p *progress) saving() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ending = true
	p.ring()
}

// end takes the screen away.
func (p *progress) end() {
	p.saving()
	p.stop()
}

// ring wakes follow, without waiting for it.
func (p *progress) ring() {
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// tell passes on what is new. The slowest phone counts.
func (p *progress) tell() {
	p.ring()
	if p.screen != nil {
		return
	}
	percent, known := p.percent()
	step := 10
	if !known {
		step = 1
	}
	if percent = percent / step * step; percent <= p.shown {
		return
	}
	p.shown = percent
	text := fmt.Sprintf("%d exchanges", p.least())
	if phones := p.measured(); phones > 1 {
		text += fmt.Sprintf(" with each of %d phones", phones)
	}
	if p.lost > 0 {
		text += fmt.Sprintf(", %d lost", p.lost)
	}
	if known {
		text = fmt.Sprintf("%d %%, %s", percent, text)
	} else {
		text = fmt.Sprintf("%s, %s; Ctrl-C ends", counted(percent, "burst"), text)
	}
	p.talk.offer("pialign: probing: " + text + "\n")
}

// percent returns how much is done, or how many bursts where the end is not known.
func (p *progress) percent() (n int, known bool) {
	switch {
	case p.o.total > 0 && p.whole():
		return 100, true
	case p.o.total > 0:
		return int(min(100*p.elapsed()/p.o.total, 100)), true
	case p.o.every > 0:
		return p.least() / p.o.count, false
	}
	return 100 * p.least() / p.o.count, true
}

// whole reports whether all phones that are measured were, to the end.
func (p *progress) whole() bool {
	return p.measured() > 0 && !slices.ContainsFunc(p.phones, func(t tracked) bool { return t.here && !t.whole })
}

func (p *progress) elapsed() time.Duration {
	_, now := p.clock.Stamp()
	return now.Sub(p.began)
}

// left returns about how long it takes yet; 0: not known.
func (p *progress) left() time.Duration {
	elapsed := p.elapsed()
	switch n := p.least(); {
	case p.o.total > 0:
		return max(0, p.o.total-elapsed)
	case p.o.every == 0 && n > 0:
		return elapsed / time.Duration(n) * time.Duration(max(0, p.o.count-n))
	}
	return 0
}

func (p *progress) measured() int {
	n := 0
	for i := range p.phones {
		if p.phones[i].here {
			n++
		}
	}
	return n
}

func (p *progress) least() int {
	least := -1
	for i := range p.phones {
		if t := &p.phones[i]; t.here && (least < 0 || t.done < least) {
			least = t.done
		}
	}
	return max(least, 0)
}

// state returns a copy of what there is to show.
func (p *progress) state() view.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := view.State{Session: p.session, Phase: p.o.phase, MaxError: p.o.maxError, Left: p.left(), Ending: p.ending,
		FreeRunning: strings.Contains(p.info.Discipline, "STA_UNSYNC")}
	n, known := p.percent()
	if s.Percent = n; !known {
		s.Percent, s.Bursts = -1, n
	}
	count := p.o.count
	if p.o.long() {
		count = 0
	}
	for i := range p.phones {
		s.Phones = append(s.Phones, p.phones[i].phone(count))
	}
	slices.SortStableFunc(s.Phones, func(a, b view.Phone) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return s
}
