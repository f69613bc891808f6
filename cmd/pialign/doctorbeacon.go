package main

import (
	"math"
	"time"

	"github.com/pialign/pialign/probe"
)

const (
	beacon      = 102400 * time.Microsecond // between beacons of an access point, unless somebody changed it
	heldLeast   = 12 * time.Millisecond     // above the fastest round trip: less is jitter
	heldMost    = 3*beacon + heldLeast      // phones wake at every third beacon at the latest
	beaconProof = 8                         // n R^2 of n random phases exceeds it once in 3000: Rayleigh's test, exp(-8)
)

// beaconShare returns which share of the exchanges a sleeping radio held back, and whether it is certain that one did. Such exchanges
// are slow, and as the access point hands them over with its beacon, their answers come at one phase of its 102.4 ms; those that a
// busy network delays come at any.
func beaconShare(exchanges []probe.Exchange) (share float64, certain bool) {
	least := time.Duration(math.MaxInt64)
	good := 0
	for _, e := range exchanges {
		if e.Good() {
			least = min(least, e.RoundTrip())
			good++
		}
	}
	if good == 0 {
		return 0, false
	}
	var c, s, n float64
	for _, e := range exchanges {
		if more := e.RoundTrip() - least; !e.Good() || more < heldLeast || more > heldMost {
			continue
		}
		phase := 2 * math.Pi * float64(int64(e.B)%int64(beacon)) / float64(beacon)
		c, s, n = c+math.Cos(phase), s+math.Sin(phase), n+1
	}
	if n == 0 {
		return 0, false
	}
	return n / float64(good), (c*c+s*s)/n >= beaconProof
}
