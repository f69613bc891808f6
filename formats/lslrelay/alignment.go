package lslrelay

import (
	"fmt"
	"math/big"
	"time"

	"github.com/pialign/pialign/align"
)

// Method is how an alignment names the recipe.
const Method = "lsl-relay"

// uptime is how long after the computer's start, when LSL's clock was 0, a time is still taken for one of its run.
const uptime = 400 * 24 * time.Hour

// steepest is the difference of two clocks' rates that is believed: lsl-relay's own examples have up to 21 ppm.
const steepest = 1000 // ppm

// Alignment returns the line as an alignment with a map onto the monotonic clock, which LSL's local_clock reads. It reaches from
// LSL's 0, the start of the computer, for 400 days: the file does not say when it was fitted. It has neither interval nor bound.
//
// The map is the line itself, exact, rounded to whole ns once: its ref_ns is the instant nearest to the middle of the reach at which the line is
// at whole ns. Lines with more digits than that allows, 9 behind the point of the intercept and 18 of the slope, are
// ErrParams; Python prints none.
func (p *Params) Alignment() (*align.Alignment, error) {
	drift := new(big.Rat).Sub(p.Slope, big.NewRat(1, 1))
	drift.Mul(drift, new(big.Rat).SetInt(e18))
	intercept := new(big.Rat).Mul(p.Intercept, big.NewRat(1_000_000_000, 1))
	if limit := big.NewRat(steepest*1_000_000_000_000, 1); new(big.Rat).Abs(drift).Cmp(limit) > 0 {
		return nil, fmt.Errorf("%w: slope %s is more than %d ppm from 1", ErrParams, p.Slope.FloatString(12), steepest)
	}
	if !drift.IsInt() || !intercept.IsInt() {
		return nil, fmt.Errorf("%w: more than 18 digits behind the point of the slope, or 9 of the intercept", ErrParams)
	}
	from, err := p.phone(big.NewRat(0, 1))
	if err != nil {
		return nil, err
	}
	to := from.Add(uptime)
	ref, ok := wholeNear(drift.Num(), int64(from)+int64(uptime)/2)
	at := new(big.Rat).Mul(drift, new(big.Rat).SetFrac(big.NewInt(ref), e18)) // ns of the line less the phone's, less the intercept
	at.Add(at, intercept)
	if !ok || !at.IsInt() || !at.Num().IsInt64() {
		return nil, fmt.Errorf("%w: no instant at which the line is at whole ns", ErrParams)
	}
	m, err := align.NewModel[align.MonoTime](align.Parts{First: from, Last: to,
		Segments: []align.Segment{{From: from, To: to, Ref: align.DeviceTime(ref), Offset: time.Duration(at.Num().Int64()), DriftE18: drift.Num().Int64()}}})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrParams, err)
	}
	return &align.Alignment{Mono: m, Diagnosis: align.Diagnosis{Method: Method, Base: align.BaseMono, DriftE18: drift.Num().Int64(),
		Warnings: []align.Warning{{Kind: align.WarnMethod, Text: "lsl-relay's line is a recipe to compare with: it has no interval and no bound, does not say when it was " +
			"fitted, and checks nothing"}},
		Assumptions: []string{"lsl-relay's line describes the phone's clock whenever the recording was"}}}, nil
}

// e18 is the unit of a drift.
var e18 = big.NewInt(1_000_000_000_000_000_000)

// phone returns the phone's instant of a time of LSL's in s, rounded to ns: the line's inverse. It must be between 2000 and 2200.
func (p *Params) phone(lsl *big.Rat) (align.DeviceTime, error) {
	t := new(big.Rat).Sub(lsl, p.Intercept)
	if p.Slope.Sign() <= 0 {
		return 0, fmt.Errorf("%w: a slope that is not positive", ErrParams)
	}
	t.Quo(t, p.Slope)
	s, _ := t.Float64()
	if !(s > 946_684_800 && s < 7_258_118_400) {
		return 0, fmt.Errorf("%w: LSL's clock would have been 0 at %.0f s since 1970, which is not between 2000 and 2200", ErrParams, s)
	}
	t.Mul(t, big.NewRat(1_000_000_000, 1))
	ns, _ := new(big.Int).SetString(t.FloatString(0), 10)
	return align.DeviceTime(ns.Int64()), nil
}

// wholeNear returns the instant nearest to at for which drift*instant/10^18 is whole: a multiple of 10^18/gcd(drift, 10^18).
func wholeNear(drift *big.Int, at int64) (int64, bool) {
	step := new(big.Int).Quo(e18, new(big.Int).GCD(nil, nil, new(big.Int).Abs(drift), e18))
	k := new(big.Int).Quo(new(big.Int).Add(big.NewInt(at), new(big.Int).Quo(step, big.NewInt(2))), step)
	ref := k.Mul(k, step)
	return ref.Int64(), ref.IsInt64()
}
