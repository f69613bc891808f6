package report

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

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

// TestLongestOfMany claims that figure and list say how many of a stream's gaps they have where these are not all, and nothing where they are.
func TestLongestOfMany(t *testing.T) {
	stream := func(file string, gaps, listed int) Stream {
		begin := Number(1_767_603_600_000_000_000)
		s := Stream{File: file, First: number(time.Duration(begin)), Last: number(time.Duration(begin + 600e9)), Gaps: gaps, Total: Number(gaps) * 1e9, Worst: 1e9}
		for i := range listed {
			from := begin + Number(i+1)*10e9
			s.Longest = append(s.Longest, Gap{&from, 1e9})
		}
		return s
	}
	page := func(streams ...Stream) string {
		d := NewDocument("test")
		d.Retimed = []Retimed{{Clock: "wall", Recordings: []RetimedRecording{{Name: "r", Streams: streams}}}}
		d.Finish()
		return string(written(t, d))
	}
	b := page(stream("rec/gaze.csv", 30, 20), stream("rec/imu.csv", 2, 2), stream("rec/eye.csv", 41, 20))
	for _, want := range []string{"Drawn are the longest gaps, 20 of 30 of gaze.csv, 20 of 41 of eye.csv; where the others are it looks as if there were samples.",
		"The longest gaps: <bdi>20 of 30 of gaze.csv, 20 of 41 of eye.csv</bdi>."} {
		if !strings.Contains(b, want) {
			t.Errorf("not on the page: %s", want)
		}
	}
	if b := page(stream("rec/gaze.csv", 20, 20)); strings.Contains(b, "longest gaps, ") || strings.Contains(b, "The longest gaps: ") {
		t.Error("it says that gaps are left out, and none is")
	}
	var many []Stream
	for range 11 {
		many = append(many, stream("gaze.csv", 30, 20))
	}
	if b := page(many...); !strings.Contains(b, "20 of 30 of gaze.csv, and likewise of 3 streams more</bdi>") {
		t.Error("of many streams the rest is not counted")
	}
}
