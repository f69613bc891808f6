package fakephone

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pialign/pialign/align"
)

// Time is the true time in which the phone and its network live: the host's clock.
type Time interface {
	// Now returns the host clock's reading.
	Now() align.HostTime
	// Wait returns once d has passed, or with the context's error. It returns at once where d is 0 or less.
	Wait(ctx context.Context, d time.Duration) error
}

// RealTime returns a Time in which waiting takes as long as it says. The caller injects the clock.
func RealTime(now func() align.HostTime) Time { return realTime(now) }

type realTime func() align.HostTime

func (t realTime) Now() align.HostTime { return t() }

func (t realTime) Wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// VirtualTime is a clock that moves only when somebody waits or advances it: a Time for the phone and, at the same
// time, the host clock of whoever probes it. The instants of all waits add up, also of those made side by
// side. Its zero value starts at 0; it must not be copied.
type VirtualTime struct {
	mu     sync.Mutex
	host   align.HostTime
	mono   align.MonoTime
	alarms map[int64]alarm
	before map[int64]func()
	last   int64
}

type alarm struct {
	at align.HostTime
	id int64
	f  func()
}

// NewVirtualTime returns a clock that shows the two readings until it is moved.
func NewVirtualTime(start align.HostTime, mono align.MonoTime) *VirtualTime {
	return &VirtualTime{host: start, mono: mono}
}

// Now returns the host wall clock's reading.
func (t *VirtualTime) Now() align.HostTime {
	h, _ := t.Stamp()
	return h
}

// Mono returns the host monotonic clock's reading.
func (t *VirtualTime) Mono() align.MonoTime {
	_, m := t.Stamp()
	return m
}

// Stamp returns both readings of one instant.
func (t *VirtualTime) Stamp() (align.HostTime, align.MonoTime) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.host, t.mono
}

// Wait moves the clock on by d and returns at once.
func (t *VirtualTime) Wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.Advance(d)
	return nil
}

// Advance moves the clock on by d; 0 or less does nothing, since this clock never goes back.
func (t *VirtualTime) Advance(d time.Duration) {
	if d <= 0 {
		return
	}
	t.mu.Lock()
	before := slices.Collect(maps.Values(t.before))
	t.mu.Unlock()
	for _, f := range before {
		f()
	}
	t.mu.Lock()
	t.host, t.mono = t.host.Add(d), t.mono.Add(d)
	var due []alarm
	for id, a := range t.alarms {
		if a.at <= t.host {
			due = append(due, a)
			delete(t.alarms, id)
		}
	}
	t.mu.Unlock()
	slices.SortFunc(due, func(a, b alarm) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
	for _, a := range due {
		a.f()
	}
}

// beforeMoving calls f each time before the clock is moved, by whatever moves it, until stop is called.
func (t *VirtualTime) beforeMoving(f func()) (stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.before == nil {
		t.before = make(map[int64]func())
	}
	t.last++
	id := t.last
	t.before[id] = f
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.before, id)
	}
}

// after calls f, from whatever moves the clock, once d has passed, unless stop is called before.
func (t *VirtualTime) after(d time.Duration, f func()) (stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.alarms == nil {
		t.alarms = make(map[int64]alarm)
	}
	t.last++
	id := t.last
	t.alarms[id] = alarm{t.host.Add(d), id, f}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.alarms, id)
	}
}
