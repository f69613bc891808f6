package align_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// Two sessions of each family; docs/accuracy.md has the figures of twenty, and the command that makes it checks them against the
// targets. Here: the truth is never outside the bound, and the interval covers as it should over all. A family that breaks an assumption
// unseen proves nothing here.
func TestFamilies(t *testing.T) {
	var covered, n, geo, core float64
	for _, f := range scenario.Families {
		if f.Limit != "" {
			continue
		}
		for seed := range uint64(2) {
			if f.Most > 0 && seed > 0 {
				continue // one of the long ones
			}
			s := f.Draw(1000 + seed)
			al, err := align.Fit(s.Samples, s.Options)
			if f.MayRefuse && (errors.Is(err, align.ErrStepSuspected) || errors.Is(err, align.ErrDisjoint) || errors.Is(err, align.ErrFalsetickers)) {
				continue
			}
			if err != nil {
				t.Errorf("%s %d: %v", f.Name, seed, err)
				continue
			}
			sc := s.Judge(al)
			t.Logf("%-18s %d: rms %v covered %.3f outside %.4f", f.Name, seed, sc.Typical, sc.Covered, sc.Outside)
			if sc.Outside > 0 {
				t.Errorf("%s %d: %.1f %% of the instants are outside the bound", f.Name, seed, 100*sc.Outside)
			}
			if sc.Refused > 0 {
				t.Errorf("%s %d: %.1f %% of the instants have no answer", f.Name, seed, 100*sc.Refused)
			}
			if !sc.PhoneSteps || !sc.HostSteps {
				t.Errorf("%s %d: phone steps %+v, host steps %+v; there are %+v, %+v", f.Name, seed, al.Wall.Parts().Steps, al.HostSteps, s.Phone.Steps, s.Host.Steps)
			}
			covered, n = covered+sc.Covered, n+1
			if f.Core {
				geo, core = geo+math.Log(float64(sc.Typical)), core+1
			}
		}
	}
	if covered/n < 0.95 {
		t.Errorf("the 95 %% intervals cover %.1f %%", 100*covered/n)
	}
	// the target over root mean squares of twenty sessions is 0.13 ms; single sessions average lower
	if g := time.Duration(math.Exp(geo / core)); g > 130*time.Microsecond {
		t.Errorf("geometric mean of the core families' errors: %v", g)
	}
}

// The recipes do what their descriptions say, with the errors they are known for: the constant is off by the drift over
// half the session, the lines are not; none is as good as ours.
func TestRecipes(t *testing.T) {
	f, _ := scenario.Named("sym_lognormal")
	s := f.Draw(1)
	rms := map[align.Method]time.Duration{}
	for _, m := range align.Methods {
		al, err := align.Fit(s.Samples, align.Options{Method: m})
		if err != nil {
			t.Fatalf("%q: %v", m, err)
		}
		rms[m] = s.Judge(al).Typical
		t.Logf("%-12q %v", m, rms[m])
	}
	span := s.Bursts[1].To.Sub(s.Bursts[0].From)
	// between two bursts the error of a constant runs from half the change to minus half of it: 1/sqrt(12) of it in the root mean square,
	// plus the half minute beyond, and up to as much again where the median sits at one end
	drifted := time.Duration(math.Abs(float64(s.Phone.DriftE18)) / 1e18 * float64(span))
	if rms[align.Median] < drifted/4 || rms[align.Median] > drifted*3/4 {
		t.Errorf("constant median: %v where the offset drifted by %v", rms[align.Median], drifted)
	}
	for _, m := range align.Methods[3:] {
		if rms[m] > 5*time.Millisecond { // the jitter's own scale
			t.Errorf("%s: %v", m, rms[m])
		}
	}
	if _, err := align.Fit(s.Samples, align.Options{Method: "guess"}); err == nil {
		t.Error("an unknown method is accepted")
	}
}
