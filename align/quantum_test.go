package align

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// stampsOf draws n stamps over ten minutes of a clock with the tick q, which hides behind the constant c.
func stampsOf(r *rand.Rand, n int, q time.Duration, c int64) []int64 {
	out := make([]int64, n)
	for i := range out {
		v := noon + r.Int64N(int64(10*time.Minute))
		out[i] = v - v%int64(q) + c
	}
	return out
}

func TestResolution(t *testing.T) {
	const ms, us = time.Millisecond, time.Microsecond
	r := rand.New(rand.NewPCG(4, 4))
	coarse := stampsOf(r, 100, ms, 0)
	spoilt := append(stampsOf(r, 99, ms, 0), noon+123_456_789)
	for _, c := range []struct {
		name   string
		stamps []int64
		stated time.Duration
		want   time.Duration
	}{
		{"ms", coarse, 0, ms},
		{"us", stampsOf(r, 100, us, 0), 0, us},
		{"100 ns", stampsOf(r, 100, 100, 0), 0, 100},
		{"ns", stampsOf(r, 100, 1, 0), 0, 1},
		{"ms behind a constant", stampsOf(r, 100, ms, 123_457), 0, ms},
		{"ms before 1970", stampsOf(r, 100, ms, -2*noon+7), 0, ms},
		{"us behind a constant", stampsOf(r, 100, us, 999), 0, us},
		{"ms with one corrupt stamp", spoilt, 0, ms},
		{"ms with the extremes of int64", append(stampsOf(r, 9, ms, 0), math.MinInt64, math.MaxInt64), 0, ms},
		{"a coarser one is stated", coarse, 16 * ms, 16 * ms},
		{"a finer one is stated", coarse, us, ms},
		{"the same is stated", coarse, ms, ms},
		{"between two ticks is stated", stampsOf(r, 100, us, 0), 15 * us, 15 * us},
		{"ns, and 100 ns are stated", stampsOf(r, 100, 1, 0), 100, 100},
		{"nonsense is stated", stampsOf(r, 100, 1, 0), -5, 1},
		{"one stamp has no difference that denies ms", []int64{noon + 123_456_789}, 0, ms},
		{"no stamps", nil, 0, 1},
		{"no stamps, one stated", nil, us, us},
	} {
		if got := resolution(c.stamps, c.stated); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Two parts of one log, each whole ms behind a constant of its own, as from a phone that was restarted.
func TestResolutionAcrossARestart(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 4))
	stamps := append(stampsOf(r, 50, time.Millisecond, 0), stampsOf(r, 50, time.Millisecond, 400_123)...)
	if got := resolution(stamps, 0); got != time.Millisecond {
		t.Errorf("%v, want 1ms", got)
	}
}

// Up to a fifth of the stamps may be corrupt, and no clock of the ns looks coarse.
func TestResolutionIsTheMajoritys(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 4))
	for range 300 {
		stamps := stampsOf(r, 20, time.Millisecond, r.Int64N(1e6))
		for range 4 {
			stamps[r.IntN(20)] = int64(r.Uint64())
		}
		if got := resolution(stamps, 0); got != time.Millisecond {
			t.Fatalf("%v with 4 of 20 corrupt, want 1ms", got)
		}
		if got := resolution(stampsOf(r, 20, 1, 0), 0); got != 1 {
			t.Fatalf("%v of a clock of the ns", got)
		}
	}
}
