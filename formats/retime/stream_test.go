package retime

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/pialign/pialign/align"
)

// hazards is a clock that leaves some instants empty, refuses others and runs backwards at a third kind.
func hazards(d align.DeviceTime) (int64, error) {
	switch {
	case d%97 == 0:
		return 0, align.ErrBlank
	case d%211 == 0:
		return 0, align.ErrOutOfReach
	case d%389 == 0:
		return int64(d) - 1000, nil
	}
	return int64(d) + 5, nil
}

// Many at a time is one by one: the same instants, blanks, errors and refused orders, with both in turns on one stream.
func TestMapIsNext(t *testing.T) {
	blanks, refused, disordered := 0, 0, 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		one, many := Stream{Retime: hazards}, Stream{Retime: hazards}
		src := make([]align.DeviceTime, 1+r.IntN(200))
		at := align.DeviceTime(r.IntN(10_000))
		for i := range src {
			at += align.DeviceTime(r.IntN(40) - 2)
			src[i] = at
		}
		dst := make([]int64, len(src))
		for i := 0; i < len(src); {
			n, blank, err := many.Map(dst[i:], src[i:min(i+1+r.IntN(50), len(src))])
			for j := range n {
				want, wantBlank, err := one.Next(src[i+j])
				if err != nil || wantBlank || dst[i+j] != want {
					t.Fatalf("seed %d: instant %d: %d, want %d, %v, %v", seed, i+j, dst[i+j], want, wantBlank, err)
				}
			}
			if i += n; !blank && err == nil {
				continue
			}
			_, wantBlank, want := one.Next(src[i])
			if blank != wantBlank || (err == nil) != (want == nil) || err != nil && err.Error() != want.Error() {
				t.Fatalf("seed %d: instant %d: %v, %v, want %v, %v", seed, i, blank, err, wantBlank, want)
			}
			if i++; blank {
				blanks++
				continue
			}
			if errors.Is(err, ErrOrder) {
				disordered++
			} else {
				refused++
			}
			break // no stream goes on after an error
		}
	}
	if min(blanks, refused, disordered) < 50 {
		t.Errorf("hardly any blank, refused or disordered instants: %d, %d, %d", blanks, refused, disordered)
	}
}
