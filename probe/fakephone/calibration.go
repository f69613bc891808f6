package fakephone

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"net/http"

	"github.com/pialign/pialign/align"
)

// calibration answers the cameras' calibration as a Neon has it, 803 bytes without an envelope: version, serial, for each of scene, right
// and left camera a 3x3 matrix, 8 distortion coefficients and a 4x4 affine matrix as little-endian float64, and a CRC-32. Ours is
// that of ideal cameras.
func (p *Phone) calibration(align.HostTime) answer {
	if p.cfg.Family != Neon {
		return plain(http.StatusNotFound, "404 page not found")
	}
	b := append([]byte{1}, "841684"...) // the module's serial, as the status has it
	for range 3 {
		for _, size := range []int{3, 0, 4} {
			if size == 0 {
				b = append(b, make([]byte, 8*8)...)
				continue
			}
			for i := range size * size {
				v := 0.0
				if i%(size+1) == 0 {
					v = 1
				}
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
			}
		}
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return answer{http.StatusOK, "application/octet-stream", b}
}
