package align_test

import (
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

func TestConstantMedian(t *testing.T) {
	const day = align.HostTime(1_700_000_000_000_000_000)
	sample := func(offset, up, down time.Duration) align.Sample {
		return align.Sample{A: day, E: align.DeviceTime(day.Add(up - offset)), B: day.Add(up + down)}
	}
	odd := []align.Sample{
		sample(840*time.Millisecond, 3*time.Millisecond, 3*time.Millisecond),
		sample(841*time.Millisecond, 5*time.Millisecond, 5*time.Millisecond),
		sample(840*time.Millisecond, 400*time.Millisecond, 2*time.Millisecond), // one slow request moves a mean, not a median
	}
	for _, c := range []struct {
		name    string
		samples []align.Sample
		want    time.Duration
	}{
		{"none", nil, 0},
		{"odd", odd, 840 * time.Millisecond},
		{"even takes the middle of the two", odd[:2], 840*time.Millisecond + 500*time.Microsecond},
	} {
		if got := align.ConstantMedian(c.samples); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
