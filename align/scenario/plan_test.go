package scenario

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

var planned = Plan{Starts: []time.Duration{0, 20 * time.Minute, time.Hour}, Count: 10, Spacing: 60 * time.Millisecond}

var office = Setting{
	Up: Delay{Exponential, 2 * ms, ms, 0}, Down: Delay{Exponential, 2 * ms, ms, 0}, Tick: time.Millisecond, Wander: 0.7,
}

func TestPlanDraws(t *testing.T) {
	s := planned.Draw(office, 3)
	if len(s.Samples) != planned.Exchanges() || planned.Exchanges() != 30 || len(s.Bursts) != 3 || planned.Span() != time.Hour {
		t.Fatalf("%d samples in %d bursts", len(s.Samples), len(s.Bursts))
	}
	if !reflect.DeepEqual(s, planned.Draw(office, 3)) {
		t.Error("equal seeds, different sessions")
	}
	for i, b := range s.Bursts {
		if got := b.From.Sub(s.Bursts[0].From); got != planned.Starts[i] {
			t.Errorf("burst %d begins after %v", i, got)
		}
	}
	for _, x := range s.Samples {
		if x.RoundTrip() < 4*ms || int64(x.E)%int64(ms) != 0 {
			t.Fatalf("%+v", x)
		}
	}
	lossy := office
	lossy.Loss = 1
	if s := planned.Draw(lossy, 3); len(s.Samples) != 0 {
		t.Errorf("%d answers where all are lost", len(s.Samples))
	}
	// Plans of equal span meet the same phone.
	other := Plan{Starts: []time.Duration{0, time.Hour}, Count: 4, Spacing: time.Second}
	if o := other.Draw(office, 3); o.Phone.Offset != s.Phone.Offset || !reflect.DeepEqual(o.Wander, s.Wander) {
		t.Error("another plan, another phone")
	}
}

// TestStrayedIsUnseenOnTheAverage: the formula against 2000 drawn sessions. Their mean squares scatter by 1.5 times the mean, so that
// the mean of 2000 is good to 3.4 % and its root to 1.7 %: 6 % is more than three standard deviations.
func TestStrayedIsUnseenOnTheAverage(t *testing.T) {
	for _, p := range []Plan{{Starts: []time.Duration{0, time.Hour}, Count: 1}, {Starts: planned.Starts, Count: 1}} {
		sum := 0.0
		for seed := range uint64(2000) {
			s := float64(p.Draw(office, seed).Strayed())
			sum += s * s / 2000
		}
		got, want := math.Sqrt(sum), float64(p.Unseen(office.Wander))
		if r := got / want; r < 0.94 || r > 1.06 {
			t.Errorf("%v: strayed %.0f ns, the formula says %.0f", p.Starts, got, want)
		}
	}
	still := office
	still.Wander = 0
	if s := planned.Draw(still, 1); s.Strayed() != 0 || planned.Unseen(0) != 0 {
		t.Error("a steady clock strays")
	}
}

// TestErrorsAreThoseThatJudgeSees, and have the sign truth - estimate.
func TestErrorsAreThoseThatJudgeSees(t *testing.T) {
	s := planned.Draw(office, 4)
	al, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	errs := s.Errors(al)
	sum := 0.0
	for _, e := range errs {
		sum += float64(e) * float64(e)
	}
	if got, want := math.Sqrt(sum/float64(len(errs))), float64(s.Judge(al).Typical); math.Abs(got-want) > 1 { // ns
		t.Errorf("root mean square %.1f, judged %.1f", got, want)
	}
	tr := s.Truths(judged, 30*time.Second)[7]
	e, err := al.Wall.Estimate(tr.Device)
	if err != nil || errs[7] != tr.Wall.Sub(e.Host) {
		t.Errorf("%v, want %v, %v", errs[7], tr.Wall.Sub(e.Host), err)
	}
}
