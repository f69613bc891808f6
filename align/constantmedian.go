package align

import (
	"slices"
	"time"
)

// ConstantMedian returns the median over all samples of (A + B)/2 - E: the offset host - device that the vendor's
// event recipe (2022) uses for a whole session. It ignores drift and believes that both directions are equally
// fast. It is here to be compared with, not to be used.
//
// The middle is taken in integers, A + (B - A)/2, so that no float64 step blurs the comparison. It returns 0 for
// no samples.
func ConstantMedian(samples []Sample) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	offsets := make([]time.Duration, len(samples))
	for i, s := range samples {
		offsets[i] = time.Duration(int64(s.A) - int64(s.E) + int64(s.B.Sub(s.A)/2))
	}
	slices.Sort(offsets)
	n := len(offsets)
	if n%2 == 1 {
		return offsets[n/2]
	}
	return offsets[n/2-1] + (offsets[n/2]-offsets[n/2-1])/2
}
