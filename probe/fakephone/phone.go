package fakephone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// Phone is a fake phone at work. Its methods may be called from anywhere at any time.
type Phone struct {
	cfg     Config
	ip      string   // as it reports
	ips     []string // at which it is reached
	addr    string   // HOST:PORT at the first of them
	bound   string   // HOST:PORT that it listens on
	ctx     context.Context
	cancel  context.CancelFunc
	web     net.Listener
	echo    net.Listener
	server  *http.Server
	work    sync.WaitGroup // everything that Close waits for
	close   func() error
	goodbye func()
	air     net.PacketConn // where datagrams wake the radio; nil without one
	silence func()         // ends draining it

	mu         sync.Mutex // guards what follows; never held while waiting
	radio      *radio
	wakes      int
	requests   int
	counts     map[stream]int
	exchanges  []Exchange
	echoes     []Exchange
	recordings []*Recording
	openAt     align.HostTime // when the pending recording opens
	refusal    Refusal
	answers    map[string][]string // to the template's questions
	hardware   Hardware
	disarm     func() // takes back the alarm for the pending recording
	echoConns  map[net.Conn]struct{}
	watchers   map[*watcher]struct{}
}

// Start puts a phone on the network. listen is HOST:PORT, by default a free port of 127.0.0.1; Time Echo gets
// another free port of the same host. The phone works until Close is called or ctx ends; Close must be called in either case.
func Start(ctx context.Context, cfg Config, listen string) (*Phone, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("starting the fake phone: %w", err)
	}
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	for tries := 1; ; tries++ { // a free port of TCP may be taken in UDP, where the radio listens
		p, err := startAt(ctx, cfg, listen)
		if err == nil || tries == mostTries || !errors.Is(err, syscall.EADDRINUSE) || !strings.HasSuffix(listen, ":0") {
			return p, err
		}
	}
}

// mostTries is how many free ports are tried.
const mostTries = 10

func startAt(ctx context.Context, cfg Config, listen string) (*Phone, error) {
	p := &Phone{
		cfg: cfg, refusal: cfg.Refusal, hardware: cfg.Hardware, disarm: func() {},
		counts: make(map[stream]int), echoConns: make(map[net.Conn]struct{}), watchers: make(map[*watcher]struct{}),
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.close = sync.OnceValue(p.shut)
	if err := p.open(listen); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the fake phone: %w", err), p.close())
	}
	return p, nil
}

// open listens, serves and announces.
func (p *Phone) open(listen string) error {
	var lc net.ListenConfig
	var err error
	if p.web, err = lc.Listen(p.ctx, network(listen), listen); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(p.web.Addr().String())
	if err != nil {
		return err
	}
	// A listener forgets the interface of a link-local address.
	if named, _, err := net.SplitHostPort(listen); err == nil && strings.Contains(named, "%") {
		host = named
	}
	p.bound = net.JoinHostPort(host, port)
	p.ips = reachable(host)
	p.addr = net.JoinHostPort(p.ips[0], port)
	p.ip = p.cfg.IP
	if p.ip == "" {
		p.ip = p.ips[0]
	}
	if !p.cfg.NoEcho {
		if p.echo, err = lc.Listen(p.ctx, network(listen), net.JoinHostPort(host, "0")); err != nil {
			return fmt.Errorf("time echo: %w", err)
		}
		p.work.Go(p.serveEcho)
	}
	if err := p.serveRadio(); err != nil {
		return fmt.Errorf("radio: %w", err)
	}
	p.server = p.newServer()
	p.work.Go(func() { _ = p.server.Serve(p.web) }) // ends with ErrServerClosed
	p.work.Go(func() {                              // a caller's context that ends frees the port at once
		<-p.ctx.Done()
		p.hangUp()
	})
	p.goodbye, err = p.announce()
	return err
}

// Close takes the phone off the network and returns when everything it started has ended. Later calls do nothing.
func (p *Phone) Close() error { return p.close() }

func (p *Phone) shut() error {
	if p.goodbye != nil {
		p.goodbye()
	}
	p.cancel()
	p.mu.Lock()
	p.disarm()
	p.mu.Unlock()
	p.hangUp()
	p.work.Wait()
	return nil
}

// hangUp closes every socket.
func (p *Phone) hangUp() {
	if p.server != nil {
		_ = p.server.Close()
	}
	if p.web != nil {
		_ = p.web.Close()
	}
	if p.echo != nil {
		_ = p.echo.Close()
	}
	if p.silence != nil {
		p.silence()
	}
	if p.air != nil {
		_ = p.air.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.echoConns {
		_ = c.Close()
	}
}

// Addr returns HOST:PORT of the HTTP interface; where it listens on all addresses, the first at which others reach it.
func (p *Phone) Addr() string { return p.addr }

// EchoPort returns the port of Time Echo, 0 where there is none.
func (p *Phone) EchoPort() int { return port(p.echo) }

// DeviceID returns the hardware id that the phone reports.
func (p *Phone) DeviceID() string { return p.cfg.DeviceID }

// Name returns the name that the phone reports.
func (p *Phone) Name() string { return p.cfg.Name }

// Clock returns the truth about the clock that stamps events.
func (p *Phone) Clock() scenario.Clock { return p.cfg.Clock }

// Plug makes the status speak of the glasses in another way from now on, as when they are plugged in or out.
func (p *Phone) Plug(h Hardware) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hardware = h
	for _, c := range append(p.glasses(), p.sensors(true)...) {
		p.publish(c)
	}
}

// stamp returns what the phone writes for the host instant h: its clock's reading, cut to the resolution.
func (p *Phone) stamp(c scenario.Clock, h align.HostTime, resolution time.Duration) align.DeviceTime {
	d, r := int64(c.Device(h)), int64(resolution)
	cut := d % r
	if cut < 0 {
		cut += r // cut downwards before 1970 too
	}
	return align.DeviceTime(d - cut)
}

// stream numbers the independent series of random numbers of one seed.
type stream uint64

const (
	eventStream stream = iota + 1
	echoStream
	requestStream
	recordingStream
	lossStream
)

// next returns the number of the next draw of a stream.
func (p *Phone) next(s stream) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.counts[s]
	p.counts[s]++
	return n
}

// delays draws the way up and the way down of the n-th exchange of a stream.
func (p *Phone) delays(s stream, n int) (up, down time.Duration) {
	r := scenario.Rand(p.cfg.Seed, uint64(s)<<56|uint64(n))
	up = p.cfg.Up.Draw(r)
	return up, p.cfg.Down.Draw(r)
}

// port returns the port that l listens on, 0 without l.
func port(l net.Listener) int {
	if l == nil {
		return 0
	}
	_, s, _ := net.SplitHostPort(l.Addr().String())
	n, _ := strconv.Atoi(s)
	return n
}

// network keeps "all IPv4 addresses" from becoming all there are.
func network(listen string) string {
	host, _, _ := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); ip != nil && ip.To4() != nil {
		return "tcp4"
	}
	return "tcp"
}

// reachable returns the addresses at which others reach what listens on host: host itself or, where that is "all
// addresses", the IPv4 addresses of this machine's networks, or loopback's where it is in none.
func reachable(host string) []string {
	if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
		return []string{host}
	}
	var out []string
	addrs, _ := net.InterfaceAddrs() // none found: loopback
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			out = append(out, n.IP.String())
		}
	}
	if out == nil {
		return []string{"127.0.0.1"}
	}
	return out
}
