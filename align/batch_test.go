package align

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The map with a multiplication is the one with the division, to the last ns: over all drifts and distances, at ties and beside them.
func TestStretchIsItsSegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Segment{
			From: math.MinInt64, To: math.MaxInt64,
			Ref:      DeviceTime(rapid.Int64().Draw(t, "ref")),
			Offset:   time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "offset")),
			DriftE18: rapid.OneOf(rapid.Int64Range(-1e14, 1e14), rapid.Int64Range(1-e18/2, e18/2-1), rapid.SampledFrom([]int64{0, 1, -1, 5e17 - 1, 1 - 5e17, 1e17, -1e17, 4e15})).Draw(t, "drift"),
		}
		d := rapid.OneOf(rapid.Int64Range(-1e14, 1e14), rapid.Int64(), rapid.Int64Range(-40, 40)).Draw(t, "distance")
		if s.DriftE18 != 0 && rapid.Bool().Draw(t, "tie") { // or close to one: where the product is half of 10^18 more than a multiple
			d = int64(math.Round((math.Floor(float64(d)*float64(s.DriftE18)/1e18) + 0.5) / float64(s.DriftE18) * 1e18))
			d += rapid.Int64Range(-1, 1).Draw(t, "beside")
		}
		p := s.Ref + DeviceTime(d)
		want, ok := s.at(p)
		if !ok { // NewModel takes no segment with such an end, and so with no such instant
			t.Skip("does not fit")
		}
		l := s.stretch()
		if got := l.at(p); got != want {
			t.Fatalf("%+v: %d maps to %d, want %d", s, p, got, want)
		}
		if p == s.To { // which a stretch does not hold
			return
		}
		var host [1]int64
		if n := l.run(host[:], []DeviceTime{p}); n != 1 || host[0] != want {
			t.Fatalf("%+v: %d maps to %d in a run of %d, want %d", s, p, host[0], n, want)
		}
	})
}

// Ties are met for sure, and are what the multiplication alone gets wrong.
func TestStretchAtTies(t *testing.T) {
	for _, drift := range []int64{1e17, -1e17, 25e16, -25e16, 5e15, -5e15} {
		s := Segment{From: -1e6, To: 1e6, Offset: 7, DriftE18: drift}
		l := s.stretch()
		ties := 0
		for p := s.From; p < s.To; p++ {
			want, _ := s.at(p)
			if got := l.at(p); got != want {
				t.Fatalf("drift %d: %d maps to %d, want %d", drift, p, got, want)
			}
			if hi, lo := uint64(0), magnitude(int64(p)*(drift/1e15)); hi == 0 && lo%1000 == 500 {
				ties++
			}
		}
		if ties == 0 {
			t.Errorf("drift %d: no tie was met", drift)
		}
		src := []DeviceTime{-3, -1, 0, 4, -2, -1e6, 1e6 - 1, 1e6, 2} // a run ends before ref, at it and where the stretch does
		host := make([]int64, len(src))
		for n := 0; n < len(src); {
			k := l.run(host[n:], src[n:])
			for i := n; i < n+k; i++ {
				if want, _ := s.at(src[i]); host[i] != want {
					t.Errorf("drift %d: %d maps to %d in a run, want %d", drift, src[i], host[i], want)
				}
			}
			if n += k; k == 0 {
				if src[n] != 1e6 {
					t.Fatalf("drift %d: no run at %d", drift, src[n])
				}
				n++
			}
		}
	}
}

// reference is a Retimer that asks every segment for every instant, as the method is written down.
func reference[T HostClock](m *Model[T], a Ambiguity) Retimer {
	c := &cursor[T]{m: m, piece: -1}
	return func(d DeviceTime) (int64, error) {
		found, in := int64(0), -1
		n := 0
		for i := range m.pieces {
			for _, s := range m.pieces[i].segs {
				if s.From <= d && d < s.To {
					found, _ = s.at(d)
					in = i
					n++
				}
			}
		}
		if n == 1 {
			if c.on = in; len(m.pieces) > 1 {
				if err := c.arrives(d); err != nil {
					return 0, err
				}
				c.goOn(d, in)
			}
			return found, nil
		}
		if n == 0 {
			return 0, fmt.Errorf("device instant %d: %w", d, ErrOutOfReach)
		}
		return c.next(d, a)
	}
}

// drawnModel is one of some pieces of some segments, with overlaps, gaps and drifts.
func drawnModel(t testing.TB, r *rand.Rand) *Model[HostTime] {
	var p Parts
	from, offset := DeviceTime(r.Int64N(2_000_000)-1_000_000), r.Int64N(1_000_000)
	for piece := range 1 + r.IntN(4) {
		for range 1 + r.IntN(4) {
			to := from + 1 + DeviceTime(r.Int64N(100_000))
			drift := r.Int64N(2e14) - 1e14
			p.Segments = append(p.Segments, Segment{Piece: piece, From: from, To: to, Ref: from, Offset: time.Duration(offset), DriftE18: drift})
			end, _ := p.Segments[len(p.Segments)-1].at(to)
			from, offset = to, end-int64(to)
		}
		by := r.Int64N(40_000) - 20_000 // set back: device instants are met twice; set forward: some are never met, or by nobody
		from -= DeviceTime(by)
		offset += by + r.Int64N(500)
		if piece > 0 && r.IntN(2) == 0 {
			p.Steps = append(p.Steps, Step{By: time.Duration(by)})
		}
	}
	if r.IntN(2) == 0 {
		p.Steps = make([]Step, p.Segments[len(p.Segments)-1].Piece)
	}
	p.First, p.Last = p.Segments[0].From, p.Segments[0].To
	m, err := NewModel[HostTime](p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// drawnStream is one that grows, pauses, is set back, repeats itself and leaves what the model speaks of.
func drawnStream(m *Model[HostTime], r *rand.Rand, n int) []DeviceTime {
	first, last := m.p.ends()
	for _, s := range m.p.Segments {
		first, last = min(first, s.From), max(last, s.To)
	}
	at := first + DeviceTime(r.Int64N(int64(last-first)))/4
	every := 1 + r.Int64N(max(int64(last-first)/int64(n)*2, 1))
	out := make([]DeviceTime, n)
	for i := range out {
		switch r.IntN(60) {
		case 0:
			at -= DeviceTime(r.Int64N(25_000))
		case 1:
			at += DeviceTime(r.Int64N(25_000))
		case 2:
			at = first + DeviceTime(r.Int64N(int64(last-first)+200)) - 100
		case 3: // the same again
		default:
			at += DeviceTime(every)
		}
		out[i] = at
	}
	return out
}

// In whatever pieces a stream is given, one by one or many at a time or both in turns, the answers and the errors are those of the map as it is
// written down: over segments, steps, gaps, blanks, ambiguous instants and streams that run backwards.
func TestBatchIsOneByOne(t *testing.T) {
	ambiguous, blank, beyond, back := 0, 0, 0, 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := drawnModel(t, r)
		a := []Ambiguity{AmbiguousRefused, AmbiguousFirst, AmbiguousSecond, AmbiguousEmpty}[r.IntN(4)]
		src := drawnStream(m, r, 1+r.IntN(700))
		one := reference(m, a)
		single, batch := m.Stream(a)
		dst := make([]int64, len(src))
		for i := 0; i < len(src); {
			n := min(1+r.IntN(300), len(src)-i)
			var k int
			var err error
			if r.IntN(3) == 0 {
				if dst[i], err = single(src[i]); err == nil {
					k = 1
				}
				n = 1
			} else if k, err = batch(dst[i:], src[i:i+n]); (k < n) != (err != nil) {
				t.Fatalf("seed %d: %d of %d, %v", seed, k, n, err)
			}
			for j := range k {
				want, err := one(src[i+j])
				if err != nil || dst[i+j] != want {
					t.Fatalf("seed %d: instant %d (%d) maps to %d, want %d, %v", seed, i+j, src[i+j], dst[i+j], want, err)
				}
				if i+j > 0 && src[i+j] < src[i+j-1] {
					back++
				}
			}
			i += k
			if err != nil {
				if _, want := one(src[i]); want == nil || want.Error() != err.Error() {
					t.Fatalf("seed %d: instant %d: %v, want %v", seed, i, err, want)
				}
				switch {
				case errors.Is(err, ErrAmbiguous):
					ambiguous++
				case errors.Is(err, ErrBlank):
					blank++
				case errors.Is(err, ErrOutOfReach):
					beyond++
				}
				i++
			}
		}
	}
	if counts := []int{ambiguous, blank, beyond, back}; slices.Min(counts) < 1000 {
		t.Errorf("hardly any ambiguous, blank, unreachable, falling instants: %v", counts)
	}
}

func BenchmarkBatch(b *testing.B) {
	for _, pieces := range []int{1, 2} {
		p := Parts{Segments: []Segment{{From: 0, To: 40e12, Offset: 840e6, DriftE18: 12e12}}}
		if pieces == 2 {
			p.Segments = append(p.Segments, Segment{Piece: 1, From: 39e12, To: 50e12, Ref: 39e12, Offset: 900e6, DriftE18: 12e12})
		}
		m, err := NewModel[HostTime](p)
		if err != nil {
			b.Fatal(err)
		}
		src, dst := make([]DeviceTime, 1024), make([]int64, 1024)
		for i := range src {
			src[i] = DeviceTime(10e12 + i*5e6)
		}
		b.Run(fmt.Sprintf("pieces=%d", pieces), func(b *testing.B) {
			_, batch := m.Stream(AmbiguousRefused)
			b.SetBytes(int64(8 * len(src)))
			for b.Loop() {
				if n, err := batch(dst, src); n != len(src) || err != nil {
					b.Fatal(n, err)
				}
			}
		})
		b.Run(fmt.Sprintf("pieces=%d/single", pieces), func(b *testing.B) {
			one, _ := m.Stream(AmbiguousRefused)
			b.SetBytes(int64(8 * len(src)))
			for b.Loop() {
				for i, d := range src {
					if dst[i], err = one(d); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
