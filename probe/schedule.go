package probe

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/pialign/pialign/align"
)

// Protocol names a way to ask a phone for its time.
type Protocol string

// The protocols.
const (
	Event Protocol = "event" // the clock that stamps events, which is what a recording holds
	Echo  Protocol = "echo"  // Time Echo
	Both  Protocol = "both"  // in turns
)

// Schedule says when to ask. The zero value is one burst of 100 events, some 50 ms apart, the first 3 to warm up.
type Schedule struct {
	Protocol Protocol
	Count    int           // exchanges in a burst, those to warm up included; 0: 100
	Warmup   int           // of each burst; 0: 3, negative: none
	Spacing  time.Duration // the mean pause after an exchange; 0: 50 ms, negative: none
	Wake     time.Duration // how long before each exchange a byte wakes the phone's radio, and how often before; 0: 20 ms, but never where the spacing is less; negative: never
	Every    time.Duration // from the start of one burst to the start of the next; 0: bursts follow each other at once
	For      time.Duration // start no burst later than this after the first; 0 with Every: until ctx ends; 0 without: one burst
	FirstSeq int64         // the number of the first exchange: one more than the last, where a phase goes on
	Seed     uint64        // of the pauses
	Enough   func() bool   // asked after each exchange; true ends the run
}

// Check returns an error for a Schedule that makes no sense.
func (s Schedule) Check() error {
	switch s.Protocol {
	case "", Event, Echo, Both:
	default:
		return fmt.Errorf("unknown protocol %q, want event, echo or both", s.Protocol)
	}
	if s.Count < 0 || s.Every < 0 || s.For < 0 || s.FirstSeq < 0 {
		return fmt.Errorf("schedule: count %d, every %v, for %v, first number %d: none may be negative", s.Count, s.Every, s.For, s.FirstSeq)
	}
	if s.Wake > 0 && s.Wake < leastWake {
		return fmt.Errorf("schedule: wake %v, want %v or more", s.Wake, leastWake)
	}
	return nil
}

func (s Schedule) withDefaults() Schedule {
	if s.Protocol == "" {
		s.Protocol = Event
	}
	if s.Count == 0 {
		s.Count = 100 // the vendor's recipes take 50 to 100
	}
	if s.Warmup == 0 {
		s.Warmup = 3 // wakes the radio and fills caches
	}
	if s.Spacing == 0 {
		s.Spacing = 50 * time.Millisecond
	}
	// What follows that soon on the exchange before finds the radio awake.
	if s.Wake == 0 && s.Spacing >= defaultWake {
		s.Wake = defaultWake
	}
	return s
}

// Run exchanges with p as s says and calls each with every exchange in turn, the failed ones too, also when the phone
// has vanished: then it goes on trying.
//
// The pause after each exchange is drawn anew between nothing and twice the spacing, so that exchanges fall evenly on the 102.4 ms
// in which a Wi-Fi access point lets a sleeping phone hear, also where each answer came with such a beacon. Run ends with the first error that each
// returns, or with the context's; an exchange that had left by then is still handed over. Phones that are to be probed
// side by side need a Run each.
func Run(ctx context.Context, p *Phone, s Schedule, each func(Exchange) error) error {
	if err := s.Check(); err != nil {
		return err
	}
	s = s.withDefaults()
	if s.Protocol != Event && p.Status().Phone.EchoPort == 0 {
		return fmt.Errorf("%w: the status of %s names no time_echo_port; use events", ErrNoEcho, p.Addr())
	}
	r := run{p: p, s: s, each: each, seq: s.FirstSeq}
	// Phones of one seed are not to be asked in step.
	r.rand = rand.New(rand.NewPCG(s.Seed, xxhash.Sum64String(p.id)))
	if s.Wake > 0 {
		if err := p.await(ctx, wakeLead, s.Wake); err != nil {
			return err
		}
	}
	_, began := p.opt.Clock.Stamp()
	for {
		done, err := r.burst(ctx)
		if done || err != nil {
			return err
		}
		if s.Every == 0 && s.For == 0 {
			return nil
		}
		more, err := r.await(ctx, began)
		if !more || err != nil {
			return err
		}
	}
}

// run is a Run at work.
type run struct {
	p    *Phone
	s    Schedule
	each func(Exchange) error
	rand *rand.Rand
	seq  int64
}

// burst makes one burst. It is done when it was enough.
func (r *run) burst(ctx context.Context) (done bool, err error) {
	for i := range r.s.Count {
		if err := ctx.Err(); err != nil {
			return true, err
		}
		if i > 0 {
			if err := r.pause(ctx); err != nil {
				return true, err
			}
		}
		x := r.exchange(ctx, i)
		if ctx.Err() != nil && x.A == 0 && x.MonoA == 0 {
			return true, ctx.Err() // it was never sent, and not for the phone's sake
		}
		if x.Outcome == OK && i < r.s.Warmup {
			x.Outcome = Warmup
		}
		r.seq++
		if err := r.each(x); err != nil {
			return true, err
		}
		if r.s.Enough != nil && r.s.Enough() {
			return true, nil
		}
	}
	return false, ctx.Err()
}

func (r *run) exchange(ctx context.Context, i int) Exchange {
	if r.s.Protocol == Echo || r.s.Protocol == Both && i%2 == 1 {
		return r.p.Echo(ctx, r.seq)
	}
	return r.p.Event(ctx, r.seq)
}

func (r *run) pause(ctx context.Context) error {
	if r.s.Spacing <= 0 {
		return nil
	}
	return r.p.await(ctx, time.Duration(r.rand.Int64N(2*int64(r.s.Spacing)+1)), r.s.Wake)
}

// await waits until the next burst is due. Bursts that should have begun already are left out.
func (r *run) await(ctx context.Context, began align.MonoTime) (more bool, err error) {
	_, now := r.p.opt.Clock.Stamp()
	passed := now.Sub(began)
	if r.s.Every == 0 {
		if passed > r.s.For {
			return false, nil
		}
		return true, r.pause(ctx)
	}
	due := (passed/r.s.Every + 1) * r.s.Every
	if r.s.For > 0 && due > r.s.For {
		return false, nil
	}
	return true, r.p.await(ctx, due-passed, r.s.Wake)
}
