package align

import "math"

// wallReading is wall - monotonic of the host at one instant of its monotonic clock.
type wallReading struct {
	h    float64 // monotonic, less the origin's
	d    float64 // wall - monotonic, less base
	wall HostTime
}

// wallReadings makes the small numbers of readings in order, without those that are too far from the origin. base is wall - monotonic
// of the first.
func wallReadings(all []HostReading, o origin) (out []wallReading, base int64) {
	first := true
	for _, r := range all {
		h, okH := offsetFrom(int64(r.Mono), o.e, o.d)
		d, okD := subInt64(int64(r.Wall), int64(r.Mono))
		if !okH || !okD || !near(h) {
			continue
		}
		if first {
			base, first = d, false
		}
		if rel, ok := subInt64(d, base); ok && near(rel) {
			out = append(out, wallReading{float64(h), float64(rel), r.Wall})
		}
	}
	return out, base
}

// interruptions is how many readings in a row may be interrupted: those of two exchanges.
const interruptions = 4

// uninterrupted leaves out readings that were interrupted between the two clocks: the next ones show what those before showed. At either
// end of a run, where there is nothing on one side, that is one reading which the two next to it contradict. A clock that
// was set stays set.
func uninterrupted(r []wallReading, threshold float64) []wallReading {
	agree := func(a, b wallReading) bool { return math.Abs(a.d-b.d) <= threshold }
	close := func(a, b wallReading) bool { return math.Abs(a.h-b.h) <= float64(wallWindow) }
	var out []wallReading
	for i := 0; i < len(r); i++ {
		begins := i == 0 || !close(r[i-1], r[i])
		if begins && i+2 < len(r) && close(r[i], r[i+2]) && !agree(r[i], r[i+1]) && agree(r[i+1], r[i+2]) {
			continue
		}
		if n := len(out); n > 0 && close(out[n-1], r[i]) && !agree(out[n-1], r[i]) {
			back := i + 1
			for back < len(r) && back <= i+interruptions && close(out[n-1], r[back]) && !agree(out[n-1], r[back]) {
				back++
			}
			if back < len(r) && back <= i+interruptions && close(out[n-1], r[back]) {
				i = back - 1 // the loop goes on with the one that is back
				continue
			}
			ends := i+1 == len(r) || !close(r[i], r[i+1])
			if ends && n > 1 && close(out[n-2], r[i]) && agree(out[n-2], out[n-1]) {
				continue
			}
		}
		out = append(out, r[i])
	}
	return out
}
