package retime

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// samples are those of a stream of 200 a second, as an identity maps them.
func samples(n int, at int64) (all []align.DeviceTime) {
	for range n {
		all = append(all, align.DeviceTime(at))
		at += int64(5 * time.Millisecond)
	}
	return all
}

func identity(at align.DeviceTime) (int64, error) { return int64(at), nil }

// spanOf maps all, in turns one by one and many at a time.
func spanOf(t *testing.T, retime align.Retimer, all []align.DeviceTime, seed uint64) Span {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	span := Span{Column: "timestamp [ns]"}
	s := Stream{Retime: retime, Pauses: &span.Pauses}
	dst := make([]int64, len(all))
	for i := 0; i < len(all); {
		n := 1
		var err error
		if r.IntN(3) == 0 {
			_, _, err = s.Next(all[i])
		} else {
			blank := false
			n, blank, err = s.Map(dst, all[i:min(len(all), i+1+r.IntN(300))])
			if blank {
				n++
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range all[i : i+n] {
			span.Add(at)
		}
		i += n
	}
	return span
}

// Every gap is found once, whatever is mapped at a time, from the sample before it to the one after it.
func TestGapsAreFound(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 3))
		at := int64(1_700_000_000_000_000_000)
		want := ManifestStream{File: "gaze.csv", Column: "timestamp [ns]", First: at}
		var all []align.DeviceTime
		for range 1 + r.IntN(40) {
			part := samples(50+r.IntN(900), at)
			all = append(all, part...)
			last := int64(part[len(part)-1])
			length := gapLength + time.Duration(r.Int64N(int64(3*time.Second)))
			if r.IntN(3) == 0 {
				length = gapLength // is none
			} else {
				want.Gaps++
				want.Total += length
				want.Longest = append(want.Longest, ManifestGap{last, length})
			}
			at = last + int64(length)
		}
		all = append(all, samples(100, at)...)
		want.Samples, want.Last = len(all), int64(all[len(all)-1])
		slices.SortFunc(want.Longest, func(a, b ManifestGap) int { return int(b.Length - a.Length) })
		want.Longest = want.Longest[:min(mostGaps, len(want.Longest))]
		slices.SortFunc(want.Longest, func(a, b ManifestGap) int { return int(a.From - b.From) })
		rec := RecordingReport{Files: []FileReport{{Name: "gaze.csv", Spans: []Span{spanOf(t, identity, all, seed)}}}}
		if got := rec.Streams(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Fatalf("seed %d:\n%+v, want\n%+v", seed, got, want)
		}
	}
}

// Parts that are numbered are one stream, in order of time, with the pause between them; other columns and files are others.
func TestPartsAreOneStream(t *testing.T) {
	const begin = 1_700_000_000_000_000_000
	part := func(n int, at int64) []Span { return []Span{spanOf(t, identity, samples(n, at), 1)} }
	rec := RecordingReport{Files: []FileReport{
		{Name: "gaze ps1.time", Spans: part(200, begin)},
		{Name: "gaze ps10.time", Spans: part(1, begin+int64(20*time.Second))},
		{Name: "gaze ps2.time", Spans: part(200, begin+int64(10*time.Second))},
		{Name: "gaze ps3.time", Spans: []Span{{Column: "timestamp [ns]"}}}, // empty
		{Name: "imu ps1.time", Spans: part(200, begin)},
	}}
	want := []ManifestStream{
		{File: "gaze ps1.time", Parts: 3, Column: "timestamp [ns]", Samples: 401, First: begin, Last: begin + int64(20*time.Second), Gaps: 2,
			Total:   2 * (10*time.Second - 199*5*time.Millisecond),
			Longest: []ManifestGap{{begin + int64(199*5*time.Millisecond), 10*time.Second - 199*5*time.Millisecond}, {begin + int64(10*time.Second+199*5*time.Millisecond), 10*time.Second - 199*5*time.Millisecond}}},
		{File: "imu ps1.time", Column: "timestamp [ns]", Samples: 200, First: begin, Last: begin + int64(199*5*time.Millisecond)},
	}
	if got := rec.Streams(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	// The computer's wall clock was set back between them: they stay in the order of their numbers, and nothing is missing.
	rec.Files = []FileReport{{Name: "gaze ps1.time", Spans: part(200, begin)}, {Name: "gaze ps2.time", Spans: part(200, begin-int64(time.Minute))}}
	if got := rec.Streams(); len(got) != 1 || got[0].File != "gaze ps1.time" || got[0].Gaps != 0 || got[0].Parts != 2 {
		t.Errorf("%+v", got)
	}
	rec.Unaligned = "nothing is known"
	if got := rec.Streams(); got != nil {
		t.Errorf("of the phone's own times: %+v", got)
	}
}

// Whoever lacks most must be told: gaze is a stream by its name, with nine samples and then none for half a second, or with three in all.
func TestGazeIsAlwaysAStream(t *testing.T) {
	const begin = 1_700_000_000_000_000_000
	var all []align.DeviceTime
	for i := range 400 {
		all = append(all, samples(9, begin+int64(i)*int64(545*time.Millisecond))...)
	}
	few := []align.DeviceTime{begin, begin + align.DeviceTime(time.Second), begin + align.DeviceTime(3*time.Second)}
	rec := RecordingReport{Files: []FileReport{{Name: "r/gaze.csv", Spans: []Span{spanOf(t, identity, all, 1)}}, {Name: "gaze_positions.csv", Spans: []Span{spanOf(t, identity, few, 1)}},
		{Name: "other.csv", Spans: []Span{spanOf(t, identity, all, 1)}}, {Name: "few.csv", Spans: []Span{spanOf(t, identity, few, 1)}},
		{Name: "3d_eye_states.csv", Spans: []Span{{Pauses: Pauses{Unwatched: true}, Cells: 100}}}}}
	got := rec.Streams()
	if len(got) != 3 || got[0].Gaps != 399 || got[0].Total != 399*505*time.Millisecond || got[1].Gaps != 2 || got[1].Total != 3*time.Second || got[2].File != "other.csv" {
		t.Errorf("%+v", got)
	}
}

// What is not sampled has no gaps: fixations and events pause by their nature.
func TestWhatIsNotSampled(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	at := align.DeviceTime(1_700_000_000_000_000_000)
	var fixations []align.DeviceTime
	for range 2000 { // 60 to 600 ms
		fixations = append(fixations, at)
		at += align.DeviceTime(60+r.IntN(540)) * align.DeviceTime(time.Millisecond)
	}
	exchanges := slices.Concat(samples(100, 0), samples(100, int64(30*time.Minute))) // pialign's own, as two bursts of events
	for name, all := range map[string][]align.DeviceTime{
		"fixations":      fixations,
		"p01/events.csv": exchanges, "event.time": exchanges,
		"few":      samples(sampledTimes-1, int64(at)),
		"one time": slices.Repeat([]align.DeviceTime{at}, 500),
	} {
		rec := RecordingReport{Files: []FileReport{{Name: name, Spans: []Span{spanOf(t, identity, all, 1)}}}}
		if got := rec.Streams(); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A step of the phone's clock is no gap, nor is what was left empty; stamps that run backwards are none either.
func TestNoGaps(t *testing.T) {
	const begin = 1_700_000_000_000_000_000
	stepped := slices.Concat(samples(500, begin), samples(500, begin+int64(3*time.Second)+500*5_000_000))
	unstep := func(at align.DeviceTime) (int64, error) {
		if at >= stepped[500] {
			return int64(at) - int64(3*time.Second), nil
		}
		return int64(at), nil
	}
	empty := samples(1000, begin)
	blank := func(at align.DeviceTime) (int64, error) {
		if at >= empty[300] && at < empty[700] {
			return 0, align.ErrBlank
		}
		return int64(at), nil
	}
	backwards := slices.Concat(samples(500, begin), samples(500, begin-int64(3*time.Second)))
	for name, c := range map[string]struct {
		retime align.Retimer
		all    []align.DeviceTime
	}{"step": {unstep, stepped}, "blank": {blank, empty}, "backwards": {identity, backwards}} {
		for seed := range uint64(20) {
			span := spanOf(t, c.retime, c.all, seed)
			if p := span.Pauses; p.Count != 0 || p.Longest != nil || p.Total != 0 {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
}

// Absurd streams neither overflow nor grow without end.
func TestPausesAreBounded(t *testing.T) {
	var p Pauses
	for range 100_000 {
		p.to(math.MinInt64)
		p.to(math.MaxInt64)
	}
	if p.Count != 100_000 || p.Total != math.MaxInt64 || len(p.Longest) != mostGaps || p.Longest[0] != (Pause{math.MinInt64, math.MaxInt64}) {
		t.Errorf("%+v", p)
	}
	rec := RecordingReport{Files: []FileReport{{Spans: []Span{{Cells: 200_000, Pauses: p}}}}}
	if _, err := json.Marshal(rec.Streams()); err != nil {
		t.Error(err)
	}
}
