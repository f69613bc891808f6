package batch

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// What the timeline finds is what going through all of them finds.
func TestTimelineIsAllOfThem(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	some := 0
	for range 300 {
		var all []*candidate
		for i := range 1 + r.IntN(40) {
			first := align.DeviceTime(r.Int64N(1000))
			all = append(all, &candidate{source: i, measured: measured{first: first, last: first.Add(time.Duration(r.Int64N(1 << r.IntN(9))))}})
		}
		line := newTimeline(all)
		for range 50 {
			first := align.DeviceTime(r.Int64N(1200) - 100)
			last := first.Add(time.Duration(r.Int64N(100)))
			within := time.Duration(r.Int64N(60))
			var want []*candidate
			least := time.Duration(1 << 40)
			for _, c := range all {
				gap := max(0, c.first.Sub(last), first.Sub(c.last))
				if least = min(least, gap); gap <= within {
					want = append(want, c)
				}
			}
			some += len(want)
			if got := line.around(first, last, within); !slices.Equal(got, want) {
				t.Fatalf("%d to %d within %d: %v, want %v", first, last, within, got, want)
			}
			if got := line.nearest(first, last).gap(first, last); got != least {
				t.Fatalf("%d to %d: the nearest is %d away, want %d", first, last, got, least)
			}
		}
	}
	if some == 0 {
		t.Error("nothing was near")
	}
}
