// Package align puts instants of a phone's clock onto the clock of the computer that ran the experiment.
//
// It is pure: no files, no network, no clock, no logging. Give Fit the exchanges of one phone and it returns an
// Alignment; its Wall model answers Host, Device and Estimate. Everything else in the package is a part of that
// walk, one idea a file.
//
// One sign throughout: offset = host - device, so host = device + offset. Drift is positive when the offset grows.
// Instants are int64 nanoseconds of three distinct types, never a float64: at today's epoch a float64 steps by
// 256 ns.
package align
