package scenario

import (
	"math"
	"slices"
	"time"

	"github.com/pialign/pialign/align"
)

// Score says how an alignment of a session does against the truth, on the host's wall clock, at instants spread evenly over the session
// and half a minute beyond. Instants within a gap that holds a step are left out. A stamp that the phone's clock showed
// twice is judged by the candidate of its side, which file order tells.
type Score struct {
	N            int           // instants judged
	Typical, P95 time.Duration // root mean square and 95 % quantile of the error
	Covered      float64       // share of them inside the 95 % interval
	Stat         float64       // the same without the allowance for unequal floors
	Outside      float64       // outside the hard bound
	HalfWidth    time.Duration // median of the 95 % interval's half-width
	StatWidth    time.Duration // the same without the allowance
	Bound        time.Duration // median of the bound's half-width, of the bounded
	// PhoneSteps and HostSteps: as many were found as there are.
	PhoneSteps, HostSteps bool
}

// judged is how many instants are looked at.
const judged = 241

// Judge scores al.
func (s *Session) Judge(al *align.Alignment) Score {
	var errs, half, stat, bound []float64
	var sc Score
	sum := 0.0
	for _, tr := range s.Truths(judged, 30*time.Second) {
		if tr.Ambiguous {
			continue
		}
		sc.N++
		c := al.Wall.Candidates(tr.Device)
		if len(c) == 0 {
			continue // refused where it should not be: counts as not covered
		}
		e := c[0]
		for _, other := range c[1:] {
			if after := len(s.Phone.Steps) > 0 && tr.At >= s.Phone.Steps[0].At; after == (other.Piece > e.Piece) {
				e = other
			}
		}
		d := tr.Wall.Sub(e.Host)
		errs = append(errs, math.Abs(float64(d)))
		sum += float64(d) * float64(d)
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
	n := float64(sc.N)
	sc.Covered, sc.Stat, sc.Outside = sc.Covered/n, sc.Stat/n, sc.Outside/n
	sc.P95, sc.HalfWidth, sc.StatWidth, sc.Bound = rank(errs, 0.95), rank(half, 0.5), rank(stat, 0.5), rank(bound, 0.5)
	sc.Typical = time.Duration(math.Sqrt(sum / math.Max(float64(len(errs)), 1)))
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
