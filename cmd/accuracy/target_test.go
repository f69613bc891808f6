package main

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// good are outcomes that meet every target: a core family, one with steps, one with many bursts, one of which little is known, and one
// that breaks an assumption unseen.
func good() [][]outcome {
	session := func() outcome {
		x := outcome{bursts: 2}
		for range align.Methods {
			x.by = append(x.by, scored{Score: scenario.Score{N: 241, Typical: 40 * time.Microsecond, P95: 80 * time.Microsecond, Covered: 1,
				Stat: 1, HalfWidth: time.Millisecond, StatWidth: 100 * time.Microsecond, Bound: 2 * time.Millisecond}})
		}
		return x
	}
	out := make([][]outcome, 5)
	for f := range out {
		for seed := range 20 {
			x := session()
			x.seed = uint64(seed)
			switch f {
			case 1:
				x.phone, x.host = found{1, 1, 0}, found{1, 1, 0}
			case 2:
				x.bursts = 10
			case 3:
				x.phone = found{1, 1, 0}
			case 4: // a limit: nothing that it does counts
				x.by[0] = scored{Score: scenario.Score{N: 241, Typical: time.Hour, P95: time.Hour, Outside: 0.5}}
				x.bursts, x.phone, x.host = 10, found{1, 0, 3}, found{1, 0, 1}
				if seed == 5 {
					x.by[0] = scored{err: errors.New("no")}
				}
			}
			out[f] = append(out[f], x)
		}
	}
	return out
}

func judged(all [][]outcome) []target {
	families := []scenario.Family{{Name: "core", Core: true}, {Name: "steps"}, {Name: "many", Core: true}, {Name: "few", MayRefuse: true}, {Name: "limit", Limit: "none"}}
	var out []figures
	for i, x := range all {
		out = append(out, familyFigures(families[i], x))
	}
	return targetsOf(out)
}

func TestTargetsCanBeMissed(t *testing.T) {
	for _, x := range judged(good()) {
		if !x.met {
			t.Errorf("good figures: %s", x)
		}
	}
	for _, c := range []struct {
		spoil func(all [][]outcome)
		want  []string // what is missed: each a part of a target's name
	}{
		{func(a [][]outcome) { each3(a, func(x *outcome) { x.by[0].Typical = 61 * time.Microsecond }) }, []string{"median core session"}},
		{func(a [][]outcome) { each3(a, func(x *outcome) { x.by[0].Typical = 131 * time.Microsecond }) }, []string{"geometric mean", "median core session"}},
		// one bad session in twenty leaves the median alone
		{func(a [][]outcome) { a[0][7].by[0].Typical, a[2][7].by[0].Typical = time.Millisecond, time.Millisecond }, []string{"geometric mean"}},
		{func(a [][]outcome) {
			a[0][3].by[0].P95, a[0][4].by[0].P95, a[2][3].by[0].P95 = time.Second, time.Second, time.Second
		}, []string{"95 % quantile over the core"}},
		{func(a [][]outcome) { a[1][2].by[0].Covered, a[1][3].by[0].Covered = 0.5, 0.4 }, []string{"worst family"}},
		{func(a [][]outcome) { each3(a, func(x *outcome) { x.by[0].Covered = 0.94 }) }, []string{"worst family", "predicted error is true"}},
		{func(a [][]outcome) { each3(a, func(x *outcome) { x.by[0].StatWidth = 241 * time.Microsecond }) }, []string{"not vague"}},
		{func(a [][]outcome) { a[2][11].by[0].Outside = 1.0 / 241 }, []string{"outside the bound"}},
		{func(a [][]outcome) { a[1][0].phone.right, a[1][1].phone.right, a[1][2].phone.right = 0, 0, 0 }, []string{"steps of the phone's clock found"}},
		// a bound that fails where a step was missed is not held against it; 17 of 20 found is
		{func(a [][]outcome) { a[1][0].phone.right, a[1][0].by[0].Outside = 0, 0.1 }, nil},
		{func(a [][]outcome) { a[0][5].phone.extra = 1 }, []string{"in which one is seen"}},
		{func(a [][]outcome) { a[1][5].host.right = 0 }, []string{"host's wall clock"}},
		{func(a [][]outcome) { a[0][5].host.extra = 1 }, []string{"host's wall clock"}},
		{func(a [][]outcome) { a[1][9].by[0] = scored{err: errors.New("no")} }, []string{"sessions refused, but"}},
		// where little is known, a refusal is as good as a step found, and a step missed is not
		{func(a [][]outcome) {
			for i := range 20 {
				a[3][i].by[0], a[3][i].phone = scored{err: errors.New("no")}, found{1, 0, 0}
			}
		}, nil},
		{func(a [][]outcome) { a[3][0].phone.right, a[3][1].phone.right, a[3][2].phone.right = 0, 0, 0 }, []string{"little is known"}},
	} {
		all := good()
		c.spoil(all)
		var missed []string
		for _, x := range judged(all) {
			if !x.met {
				missed = append(missed, x.name)
				if !strings.HasPrefix(x.String(), "MISSED") {
					t.Errorf("says %s", x)
				}
			}
		}
		if len(missed) != len(c.want) {
			t.Errorf("missed %q, want %q", missed, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(missed[i], want) {
				t.Errorf("missed %q, want %q", missed[i], want)
			}
		}
	}
}

func each3(all [][]outcome, f func(*outcome)) {
	for _, family := range all[:4] { // without the limit
		for i := range family {
			f(&family[i])
		}
	}
}

func TestRefusedCoreSessionCountsAgainst(t *testing.T) {
	all := good()
	for i := range 11 {
		all[0][i].by[0], all[2][i].by[0] = scored{err: errors.New("no")}, scored{err: errors.New("no")}
	}
	for _, x := range judged(all) {
		if strings.Contains(x.name, "median core session") && x.met {
			t.Error("a map of most sessions is missing, and the median is met")
		}
	}
}

// A step counts where it was put into its gap with its size, on a clock that was set forward or back.
func TestFoundSteps(t *testing.T) {
	at := align.HostTime(1_780_000_000_000_000_000)
	s := &scenario.Session{}
	there := []scenario.Step{{At: at, By: 50 * time.Millisecond}}
	step := func(from, to, by time.Duration) align.Step {
		return align.Step{From: at.Add(from), To: at.Add(to), By: by}
	}
	for _, c := range []struct {
		said []align.Step
		want found
	}{
		{nil, found{1, 0, 0}},
		{[]align.Step{step(-time.Minute, time.Minute, -49*time.Millisecond)}, found{1, 1, 0}},
		{[]align.Step{step(-time.Minute, time.Minute, 50*time.Millisecond)}, found{1, 0, 1}},  // wrong sign
		{[]align.Step{step(time.Second, time.Minute, -50*time.Millisecond)}, found{1, 0, 1}},  // next gap
		{[]align.Step{step(-time.Minute, time.Minute, -40*time.Millisecond)}, found{1, 0, 1}}, // wrong size
		{[]align.Step{step(-time.Minute, time.Minute, -47*time.Millisecond)}, found{1, 0, 1}},
		{[]align.Step{step(-time.Minute, time.Minute, -50*time.Millisecond), step(time.Hour, 2*time.Hour, time.Second)}, found{1, 1, 1}},
	} {
		if got := foundOf(s, there, c.said, -1); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.said, got, c.want)
		}
	}
}

func TestQuantile(t *testing.T) {
	v := []float64{4, 1, 3, 2}
	for p, want := range map[float64]float64{0: 1, 0.5: 2.5, 1: 4} {
		if got := quantile(v, p); got != want {
			t.Errorf("%v: %v, want %v", p, got, want)
		}
	}
	if !math.IsNaN(quantile(nil, 0.5)) {
		t.Error("nothing has a median")
	}
}

// What became of a step: a refusal is no success, and neither is a missed step whose bound held by luck.
func TestFates(t *testing.T) {
	step := func(right int, outside float64, err error) outcome {
		return outcome{by: []scored{{Score: scenario.Score{Outside: outside}, err: err}}, phone: found{1, right, 0}}
	}
	var got fates
	for _, x := range []outcome{step(1, 0, nil), step(0, 0, errors.New("no")), step(0, 0, nil), step(0, 0.1, nil), {by: []scored{{}}}} {
		got = got.plus(x)
	}
	if want := (fates{found: 1, refused: 1, held: 1, broken: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// of a step of 3 ms one of 2 ms less is not found
	at := align.HostTime(1_780_000_000_000_000_000)
	small := []scenario.Step{{At: at, By: 3 * time.Millisecond}}
	said := []align.Step{{From: at.Add(-time.Minute), To: at.Add(time.Minute), By: -time.Millisecond}}
	if got := foundOf(&scenario.Session{}, small, said, -1); got.right != 0 {
		t.Errorf("%+v", got)
	}
}
