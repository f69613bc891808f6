package align

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The first of the ranges that most intervals cover, found by trying every place where an interval begins.
func TestMostCovered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "n")
		lo, hi := make([]float64, n), make([]float64, n)
		for i := range n {
			lo[i] = float64(rapid.IntRange(-5, 5).Draw(t, "lo"))
			hi[i] = lo[i] + float64(rapid.IntRange(0, 6).Draw(t, "width"))
		}
		best, wantFrom, wantTo := 0, 0.0, 0.0
		starts := slices.Sorted(slices.Values(lo))
		for _, at := range starts {
			depth, end := 0, math.Inf(1)
			for i := range n {
				if lo[i] <= at && at <= hi[i] {
					depth, end = depth+1, min(end, hi[i])
				}
			}
			if depth > best {
				best, wantFrom, wantTo = depth, at, end
			}
		}
		if from, to := mostCovered(lo, hi); from != wantFrom || to != wantTo {
			t.Errorf("%v to %v, want %v to %v, of which %d are true", from, to, wantFrom, wantTo, best)
		}
	})
}

// honest are n exchanges over length s of a clock that drifts, with delays of ms.
func honest(r *rand.Rand, n int, from, length, drift float64) []exchange {
	var out []exchange
	for range n {
		x := math.Round((from + length*r.Float64()) * 1e9)
		e := exchange{x: x, l: drift*x - 1e6 - 3e6*r.ExpFloat64(), u: drift*x + 1e6 + 3e6*r.ExpFloat64(), sane: true}
		e.lc, e.uc, e.rtt = e.l, e.u, e.u-e.l
		out = append(out, e)
	}
	return out
}

// A stale answer lies outside what the others allow: it alone goes, whichever side it is on.
func TestStaleAnswersAreDropped(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	for n := range 200 {
		ex := honest(r, 30, 0, 5, 20e-6)
		by := 100e6 * (1 + r.Float64()) * float64(1-2*(n%2))
		stale := r.IntN(30)
		ex[stale].l, ex[stale].u = ex[stale].l+by, ex[stale].u+by
		b := burstsOf(ex)[0]
		b.dropFalsetickers(0, believedRate)
		if len(b.kept) != 29 || b.drops() != 1 || b.refused {
			t.Fatalf("%d of 29 honest ones kept", len(b.kept))
		}
		if slices.ContainsFunc(b.kept, func(e exchange) bool { return math.Abs(e.l) > 90e6 }) {
			t.Fatal("the stale one was kept")
		}
	}
}

func TestNoMajorityNoBurst(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 2))
	for _, c := range []struct {
		honest, false, wild int
		refused             bool
	}{
		{6, 5, 0, false}, {5, 5, 0, true}, {5, 6, 0, false}, // who is in the majority is believed
		{6, 0, 5, false}, {5, 0, 5, true}, {1, 0, 0, false}, {1, 1, 0, true}, {1, 0, 1, true}, {10, 5, 5, true},
	} {
		ex := honest(r, c.honest+c.false, 0, 5, 0)
		for i := range c.false {
			ex[i].l, ex[i].u = ex[i].l+500e6, ex[i].u+500e6
		}
		b := burstsOf(ex)[0]
		b.dropped = c.wild
		b.dropFalsetickers(0, believedRate)
		want := max(c.honest, c.false)
		if c.refused {
			want = 0
		}
		if b.refused != c.refused || len(b.kept) != want {
			t.Errorf("%+v: refused %v, %d kept", c, b.refused, len(b.kept))
		}
	}
}

// A drift of 50 ppm moves the offset by 6 ms within two minutes, more than the round trips: with the preliminary slope no honest
// exchange is dropped, however the bursts lie.
func TestDriftDropsNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 3))
	for n := range 200 {
		for _, c := range []struct {
			name   string
			bursts [][2]float64
		}{
			{"two bursts of 2 min", [][2]float64{{0, 120}, {3600, 120}}},
			{"two short ones", [][2]float64{{0, 7}, {3600, 7}}},
			{"two of 2 min without a pause", [][2]float64{{0, 120}, {120, 120}}},
			{"one of 2 min, of which the last exchange may be cut off", [][2]float64{{0, 120}}},
			{"ten minutes cut into windows", [][2]float64{{0, 120}, {120, 120}, {240, 120}, {360, 120}, {480, 120}}},
			{"a short one beside a long one", [][2]float64{{0, 120}, {130, 5}}},
			{"two short ones within a minute", [][2]float64{{0, 7}, {20, 7}}},
		} {
			name := c.name
			var samples []Sample
			for k, span := range c.bursts {
				for i, e := range honest(r, 100, span[0], span[1], 50e-6) {
					samples = append(samples, Sample{E: DeviceTime(noon + int64(e.x)), A: HostTime(noon + int64(e.x+e.l)), B: HostTime(noon + int64(e.x+e.u)),
						Seq: int64(k*100 + i), Phase: string(rune('a' + k))})
				}
			}
			s, err := prepare(BaseWall, samples, Options{})
			if err != nil {
				t.Fatalf("%s, %d: %v", name, n, err)
			}
			for _, b := range s.bursts {
				if d := b.drops(); d > 0 {
					t.Errorf("%s, %d: %d honest exchanges dropped, preliminary slope %v", name, n, d, s.slope)
				}
			}
		}
	}
}

func TestPreliminarySlope(t *testing.T) {
	at := func(centre, mid, width float64) burst {
		return burst{centre: centre, lo: mid - width/2, hi: mid + width/2}
	}
	for _, c := range []struct {
		name   string
		bursts []burst
		want   float64
	}{
		{"none", nil, 0},
		{"one", []burst{at(5e9, 1e6, 1e6)}, 0},
		{"two", []burst{at(0, 0, 1e6), at(100e9, 2e6, 3e6)}, 20e-6},
		{"two at one place", []burst{at(5e9, 0, 1e6), at(5e9, 2e6, 1e6)}, 0},
		{"200 ppm", []burst{at(0, 0, 1e6), at(100e9, 20e6, 1e6)}, 200e-6},
		{"more than a clock's", []burst{at(0, 0, 1e6), at(100e9, 20.1e6, 1e6)}, 0},
		{"a wide one hardly counts", []burst{at(0, 0, 1e4), at(100e9, 2e6, 1e4), at(50e9, 500e6, 1e9)}, 20e-6},
	} {
		// 1e-9: a thousandth of a ppm, far below what a preliminary slope is needed for
		if got := preliminarySlope(c.bursts); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
