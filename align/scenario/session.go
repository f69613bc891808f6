package scenario

import (
	"fmt"
	"math/rand/v2"
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
	Bursts  []Burst
	Core    bool // counts for the figures that families are compared by
	Options align.Options
}

// Burst is when exchanges were made, in true time.
type Burst struct{ From, To align.HostTime }

// Truth is one instant on every clock.
type Truth struct {
	At     align.HostTime
	Device align.DeviceTime
	Wall   align.HostTime
	Mono   align.MonoTime
	// Ambiguous: within the gap between two bursts that holds a step of either clock.
	Ambiguous bool
}

// device returns what the phone's clock shows, to the ns.
func (s *Session) device(h align.HostTime) align.DeviceTime {
	return s.Phone.Device(h) - align.DeviceTime(s.Wander.At(h))
}

// stamp returns what the phone writes: cut to the tick.
func (s *Session) stamp(h align.HostTime) align.DeviceTime {
	d := s.device(h)
	return d - d%align.DeviceTime(max(s.Tick, 1))
}

// Truths returns n instants spread evenly from margin before the first burst to margin after the last one.
func (s *Session) Truths(n int, margin time.Duration) []Truth {
	from, to := s.Bursts[0].From.Add(-margin), s.Bursts[len(s.Bursts)-1].To.Add(margin)
	out := make([]Truth, n)
	for i := range out {
		h := from.Add(time.Duration(int64(to.Sub(from)) / int64(max(n-1, 1)) * int64(i)))
		out[i] = Truth{At: h, Device: s.device(h), Wall: s.Host.Wall(h), Mono: s.Host.Mono(h), Ambiguous: s.inStepGap(h)}
	}
	return out
}

func (s *Session) inStepGap(h align.HostTime) bool {
	for i := 1; i < len(s.Bursts); i++ {
		from, to := s.Bursts[i-1].To, s.Bursts[i].From
		if h < from || h > to {
			continue
		}
		for _, steps := range [][]Step{s.Phone.Steps, s.Host.Steps} {
			for _, st := range steps {
				if from <= st.At && st.At <= to {
					return true
				}
			}
		}
	}
	return false
}

// plan says when a session's exchanges are made.
type plan struct {
	starts  []time.Duration // of the bursts, from the session's start
	count   int             // exchanges a burst
	spacing time.Duration   // between them, jittered by half of it
	loss    float64         // share of exchanges without an answer
	corrupt float64         // share of answers with a wrong stamp, by up to a second
}

// run makes the exchanges.
func (s *Session) run(r *rand.Rand, begin align.HostTime, l Link, p plan) {
	for k, at := range p.starts {
		h := begin.Add(at)
		b := Burst{From: h, To: h}
		for i := range p.count {
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
			s.Samples = append(s.Samples, x)
		}
		s.Bursts = append(s.Bursts, b)
	}
}
