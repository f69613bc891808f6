package align

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRetimerOfOnePiece(t *testing.T) {
	for _, a := range []Ambiguity{AmbiguousRefused, AmbiguousFirst, AmbiguousSecond, AmbiguousEmpty} {
		host := modelOf(t, bend()).Retimer(a)
		for _, d := range []DeviceTime{1999, 0, 1004, 1000} { // the order of a stream matters only about a step
			want, _ := modelOf(t, bend()).Host(d)
			if got, err := host(d); got != int64(want) || err != nil {
				t.Errorf("%q: %d maps to %d, %v, want %d", a, d, got, err, want)
			}
		}
		if got, err := host(2000); !errors.Is(err, ErrOutOfReach) || got != 0 {
			t.Errorf("%q: %d, %v out of reach", a, got, err)
		}
	}
}

// A stream that begins within the gap tells nothing: what happens is what was asked for.
func TestRetimerModes(t *testing.T) {
	for _, c := range []struct {
		a    Ambiguity
		want int64
		err  error
	}{
		{AmbiguousRefused, 0, ErrAmbiguous}, {AmbiguousFirst, 1500, nil}, {AmbiguousSecond, 1600, nil}, {AmbiguousEmpty, 0, ErrBlank},
		{"third", 0, ErrAmbiguous},
	} {
		host := modelOf(t, setBack()).Retimer(c.a)
		if got, err := host(1000); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%q: %d, %v, want %d, %v", c.a, got, err, c.want, c.err)
		}
		if got, err := host(1200); got != 1800 || err != nil {
			t.Errorf("%q, beyond the gap: %d, %v, want 1800", c.a, got, err)
		}
		if _, err := host(3000); !errors.Is(err, ErrOutOfReach) {
			t.Errorf("%q: %v out of reach", c.a, err)
		}
	}
}

// First and second are the earlier and the later of two possible times, also where the phone's clock was set forward and the earlier
// one lies behind the step.
func TestRetimerModesOfAStepForward(t *testing.T) {
	p := Parts{Segments: []Segment{{Piece: 0, From: 0, To: 1300, Offset: 500}, {Piece: 1, From: 900, To: 2000, Offset: 400}}}
	for a, want := range map[Ambiguity]int64{AmbiguousFirst: 1400, AmbiguousSecond: 1500} {
		if got, err := modelOf(t, p).Retimer(a)(1000); got != want || err != nil {
			t.Errorf("%q: %d, %v, want %d", a, got, err, want)
		}
	}
}

// Of three possible times none is the first or the second that somebody meant.
func TestRetimerOfThreeTimes(t *testing.T) {
	p := Parts{Segments: []Segment{{Piece: 0, To: 1000}, {Piece: 1, To: 1000, Offset: 500}, {Piece: 2, To: 1000, Offset: 1000}}}
	for a, want := range map[Ambiguity]error{AmbiguousRefused: ErrAmbiguous, AmbiguousFirst: ErrAmbiguous, AmbiguousSecond: ErrAmbiguous, AmbiguousEmpty: ErrBlank} {
		if got, err := modelOf(t, p).Retimer(a)(500); !errors.Is(err, want) {
			t.Errorf("%q: %d, %v, want %v", a, got, err, want)
		}
	}
}

// stream is what a phone's clock shows every so many ns of host time, which was set back by 100 at some instant of the
// host. It also gives the truth.
func stream(r *rand.Rand, every, jitter int64, set int64) (d []DeviceTime, host []int64) {
	for h := int64(500); h < 2590; h += every - jitter + r.Int64N(2*jitter+1) {
		at := DeviceTime(h - 500)
		if h >= set {
			at -= 100
		}
		d, host = append(d, at), append(host, h)
	}
	return d, host
}

// Whatever the spacing of a stream and wherever the step lies in the gap: what a Retimer does not refuse is right. A stream that
// is much denser than the step is not refused.
func TestRetimerIsRightOrRefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 1))
	for _, every := range []int64{1, 5, 10, 20, 40, 49, 51, 60, 80, 99, 101, 130, 180, 210, 300} {
		for _, jitter := range []int64{0, every / 5} {
			refused := 0
			for range 200 {
				set := 1400 + r.Int64N(200)
				next := modelOf(t, setBack()).Retimer(AmbiguousRefused)
				d, truth := stream(r, every, jitter, set)
				for i := range d {
					got, err := next(d[i])
					if errors.Is(err, ErrAmbiguous) {
						refused++
						continue
					}
					if err != nil || got != truth[i] {
						t.Fatalf("every %d, set at %d: %d maps to %d, %v, truth %d", every, set, d[i], got, err, truth[i])
					}
				}
			}
			if every <= 20 && refused > 0 {
				t.Errorf("every %d: %d refused", every, refused)
			}
		}
	}
}

// The answer is that of trying every instant of the span, to the 2 ns that interpolation rounds outwards by.
func TestWorstHalfWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := setBack()
		p.Knots = nil
		for piece, ends := range [][2]int{{0, 1100}, {800, 2000}} {
			at := []int{ends[0]}
			for at[len(at)-1] < ends[1] {
				at = append(at, min(ends[1], at[len(at)-1]+rapid.IntRange(1, 400).Draw(t, "apart")))
			}
			if rapid.IntRange(0, 3).Draw(t, "not all is known") == 0 {
				at = at[1:]
			}
			for _, x := range at {
				k := knotAt(piece, DeviceTime(x), time.Duration(rapid.IntRange(0, 100).Draw(t, "half")))
				if rapid.Bool().Draw(t, "lopsided") {
					k.Likely.Lo, k.Bound.Hi = -k.Likely.Hi/3, -k.Bound.Lo/2
				}
				k.Bounded = rapid.IntRange(0, 9).Draw(t, "unbounded") > 0
				p.Knots = append(p.Knots, k)
			}
		}
		m, err := NewModel[HostTime](p)
		if err != nil {
			t.Fatal(err)
		}
		first := DeviceTime(rapid.IntRange(-50, 1999).Draw(t, "first"))
		last := first + DeviceTime(rapid.IntRange(0, 2100).Draw(t, "span"))
		var want, wantBound time.Duration
		known, bounded := true, true
		for d := first; d <= last; d++ {
			c := m.Candidates(d)
			known, bounded = known && len(c) > 0, bounded && len(c) > 0
			for _, e := range c {
				known = known && e.Rated
				want = max(want, -e.Likely.Lo, e.Likely.Hi)
				bounded = bounded && e.Bounded
				wantBound = max(wantBound, -e.Bound.Lo, e.Bound.Hi)
			}
		}
		got, ok := m.WorstHalfWidth(first, last)
		if ok != known {
			t.Fatalf("%d to %d: known %v, want %v; %s", first, last, ok, known, fmt.Sprint(p.Knots))
		}
		if ok && (got > want || got < want-2) {
			t.Errorf("%d to %d: %v, want %v", first, last, got, want)
		}
		bound, ok := m.WorstBoundHalfWidth(first, last)
		if ok != bounded {
			t.Fatalf("%d to %d: bounded %v, want %v; %s", first, last, ok, bounded, fmt.Sprint(p.Knots))
		}
		if ok && (bound > wantBound || bound < wantBound-2) {
			t.Errorf("%d to %d: bound %v, want %v", first, last, bound, wantBound)
		}
	})
}
