package align

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// even is an interval of half-width d.
func even(d time.Duration) Interval { return Interval{-d, d} }

// knotAt is a knot whose intervals are 1, 2 and 3 times half.
func knotAt(piece int, at DeviceTime, half time.Duration) Knot {
	return Knot{Piece: piece, At: at, Stat: even(half), Likely: even(2 * half), Bound: even(3 * half), Bounded: true}
}

// bend is a piece of two segments that meet at 1000: host = device + 500, from there on 20 % faster.
func bend() Parts {
	return Parts{
		Segments: []Segment{
			{From: 0, To: 1000, Offset: 500},
			{From: 1000, To: 2000, Ref: 1000, Offset: 500, DriftE18: e18 / 5},
		},
		Knots: []Knot{knotAt(0, 0, 10), knotAt(0, 1000, 20), knotAt(0, 2000, 10)},
		First: 200, Last: 1800,
	}
}

// setBack is a phone's clock that was set back by 100 somewhere about 1000 of its own time: between the host's 1400 and 1600.
func setBack() Parts {
	return Parts{
		Segments: []Segment{
			{Piece: 0, From: 0, To: 1100, Offset: 500},
			{Piece: 1, From: 800, To: 2000, Offset: 600},
		},
		Knots: []Knot{knotAt(0, 0, 10), knotAt(0, 1100, 20), knotAt(1, 800, 30), knotAt(1, 2000, 10)},
		First: 100, Last: 1900, Steps: []Step{{From: 1400, To: 1600, By: 100}},
	}
}

func modelOf(t testing.TB, p Parts) *Model[HostTime] {
	t.Helper()
	m, err := NewModel[HostTime](p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNewModelRefuses(t *testing.T) {
	// each row spoils one thing of a model that is taken
	for _, c := range []struct {
		name  string
		base  func() Parts
		spoil func(*Parts)
		says  string
	}{
		{"no segment", bend, func(p *Parts) { p.Segments = nil }, "no segment"},
		{"a negative piece", bend, func(p *Parts) { p.Segments[0].Piece = -1 }, "piece -1"},
		{"the first piece is not 0", bend, func(p *Parts) { p.Segments[0].Piece = 1 }, "piece 1"},
		{"a piece left out", bend, func(p *Parts) { p.Segments[1].Piece = 2 }, "piece 2"},
		{"back to an earlier piece", setBack, func(p *Parts) {
			p.Segments = append(p.Segments, Segment{Piece: 0, From: 2000, To: 2100, Offset: 600})
		}, "piece 0"},
		{"an empty segment", bend, func(p *Parts) { p.Segments[1].To = 1000 }, "segment 1 is empty"},
		{"a turned segment", bend, func(p *Parts) { p.Segments[0].To = -1 }, "segment 0 is empty"},
		{"a drift of a half", bend, func(p *Parts) { p.Segments[0].DriftE18 = e18 / 2 }, "no clock's"},
		{"a drift of minus a half", bend, func(p *Parts) { p.Segments[0].DriftE18 = -e18 / 2 }, "no clock's"},
		{"the smallest drift", bend, func(p *Parts) { p.Segments[0].DriftE18 = math.MinInt64 }, "no clock's"},
		{"a gap between segments", bend, func(p *Parts) { p.Segments[1].From = 1001 }, "adjoin"},
		{"an overlap of segments", bend, func(p *Parts) { p.Segments[1].From = 999 }, "adjoin"},
		{"the map turns back", bend, func(p *Parts) { p.Segments[1].Offset = 498 }, "turns back"},
		{"the map jumps by more than the tolerance of both segments", bend, func(p *Parts) { p.Segments[1].Offset += jointTolerance + 1 }, "jumps"},
		{"the first instant leaves 64 bits", bend, func(p *Parts) { p.Segments[0].Offset = math.MinInt64; p.Segments[0].From = -1 }, "first instant"},
		{"the last instant leaves 64 bits", bend, func(p *Parts) { p.Segments[1].To, p.Segments[1].Ref = math.MaxInt64, 1000 }, "last instant"},
		{"a knot of no piece", bend, func(p *Parts) { p.Knots[0].Piece = 1 }, "no piece 1"},
		{"a knot of a negative piece", bend, func(p *Parts) { p.Knots[0].Piece = -1 }, "no piece -1"},
		{"knots out of order", bend, func(p *Parts) { p.Knots[1].At = 3000 }, "knot 2 is out of order"},
		{"two knots at one place", bend, func(p *Parts) { p.Knots[1].At = 0 }, "knot 1 is out of order"},
		{"an empty statistical interval", bend, func(p *Parts) { p.Knots[0].Stat = Interval{1, 0} }, "empty"},
		{"an empty 95 % interval", bend, func(p *Parts) { p.Knots[1].Likely = Interval{1, 0} }, "empty"},
		{"an empty bound", bend, func(p *Parts) { p.Knots[2].Bound = Interval{1, 0} }, "empty"},
		{"an interval without a negative", bend, func(p *Parts) { p.Knots[0].Likely.Lo = math.MinInt64 }, "64 bits"},
		{"a bound of more than 64 bits", bend, func(p *Parts) { p.Knots[0].Bound = Interval{math.MinInt64 + 1, math.MaxInt64} }, "64 bits"},
		{"bursts turned", bend, func(p *Parts) { p.First = 1801 }, "first burst"},
		{"instants 300 years apart", bend, func(p *Parts) { p.First = -2; p.Last = math.MaxInt64 }, "292 years"},
		{"knots 300 years apart", bend, func(p *Parts) { p.Knots[0].At = -2; p.Knots[2].At = math.MaxInt64 }, "292 years"},
	} {
		p := c.base()
		if _, err := NewModel[HostTime](p); err != nil {
			t.Fatalf("%s: not taken before it was spoilt: %v", c.name, err)
		}
		c.spoil(&p)
		if m, err := NewModel[HostTime](p); err == nil || m != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an error that says %q", c.name, err, c.says)
		}
	}
}

// The parts given and the parts handed out are the caller's: changing them changes no Model.
func TestModelIsImmutable(t *testing.T) {
	p := setBack()
	m := modelOf(t, p)
	want := m.Parts()
	for _, mine := range []Parts{p, m.Parts()} {
		mine.Segments[0].Offset, mine.Knots[0].Likely, mine.Steps[0].By = 7, even(7), 7
	}
	if got := m.Parts(); !reflect.DeepEqual(got, want) {
		t.Errorf("the model changed: %+v, want %+v", got, want)
	}
}

func TestHostAtTheEdges(t *testing.T) {
	m := modelOf(t, bend())
	for _, c := range []struct {
		d    DeviceTime
		want HostTime
		err  error
	}{
		{-1, 0, ErrOutOfReach}, {0, 500, nil}, {999, 1499, nil}, {1000, 1500, nil}, {1004, 1505, nil},
		{1999, 2699, nil}, {2000, 0, ErrOutOfReach}, {math.MinInt64, 0, ErrOutOfReach}, {math.MaxInt64, 0, ErrOutOfReach},
	} {
		got, err := m.Host(c.d)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("Host(%d) = %d, %v, want %d, %v", c.d, got, err, c.want, c.err)
		}
		est, err := m.Estimate(c.d)
		if est.Host != c.want || !errors.Is(err, c.err) {
			t.Errorf("Estimate(%d) = %d, %v, want %d, %v", c.d, est.Host, err, c.want, c.err)
		}
		if n := len(m.Candidates(c.d)); (n == 0) != (c.err != nil) {
			t.Errorf("%d candidates at %d", n, c.d)
		}
	}
}

func TestBeyond(t *testing.T) {
	m := modelOf(t, bend())
	for d, want := range map[DeviceTime]time.Duration{0: -200, 199: -1, 200: 0, 1000: 0, 1800: 0, 1801: 1, 1999: 199} {
		if est, err := m.Estimate(d); est.Beyond != want || err != nil {
			t.Errorf("%d lies beyond the bursts by %v, want %v (%v)", d, est.Beyond, want, err)
		}
	}
}

func TestDeviceAtTheEdges(t *testing.T) {
	m := modelOf(t, bend())
	for _, c := range []struct {
		h    HostTime
		want DeviceTime
		err  error
	}{
		{499, 0, ErrOutOfReach}, {500, 0, nil}, {1499, 999, nil}, {1500, 1000, nil},
		// 20 % faster: every fifth host instant is nobody's, and belongs to the device instant after it
		{1502, 1002, nil}, {1503, 1003, nil}, {1504, 1003, nil}, {1505, 1004, nil}, {2699, 1999, nil}, {2700, 0, ErrOutOfReach},
		{math.MinInt64, 0, ErrOutOfReach}, {math.MaxInt64, 0, ErrOutOfReach},
	} {
		if got, err := m.Device(c.h); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("Device(%d) = %d, %v, want %d, %v", c.h, got, err, c.want, c.err)
		}
	}
}

// Where two segments round to different instants at their joint, host instants between them belong to the joint.
func TestDeviceAtAJoint(t *testing.T) {
	p := bend()
	p.Segments[1].Offset += 7
	m := modelOf(t, p)
	for h := HostTime(1500); h <= 1507; h++ {
		if d, err := m.Device(h); d != 1000 || err != nil {
			t.Errorf("Device(%d) = %d, %v, want the joint at 1000", h, d, err)
		}
	}
	if d, _ := m.Device(1508); d != 1001 {
		t.Errorf("Device(1508) = %d, want 1001", d)
	}
}

// On a made-up model of several segments Device is the smallest instant at or after, and Host of it at most 1 ns
// later within a segment.
func TestDeviceUndoesHost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Parts{First: noon, Last: noon}
		from, offset := DeviceTime(noon), time.Duration(rapid.Int64Range(-year, year).Draw(t, "offset"))
		for range rapid.IntRange(1, 5).Draw(t, "segments") {
			s := Segment{From: from, To: from + DeviceTime(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "length")), Ref: from, Offset: offset,
				DriftE18: rapid.Int64Range(-200*ppm, 200*ppm).Draw(t, "drift")}
			h, _ := s.at(s.To)
			from, offset = s.To, time.Duration(h-int64(s.To))
			p.Segments = append(p.Segments, s)
		}
		m, err := NewModel[HostTime](p)
		if err != nil {
			t.Fatal(err)
		}
		d := DeviceTime(rapid.Int64Range(noon, int64(from)-1).Draw(t, "d"))
		h, err := m.Host(d)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Device(h)
		if err != nil {
			t.Fatal(err)
		}
		if back, _ := m.Host(got); back != h || got > d {
			t.Errorf("%d maps to %d, that back to %d, which maps to %d", d, h, got, back)
		}
		if got > noon {
			if before, _ := m.Host(got - 1); before >= h {
				t.Errorf("Device(%d) = %d is not the smallest: the instant before it maps to %d", h, got, before)
			}
		}
	})
}

func TestAmbiguousInstants(t *testing.T) {
	m := modelOf(t, setBack())
	for _, c := range []struct {
		d    DeviceTime
		want []HostTime
	}{
		{-1, nil}, {0, []HostTime{500}}, {799, []HostTime{1299}}, {800, []HostTime{1300, 1400}}, {1099, []HostTime{1599, 1699}},
		{1100, []HostTime{1700}}, {1999, []HostTime{2599}}, {2000, nil},
	} {
		var got []HostTime
		for _, e := range m.Candidates(c.d) {
			got = append(got, e.Host)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("candidates of %d: %v, want %v", c.d, got, c.want)
		}
		want := map[int]error{0: ErrOutOfReach, 1: nil, 2: ErrAmbiguous}[len(c.want)]
		if _, err := m.Host(c.d); !errors.Is(err, want) {
			t.Errorf("Host(%d): %v, want %v", c.d, err, want)
		}
		if e, err := m.Estimate(c.d); !errors.Is(err, want) || (err != nil && e != Estimate[HostTime]{}) {
			t.Errorf("Estimate(%d): %+v, %v, want %v", c.d, e, err, want)
		}
	}
	// the host shows 1400 to 1599 once, but whether the phone showed an instant before or after its step is open
	for h, want := range map[HostTime]error{1399: nil, 1400: ErrAmbiguous, 1599: ErrAmbiguous, 1600: nil} {
		if _, err := m.Device(h); !errors.Is(err, want) {
			t.Errorf("Device(%d): %v, want %v", h, err, want)
		}
	}
}

// Candidates come in host order also where the phone's clock was set forward: then the piece after the step is the
// earlier answer.
func TestCandidatesOfAStepForward(t *testing.T) {
	m := modelOf(t, Parts{Segments: []Segment{
		{Piece: 0, From: 0, To: 1300, Offset: 500}, {Piece: 1, From: 900, To: 2000, Offset: 400},
	}})
	c := m.Candidates(1000)
	if len(c) != 2 || c[0].Host != 1400 || c[1].Host != 1500 {
		t.Errorf("candidates %+v, want 1400 and 1500", c)
	}
}

func TestIntervalsBetweenKnots(t *testing.T) {
	p := bend()
	p.Knots = append(p.Knots, Knot{At: 2500, Stat: even(1), Likely: even(1)})
	p.Segments[1].To = 3000
	m := modelOf(t, p)
	at := func(d DeviceTime) Estimate[HostTime] {
		e, err := m.Estimate(d)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if e := at(1000); e.Stat != even(20) || e.Likely != even(40) || e.Bound != even(60) || !e.Rated || !e.Bounded {
		t.Errorf("at a knot its own intervals count: %+v", e)
	}
	if e := at(250); e.Stat.Lo > -12 || e.Stat.Hi < 12 || e.Stat.Lo < -14 || e.Bound.Hi < 37 || e.Bound.Hi > 39 || !e.Bounded {
		t.Errorf("a quarter of the way, 12.5 and 37.5 outwards to the ns, and one more: %+v", e)
	}
	if e := at(2200); !e.Rated || e.Bounded || e.Bound != (Interval{}) {
		t.Errorf("next to an unbounded knot nothing is bounded: %+v", e)
	}
	if e := at(2501); e.Rated || e.Bounded || e.Stat != (Interval{}) || e.Host == 0 {
		t.Errorf("beyond the last knot nothing is known but the estimate: %+v", e)
	}
	p.Knots = p.Knots[1:]
	m = modelOf(t, p)
	if e := at(999); e.Rated || e.Bounded {
		t.Errorf("before the first knot nothing is known but the estimate: %+v", e)
	}
	p.Knots = nil
	m = modelOf(t, p)
	if e := at(999); e.Rated || e.Bounded || e.Host != 1499 {
		t.Errorf("without knots nothing is known but the estimate: %+v", e)
	}
}

// Interpolation never cuts: the exact chord of both ends lies inside, and no more than 2 ns are given away.
func TestInterpolationRoundsOutwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := func(name string) int64 { return rapid.Int64Range(-1e12, 1e12).Draw(t, name) }
		a, b := Knot{At: noon}, Knot{At: noon + DeviceTime(rapid.Int64Range(1, 1e13).Draw(t, "apart"))}
		d := a.At + DeviceTime(rapid.Int64Range(0, int64(b.At-a.At)).Draw(t, "along"))
		va, vb := Interval{time.Duration(end("a lo")), time.Duration(end("a hi"))}, Interval{time.Duration(end("b lo")), time.Duration(end("b hi"))}
		got := lerp(a, b, d, va, vb)
		f := float64(d-a.At) / float64(b.At-a.At)
		lo, hi := float64(va.Lo)*(1-f)+float64(vb.Lo)*f, float64(va.Hi)*(1-f)+float64(vb.Hi)*f
		// 0.01: these floats are good to 1e-3 ns at 1e12
		if l := lo - float64(got.Lo); l < -0.01 || l > 2.01 {
			t.Errorf("lower end %v, the chord's is %v", got.Lo, lo)
		}
		if h := float64(got.Hi) - hi; h < -0.01 || h > 2.01 {
			t.Errorf("upper end %v, the chord's is %v", got.Hi, hi)
		}
	})
}

func TestHostDoesNotAllocate(t *testing.T) {
	for name, p := range map[string]Parts{"bend": bend(), "step": setBack()} {
		m := modelOf(t, p)
		if n := testing.AllocsPerRun(100, func() { _, _ = m.Host(700) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// Whatever parts a file holds: a Model that is made of them answers without a panic, in order, and undoes what it does.
func FuzzModel(f *testing.F) {
	f.Add(int64(0), int64(1000), int64(2000), int64(0), int64(500), int64(e18/5), int64(500), int64(-12*ppm), int64(10), int64(20), int64(700))
	f.Add(int64(math.MinInt64), int64(0), int64(math.MaxInt64), int64(0), int64(0), int64(1), int64(0), int64(-1), int64(1<<62), int64(-1), int64(-1))
	f.Fuzz(func(t *testing.T, a, b, c, ref, off1, drift1, off2, drift2, half, at, d int64) {
		m, err := NewModel[HostTime](Parts{
			Segments: []Segment{
				{From: DeviceTime(a), To: DeviceTime(b), Ref: DeviceTime(ref), Offset: time.Duration(off1), DriftE18: drift1},
				{From: DeviceTime(b), To: DeviceTime(c), Ref: DeviceTime(ref), Offset: time.Duration(off2), DriftE18: drift2},
			},
			Knots: []Knot{knotAt(0, DeviceTime(a), 1), {At: DeviceTime(at), Likely: Interval{-time.Duration(half), time.Duration(half)}}, knotAt(0, DeviceTime(c), 1)},
			First: DeviceTime(min(a, at)), Last: DeviceTime(max(c, at)),
		})
		if err != nil {
			if m != nil {
				t.Fatal("a model beside an error")
			}
			return
		}
		for _, d := range []int64{d, a, b, b - 1, c - 1, at} {
			est, err := m.Estimate(DeviceTime(d))
			if err != nil {
				if d >= a && d < c {
					t.Fatalf("%d lies in the model: %v", d, err)
				}
				continue
			}
			if est.Rated && est.Likely.Empty() {
				t.Fatalf("an empty interval at %d: %+v", d, est)
			}
			back, err := m.Device(est.Host)
			if err != nil || back > DeviceTime(d) {
				t.Fatalf("%d maps to %d, that back to %d: %v", d, est.Host, back, err)
			}
			if again, err := m.Host(back); err != nil || again < est.Host {
				t.Fatalf("%d maps to %d, that back to %d, that to %d: %v", d, est.Host, back, again, err)
			}
		}
	})
}
