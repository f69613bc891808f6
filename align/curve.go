package align

import "math"

const (
	doubt     = 0.002 // share of exchanges that may be wrong,
	doubtRate = 1e-12 // and their density per ns: by up to a second
	perOctave = 64    // nodes of a table in each doubling of e: linear between them leaves 1e-4
	octaves   = 40
)

// table holds ln((1-doubt) g(e) + doubtRate) at nodes a sixty-fourth of an octave apart, from the least excess on.
type table struct {
	least float64
	v     [perOctave*octaves + 2]float64
}

// oneBits are the bits of 1.0: those of a float64 above 1 count on from there, evenly within each octave.
const (
	oneBits = 0x3ff0000000000000
	subBits = 52 - 6 // log2 of perOctave is 6
)

func tableOf(l law, least, cell float64) *table {
	t := &table{least: least}
	for i := range t.v {
		e := least * math.Float64frombits(oneBits+uint64(i)<<subBits)
		if e > 4*l.emax+4*least { // no excess comes here
			t.v[i] = impossible
			continue
		}
		t.v[i] = ln(float64((1-doubt)*l.cell(e, cell)) + doubtRate)
	}
	return t
}

// impossible is the value for an exchange that was faster than the floor.
var impossible = ln(doubtRate)

// at returns the logarithm for the excess r, in units of the least.
func (t *table) at(r float64) float64 {
	if r < 1 {
		if r < 0 {
			return impossible
		}
		return t.v[0]
	}
	b := math.Float64bits(r) - oneBits
	i := b >> subBits
	if i >= perOctave*octaves {
		return t.v[perOctave*octaves]
	}
	f := float64(b&(1<<subBits-1)) / (1 << subBits)
	return t.v[i] + float64(f*(t.v[i+1]-t.v[i]))
}

// grid are the places at which a burst's edges are tried: n of them, h apart, the first at from.
type grid struct {
	from, h float64
	n       int
}

func (g grid) at(i int) float64 { return g.from + float64(float64(i)*g.h) }

// curve returns, for each place c of the grid, exp of the sum over the exchanges of the law's logarithm for the excess of
// c over the lower side (up) or of the upper side over c, less its largest value, and that value.
func (g grid) curve(t *table, edge []float64, up bool) (c []float64, top float64) {
	c = make([]float64, g.n)
	step := g.h / t.least
	for _, y := range edge {
		r := (g.from - y) / t.least // the excess at the first place, in the table's unit
		if up {
			for i := range c {
				c[i] += t.at(r + float64(float64(i)*step))
			}
		} else {
			for i := range c {
				c[i] += t.at(-r - float64(float64(i)*step))
			}
		}
	}
	top = math.Inf(-1)
	for _, v := range c {
		top = max(top, v)
	}
	for i, v := range c {
		c[i] = exp(v - top)
	}
	return c, top
}
