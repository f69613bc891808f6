package align

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// What a sparse stream is told by a dense one is right: the truth is known. Where it has the dense one's very stamps it gets the dense one's times,
// whichever of two is asked for where nothing is known.
func TestSidesOfAStepBack(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 7))
	for _, every := range []int64{2, 5, 11, 20} {
		told, beside := 0, 0
		for range 300 {
			set := 1400 + r.Int64N(200)
			stamps, truth := stream(r, every, every/3, set)
			m := modelOf(t, setBack())
			for _, a := range []Ambiguity{AmbiguousFirst, AmbiguousSecond} {
				var s Sides
				dense, _ := m.StreamBeside(&s, a)
				shown := map[DeviceTime][]int64{}
				for i, d := range stamps {
					h, err := dense(d)
					if err != nil || h != truth[i] {
						t.Fatalf("every %d, set at %d: the dense stream maps %d to %d, %v, truth %d", every, set, d, h, err, truth[i])
					}
					shown[d] = append(shown[d], h)
				}
				s.Settle()
				sparse, _ := m.StreamBeside(&s, a)
				for i := r.IntN(30); i < len(stamps); i += 30 + r.IntN(10) {
					h, err := sparse(stamps[i])
					if err != nil {
						t.Fatal(err)
					}
					if len(shown[stamps[i]]) == 1 && h != truth[i] {
						t.Fatalf("every %d, set at %d, %s: %d becomes %d in the sparse stream, %d in the dense one", every, set, a, stamps[i], h, truth[i])
					}
					told++
				}
			}
			// stamps that the dense stream does not have are right or refused
			var s Sides
			dense, _ := m.StreamBeside(&s, AmbiguousRefused)
			for _, d := range stamps {
				_, _ = dense(d)
			}
			s.Settle()
			sparse, _ := m.StreamBeside(&s, AmbiguousRefused)
			for h := 500 + r.Int64N(60); h < 2500; h += 40 + r.Int64N(40) {
				d := DeviceTime(h - 500)
				if h >= set {
					d -= 100
				}
				if slices.Contains(stamps, d) {
					continue // takes the dense stream's side, and the other is as likely
				}
				got, err := sparse(d)
				if err != nil && !errors.Is(err, ErrAmbiguous) || err == nil && got != h {
					t.Fatalf("every %d, set at %d: %d maps to %d, %v, truth %d", every, set, d, got, err, h)
				}
				if _, alone := m.Host(d); err == nil && alone != nil {
					beside++
				}
			}
		}
		if told == 0 || beside == 0 {
			t.Errorf("every %d: %d and %d instants were looked at", every, told, beside)
		}
	}
}

// Without a stream before it a stream is what it is by itself.
func TestSidesThatNobodyTold(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 8))
	for range 100 {
		stamps, _ := stream(r, 5, 1, 1400+r.Int64N(200))
		m := modelOf(t, setBack())
		alone := m.Retimer(AmbiguousFirst)
		beside, _ := m.StreamBeside(&Sides{}, AmbiguousFirst)
		for _, d := range stamps {
			want, _ := alone(d)
			if got, err := beside(d); got != want || err != nil {
				t.Fatalf("%d: %d, %v, alone %d", d, got, err, want)
			}
		}
	}
}

// A stream that ends before the step says so much: up to its end there was none. Two streams that end one after the other say it together.
func TestSidesOfAStreamThatEndsBefore(t *testing.T) {
	m := modelOf(t, setBack())
	var s Sides
	for _, end := range []DeviceTime{980, 1000} {
		one, _ := m.StreamBeside(&s, AmbiguousRefused)
		for d := DeviceTime(700); d < end; d += 4 {
			if _, err := one(d); err != nil {
				t.Fatal(err)
			}
		}
		s.Settle()
	}
	sparse, _ := m.StreamBeside(&s, AmbiguousSecond)
	for d, want := range map[DeviceTime]int64{820: 1320, 940: 1440, 976: 1476} {
		if got, err := sparse(d); got != want || err != nil {
			t.Errorf("%d: %d, %v, want %d", d, got, err, want)
		}
	}
	late, _ := m.StreamBeside(&s, AmbiguousSecond)
	if got, err := late(1050); got != 1650 || err != nil { // after the end of both
		t.Errorf("1050: %d, %v, want the second time", got, err)
	}
}

// A stream that falls by more than the step, as that of two sections one of which lies in the other, tells nothing.
func TestSidesOfAStreamInNoOrder(t *testing.T) {
	m := modelOf(t, setBack())
	var s Sides
	one, _ := m.StreamBeside(&s, AmbiguousFirst)
	for _, begin := range []DeviceTime{700, 820} {
		for d := begin; d < 1090; d += 4 {
			_, _ = one(d)
		}
	}
	s.Settle()
	other, _ := m.StreamBeside(&s, AmbiguousRefused)
	if got, err := other(900); !errors.Is(err, ErrAmbiguous) {
		t.Errorf("%d, %v, want it refused", got, err)
	}
}

// However long a stream is, what is kept of it is bounded; what is forgotten is not known.
func TestSidesAreBounded(t *testing.T) {
	w := &witness{}
	back := int64(4 * mostShown * 10) // longer than what can be kept
	for i := range 5 * mostShown {
		w.note(DeviceTime(i*10), false, back)
	}
	fell := DeviceTime(5*mostShown*10) - DeviceTime(back)
	for i := range 5 * mostShown {
		w.note(fell+DeviceTime(i*10)+5, true, back)
	}
	for i, shown := range w.shown {
		if len(shown) > mostShown {
			t.Errorf("%d instants are kept of side %d", len(shown), i)
		}
	}
	s := w.side()
	for d, want := range map[DeviceTime]int{fell - 100: 0, w.last + 100: 1} {
		if got, ok := s.of(d); got != want || !ok {
			t.Errorf("%d: %d, %v, want %d", d, got, ok, want)
		}
	}
	if got, ok := s.of(fell + 10*mostShown/2*3); ok {
		t.Errorf("an instant that is forgotten lies on side %d", got)
	}
}
