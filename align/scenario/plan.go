package scenario

import (
	"math"
	"time"

	"github.com/pialign/pialign/align"
)

// Setting is a network and the clocks at its ends, to plan a session for.
type Setting struct {
	Up, Down Delay
	Loss     float64       // share of exchanges without an answer
	Tick     time.Duration // of the phone's stamps
	Wander   float64       // of the phone's rate, in ppm per square root of an hour
}

// Plan says when the exchanges of a session are made.
type Plan struct {
	Starts  []time.Duration // of the bursts, from the session's start, in order
	Count   int             // exchanges in each
	Spacing time.Duration   // between them, jittered by half of it
}

// Exchanges returns how many there are in all.
func (p Plan) Exchanges() int { return len(p.Starts) * p.Count }

// Span returns the time from the start of the first burst to that of the last one.
func (p Plan) Span() time.Duration {
	if len(p.Starts) == 0 {
		return 0
	}
	return p.Starts[len(p.Starts)-1] - p.Starts[0]
}

// Draw returns the session of a seed: a phone with an offset of up to a second and a drift of 1 to 50 ppm, probed from a computer with
// Linux' clocks. Plans of equal span meet the same phone under the same seed.
func (p Plan) Draw(w Setting, seed uint64) *Session {
	d := newDraft(seed, "plan")
	d.link = Link{Up: w.Up, Down: w.Down}
	d.plan = plan{starts: p.Starts, count: p.Count, spacing: p.Spacing, loss: w.Loss}
	d.span = p.Span()
	d.s.Tick = max(w.Tick, 1)
	if w.Wander > 0 {
		d.wander(w.Wander)
	}
	return d.session(Family{Name: "plan"})
}

// Unseen returns the root mean square, over the session, of how far a rate that wanders as w says takes the phone from straight
// lines between the bursts: what bursts alone leave to guess. Over a gap h it is w h^(3/2) / sqrt(90), the mean of the
// variance w^2 t^2 (h-t)^2 / (3 h) of an integrated random walk that is tied down at both ends.
func (p Plan) Unseen(w float64) time.Duration {
	sum := 0.0 // in (ppm h)^2 h
	for i := 1; i < len(p.Starts); i++ {
		h := (p.Starts[i] - p.Starts[i-1]).Hours()
		sum += w * w * h * h * h * h / 90
	}
	if sum == 0 {
		return 0
	}
	return time.Duration(math.Sqrt(sum/p.Span().Hours()) * 1e-6 * float64(time.Hour))
}

// Strayed returns the same of this session, as it was drawn.
func (s *Session) Strayed() time.Duration {
	if s.Wander == nil || len(s.Bursts) < 2 {
		return 0
	}
	sum := 0.0
	truths := s.Truths(judged, 0)
	i := 1
	for _, tr := range truths {
		for i < len(s.Bursts)-1 && tr.At > s.Bursts[i].middle() {
			i++
		}
		from, to := s.Bursts[i-1].middle(), s.Bursts[i].middle()
		a, b := float64(s.Wander.At(from)), float64(s.Wander.At(to))
		e := float64(s.Wander.At(tr.At)) - a - (b-a)*float64(tr.At.Sub(from))/float64(to.Sub(from))
		sum += e * e
	}
	return time.Duration(math.Sqrt(sum / float64(len(truths))))
}

func (b Burst) middle() align.HostTime { return b.From.Add(b.To.Sub(b.From) / 2) }

// Errors returns how far al is off at the instants that Judge looks at, true - estimated, on the host's wall clock. Instants
// that al refuses are left out.
func (s *Session) Errors(al *align.Alignment) []time.Duration {
	var out []time.Duration
	for _, tr := range s.looked() {
		if c := al.Wall.Candidates(tr.Device); len(c) > 0 {
			out = append(out, tr.Wall.Sub(c[0].Host))
		}
	}
	return out
}
