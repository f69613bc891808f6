package batch

import (
	"cmp"
	"slices"
	"time"

	"github.com/pialign/pialign/align"
)

// timeline is what was measured of one phone, or of all, by the first exchange: a study has thousands of sessions, of which few are near a recording.
type timeline struct {
	all    []*candidate
	latest []int // of those up to here, the one whose last exchange is the latest
}

func newTimeline(all []*candidate) *timeline {
	t := &timeline{all: slices.Clone(all)}
	slices.SortStableFunc(t.all, func(a, b *candidate) int { return cmp.Compare(a.first, b.first) })
	for i, c := range t.all {
		l := i
		if i > 0 && t.all[t.latest[i-1]].last >= c.last {
			l = t.latest[i-1]
		}
		t.latest = append(t.latest, l)
	}
	return t
}

// before counts those that begin no later than at.
func (t *timeline) before(at align.DeviceTime) int {
	n, _ := slices.BinarySearchFunc(t.all, at, func(c *candidate, at align.DeviceTime) int {
		if c.first <= at {
			return -1
		}
		return 1
	})
	return n
}

// around returns those that were measured no further from the recording than within, in the order of the sources.
func (t *timeline) around(first, last align.DeviceTime, within time.Duration) []*candidate {
	last = max(first, last)
	var near []*candidate
	for i := t.before(last.Add(within)) - 1; i >= 0 && first.Sub(t.all[t.latest[i]].last) <= within; i-- {
		if c := t.all[i]; c.gap(first, last) <= within {
			near = append(near, c)
		}
	}
	slices.SortStableFunc(near, func(a, b *candidate) int { return cmp.Compare(a.source, b.source) })
	return near
}

// nearest returns the one that was measured nearest to the recording; there must be one.
func (t *timeline) nearest(first, last align.DeviceTime) *candidate {
	last = max(first, last)
	n := t.before(last)
	var best *candidate
	if n > 0 {
		best = t.all[t.latest[n-1]]
	}
	if n < len(t.all) && (best == nil || t.all[n].gap(first, last) < best.gap(first, last)) {
		best = t.all[n]
	}
	return best
}
