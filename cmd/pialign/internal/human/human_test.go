package human

import (
	"math"
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.000 ms", 1500 * time.Microsecond: "1.500 ms", -2 * time.Second: "-2.0 s", 61 * time.Second: "1 min 1 s", 90 * time.Minute: "1 h 30 min",
		math.MaxInt64: "2562047 h 47 min", math.MinInt64: "-2562047 h 47 min",
	} {
		if got := Span(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
}
