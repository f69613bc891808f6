package main

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
)

// clinic is what doctor examines with; tests put in their own.
type clinic struct {
	net      finder
	clock    probe.Clock // that phones are measured against
	describe func() probe.ClockInfo
	askNTP   func(ctx context.Context, server string) (offset, spread time.Duration, err error)
	free     func(dir string) (uint64, error)
	schedule probe.Schedule
}

func newClinic(net finder) clinic {
	return clinic{net: net, clock: probe.SystemClock(), describe: probe.DescribeClock, askNTP: askNTP, free: freeSpace, schedule: doctorSchedule}
}

// hostFacts are what there is to know about this computer and its network.
type hostFacts struct {
	clock  probe.ClockInfo
	ntp    *ntpFacts    // nil: no server was named
	mdns   *mdnsFacts   // nil: there was no need to listen
	folder *folderFacts // nil: no session was named
}

type ntpFacts struct {
	server         string
	offset, spread time.Duration // server - host, give or take spread
	err            error
}

// mdnsFacts are what listening for phones brought, beside the phones that answered.
type mdnsFacts struct {
	err    error
	silent []string // phones that answered at an address but were not heard
}

type folderFacts struct {
	dir        string
	free       uint64
	freeErr    error // free is not known
	writeErr   error // it cannot be written to
	unfinished int   // journals that no running probe is writing
}

// phoneFacts are what there is to know about one phone.
type phoneFacts struct {
	spec      string
	err       error // why it was not reached
	addr      string
	heard     bool // by mDNS
	status    probe.Status
	exchanges []probe.Exchange
}

// called is how the phone is named among several.
func (p *phoneFacts) called() string { return or(p.status.Phone.Name, p.spec) }

// examine gathers the facts, all at once as far as they do not disturb each other.
func (c clinic) examine(ctx context.Context, o doctorOptions) ([]*phoneFacts, *hostFacts, error) {
	host := &hostFacts{clock: c.describe()} // first: it keeps a processor busy for a moment
	var work sync.WaitGroup
	if o.ntp != "" {
		host.ntp = &ntpFacts{server: o.ntp}
		work.Go(func() { host.ntp.offset, host.ntp.spread, host.ntp.err = c.askNTP(ctx, o.ntp) })
	}
	var heard []probe.Found
	if len(o.devices) > 0 {
		host.mdns = &mdnsFacts{}
		work.Go(func() { heard, host.mdns.err = c.net.discover(ctx, listenFor) })
	}
	if o.session != "" {
		host.folder = c.lookInto(o.session)
	}
	phones, err := c.examinePhones(ctx, o.devices)
	work.Wait()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	if host.mdns != nil {
		host.mdns.compare(phones, heard)
	}
	if !slices.ContainsFunc(phones, func(p *phoneFacts) bool { return p.err != nil || p.heard || !isLoopback(p.addr) }) {
		host.mdns = nil // a rehearsal within this computer
	}
	return phones, host, nil
}

// listenFor is how long phones are listened for where all are named: they answer within a second or two.
const listenFor = 4 * time.Second

// compare notes which phones answered but were not heard.
func (m *mdnsFacts) compare(phones []*phoneFacts, heard []probe.Found) {
	for _, p := range phones {
		for _, f := range heard {
			p.heard = p.heard || f.ID == p.status.Phone.DeviceID && f.ID != ""
		}
		if p.err == nil && !p.heard && !isLoopback(p.addr) {
			m.silent = append(m.silent, p.addr)
		}
	}
}

// isLoopback reports whether HOST:PORT is this computer, where nothing is heard by multicast, whatever the network does.
func isLoopback(addr string) bool {
	a, err := netip.ParseAddrPort(addr)
	return err == nil && a.Addr().Unmap().IsLoopback()
}

// examinePhones finds the phones and examines them side by side. That several match and none was named is an error.
func (c clinic) examinePhones(ctx context.Context, specs []string) ([]*phoneFacts, error) {
	found, err := findPhones(ctx, c.net, specs)
	switch {
	case err != nil && codeOf(err) == exitNoPhone:
		return []*phoneFacts{{spec: "any", err: err}}, nil
	case err != nil:
		return nil, err
	}
	out := make([]*phoneFacts, len(found))
	var work sync.WaitGroup
	for i, f := range found {
		// Whatever is not an address by itself was heard.
		out[i] = &phoneFacts{spec: f.spec, err: f.err, heard: f.found.ID != ""}
		if f.err == nil {
			work.Go(func() { c.examinePhone(ctx, out[i], f.found) })
		}
	}
	work.Wait()
	return out, nil
}

// silence is how many exchanges may be lost in a row at the start before the rest is saved.
const silence = 5

func (c clinic) examinePhone(ctx context.Context, p *phoneFacts, found probe.Found) {
	inner, cancel := context.WithTimeout(ctx, examination)
	defer cancel()
	phone, err := found.Open(inner, probe.Options{Clock: c.clock, Info: c.describe(), Session: "doctor", Phase: "check"})
	if err != nil {
		p.err = err
		return
	}
	defer phone.Close()
	p.addr, p.status = phone.Addr(), phone.Status()
	schedule := c.schedule
	if p.status.Phone.EchoPort == 0 {
		schedule.Protocol = probe.Event
	}
	schedule.Enough = func() bool { return len(p.exchanges) >= silence*2 && p.answered("") == 0 }
	err = probe.Run(inner, phone, schedule, func(e probe.Exchange) error {
		p.exchanges = append(p.exchanges, e)
		return nil
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		p.err = err
	}
}

// answered counts the exchanges with an answer, of one protocol or of all.
func (p *phoneFacts) answered(by probe.Protocol) int {
	n := 0
	for _, e := range p.exchanges {
		if e.Good() && (by == "" || e.Protocol == string(by)) {
			n++
		}
	}
	return n
}

// asked counts the exchanges of one protocol.
func (p *phoneFacts) asked(by probe.Protocol) int {
	n := 0
	for _, e := range p.exchanges {
		if e.Protocol == string(by) {
			n++
		}
	}
	return n
}

// lastError returns why the last exchange of one protocol that failed did.
func (p *phoneFacts) lastError(by probe.Protocol) error {
	for i := len(p.exchanges) - 1; i >= 0; i-- {
		if e := p.exchanges[i]; e.Err != nil && e.Protocol == string(by) {
			return e.Err
		}
	}
	return nil
}

// roundTrips returns the shortest and the median round trip of one protocol.
func (p *phoneFacts) roundTrips(by probe.Protocol) (least, median time.Duration) {
	var samples []align.Sample
	for _, e := range p.exchanges {
		if e.Good() && e.Protocol == string(by) {
			samples = append(samples, e.Sample)
		}
	}
	lo, mid := roundTrips(samples)
	return time.Duration(lo), time.Duration(mid)
}

// offset returns the range that host - device must lie in at the last exchange, from the exchanges of one protocol: both stamp in whole
// ms, cut or rounded, and clocks drift apart by 201 ppm at the most. It is of as many as can be true together; contradicting counts the
// others. It is empty where there is none.
func (p *phoneFacts) offset(by probe.Protocol) (v align.Interval, contradicting int) {
	var all []align.Interval
	var last align.DeviceTime
	for i := len(p.exchanges) - 1; i >= 0; i-- {
		e := p.exchanges[i]
		if !e.Good() || e.Protocol != string(by) {
			continue
		}
		if len(all) == 0 {
			last = e.E
		}
		drift := last.Sub(e.E).Abs() / 1_000_000 * maxRate
		v := e.Offset(time.Millisecond)
		all = append(all, align.Interval{Lo: v.Lo - drift, Hi: v.Hi + time.Millisecond/2 + drift})
	}
	v, most := align.Interval{Lo: 1}, 0
	for _, a := range all { // what is common to the most begins where one of them does
		common, n := align.Interval{Lo: a.Lo, Hi: a.Hi}, 0
		for _, b := range all {
			if b.Lo <= a.Lo && a.Lo <= b.Hi {
				common = common.Intersect(b)
				n++
			}
		}
		if n > most {
			v, most = common, n
		}
	}
	return v, len(all) - most
}
