// Package retimetest has clocks with known truth and folders made up, for the tests of the formats.
package retimetest

import (
	"math/big"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// Line is a straight clock, and the arithmetic of the contract done again with big integers.
type Line struct {
	Ref      align.DeviceTime
	Offset   time.Duration
	DriftE18 int64
}

// Clocks gives every recording this clock, through a model of align.
func (l Line) Clocks(t testing.TB) retime.Clocks {
	t.Helper()
	m, err := align.NewModel[align.HostTime](align.Parts{Segments: []align.Segment{{
		From: l.Ref.Add(-40000 * time.Hour), To: l.Ref.Add(40000 * time.Hour), Ref: l.Ref, Offset: l.Offset, DriftE18: l.DriftE18,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return ClocksOf(func() align.Retimer { return m.Retimer(align.AmbiguousRefused) })
}

// Host is p + offset + drift * (p - ref) / 10^18, rounded half away from zero.
func (l Line) Host(p int64) int64 {
	n := new(big.Int).Mul(big.NewInt(l.DriftE18), big.NewInt(p-int64(l.Ref)))
	half := big.NewInt(500_000_000_000_000_000)
	if n.Sign() < 0 {
		half.Neg(half)
	}
	n.Quo(n.Add(n, half), big.NewInt(1_000_000_000_000_000_000)) // Quo cuts towards zero
	return n.Add(n, big.NewInt(p)).Add(n, big.NewInt(int64(l.Offset))).Int64()
}

// ClocksOf gives every recording the same clock.
func ClocksOf(newRetimer func() align.Retimer) retime.Clocks {
	return func(device, _ string) (retime.Clock, error) {
		return retime.Clock{New: newRetimer, DeviceID: device, Digest: "xxh3:0000000000000000"}, nil
	}
}
