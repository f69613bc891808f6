package native

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pialign/pialign/align"
)

var errHere = errors.New("here")

// Stamps by the thousand are rewritten as record by record: the same bytes, counts and errors, whatever the size and wherever one is refused
// or the file is cut off.
func TestStampsAreRecords(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	sizes := []int{0, 1, 7, 8, 9, 8 * several, 8*several + 3, 8 * (several + 1), block - 8, block, block + 1, block + 8, 3*block + 8*17 + 5}
	for _, size := range sizes {
		in := make([]byte, size)
		for i := range in {
			in[i] = byte(r.Uint32())
		}
		stampsUnlikeEachOther(in, r)
		for _, bad := range []int{-1, 0, 5, several - 1, several, block/8 - 1, block / 8, size/8 - 1} {
			n := 0
			one := func(_, _ int, at align.DeviceTime) (int64, bool, error) {
				if n == bad {
					return 0, false, errHere
				}
				n++
				return int64(at)*3 + 1, false, nil
			}
			var want, got bytes.Buffer
			wantN, wantErr := rewriteRecords(context.Background(), "f", stampsOnly, &want, bytes.NewReader(in), one)
			n = 0
			gotN, gotErr := rewriteStamps(context.Background(), "f", "time", &got, bytes.NewReader(in), func(dst []int64, src []align.DeviceTime, lo, hi align.DeviceTime) (int, error) {
				if lo != slices.Min(src) || hi != slices.Max(src) {
					t.Errorf("%d bytes: from %d to %d, want %d to %d", size, lo, hi, slices.Min(src), slices.Max(src))
				}
				for i, at := range src {
					host, _, err := one(0, 0, at)
					if err != nil {
						return i, err
					}
					dst[i] = host
				}
				return len(src), nil
			})
			if gotN != wantN || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) || errors.Is(gotErr, errHere) != errors.Is(wantErr, errHere) {
				t.Errorf("%d bytes, refused at %d: %d, %v; record by record %d, %v", size, bad, gotN, gotErr, wantN, wantErr)
			}
			if wantErr == nil && !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%d bytes differ", size)
			}
		}
	}
}

// stampsUnlikeEachOther puts some of the stamps in b into order, as a phone's are, and lets one in a thousand of those step back.
func stampsUnlikeEachOther(b []byte, r *rand.Rand) {
	at := uint64(1e18)
	for i := len(b) / 16; (i+1)*8 <= len(b); i++ {
		at += r.Uint64N(1e7)
		was := at
		if r.IntN(1000) == 0 {
			was -= 1e9
		}
		binary.LittleEndian.PutUint64(b[i*8:], was)
	}
}
