package scenario

import (
	"math/rand/v2"
	"time"

	"github.com/pialign/pialign/align"
)

// Wander is how far a clock whose rate walks at random has strayed from its steady drift.
type Wander struct {
	Origin  align.HostTime
	Every   time.Duration
	strayed []int64 // ns, at Origin, Origin + Every, ...
}

// NewWander draws a path from origin over span: the rate is a random walk of q ppm per square root of an hour, kept for a
// second at a time.
func NewWander(r *rand.Rand, origin align.HostTime, span time.Duration, q float64) *Wander {
	const every = time.Second
	w := &Wander{Origin: origin, Every: every}
	perStep := q / 60 // ppm per sqrt(s)
	rate, at := 0.0, 0.0
	for t := time.Duration(0); t <= span+every; t += every {
		w.strayed = append(w.strayed, int64(at))
		rate += perStep * r.NormFloat64()
		at += rate * 1e3 // ppm over a second, in ns
	}
	return w
}

// At returns what the offset host - device has grown by since Origin beyond the steady drift. Before Origin and after the
// path's end it stays what it was there.
func (w *Wander) At(h align.HostTime) time.Duration {
	if w == nil {
		return 0
	}
	d := h.Sub(w.Origin)
	i := int64(d / w.Every)
	if d < 0 || i >= int64(len(w.strayed)-1) {
		if d < 0 {
			return time.Duration(w.strayed[0])
		}
		return time.Duration(w.strayed[len(w.strayed)-1])
	}
	part := int64(d % w.Every)
	return time.Duration(w.strayed[i] + (w.strayed[i+1]-w.strayed[i])*part/int64(w.Every))
}
