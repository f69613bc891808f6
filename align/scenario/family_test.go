package scenario

import (
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// Every family draws what its name says once: names differ, seeds differ, and equal seeds draw equal sessions.
func TestFamiliesDraw(t *testing.T) {
	names := map[string]bool{}
	for _, f := range Families {
		if names[f.Name] {
			t.Errorf("two families %s", f.Name)
		}
		names[f.Name] = true
		if f.Core && (f.Limit != "" || f.MayRefuse) {
			t.Errorf("%s counts for what methods are compared by, and may be refused or cannot be right", f.Name)
		}
		if f.Most > 0 {
			continue
		}
		a, b, c := f.Draw(3), f.Draw(3), f.Draw(4)
		if !slices.Equal(a.Samples, b.Samples) || slices.Equal(a.Samples, c.Samples) {
			t.Errorf("%s: equal seeds differ, or different ones do not", f.Name)
		}
	}
}

// The steps lie where their families say: within a burst, among exchanges on both sides, or at any moment.
func TestStepsLieWhereTheyAreSaidTo(t *testing.T) {
	within := func(s *Session) bool {
		at := s.Phone.Steps[0].At
		return slices.ContainsFunc(s.Bursts, func(b Burst) bool { return b.From < at && at < b.To })
	}
	sizes := map[bool]int{}
	for seed := range uint64(40) {
		for _, name := range []string{"phone_step_burst", "phone_step_burst_small", "phone_step_two_burst", "phone_step_two_burst_small"} {
			f, _ := Named(name)
			if s := f.Draw(seed); !within(s) {
				t.Errorf("%s %d: the step at %v is in none of %v", name, seed, s.Phone.Steps[0].At, s.Bursts)
			}
		}
		f, _ := Named("phone_step_few")
		s := f.Draw(seed)
		if n := len(s.Bursts); n < 3 || n > 4 {
			t.Errorf("%d bursts", n)
		}
		at, by := s.Phone.Steps[0].At, s.Phone.Steps[0].By.Abs()
		if at < s.Bursts[0].From || at > s.Bursts[len(s.Bursts)-1].To || by < 5*ms || by > time.Hour {
			t.Errorf("a step of %v at %v", by, at)
		}
		sizes[by < 200*ms]++
	}
	// a quarter of the doublings from 5 ms to an hour lie below 200 ms: of forty, none or all would be odd
	if sizes[true] == 0 || sizes[false] == 0 {
		t.Errorf("%d small and %d large steps", sizes[true], sizes[false])
	}
}

// A phone that rounds stamps the nearest tick, one that cuts the last one.
func TestNearest(t *testing.T) {
	s := &Session{Phone: Clock{Origin: noon}, Tick: ms}
	for _, c := range []struct {
		past          time.Duration
		cuts, nearest time.Duration
	}{{0, 0, 0}, {499 * us, 0, 0}, {500 * us, 0, ms}, {999 * us, 0, ms}} {
		s.Nearest = false
		if got := s.stamp(noon.Add(c.past)); got != align.DeviceTime(noon.Add(c.cuts)) {
			t.Errorf("%v past the tick is cut to %v", c.past, time.Duration(got-align.DeviceTime(noon)))
		}
		s.Nearest = true
		if got := s.stamp(noon.Add(c.past)); got != align.DeviceTime(noon.Add(c.nearest)) {
			t.Errorf("%v past the tick is rounded to %v", c.past, time.Duration(got-align.DeviceTime(noon)))
		}
	}
}

// Of dishonest exchanges each kind is there.
func TestDisturbed(t *testing.T) {
	f, _ := Named("lone_corrupt")
	before, stale, swapped, corrupt := align.DeviceTime(0), 0, 0, 0
	for seed := range uint64(5) {
		s := f.Draw(seed)
		for i, x := range s.Samples {
			e := s.device(s.made[i].From)
			switch late := x.E - e; {
			case x.B < x.A:
				swapped++
			case x.E == before:
				stale++
			case late < -align.DeviceTime(5*ms) || late > align.DeviceTime(time.Second): // farther than any delay of these
				corrupt++
			}
			before = x.E
		}
	}
	// some 1000 exchanges, a thirtieth of each kind: 33 +- 6
	for what, n := range map[string]int{"stale": stale, "swapped": swapped, "corrupt": corrupt} {
		if n < 5 {
			t.Errorf("%d %s of 1000", n, what)
		}
	}
}

// A map that misses a step is judged in its gap too; one that says so is not.
func TestJudgeLooksIntoTheGapOfAMissedStep(t *testing.T) {
	f, _ := Named("phone_step_two")
	for seed := range uint64(40) {
		s := f.Draw(seed)
		if s.Phone.Steps[0].By.Abs() < 100*ms {
			continue // hidden by what the bound allows
		}
		al, err := align.Fit(s.Samples, align.Options{Override: true})
		if err != nil || len(al.Wall.Parts().Steps) > 0 {
			continue
		}
		if sc := s.Judge(al); sc.Outside < 0.3 || sc.Covered > 0.7 {
			t.Errorf("seed %d: a step of %v was missed, and of the instants %.3f are outside the bound, %.3f covered", seed, s.Phone.Steps[0].By, sc.Outside, sc.Covered)
		}
		return
	}
	t.Error("no session in which a large step was missed")
}

// An instant without an answer is none inside the interval, and a map without any is no good one.
func TestJudgeRefusals(t *testing.T) {
	f, _ := Named("small_n")
	s := f.Draw(1)
	al, err := align.Fit(s.Samples, s.Options)
	if err != nil {
		t.Fatal(err)
	}
	if sc := s.Judge(al); sc.Refused != 0 || sc.N != judged {
		t.Errorf("%+v", sc)
	}
	s.Phone.Offset += 40 * 24 * time.Hour // the phone's stamps are none that the map knows
	if sc := s.Judge(al); sc.Refused != 1 || sc.Covered != 0 || sc.Typical < time.Hour {
		t.Errorf("%+v", sc)
	}
}
