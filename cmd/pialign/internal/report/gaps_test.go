package report

import (
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/net/html"
)

// TestAbsurdStreams: whatever numbers a pialign.json has, there is a page of it, with the numbers of its JSON and plots that have figures in them.
func TestAbsurdStreams(t *testing.T) {
	drawn := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 9))
		absurd := func() *Number {
			n := []Number{math.MinInt64, math.MaxInt64, 0, 1, -1, 1 << 62, 1_767_603_600_000_000_000, Number(r.Uint64())}[r.IntN(8)]
			return &n
		}
		d := NewDocument("test")
		rec := RetimedRecording{Name: "r"}
		for range 1 + r.IntN(12) {
			s := Stream{File: "gaze.csv", First: absurd(), Last: absurd(), Gaps: int(*absurd()), Total: *absurd(), Worst: *absurd(), Samples: int(*absurd())}
			for range r.IntN(30) {
				s.Longest = append(s.Longest, Gap{absurd(), *absurd()})
			}
			rec.Streams = append(rec.Streams, s)
		}
		d.Retimed = []Retimed{{Clock: "wall", Recordings: []RetimedRecording{rec}}}
		d.Finish()
		each(sound(t, d), func(n *html.Node) {
			if n.Data == "figure" {
				drawn++
			}
		})
	}
	if drawn < 50 {
		t.Errorf("only %d figures", drawn)
	}
}
