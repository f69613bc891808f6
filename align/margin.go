package align

// line is theta(x) = a + b*x, in ns.
type line struct{ a, b float64 }

func (l line) at(x float64) float64 { return l.a + float64(l.b*x) }

// maximumMargin returns the line through the belt of exchanges that keeps the largest distance f from the nearest of
// them on either side:
//
//	maximise f  subject to  a + b x_i - l_i >= f,  u_i - a - b x_i >= f
//
// It is the maximum-likelihood line where delays above their floor are exponential and alike in both directions. With one
// burst nothing tells the drift: the line is flat.
//
// Source: Y. Geng et al. (Huygens), NSDI 2018; the same family as Moon, Skelly and Towsley, INFOCOM 1999.
func maximumMargin(bursts []burst) line {
	var lower, upper []point
	for _, b := range bursts {
		for _, e := range b.kept {
			lower, upper = append(lower, point{e.x, e.lc}), append(upper, point{e.x, e.uc})
		}
	}
	be := beltOf(lower, upper)
	if len(bursts) == 1 {
		// flat at the burst's own time: the line's height at x = 0 is that at the centre
		lo, _, hi, _ := be.over(0, 0)
		return line{a: lo + (hi-lo)/2}
	}
	width := func(s float64) float64 {
		lo, _, hi, _ := be.over(s, 0)
		return hi - lo
	}
	s := peak(width, -maxRate, maxRate)
	lo, _, hi, _ := be.over(s, 0)
	return line{a: lo + (hi-lo)/2, b: s}
}
