package align

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// plane is the half plane p*y + q*b <= r.
type plane struct{ p, q, r float64 }

// demands are the half planes that the exchanges put on y = theta(t) and the common rate b, one by one as the definition has them.
// slack moves those of the exchanges for which it is not 0.
func demands(ex []exchange, t, w float64, slack func(exchange) float64) []plane {
	out := []plane{{0, 1, maxRate}, {0, -1, maxRate}}
	for _, e := range ex {
		give := w*math.Abs(t-e.x) + slack(e)
		out = append(out, plane{-1, -(e.x - t), -(e.l - give)}, plane{1, e.x - t, e.u + give})
	}
	return out
}

func noSlack(exchange) float64 { return 0 }

// programme returns the smallest and the largest y that some b goes with, by trying every corner: where two of the planes
// meet. tol, in ns, is what a corner may violate a plane by. found is false where there is no corner.
func programme(planes []plane, tol float64) (lo, hi float64, found bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for i, f := range planes {
		for _, g := range planes[:i] {
			det := f.p*g.q - f.q*g.p
			if math.Abs(det) < 1e-9 {
				continue
			}
			y, b := (f.r*g.q-f.q*g.r)/det, (f.p*g.r-f.r*g.p)/det
			ok := true
			for _, h := range planes {
				give := tol
				if h.p == 0 { // of the rate itself: tol ns over an hour
					give = tol / 3.6e12
				}
				ok = ok && h.p*y+h.q*b <= h.r+give
			}
			if ok {
				lo, hi, found = min(lo, y), max(hi, y), true
			}
		}
	}
	return lo, hi, found
}

// burstsOf makes bursts of exchanges that are all kept.
func burstsOf(groups ...[]exchange) []burst {
	var out []burst
	for _, g := range groups {
		b := burst{all: g}
		cutLike(&b)
		out = append(out, b)
	}
	return out
}

// cutLike puts b in the order that cut makes and keeps everything.
func cutLike(b *burst) {
	for i := range b.all {
		b.all[i].sane = true
		for j := i; j > 0 && b.all[j-1].x > b.all[j].x; j-- {
			b.all[j-1], b.all[j] = b.all[j], b.all[j-1]
		}
	}
	b.kept = b.all
	for _, e := range b.all {
		b.centre += e.x / float64(len(b.all))
	}
}

// randomGroups are up to four bursts of up to four exchanges about a clock that wanders by some ppm, some of which contradict each
// other, some of which overlap.
func randomGroups(r *rand.Rand) [][]exchange {
	rate := (2*r.Float64() - 1) * 150e-6
	groups := make([][]exchange, 1+r.IntN(4))
	for k := range groups {
		from := float64(r.IntN(600)) * 1e9
		length := float64(1+r.IntN(100)) * 1e9
		for range 1 + r.IntN(4) {
			x := math.Round(from + length*r.Float64())
			theta := rate*x + (2*r.Float64()-1)*1e6*float64(r.IntN(3))
			e := exchange{x: x, l: theta - 3e6*r.Float64(), u: theta + 3e6*r.Float64()}
			e.rtt = e.u - e.l
			groups[k] = append(groups[k], e)
		}
	}
	return groups
}

func flat(groups [][]exchange) (out []exchange) {
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

// The bound is the linear programme's, corner by corner. For a target within a burst it may give way by twice the wander over
// the burst, and no more; anywhere else it is exact. 0.5 ns is allowed for floats: rates to 1e-18 and offsets to 1e-6 ns.
func TestBoundIsTheLinearProgramme(t *testing.T) {
	const tol = 0.5
	r := rand.New(rand.NewPCG(3, 14))
	inside, outside, contradictions := 0, 0, 0
	for n := range 3000 {
		w := []float64{0, 1e-6, 5e-6, 20e-6}[r.IntN(4)]
		groups := randomGroups(r)
		bo := newBounder(burstsOf(groups...), w, false)
		at := math.Round((1.6*r.Float64() - 0.3) * 700e9)
		if r.IntN(3) == 0 { // at an exchange itself
			ex := flat(groups)
			at = ex[r.IntN(len(ex))].x
		}
		slack := noSlack
		for k := range bo.from {
			if from, to := bo.from[k], bo.to[k]; from <= at && at <= to {
				slack = func(e exchange) float64 {
					if from <= e.x && e.x <= to {
						return 2 * w * (to - from)
					}
					return 0
				}
			}
		}
		got := bo.at(at)
		name := fmt.Sprintf("case %d, w %v, target %v", n, w, at)
		lo, hi, possible := programme(demands(flat(groups), at, w, noSlack), 0)
		if possible && !got.feasible {
			t.Fatalf("%s: a contradiction is seen where %v to %v is possible", name, lo, hi)
		}
		wideLo, wideHi, wide := programme(demands(flat(groups), at, w, slack), tol)
		if !wide && got.feasible {
			t.Fatalf("%s: %+v, where nothing is possible", name, got)
		}
		if !got.feasible {
			contradictions++
			continue
		}
		if !got.bounded {
			t.Fatalf("%s: not bounded", name)
		}
		if possible && (got.lo > lo+tol || got.hi < hi-tol) {
			t.Fatalf("%s: %v to %v cuts off a part of %v to %v", name, got.lo, got.hi, lo, hi)
		}
		if got.lo < wideLo-2*tol || got.hi > wideHi+2*tol {
			t.Fatalf("%s: %v to %v is wider than %v to %v", name, got.lo, got.hi, wideLo, wideHi)
		}
		if inside++; slack(exchange{x: at}) == 0 {
			inside, outside = inside-1, outside+1
		}
	}
	if inside < 200 || outside < 200 || contradictions < 200 {
		t.Errorf("the cases are one-sided: %d inside a burst, %d outside, %d contradictions", inside, outside, contradictions)
	}
}

// Where falsetickers were found, the tightest exchange of each side of each burst does not count: whoever it is, the bound is that
// of the others.
func TestHiddenLeavesOutTheTightest(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 71))
	for range 300 {
		honest := []exchange{}
		for range 6 {
			honest = append(honest, exchange{x: math.Round(10e9 * r.Float64()), l: -1e6 - 2e6*r.Float64(), u: 1e6 + 2e6*r.Float64()})
		}
		at := math.Round(40e9*r.Float64()) - 10e9
		want := newBounder(burstsOf(honest), 0, false).at(at)
		liar := exchange{x: 5e9, l: 0.9e6, u: 9e6} // overlaps all of them, and says too much
		for i := range honest {
			liar.x += math.Round(float64(i) * 1e8 * r.Float64())
		}
		got := newBounder(burstsOf(append([]exchange{liar}, honest...)), 0, true).at(at)
		if got.lo > want.lo || got.hi < want.hi-1e-3 {
			t.Fatalf("with the liar %v to %v, without %v to %v", got.lo, got.hi, want.lo, want.hi)
		}
	}
}

// The tightest is the tightest beside the clock's drift: within two minutes 50 ppm are 6 ms, more than a liar needs to hide.
func TestHiddenLeavesOutTheTightestOfADriftingClock(t *testing.T) {
	const drift = 50e-6
	for _, sign := range []float64{1, -1} {
		var honest []exchange
		for i := range 120 {
			x := float64(i) * 1e9
			honest = append(honest, exchange{x: x, l: sign*drift*x - 3e6, u: sign*drift*x + 3e6})
		}
		at := 60e9 - sign*55e9 // where the drift makes it look harmless
		lie := exchange{x: at, l: sign*drift*at + 2.5e6, u: sign*drift*at + 9e6}
		b := burstsOf(append([]exchange{lie}, honest...))
		b[0].dropFalsetickers(sign*drift, believedRate)
		if len(b[0].kept) != 121 {
			t.Fatalf("the lie does not hide: %d kept", len(b[0].kept))
		}
		if got := newBounder(b, 1e-6, true).at(at); got.lo > sign*drift*at {
			t.Errorf("drift %v: the truth 0 is cut off: %v to %v", sign*drift, got.lo-sign*drift*at, got.hi-sign*drift*at)
		}
	}
}

func TestNothingBoundsOneSide(t *testing.T) {
	b := burstsOf([]exchange{{x: 0, l: -1, u: 1}})
	if got := newBounder(b, 0, true).at(5); got.bounded || !got.feasible {
		t.Errorf("without its only exchange a burst proves %+v", got)
	}
}

// One burst bounds its own time, and away from it by what 200 ppm allow.
func TestBoundOfOneBurst(t *testing.T) {
	b := burstsOf([]exchange{{x: 0, l: -1e6, u: 2e6}})
	for _, at := range []float64{-3600e9, 0, 3600e9} {
		got := newBounder(b, 1e-6, false).at(at)
		give := (maxRate + 1e-6) * math.Abs(at)
		if !got.bounded || math.Abs(got.lo-(-1e6-give)) > 1e-3 || math.Abs(got.hi-(2e6+give)) > 1e-3 {
			t.Errorf("at %v: %+v, want %v to %v", at, got, -1e6-give, 2e6+give)
		}
	}
}

// wanderer is a clock whose rate stays within w of one common rate, and goes from one end of that to the other as it likes.
type wanderer struct {
	edges, at []float64 // theta at edges
}

func newWanderer(r *rand.Rand, from, to, w float64) wanderer {
	rate := (2*r.Float64() - 1) * (maxRate - w)
	c := wanderer{edges: []float64{from}, at: []float64{0}}
	for x := from; x < to; {
		step := math.Exp(r.Float64()*9) * 1e8 // 0.1 s to 13 min
		turn := []float64{-1, 1, 2*r.Float64() - 1}[r.IntN(3)]
		c.at = append(c.at, c.at[len(c.at)-1]+(rate+turn*w)*step)
		x += step
		c.edges = append(c.edges, x)
	}
	return c
}

func (c wanderer) theta(x float64) float64 {
	i := 1
	for c.edges[i] < x {
		i++
	}
	f := (x - c.edges[i-1]) / (c.edges[i] - c.edges[i-1])
	return c.at[i-1] + f*(c.at[i]-c.at[i-1])
}

// As long as the rate stays within w, the truth lies inside the bound, whatever it does between, within and beyond the bursts.
// The same test with a clock that wanders three times as far must fail, or it shows nothing.
func TestTruthInsideBound(t *testing.T) {
	violations := func(times float64) (out, asked int) {
		r := rand.New(rand.NewPCG(9, 26))
		for range 300 {
			w := []float64{1e-6, 5e-6}[r.IntN(2)]
			c := newWanderer(r, -1000e9, 5000e9, w*times)
			var groups [][]exchange
			for range 1 + r.IntN(5) {
				var g []exchange
				from, length := 4000e9*r.Float64(), 120e9*r.Float64()
				for range 1 + r.IntN(30) {
					x := math.Round(from + length*r.Float64())
					g = append(g, exchange{x: x, l: c.theta(x) - 2e5*r.ExpFloat64(), u: c.theta(x) + 2e5*r.ExpFloat64()})
				}
				groups = append(groups, g)
			}
			bo := newBounder(burstsOf(groups...), w, false)
			for range 50 {
				at := (6000*r.Float64() - 1000) * 1e9
				if r.IntN(3) == 0 {
					g := groups[r.IntN(len(groups))]
					at = g[r.IntN(len(g))].x
				}
				got := bo.at(at)
				asked++
				if truth := c.theta(at); !got.feasible || truth < got.lo-1e-3 || truth > got.hi+1e-3 {
					out++
				}
			}
		}
		return out, asked
	}
	if out, asked := violations(1); out > 0 {
		t.Errorf("%d of %d instants outside the bound", out, asked)
	}
	if out, asked := violations(3); out < asked/50 {
		t.Errorf("with three times the wander only %d of %d instants are outside: the test is blind", out, asked)
	}
}

// The same from end to end: samples in, Model out, asked everywhere between its knots. Between two bursts the clock leaves
// its common rate as far as it may and comes back, which is the farthest from any line.
func TestTruthInsideBoundBetweenKnots(t *testing.T) {
	for _, side := range []float64{1, -1} {
		for _, drift := range []float64{0, 40e-6} {
			const half = 1800e9
			theta := func(x float64) float64 { // a roof over each half hour
				phase := math.Mod(x, 2*half)
				return drift*x + side*0.999e-6*(half-math.Abs(half-phase))
			}
			var s []Sample
			for k := range 3 {
				for i := range 20 {
					x := float64(k)*2*half + float64(i)*1e8
					a := int64(x + theta(x))
					s = append(s, Sample{E: DeviceTime(noon + int64(x)), A: HostTime(noon + a - int64(1e5+i*1e4)), B: HostTime(noon + a + int64(1e5+i*1e4)),
						Phase: fmt.Sprint(k), Seq: int64(i)})
				}
			}
			al, err := Fit(s, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for x := 0.0; x <= 4*half; x += 7.3e9 {
				est, err := al.Wall.Estimate(DeviceTime(noon + int64(x)))
				if err != nil {
					t.Fatal(err)
				}
				if truth := time.Duration(noon + int64(x+theta(x)) - int64(est.Host)); !est.Bounded || !est.Bound.Contains(truth) {
					t.Fatalf("side %v, drift %v, %v s: truth - estimate %v outside %v", side, drift, x/1e9, truth, est.Bound)
				}
			}
		}
	}
}
