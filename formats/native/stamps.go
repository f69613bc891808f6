package native

import (
	"encoding/binary"

	"github.com/pialign/pialign/align"
)

// takeStamps reads as many stamps from b as src has room for, one at least, and returns the first and the last in time. Four at a time, since that is
// a fifth of what re-timing them takes; in order, as they mostly are, their ends are all that is looked at.
func takeStamps(src []align.DeviceTime, b []byte) (lo, hi align.DeviceTime) {
	lo = align.DeviceTime(binary.LittleEndian.Uint64(b))
	hi = lo
	ordered := true
	i := 0
	for ; len(src)-i >= 4 && len(b) >= 32; i, b = i+4, b[32:] {
		in, out := (*[32]byte)(b), (*[4]align.DeviceTime)(src[i:])
		a := align.DeviceTime(binary.LittleEndian.Uint64(in[0:8]))
		b := align.DeviceTime(binary.LittleEndian.Uint64(in[8:16]))
		c := align.DeviceTime(binary.LittleEndian.Uint64(in[16:24]))
		d := align.DeviceTime(binary.LittleEndian.Uint64(in[24:32]))
		out[0], out[1], out[2], out[3] = a, b, c, d
		if a < hi || b < a || c < b || d < c {
			ordered = false
		}
		hi = d
	}
	for ; i < len(src); i, b = i+1, b[8:] {
		at := align.DeviceTime(binary.LittleEndian.Uint64(b))
		src[i] = at
		if at < hi {
			ordered = false
		}
		hi = at
	}
	if !ordered {
		for _, at := range src {
			lo, hi = min(lo, at), max(hi, at)
		}
	}
	return lo, hi
}

// putStamps writes dst over the stamps in b.
func putStamps(b []byte, dst []int64) {
	i := 0
	for ; len(dst)-i >= 4 && len(b) >= 32; i, b = i+4, b[32:] {
		in, out := (*[4]int64)(dst[i:]), (*[32]byte)(b)
		binary.LittleEndian.PutUint64(out[0:8], uint64(in[0]))
		binary.LittleEndian.PutUint64(out[8:16], uint64(in[1]))
		binary.LittleEndian.PutUint64(out[16:24], uint64(in[2]))
		binary.LittleEndian.PutUint64(out[24:32], uint64(in[3]))
	}
	for ; i < len(dst); i, b = i+1, b[8:] {
		binary.LittleEndian.PutUint64(b, uint64(dst[i]))
	}
}
