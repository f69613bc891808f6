package align

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// quick is the clock of a phone that differs from the host's as far as is believed: 200 ppm either way.
type quick struct{ rate float64 }

// theta is host - device less D0 at x ns after E0.
func (q quick) theta(x float64) float64 { return q.rate * x }

// stamp is what a clock with the tick shows of v.
func stamp(v float64, tick int64, round bool) int64 {
	if round {
		v += float64(tick) / 2
	}
	return int64(math.Floor(v/float64(tick))) * tick
}

// violations returns how many of 2000 exchanges with such clocks prove something false under the rule: theta at the written stamp
// lies outside. Delays are far below a tick, so that wrong rules cannot hide.
func violations(rule Rounding, rounds bool, device, host int64, rate float64) int {
	r := rand.New(rand.NewPCG(uint64(device), uint64(host)))
	const base = 1_000_000_000_000 // E0, D0 = 0; a whole number of every tick
	q := quick{rate}
	var samples []Sample
	for range 2000 {
		x := r.Float64() * 60e9
		h := x + q.theta(x)
		samples = append(samples, Sample{
			A: HostTime(base + stamp(h-r.Float64()*1e3, host, false)), E: DeviceTime(base + stamp(x, device, rounds)),
			B: HostTime(base + stamp(h+r.Float64()*1e3, host, false)), Protocol: "event",
		})
	}
	ex := exchanges(samples, BaseWall, origin{e: base}, time.Duration(host), map[string]time.Duration{"event": time.Duration(device)}, rule)
	n := 0
	for _, e := range ex {
		if truth := q.theta(e.x); !e.sane || e.l > truth+1e-3 || e.u < truth-1e-3 {
			n++
		}
	}
	return n
}

// Each rule's bound holds for the clocks that it speaks of, whatever their ticks; the rule of the other clock is caught.
func TestExchangeProvesTheTruth(t *testing.T) {
	for _, device := range []int64{1, 1000, 1e6} {
		for _, host := range []int64{1, 100, 1e6} {
			for _, rate := range []float64{-maxRate, 0, maxRate} {
				for _, c := range []struct {
					rule   Rounding
					rounds bool
					holds  bool
				}{
					{RoundingTruncate, false, true}, {RoundingNearest, true, true},
					{RoundingUnknown, false, true}, {RoundingUnknown, true, true},
					{RoundingTruncate, true, false}, {RoundingNearest, false, false},
				} {
					n := violations(c.rule, c.rounds, device, host, rate)
					name := fmt.Sprintf("rule %s, rounds %v, ticks %d and %d ns, rate %v", c.rule, c.rounds, device, host, rate)
					if c.holds && n > 0 {
						t.Errorf("%s: %d of 2000 exchanges exclude the truth", name, n)
					}
					// with a fine host clock half a tick of the device cannot hide
					if !c.holds && device == 1e6 && host < 1e6 && n < 200 {
						t.Errorf("%s: only %d of 2000 exchanges show that the rule is wrong", name, n)
					}
				}
			}
		}
	}
}

// Estimates lie in the middle of what is possible: without delays the mean of (lc+uc)/2 is the truth, for a clock that follows the
// rule, whatever the ticks; a clock that does not is half a tick off.
func TestEstimatesAreCentred(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	const ms, n = int64(time.Millisecond), 20_000
	for _, c := range []struct {
		rule         Rounding
		rounds       bool
		device, host int64
		off          float64
	}{
		{RoundingTruncate, false, ms, 1, 0}, {RoundingTruncate, false, 1, ms, 0}, {RoundingTruncate, false, ms, ms, 0},
		{RoundingUnknown, false, ms, 1, 0}, {RoundingNearest, true, ms, 1, 0},
		{RoundingNearest, false, ms, 1, 0.5e6}, {RoundingTruncate, true, ms, 1, -0.5e6},
	} {
		var samples []Sample
		for range n {
			x := r.Float64() * 60e9
			samples = append(samples, Sample{A: HostTime(stamp(x, c.host, false)), E: DeviceTime(stamp(x, c.device, c.rounds)), B: HostTime(stamp(x, c.host, false))})
		}
		ex := exchanges(samples, BaseWall, origin{}, time.Duration(c.host), map[string]time.Duration{"": time.Duration(c.device)}, c.rule)
		mean := 0.0
		for _, e := range ex {
			mean += (e.lc + e.uc) / 2 / n
		}
		// ticks of 1 ms spread single offsets by up to 0.41 ms, their mean by 3 us: 5 of those
		if math.Abs(mean-c.off) > 15e3 {
			t.Errorf("%+v: centred on %v ns, want %v", c, mean, c.off)
		}
	}
}

func TestExchangeIsSane(t *testing.T) {
	good := Sample{A: noon, E: noon + 1, B: noon + 2}
	for _, c := range []struct {
		name string
		do   func(*Sample)
		sane bool
	}{
		{"as it is", func(*Sample) {}, true},
		{"answered at once", func(s *Sample) { s.B = s.A }, true},
		{"heard before it was sent", func(s *Sample) { s.B = s.A - 1 }, false},
		{"a stamp of 0", func(s *Sample) { s.E = 0 }, false},
		{"sent at 0", func(s *Sample) { s.A = 0 }, false},
		{"heard at the end of time", func(s *Sample) { s.B = math.MaxInt64 }, false},
		{"a stamp at the beginning of time", func(s *Sample) { s.E = math.MinInt64 }, false},
		{"sent at the beginning of time", func(s *Sample) { s.A = math.MinInt64 }, false},
		{"a stamp 53 days later", func(s *Sample) { s.E += 53 * 24 * DeviceTime(time.Hour) }, false},
	} {
		s := good
		c.do(&s)
		e := exchanges([]Sample{s}, BaseWall, origin{e: noon}, 1, nil, RoundingTruncate)[0]
		if e.sane != c.sane {
			t.Errorf("%s: sane %v", c.name, e.sane)
		}
	}
}

// The origin is a sample of the majority, also where nearly half of the stamps are corrupt, and any order gives the same.
func TestOriginIsNoCorruptSample(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for range 200 {
		var s []Sample
		for i := range 21 {
			a := noon + int64(i)*1e8
			s = append(s, Sample{A: HostTime(a), E: DeviceTime(a - 840e6 + r.Int64N(1e6)), B: HostTime(a + 1e6)})
		}
		for range r.IntN(11) {
			s[r.IntN(21)].E = DeviceTime(r.Uint64())
		}
		o, err := originOf(canonical(s, BaseWall), BaseWall)
		if err != nil || o.d < 838e6 || o.d > 841e6 {
			t.Fatalf("origin %+v, %v", o, err)
		}
		r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
		if again, _ := originOf(canonical(s, BaseWall), BaseWall); again != o {
			t.Fatalf("another order, another origin: %+v, %+v", o, again)
		}
	}
}

func TestOriginOutOfRange(t *testing.T) {
	if _, err := originOf([]Sample{{A: math.MaxInt64, E: math.MinInt64}}, BaseWall); !errors.Is(err, ErrRange) {
		t.Errorf("%v, want out of range", err)
	}
}

func TestCanonical(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 10))
	var s []Sample
	for range 60 { // few values, so that ties of every depth and duplicates occur
		s = append(s, Sample{A: HostTime(r.IntN(2)), B: HostTime(r.IntN(2)), E: DeviceTime(r.IntN(2)), MonoA: MonoTime(r.IntN(2)),
			Seq: r.Int64N(2), Phase: []string{"", "a"}[r.IntN(2)]})
	}
	given := slices.Clone(s)
	want := canonical(s, BaseWall)
	if !slices.Equal(s, given) {
		t.Fatal("the caller's samples were moved")
	}
	seen := map[Sample]bool{}
	for _, x := range want {
		if seen[x] {
			t.Errorf("%+v is there twice", x)
		}
		seen[x] = true
	}
	for _, x := range s {
		if !seen[x] {
			t.Errorf("%+v is lost", x)
		}
	}
	for range 20 {
		r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
		if !reflect.DeepEqual(canonical(s, BaseWall), want) {
			t.Fatal("another order, another answer")
		}
	}
}

func TestOffsetOfASample(t *testing.T) {
	s := Sample{A: 1000, E: 400, B: 1010}
	if got, want := s.Offset(3), (Interval{597, 610}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got := s.RoundTrip(); got != 10 {
		t.Errorf("round trip %v, want 10 ns", got)
	}
	s.MonoA, s.MonoB = 5, 12
	if got := s.RoundTrip(); got != 7 {
		t.Errorf("round trip %v, want 7 ns, on the monotonic clock", got)
	}
}

func TestQuantile(t *testing.T) {
	v := []float64{1, 2, 3, 4}
	for p, want := range map[float64]float64{0: 1, 0.25: 1, 0.26: 2, 0.5: 2, 0.75: 3, 0.95: 4, 1: 4} {
		if got := quantile(v, p); got != want {
			t.Errorf("the %v quantile is %v, want %v", p, got, want)
		}
	}
}

// samplesFrom makes samples of bytes: most near a session about noon, some at any int64.
func samplesFrom(b []byte) []Sample {
	var out []Sample
	number := func(base int64) int64 { // 1 byte of kind, then 2 or 8 of number
		kind := next(&b, 1)
		switch kind % 8 {
		case 0:
			return next(&b, 8)
		case 1:
			return math.MinInt64 + next(&b, 1)
		case 2:
			return math.MaxInt64 - next(&b, 1)
		case 3:
			return base + int64(int16(next(&b, 2)))*1e9
		}
		return base + int64(int16(next(&b, 2)))*1e3
	}
	for len(b) > 0 && len(out) < 24 {
		at := noon + next(&b, 2)*1e8
		s := Sample{A: HostTime(number(at)), E: DeviceTime(number(at - 840e6 + 1e6)), B: HostTime(number(at + 3e6)), Seq: int64(len(out))}
		switch flags := next(&b, 1); {
		case flags&1 > 0:
			s.MonoA, s.MonoB = MonoTime(number(at-noon+5e12)), MonoTime(number(at-noon+5e12+3e6))
			fallthrough
		case flags&6 == 6:
			s.Phase = "other"
		case flags&24 == 24:
			s.Protocol = "echo"
		}
		out = append(out, s)
	}
	return out
}

// next takes n bytes off b as a number; missing ones are 0.
func next(b *[]byte, n int) (v int64) {
	for range n {
		v <<= 8
		if len(*b) > 0 {
			v |= int64((*b)[0])
			*b = (*b)[1:]
		}
	}
	return v
}

// Whatever the samples: no panic, an Alignment or an error and never both, numbers that are numbers, and a bound that every kept
// exchange agrees with.
func FuzzFit(f *testing.F) {
	f.Add([]byte{}, false)
	f.Add([]byte{0, 1, 4, 0, 0, 4, 0, 0, 4, 0, 0, 0}, false)
	var session []byte
	for i := range 24 {
		session = append(session, byte(i/12*200), byte(i), 4, 0, byte(7*i), 4, 0, byte(5*i), 4, 1, byte(11*i), byte(i/12*6))
	}
	f.Add(session, true)
	wild := slices.Clone(session)
	wild[2], wild[17], wild[50] = 1, 2, 0
	f.Add(wild, false)
	f.Fuzz(func(t *testing.T, b []byte, override bool) {
		samples := samplesFrom(b)
		given := slices.Clone(samples)
		al, err := Fit(samples, Options{Override: override})
		if !slices.Equal(samples, given) {
			t.Fatal("the samples were moved")
		}
		if (al == nil) == (err == nil) {
			t.Fatalf("%+v beside %v", al, err)
		}
		if err != nil {
			return
		}
		if al.Wall == nil {
			t.Fatal("no wall clock")
		}
		if v := reflect.ValueOf(al.Diagnosis); hasNaN(v) {
			t.Fatalf("not a number in %+v", al.Diagnosis)
		}
		if al.Diagnosis.Base == BaseWall {
			agrees(t, al.Wall, al, samples, Options{})
		} else {
			agrees(t, al.Mono, al, samples, Options{})
		}
	})
}

// agrees checks that the bound at every kept exchange holds an offset that the exchange allows.
func agrees[T HostClock](t *testing.T, m *Model[T], al *Alignment, samples []Sample, opt Options) {
	t.Helper()
	s, err := prepare(al.Diagnosis.Base, samples, opt)
	if err != nil || al.Diagnosis.Samples != len(s.samples) || slices.ContainsFunc(s.bursts, func(b burst) bool { return b.drops() > 0 }) {
		return // some may have been dropped later: they need not agree
	}
	w := float64(al.Diagnosis.BoundE18) / 1e18
	for _, b := range s.used {
		for _, e := range b.kept {
			agreed := false
			c := m.Candidates(s.origin.e + DeviceTime(e.x))
			for _, est := range c {
				said := float64(int64(est.Host) - int64(s.origin.e) - int64(e.x) - s.origin.d)
				// a ns for the ends, and what a target within a burst and interpolation cost: twice the wander over it, 2 % of the width
				give := 10 + 2*w*(b.kept[len(b.kept)-1].x-b.kept[0].x) + 0.02*float64(est.Bound.Width())
				agreed = agreed || !est.Bounded || (said+float64(est.Bound.Lo) <= e.u+give && said+float64(est.Bound.Hi) >= e.l-give)
			}
			if !agreed {
				t.Errorf("the exchange %+v contradicts the bound: %+v", e, c)
			}
		}
	}
}

// hasNaN looks for floats that are no number, or endless, in a struct and what it holds.
func hasNaN(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Float64:
		return math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0)
	case reflect.Struct:
		for i := range v.NumField() {
			if hasNaN(v.Field(i)) {
				return true
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if hasNaN(v.Index(i)) {
				return true
			}
		}
	}
	return false
}

// Extremes of int64 in every field, beside an honest session: nothing panics, and the honest exchanges still give the map.
func TestExtremeSamplesBesideAnHonestSession(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 12))
	var honest []Sample
	for k, from := range []float64{0, 3600} {
		for i := range 20 {
			x := int64(from*1e9) + int64(i)*1e8
			honest = append(honest, Sample{A: HostTime(noon + x - 1e6 - r.Int64N(1e6)), E: DeviceTime(noon + x - 840e6), B: HostTime(noon + x + 1e6 + r.Int64N(1e6)),
				Phase: fmt.Sprint(k), Seq: int64(i)})
		}
	}
	for _, v := range []int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64} {
		for field, s := range map[string]Sample{
			"A": {A: HostTime(v), E: noon - 840e6, B: noon}, "E": {A: noon, E: DeviceTime(v), B: noon + 1},
			"B": {A: noon, E: noon - 840e6, B: HostTime(v)}, "all": {A: HostTime(v), E: DeviceTime(v), B: HostTime(v)},
		} {
			s.Phase, s.Seq = "0", 1000
			al, err := Fit(append(slices.Clone(honest), s), Options{})
			if err != nil {
				t.Errorf("%s = %d: %v", field, v, err)
				continue
			}
			est, err := al.Wall.Estimate(noon + 1800e9 - 840e6)
			// 1 ms: the least one-way delay, so the bound's half-width
			if off := est.Host.Sub(noon + 1800e9); err != nil || off.Abs() > time.Millisecond || !est.Bound.Contains(-off) {
				t.Errorf("%s = %d: off by %v, %v", field, v, off, err)
			}
			if al.Diagnosis.Used != len(honest) {
				t.Errorf("%s = %d: %d of %d honest exchanges used", field, v, al.Diagnosis.Used, len(honest))
			}
		}
	}
}
