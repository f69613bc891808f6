package scenario

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Law names the shape of a delay above its floor.
type Law string

// The laws. Scale is the mean of the exponential and the gamma law and the median of the others.
const (
	Constant    Law = "constant"
	Exponential Law = "exponential"
	Gamma       Law = "gamma" // shape 3: few exchanges come near the floor
	LogNormal   Law = "lognormal"
	Pareto      Law = "pareto" // a power tail of index 1.5: what busy Wi-Fi looks like
)

// Delay is the law of the time a message takes one way: never less than Floor, never more than Max (0: no limit).
type Delay struct {
	Law   Law
	Floor time.Duration
	Scale time.Duration
	Max   time.Duration
}

// Check returns an error for a Delay that cannot be drawn from.
func (d Delay) Check() error {
	switch d.Law {
	case "", Constant, Exponential, Gamma, LogNormal, Pareto:
	default:
		return fmt.Errorf("unknown delay law %q", d.Law)
	}
	if max(d.Floor, d.Scale, d.Max) > longest {
		return fmt.Errorf("delay law %q: floor, scale and max must be %v or less", d.Law, longest)
	}
	if d.Floor < 0 || d.Scale < 0 || d.Max < 0 || (d.Max > 0 && d.Max < d.Floor) {
		return fmt.Errorf("delay law %q: floor, scale and max must be 0 or more, and max no less than floor", d.Law)
	}
	return nil
}

// longest is the longest floor, scale, limit and excess over a floor: far beyond any network, far below an overflow.
const longest = time.Hour

// Draw returns one delay. The zero Law is Constant.
func (d Delay) Draw(r *rand.Rand) time.Duration {
	var e float64 // the excess over the floor, in units of Scale
	switch d.Law {
	case Exponential:
		e = r.ExpFloat64()
	case Gamma:
		e = (r.ExpFloat64() + r.ExpFloat64() + r.ExpFloat64()) / 3
	case LogNormal:
		e = math.Exp(r.NormFloat64())
	case Pareto:
		const index = 1.5
		e = (math.Pow(1-r.Float64(), -1/index) - 1) / (math.Pow(2, 1/index) - 1)
	}
	excess := math.Min(e*float64(d.Scale), float64(longest))
	out := d.Floor + time.Duration(excess)
	if d.Max > 0 {
		out = min(out, d.Max)
	}
	return out
}

// Rand returns the generator that a seed stands for. Streams of one seed are independent of each other.
func Rand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
