package scenario

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pialign/pialign/align"
)

// Session is a simulated session with its truth. True time is an align.HostTime that no clock shows.
type Session struct {
	Family  string
	Seed    uint64
	Samples []align.Sample
	Phone   Clock
	Wander  *Wander
	Host    Host
	Tick    time.Duration // of the phone's stamps
	Nearest bool          // the phone rounds its stamps to the nearest tick; else it cuts them to the tick passed last
	Bursts  []Burst
	Core    bool // counts for the figures that families are compared by
	Options align.Options
	made    []Burst // each answered exchange, from question to answer
}

// Burst is when exchanges were made, in true time.
type Burst struct{ From, To align.HostTime }

// Truth is one instant on every clock.
type Truth struct {
	At     align.HostTime
	Device align.DeviceTime
	Wall   align.HostTime
	Mono   align.MonoTime
	// Ambiguous: between the two exchanges that a step of either clock lies between.
	Ambiguous bool
}

// device returns what the phone's clock shows, to the ns.
func (s *Session) device(h align.HostTime) align.DeviceTime {
	return s.Phone.Device(h) - align.DeviceTime(s.Wander.At(h))
}

// stamp returns what the phone writes.
func (s *Session) stamp(h align.HostTime) align.DeviceTime {
	d, tick := s.device(h), align.DeviceTime(max(s.Tick, 1))
	if s.Nearest {
		d += tick / 2
	}
	return d - d%tick
}

// Truths returns n instants spread evenly from margin before the first burst to margin after the last one.
func (s *Session) Truths(n int, margin time.Duration) []Truth {
	return s.between(s.Bursts[0].From.Add(-margin), s.Bursts[len(s.Bursts)-1].To.Add(margin), n)
}

// between returns n instants spread evenly.
func (s *Session) between(from, to align.HostTime, n int) []Truth {
	gaps := s.stepGaps()
	out := make([]Truth, n)
	for i := range out {
		h := from.Add(time.Duration(int64(to.Sub(from)) / int64(max(n-1, 1)) * int64(i)))
		out[i] = Truth{At: h, Device: s.device(h), Wall: s.Host.Wall(h), Mono: s.Host.Mono(h),
			Ambiguous: slices.ContainsFunc(gaps, func(g Burst) bool { return g.From <= h && h <= g.To })}
	}
	return out
}

// stepGaps returns for each step of either clock the time from the last exchange that was over before it to the first one that began
// after it: nobody can know more of when it was.
func (s *Session) stepGaps() []Burst {
	var out []Burst
	for _, st := range slices.Concat(s.Phone.Steps, s.Host.Steps) {
		g := Burst{From: math.MinInt64, To: math.MaxInt64}
		for _, x := range s.made {
			if x.To < st.At {
				g.From = x.From
			} else if x.From > st.At {
				g.To = x.To
				break
			}
		}
		out = append(out, g)
	}
	return out
}

// plan says when a session's exchanges are made.
type plan struct {
	starts  []time.Duration // of the bursts, from the session's start
	count   int             // exchanges a burst
	spacing time.Duration   // between them, jittered by half of it
	loss    float64         // share of exchanges without an answer
	corrupt float64         // share of answers with a wrong stamp, by up to a second
	stale   float64         // with the stamp of the exchange before
	swapped float64         // heard before they were asked for
	counts  []int           // exchanges of each burst; nil: count
}

// exchanges returns how many exchanges burst k has.
func (p plan) exchanges(k int) int {
	if p.counts != nil {
		return p.counts[k]
	}
	return p.count
}

// length returns about how long burst k takes.
func (p plan) length(k int) time.Duration { return time.Duration(p.exchanges(k)) * p.spacing }

// run makes the exchanges.
func (s *Session) run(r *rand.Rand, begin align.HostTime, l Link, p plan) {
	var before align.DeviceTime // the stamp of the exchange before
	for k, at := range p.starts {
		h := begin.Add(at)
		b := Burst{From: h, To: h}
		for i := range p.exchanges(k) {
			sent := h
			up := l.up(r, sent)
			stamped := sent.Add(up)
			heard := stamped.Add(l.down(r, stamped))
			b.To = sent
			h = max(sent.Add(p.spacing/2+time.Duration(r.Int64N(int64(p.spacing)+1))), heard.Add(time.Millisecond))
			if p.loss > 0 && r.Float64() < p.loss {
				continue
			}
			x := align.Sample{E: s.stamp(stamped), Phase: fmt.Sprintf("p%d", k), Protocol: "event", Seq: int64(i)}
			if len(p.starts) > 20 {
				x.Phase, x.Seq = "session", int64(k*p.count+i)
			}
			x.A, x.MonoA = s.Host.read(sent)
			x.B, x.MonoB = s.Host.read(heard)
			if p.corrupt > 0 && r.Float64() < p.corrupt {
				x.E = x.E.Add(time.Duration(r.Int64N(int64(2*time.Second))) - time.Second)
			}
			if stamp := x.E; p.stale > 0 && r.Float64() < p.stale && before != 0 {
				x.E = before
			} else {
				before = stamp
			}
			if p.swapped > 0 && r.Float64() < p.swapped {
				x.A, x.MonoA, x.B, x.MonoB = x.B, x.MonoB, x.A, x.MonoA
			}
			s.Samples = append(s.Samples, x)
			s.made = append(s.made, Burst{sent, heard})
		}
		s.Bursts = append(s.Bursts, b)
	}
}
