package align

import (
	"math"
	"slices"
	"time"
)

const (
	protocolSamples = 10               // of each protocol at least, before they are compared
	protocolSD      = 4                // standard deviations between them, and
	protocolLeast   = time.Millisecond // this much: a tick, whose rule may differ from protocol to protocol
)

// mainProtocol is the one that is fitted where protocols are answered from different clocks: its stamps are those that
// a recording's own events have.
const mainProtocol = "event"

// oneClock returns the samples to fit. Exchanges of two protocols are fitted together if both were answered from one clock of the phone;
// else those of mainProtocol alone, or of the protocol with the most, and apart says by how much host - device of the others
// differs.
//
// That one clock stamps events and answers Time Echo is not documented; an app may well do the former by the wall clock and the
// latter by one that was set when its sensors started.
func oneClock(base Base, samples []Sample, opt Options) (fitted []Sample, apart map[string]time.Duration) {
	by := map[string][]Sample{}
	for _, s := range samples {
		by[s.Protocol] = append(by[s.Protocol], s)
	}
	if len(by) < 2 {
		return samples, nil
	}
	kept := mainProtocol
	for p, s := range by {
		if len(by[mainProtocol]) < protocolSamples && (len(s) > len(by[kept]) || len(s) == len(by[kept]) && p < kept) {
			kept = p
		}
	}
	ours, err := tellClock(base, by[kept], opt)
	if err != nil {
		return samples, nil
	}
	for p, s := range by {
		if p == kept || len(s) < protocolSamples || len(by[kept]) < protocolSamples {
			continue
		}
		theirs, err := tellClock(base, s, opt)
		if err != nil {
			continue
		}
		if d, differ := ours.differs(theirs); differ {
			if apart == nil {
				apart = map[string]time.Duration{}
			}
			apart[p] = d
		}
	}
	if apart == nil {
		return samples, nil
	}
	return slices.DeleteFunc(slices.Clone(samples), func(s Sample) bool { _, other := apart[s.Protocol]; return other }), apart
}

// told is what the exchanges of one protocol say.
type told struct {
	s *session
	e *estimate
}

func tellClock(base Base, samples []Sample, opt Options) (told, error) {
	s, err := prepare(base, samples, opt)
	if err != nil {
		return told{}, err
	}
	e, err := s.estimate()
	return told{s, e}, err
}

// differs compares host - device at the middle of each of b's bursts, which are near a's where both protocols were used side by side.
// A difference that unequal floors of the two protocols' ways could make is none.
func (a told) differs(b told) (by time.Duration, differ bool) {
	for k, burst := range b.s.used {
		at := b.s.origin.e + DeviceTime(burst.centre)
		x := float64(at - a.s.origin.e)
		near := 0 // a's burst next to it
		for i := range a.s.used {
			if math.Abs(a.s.used[i].centre-x) < math.Abs(a.s.used[near].centre-x) {
				near = i
			}
		}
		piece := a.e.piece[near]
		shift := float64(a.e.t[near]*1e9) - a.s.used[near].centre
		mean, variance := a.e.clock.at((x+shift)/1e9, piece)
		d := float64(b.s.origin.d-a.s.origin.d) + b.e.y[k] - mean
		sd := math.Sqrt(variance + b.e.cov[k][k])
		// unequal floors can make half of both round trips' floors between them
		floors := (a.e.paths[a.e.path[near]].floor + b.e.paths[b.e.path[k]].floor) / 2
		if math.Abs(d) > max(float64(protocolSD)*sd, float64(protocolLeast), floors) && math.Abs(d) > math.Abs(float64(by)) {
			by, differ = time.Duration(d), true
		}
	}
	return by, differ
}
