package align

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// How many of the first ranges share an offset, found by trying every place where one begins.
func TestMostTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		lo, hi := make([]float64, n), make([]float64, n)
		for i := range n {
			lo[i] = float64(rapid.IntRange(-5, 5).Draw(t, "lo"))
			hi[i] = lo[i] + float64(rapid.IntRange(0, 6).Draw(t, "width"))
		}
		got := mostTogether(lo, hi)
		for k := range n {
			want := 0
			for _, at := range lo[:k+1] {
				depth := 0
				for i := range k + 1 {
					if lo[i] <= at && at <= hi[i] {
						depth++
					}
				}
				want = max(want, depth)
			}
			if got[k] != want {
				t.Fatalf("of the first %d: %d, want %d", k+1, got[k], want)
			}
		}
	})
}

// sent gives exchanges the times of sending that their stamps say, had no clock been set.
func sent(ex []exchange) []exchange {
	for i := range ex {
		ex[i].a = noon + int64(ex[i].x)
	}
	return ex
}

// set moves the offsets of all but the first n by that much.
func set(ex []exchange, n int, by float64) {
	for i := n; i < len(ex); i++ {
		e := &ex[i]
		e.l, e.u, e.lc, e.uc, e.x = e.l+by, e.u+by, e.lc+by, e.uc+by, e.x-by
	}
}

// A burst is cut where the phone's clock was set, as far as the exchanges beside the place can tell.
func TestSplitWhereTheClockWasSet(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	for n := range 200 {
		by := (8 + 100*r.Float64()) * 1e6 * float64(1-2*(n%2))
		at := 10 + r.IntN(20)
		ex := inOrder(honest(r, 40, 0, 5, 20e-6))
		set(ex, at, by)
		b := burst{all: ex, centre: centreOf(ex)}
		b.dropFalsetickers(20e-6, believedRate)
		parts := b.parts(nil, 20e-6, believedRate, mostSplits)
		if len(parts) < 2 {
			t.Fatalf("%v ms after %d exchanges: not cut", by/1e6, at)
		}
		near := false
		for i, before := 0, 0; i < len(parts)-1; i++ {
			// 12: an exchange next to the place is possible on either side where its delay is longer than the step, which of those
			// whose delays are exponential with a mean of 3 ms above 1 ms, 8 ms are for one in ten each way
			before += len(parts[i].all)
			near = near || before-at <= 12 && at-before <= 12
			if !parts[i+1].cut {
				t.Fatal("a part that goes on is not marked")
			}
		}
		if !near {
			t.Errorf("%v ms after %d exchanges: cut elsewhere", by/1e6, at)
		}
	}
}

// inOrder sorts exchanges by sending.
func inOrder(ex []exchange) []exchange {
	bs := burstsOf(sent(ex))
	return bs[0].all
}

// One or two stale answers cut nothing, wherever they are.
func TestStaleAnswersCutNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 10))
	for range 200 {
		ex := inOrder(honest(r, 40, 0, 5, 20e-6))
		at := r.IntN(39)
		set(ex[:at+2], at, -300e6)
		b := burst{all: ex, centre: centreOf(ex)}
		b.dropFalsetickers(20e-6, believedRate)
		if parts := b.parts(nil, 20e-6, believedRate, mostSplits); len(parts) > 1 && len(parts[0].kept)+len(parts[1].kept) > 38 {
			t.Fatalf("two stale answers after %d made %d parts", at, len(parts))
		}
	}
}
