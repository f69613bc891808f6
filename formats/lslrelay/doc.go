// Package lslrelay makes alignments of the time_alignment_parameters.json that Pupil Labs' lsl-relay writes: a straight line
// from the phone's clock to LSL's, fitted by least squares to events that both recorded.
//
//	lsl [s] = intercept + slope * (timestamp [ns] * 10^-9)
//
// The decimal digits in the file are the numbers, not the doubles nearest to them: the intercept is that at 1970, where the last
// digit of a double is worth 0.24 us.
//
// Source: lsl-relay, linear_time_model.py and xdf_cloud_time_sync.py. docs/formats/alignment.md has what the alignment holds.
package lslrelay
