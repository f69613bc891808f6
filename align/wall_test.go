package align

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// twin is a host with two clocks and a phone that drifts by 12 ppm against the monotonic one. Everything is counted in ns
// of the monotonic clock from the first burst.
type twin struct {
	wall   func(x float64) float64 // wall - monotonic, less the constant
	tick   int64                   // of the wall clock
	bursts []float64               // s
	length float64                 // s, of each
	late   map[int]float64         // by how many ns the wall reading number n was taken late: A and B count one each
}

const (
	twinCount = 40                // exchanges in a burst
	twinMono  = 5_000_000_123_456 // the monotonic clock at the first burst
	twinWall  = noon - twinMono   // wall - monotonic then
)

func (c twin) device(x float64) DeviceTime { return DeviceTime(noon - 840e6 + int64(x*(1-12e-6))) }

func (c twin) samples(seed uint64) []Sample {
	r := rand.New(rand.NewPCG(seed, 12))
	var out []Sample
	readings := 0
	read := func(x float64) (HostTime, MonoTime) {
		w := int64(x + c.wall(x) + c.late[readings])
		readings++
		return HostTime(noon + w - (noon+w)%max(c.tick, 1)), MonoTime(twinMono + int64(x))
	}
	for k, from := range c.bursts {
		for i := range twinCount {
			x := from*1e9 + c.length*1e9/twinCount*float64(i) + 2e7*r.Float64()
			up, down := 1e6+2e6*r.ExpFloat64(), 1e6+2e6*r.ExpFloat64()
			s := Sample{E: c.device(x + up), Phase: fmt.Sprint(k), Seq: int64(i), Protocol: "event"}
			s.A, s.MonoA = read(x)
			s.B, s.MonoB = read(x + up + down)
			out = append(out, s)
		}
	}
	return out
}

// check fits and asks for instants all over the session, close to the bursts, and an hour around. It returns the largest
// error of the estimates within the session.
func (c twin) check(t *testing.T, seed uint64) (al *Alignment, worst time.Duration) {
	t.Helper()
	al, err := Fit(c.samples(seed), Options{Rounding: RoundingTruncate, WallResolution: time.Duration(c.tick)})
	if err != nil {
		t.Fatal(err)
	}
	var asked []float64
	last := c.bursts[len(c.bursts)-1] + c.length
	for s := -3600.0; s < last+3600; s += 13 {
		asked = append(asked, s)
	}
	for _, b := range c.bursts {
		for _, d := range []float64{-100, -10, -1, -0.01, 0, 0.3, 0.5, 0.7, 1, 1.01, 2, 10, 20, 50, 100, 200} {
			asked = append(asked, b+d)
			if d >= 0 && d <= 1.01 {
				asked = append(asked, b+d*c.length)
			}
		}
	}
	out, say := 0, ""
	for _, s := range asked {
		all := al.Wall.Candidates(c.device(s * 1e9))
		if len(all) == 0 {
			t.Errorf("at %.3f s: out of reach", s)
			return al, worst
		}
		est := all[0]
		away := func(e Estimate[HostTime]) time.Duration {
			return time.Duration(noon + int64(s*1e9+c.wall(s*1e9)) - int64(e.Host))
		}
		for _, other := range all[1:] { // in the gap of a setting either may be meant
			if away(other).Abs() < away(est).Abs() {
				est = other
			}
		}
		truth := away(est)
		if !est.Bounded || !est.Bound.Contains(truth) {
			if out++; out == 1 {
				say = fmt.Sprintf("at %.3f s truth - estimate is %v, the bound %v to %v", s, truth, est.Bound.Lo, est.Bound.Hi)
			}
		}
		if s >= c.bursts[0] && s <= last {
			worst = max(worst, truth.Abs())
		}
	}
	if out > 0 {
		t.Errorf("%d of %d instants outside the bound; %s", out, len(asked), say)
	}
	return al, worst
}

func (c twin) warned(al *Alignment) bool {
	return slices.ContainsFunc(al.Diagnosis.Warnings, func(w Warning) bool { return w.Kind == WarnHostStep })
}

func constantWall(float64) float64 { return 0 }

func driftingWall(x float64) float64 { return 10e-6 * x }

// stepAt is a wall clock that is set by ms at s.
func stepAt(s, ms float64) func(float64) float64 {
	return func(x float64) float64 {
		if x < s*1e9 {
			return 0
		}
		return ms * 1e6
	}
}

// A wall clock that keeps to the monotonic one costs nothing, whatever its tick but for the tick itself.
func TestWallKeepsToMono(t *testing.T) {
	for _, tick := range []int64{1, 100, 1e6, 15_625_000} {
		c := twin{wall: constantWall, tick: tick, bursts: []float64{0, 3600}, length: 7}
		al, worst := c.check(t, 1)
		if len(al.HostSteps) > 0 || c.warned(al) {
			t.Errorf("tick %v: steps %+v, warnings %+v", time.Duration(tick), al.HostSteps, al.Diagnosis.Warnings)
		}
		// 0.3 ms: 80 exchanges of exponential jitter of 2 ms; a tenth of a tick, since 160 readings place the tick to that
		if limit := 300*time.Microsecond + time.Duration(tick/10); worst > limit {
			t.Errorf("tick %v: error up to %v", time.Duration(tick), worst)
		}
		wall, err1 := al.Wall.Estimate(c.device(1800e9))
		mono, err2 := al.Mono.Estimate(c.device(1800e9))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if more := wall.Bound.Width() - mono.Bound.Width(); more > time.Duration(2*tick)+2*time.Microsecond {
			t.Errorf("tick %v: the wall clock costs %v of bound", time.Duration(tick), more)
		}
	}
}

// A monotonic clock that runs free, as those of Windows and macOS do: with three bursts the drift is a line and not a step.
// With two it may be either; the bound holds, and where it is said to be in doubt, that is said.
func TestWallDrifts(t *testing.T) {
	for _, length := range []float64{7, 25, 100} {
		for _, tick := range []int64{1, 1e6} {
			two := twin{wall: driftingWall, tick: tick, bursts: []float64{0, 3600}, length: length}
			if al, _ := two.check(t, 2); len(al.HostSteps) > 0 {
				t.Errorf("length %v, tick %d, two bursts: host steps %+v", length, tick, al.HostSteps)
			}
			three := two
			three.bursts = []float64{0, 1800, 3600}
			al, worst := three.check(t, 3)
			if len(al.HostSteps) > 0 || three.warned(al) {
				t.Errorf("length %v, tick %d, three bursts: host steps %+v, %+v", length, tick, al.HostSteps, al.Diagnosis.Warnings)
			}
			if worst > 400*time.Microsecond {
				t.Errorf("length %v, tick %d, three bursts: error up to %v", length, tick, worst)
			}
		}
	}
}

// Two bursts close together show little of the drift, and must not be believed to show that there is none.
func TestWallDriftsBetweenCloseBursts(t *testing.T) {
	c := twin{wall: func(x float64) float64 { return 5e-6 * x }, tick: 1, bursts: []float64{0, 90}, length: 7}
	c.check(t, 4)
}

// A wall clock that is set is found, whenever it happens, and the interval between holds both.
func TestWallIsSet(t *testing.T) {
	bursts := []float64{0, 1200, 2400, 3600}
	for _, c := range []struct {
		name string
		at   float64
	}{{"between two bursts", 1800}, {"right after a burst", 1207.2}, {"right before a burst", 2399.99}, {"within a burst", 2403.5}} {
		for _, by := range []float64{200, -200, 3} {
			w := twin{wall: stepAt(c.at, by), tick: 1, bursts: bursts, length: 7}
			al, _ := w.check(t, 5)
			// 20 us: readings of both clocks agree to the ns here
			if len(al.HostSteps) != 1 || math.Abs(float64(al.HostSteps[0].By)-by*1e6) > 20e3 || !w.warned(al) {
				t.Errorf("%s, by %v ms: found %+v", c.name, by, al.HostSteps)
				continue
			}
			at := HostTime(noon + int64(c.at*1e9))
			if st := al.HostSteps[0]; st.From > at || st.To < at.Add(min(0, time.Duration(by*1e6))) {
				t.Errorf("%s, by %v ms: found between %d and %d, happened at %d", c.name, by, st.From, st.To, at)
			}
			if len(al.Wall.Parts().Steps) > 0 {
				t.Errorf("%s, by %v ms: a step of the phone %+v", c.name, by, al.Wall.Parts().Steps)
			}
		}
	}
}

// A setting by a good part of the time between the readings around it cannot be drawn as a line. The map is in two pieces there: outside
// the gap each instant has one answer, inside it two, of which one holds the truth; the monotonic clock is not disturbed, and
// it is not taken for a step of the phone.
func TestWallIsSetTooFarForALine(t *testing.T) {
	bursts := []float64{0, 1200, 2400}
	for _, at := range []float64{1800, 1203.5, 2399.99} {
		for _, by := range []float64{3600e3, -3600e3, 5e3} {
			w := twin{wall: stepAt(at, by), tick: 1, bursts: bursts, length: 7}
			al, err := Fit(w.samples(8), Options{Rounding: RoundingTruncate})
			if err != nil {
				t.Errorf("by %v ms: %v", by, err)
				continue
			}
			if len(al.HostSteps) != 1 || math.Abs(float64(al.HostSteps[0].By)-by*1e6) > 20e3 || len(al.Wall.Parts().Steps) != 0 {
				t.Errorf("at %v, by %v ms: host steps %+v, phone steps %+v", at, by, al.HostSteps, al.Wall.Parts().Steps)
			}
			follow := al.Wall.Retimer(AmbiguousRefused)
			for s := -60.0; s < 2470; s += 0.5 {
				d := w.device(s * 1e9)
				truth := noon + int64(s*1e9+w.wall(s*1e9))
				c := al.Wall.Candidates(d)
				if !slices.ContainsFunc(c, func(e Estimate[HostTime]) bool { return e.Bound.Contains(HostTime(truth).Sub(e.Host)) }) {
					t.Fatalf("at %v, by %v ms: at %v s no candidate of %d holds the truth", at, by, s, len(c))
				}
				h, err := follow(d)
				if len(c) == 1 && (err != nil || h != int64(c[0].Host)) || len(c) > 1 && !errors.Is(err, ErrAmbiguous) {
					t.Fatalf("at %v, by %v ms: at %v s a stream is sent to %d, %v; there are %d candidates", at, by, s, h, err, len(c))
				}
				if _, err := al.Mono.Host(d); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// Both at once: a drift of the wall clock hides no setting.
func TestWallDriftsAndIsSet(t *testing.T) {
	set := stepAt(1800, 50)
	c := twin{wall: func(x float64) float64 { return driftingWall(x) + set(x) }, tick: 1, bursts: []float64{0, 900, 1700, 2700, 3600}, length: 7}
	al, _ := c.check(t, 6)
	if len(al.HostSteps) != 1 || math.Abs(float64(al.HostSteps[0].By)-50e6) > 1e6 {
		t.Errorf("found %+v", al.HostSteps)
	}
}

// A reading that was interrupted between the two clocks is no setting: what it shows is gone with the next one.
func TestInterruptedReadings(t *testing.T) {
	for name, late := range map[string]map[int]float64{
		"one":                {60: 15e6},
		"sent and heard":     {60: 15e6, 61: 15e6},
		"one before another": {20: 2e6, 23: -30e6, 50: 1e6, 130: 40e6},
		"the first":          {0: 15e6},
		"the last":           {159: 15e6},
		"the last of a run":  {79: 15e6},
	} {
		c := twin{wall: constantWall, tick: 1, bursts: []float64{0, 3600}, length: 7, late: late}
		al, worst := c.check(t, 7)
		if len(al.HostSteps) > 0 || c.warned(al) {
			t.Errorf("%s: host steps %+v", name, al.HostSteps)
		}
		if worst > 300*time.Microsecond {
			t.Errorf("%s: error up to %v", name, worst)
		}
	}
}
