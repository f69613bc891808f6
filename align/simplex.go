package align

import "slices"

// simplex minimises f from start by Nelder and Mead's method with at most n evaluations; step is the size of the first simplex.
// Source: J. A. Nelder, R. Mead, "A simplex method for function minimization", Computer Journal 7, 1965.
func simplex(f func([3]float64) float64, start [3]float64, step float64, n int) (at [3]float64, value float64) {
	type vertex struct {
		p [3]float64
		f float64
	}
	left := n
	eval := func(p [3]float64) vertex { left--; return vertex{p, f(p)} }
	v := []vertex{eval(start)}
	for i := range start {
		p := start
		p[i] += step
		v = append(v, eval(p))
	}
	for {
		slices.SortStableFunc(v, func(a, b vertex) int {
			switch {
			case a.f < b.f:
				return -1
			case a.f > b.f:
				return 1
			}
			return 0
		})
		if left <= 0 {
			return v[0].p, v[0].f
		}
		worst := v[3]
		var centre [3]float64
		for i := range centre {
			centre[i] = (v[0].p[i] + v[1].p[i] + v[2].p[i]) / 3
		}
		along := func(t float64) vertex { // from the worst through the centre: 1 is the mirror image
			var p [3]float64
			for i := range p {
				p[i] = centre[i] + float64(t*(centre[i]-worst.p[i]))
			}
			return eval(p)
		}
		switch r := along(1); {
		case r.f < v[0].f:
			if e := along(2); e.f < r.f {
				r = e
			}
			v[3] = r
		case r.f < v[2].f:
			v[3] = r
		default:
			c := along(-0.5)
			if r.f < worst.f {
				c = along(0.5)
			}
			if c.f < min(r.f, worst.f) {
				v[3] = c
				break
			}
			for i := 1; i < 4; i++ {
				var p [3]float64
				for j := range p {
					p[j] = (v[0].p[j] + v[i].p[j]) / 2
				}
				v[i] = eval(p)
			}
		}
	}
}
