package scenario

import (
	"math"
	"slices"
	"time"

	"github.com/pialign/pialign/align"
)

// Score says how an alignment of a session does against the truth, on the host's wall clock, at instants spread evenly over the session
// and half a minute beyond, and more densely over a burst in which the phone's clock was set. Where two answers are offered, of which file
// order tells the right one, that of the instant's side of the step counts. An instant without an answer counts as not covered.
//
// Instants between the two exchanges around a step have no error. Where two answers or none are offered, which is all that anybody can say, they are left out;
// where one is, as if there were no step, interval and bound have to hold it.
type Score struct {
	N            int           // instants judged: of them the shares are taken
	Typical, P95 time.Duration // root mean square and 95 % quantile of the error
	Covered      float64       // share of them inside the 95 % interval
	Stat         float64       // the same without the allowance for unequal floors
	Outside      float64       // outside the hard bound
	HalfWidth    time.Duration // median of the 95 % interval's half-width
	StatWidth    time.Duration // the same without the allowance
	Bound        time.Duration // median of the bound's half-width, of the bounded
	Refused      float64       // share of instants without an answer
	Twofold      float64       // with two, one for each side of a step
	// PhoneSteps and HostSteps: as many were found as there are.
	PhoneSteps, HostSteps bool
}

// judged is how many instants are looked at, judgedDensely how many more in a burst with a step.
const (
	judged        = 241
	judgedDensely = 20
)

// looked returns the instants that Judge looks at.
func (s *Session) looked() []Truth {
	out := s.Truths(judged, 30*time.Second)
	for _, st := range s.Phone.Steps {
		for _, b := range s.Bursts {
			if b.From <= st.At && st.At <= b.To {
				out = append(out, s.between(b.From, b.To, judgedDensely)...)
			}
		}
	}
	return out
}

// Side returns the answer of al for an instant: where it offers two, that of its side of the phone's step. It returns false where there is
// none, or two although the phone's clock was not set.
func (s *Session) Side(al *align.Alignment, tr Truth) (e align.Estimate[align.HostTime], twofold, ok bool) {
	c := al.Wall.Candidates(tr.Device)
	switch {
	case len(c) == 0:
		return e, false, false
	case len(c) == 1:
		return c[0], false, true
	case len(s.Phone.Steps) == 0:
		return e, true, false
	}
	e = c[0]
	for _, other := range c[1:] {
		if after := tr.At >= s.Phone.Steps[0].At; after == (other.Piece > e.Piece) {
			e = other
		}
	}
	return e, true, true
}

// Judge scores al.
func (s *Session) Judge(al *align.Alignment) Score {
	var errs, half, stat, bound []float64
	var sc Score
	sum := 0.0
	for _, tr := range s.looked() {
		e, twofold, ok := s.Side(al, tr)
		if tr.Ambiguous && (twofold || !ok) {
			continue
		}
		sc.N++
		if !ok {
			sc.Refused++
			continue
		}
		if twofold {
			sc.Twofold++
		}
		d := tr.Wall.Sub(e.Host)
		if !tr.Ambiguous {
			errs = append(errs, math.Abs(float64(d)))
			sum += float64(d) * float64(d)
		}
		half, stat = append(half, float64(e.Likely.Width())/2), append(stat, float64(e.Stat.Width())/2)
		if e.Likely.Contains(d) {
			sc.Covered++
		}
		if e.Stat.Contains(d) {
			sc.Stat++
		}
		if e.Bounded {
			bound = append(bound, float64(e.Bound.Width())/2)
			if !e.Bound.Contains(d) {
				sc.Outside++
			}
		}
	}
	n := float64(max(sc.N, 1))
	sc.Covered, sc.Stat, sc.Outside = sc.Covered/n, sc.Stat/n, sc.Outside/n
	sc.Refused, sc.Twofold = sc.Refused/n, sc.Twofold/n
	sc.P95, sc.HalfWidth, sc.StatWidth, sc.Bound = rank(errs, 0.95), rank(half, 0.5), rank(stat, 0.5), rank(bound, 0.5)
	sc.Typical = time.Duration(math.Sqrt(sum / math.Max(float64(len(errs)), 1)))
	if len(errs) == 0 { // a map without an answer is no good one
		sc.Typical, sc.P95 = math.MaxInt64, math.MaxInt64
	}
	sc.PhoneSteps = len(al.Wall.Parts().Steps) == len(s.Phone.Steps)
	sc.HostSteps = len(al.HostSteps) == len(s.Host.Steps)
	return sc
}

// rank returns the p-quantile of v, 0 of nothing.
func rank(v []float64, p float64) time.Duration {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return time.Duration(v[min(int(p*float64(len(v))), len(v)-1)])
}
