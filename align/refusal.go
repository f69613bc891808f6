package align

import "errors"

// Why Fit refuses. Its errors wrap one of these and say the numbers.
var (
	// ErrTooFew: no sample is left to fit.
	ErrTooFew = errors.New("too few exchanges")
	// ErrHosts: the samples were taken by different hosts, whose clocks do not compare.
	ErrHosts = errors.New("exchanges of different hosts")
	// ErrFalsetickers: in every burst more than half of the samples contradict the others.
	ErrFalsetickers = errors.New("most exchanges contradict each other")
	// ErrStepSuspected: two bursts, and between them more drift than a clock has.
	ErrStepSuspected = errors.New("a step of a clock is suspected")
	// ErrDisjoint: no clock whose rate is steady enough satisfies the samples.
	ErrDisjoint = errors.New("no clock satisfies the exchanges")
	// ErrRange: an instant is so far from the others that the differences do not fit.
	ErrRange = errors.New("instant out of range")
)
