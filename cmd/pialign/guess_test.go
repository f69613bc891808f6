package main

import (
	"errors"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// A stream of gaze lacks as many samples as the clock was set back: with first or second its times stay, and the width says so; empty cannot undo what is
// written and is refused.
func TestGuessOfAStepThatDoesNotShow(t *testing.T) {
	const ms = align.DeviceTime(time.Millisecond)
	m, err := align.NewModel[align.HostTime](align.Parts{
		Segments: []align.Segment{{Piece: 0, From: 0, To: 11000 * ms}, {Piece: 1, From: 8000 * ms, To: 20000 * ms, Offset: time.Second}},
		First:    0, Last: 20000 * ms, Steps: []align.Step{{From: align.HostTime(9 * time.Second), To: align.HostTime(11 * time.Second), By: time.Second}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := hostClock{retime: m.Retimer, stream: m.StreamBeside, apart: func(align.DeviceTime) time.Duration { return 0 }}
	var src []align.DeviceTime
	for d := align.DeviceTime(0); d < 15000*ms; d += 5 * ms {
		src = append(src, d)
	}
	for _, a := range []align.Ambiguity{align.AmbiguousFirst, align.AmbiguousSecond} {
		for _, batch := range []bool{false, true} {
			g := new(guess)
			one, many := c.streamer(nil, a, g)
			dst := make([]int64, len(src))
			n := 0
			if batch {
				n, err = many(dst, src)
			} else {
				for ; n < len(src) && err == nil; n++ {
					dst[n], err = one(src[n])
				}
			}
			if err != nil || n != len(src) {
				t.Fatalf("%s: %d of %d, %v", a, n, len(src), err)
			}
			if last := int64(src[n-1]) + int64(time.Second); dst[n-1] != last || g.worst() != time.Second {
				t.Errorf("%s: the last is %d, want %d; the width has %v, want the step, 1s", a, dst[n-1], last, g.worst())
			}
		}
	}
	_, many := c.streamer(nil, align.AmbiguousEmpty, new(guess))
	_, err = many(make([]int64, len(src)), src)
	if e := (*align.UnseenStepError)(nil); !errors.As(err, &e) {
		t.Errorf("left empty: %v, want an UnseenStepError", err)
	}
}
