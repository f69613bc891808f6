package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/pialign/pialign/align"
)

// Options say how to talk to a phone. The zero value works.
type Options struct {
	Clock          Clock         // nil: SystemClock
	Info           ClockInfo     // of Clock; unset, and Clock is the system's: DescribeClock
	Timeout        time.Duration // of one exchange, and of connecting; 0: 2 s
	Session, Phase string        // go into the names of events
	DeviceID       string        // accept this phone only; empty: any
}

// defaultTimeout is longer than any round trip of use: over busy Wi-Fi they reach some 0.4 s.
const defaultTimeout = 2 * time.Second

// Phone is one phone being probed. Its methods may be called from several goroutines; exchanges take turns.
type Phone struct {
	opt Options
	id  string // as its first status said

	turn     sync.Mutex // guards what follows: one exchange at a time
	web      *wire
	echo     *wire    // nil before the first Echo
	echoBuf  [17]byte // for its answers
	waker    net.Conn
	echoPort int // that echo was aimed by
	round    uint64
	heard    instant // when it was last certain who answers
	doubt    bool    // a connection was lost since
	closed   bool

	mu     sync.Mutex // guards status
	status Status
}

// Open connects to the phone at addr (HOST:PORT; the port is 8080 where there is none) and reads its status.
//
// It keeps to the IP address that answered first, whatever name led there. The error wraps ErrNoPhone if nobody
// answered, ErrNotAPhone if what answered is none, ErrOtherPhone if it is not the one that opt wants, and ErrAmbiguous if
// a .local name leads to several.
func Open(ctx context.Context, addr string, opt Options) (*Phone, error) {
	opt = opt.withDefaults()
	targets, err := locate(ctx, addr)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, t := range targets {
		p, err := open(ctx, t, opt)
		if err == nil {
			return p, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = SystemClock()
	}
	if o.Clock == SystemClock() && o.Info == (ClockInfo{}) {
		o.Info = DescribeClock()
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return o
}

func open(ctx context.Context, addr string, opt Options) (*Phone, error) {
	p := &Phone{opt: opt}
	p.web = &wire{addr: addr, now: p.now}
	s, err := askStatus(ctx, p.web, opt.Timeout)
	if err == nil {
		err = identify(s, addr, opt.DeviceID)
	}
	if err != nil {
		p.web.drop()
		return nil, err
	}
	p.id, p.status, p.heard = s.Phone.DeviceID, s, p.now()
	// A number that no earlier run has used: an answer on its way to another program is not ours.
	p.round = xxhash.Sum64String(fmt.Sprint(p.id, p.heard, opt.Session, opt.Phase))
	return p, nil
}

// identify returns an error unless s is the status of a phone, and of the one called want if that is set.
func identify(s Status, addr, want string) error {
	switch id := s.Phone.DeviceID; {
	case !s.hasPhone:
		return fmt.Errorf("%w: the status of %s has no Phone in it; is this the app's address?", ErrNotAPhone, addr)
	case want != "" && !strings.EqualFold(id, want):
		return fmt.Errorf("%w: %s is %q (%s), want %s", ErrOtherPhone, addr, id, s.Phone.Name, want)
	}
	return nil
}

// now reads the phone's host clocks.
func (p *Phone) now() instant {
	w, m := p.opt.Clock.Stamp()
	return instant{w, m}
}

// Status returns what the phone said about itself, as last read or, during a Watch, heard.
func (p *Phone) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status.clone()
}

// Addr returns the address that is being asked, IP:PORT.
func (p *Phone) Addr() string {
	p.turn.Lock()
	defer p.turn.Unlock()
	return p.web.addr
}

// Close ends the connections, once an exchange that is under way has ended.
func (p *Phone) Close() error {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.closed = true
	p.web.drop()
	if p.echo != nil {
		p.echo.drop()
	}
	if p.waker != nil {
		_ = p.waker.Close()
	}
	return nil
}

// exchange returns an exchange about to begin.
func (p *Phone) exchange(by Protocol, seq int64) Exchange {
	return Exchange{Sample: align.Sample{
		Phase: p.opt.Phase, Protocol: string(by), Seq: seq, Host: p.opt.Info.Host, Boot: p.opt.Info.Boot,
	}}
}

// ask sends one question over w, once it is certain whose answer it will be.
//
// A question of which nothing left, on a connection that had been used before, is asked again on a new one, with a new
// stamp: nobody can have heard it. Any other is not, since the phone may have.
func (p *Phone) ask(ctx context.Context, w *wire, question []byte, answer func() error) (trip, error) {
	return p.askWithin(ctx, w, p.opt.Timeout, question, answer)
}

// askWithin is ask with a time-out of its own.
func (p *Phone) askWithin(ctx context.Context, w *wire, timeout time.Duration, question []byte, answer func() error) (trip, error) {
	for {
		if w.lost() {
			p.doubt = true
		}
		if err := p.certain(ctx); err != nil {
			return trip{}, err
		}
		t, err := w.ask(ctx, timeout, question, answer)
		if err == nil {
			return t, nil
		}
		p.doubt = true
		if !errors.Is(err, errUnheard) || t.fresh {
			return t, err
		}
	}
}

// certainFor is how long it goes without saying that the same phone sits at an address where nothing else was noticed.
// Addresses are lent for hours.
const certainFor = 30 * time.Second

// certain returns an error unless the phone at the address is the one it was. It asks only where a connection was lost
// or some time has passed: stamps of another phone would look like stamps.
func (p *Phone) certain(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.closed {
		return net.ErrClosed
	}
	// A computer that slept has moved its wall clock only.
	now := p.now()
	if !p.doubt && now.mono.Sub(p.heard.mono) < certainFor && now.wall.Sub(p.heard.wall).Abs() < certainFor {
		return nil
	}
	s, err := readStatus(ctx, p.web.addr, p.opt.Timeout)
	if err != nil {
		return fmt.Errorf("making sure that this still is phone %q: %w", p.id, err)
	}
	if err := identify(s, p.web.addr, p.id); err != nil {
		return err
	}
	p.doubt, p.heard = false, p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = s
	return nil
}

// post returns the bytes of a request, to be written at once.
func (p *Phone) post(path string, body []byte) []byte {
	b := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: pialign\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\n\r\n", path, hostHeader(p.web.addr), len(body))
	return append(b, body...)
}

// hostHeader returns addr without the zone, which means nothing to the other side.
func hostHeader(addr string) string {
	a, err := netip.ParseAddrPort(addr)
	if err != nil {
		return addr
	}
	return netip.AddrPortFrom(a.Addr().WithZone(""), a.Port()).String()
}
