package align

import (
	"math"
	"slices"
)

// law is the distribution of the time e >= 0, in ns, that a message takes longer than the shortest possible:
//
//	g(e)  = (1 - pi) BP(e) + pi [e < emax]/emax
//	BP(e) = (e/s)^(k-1) (1 + e/s)^(-k-alpha) / (s Beta(k, alpha))
//
// BP is the beta prime distribution: k says how it begins at the floor (1: densest there, as an exponential; more: few
// messages come near it, as with gamma or lognormal jitter), alpha how heavy its tail is, s how wide it is. pi is the share of a
// flat part: waiting for a Wi-Fi beacon, congestion.
//
// Source: N. Johnson, S. Kotz, N. Balakrishnan, "Continuous Univariate Distributions" 2, 1995, chapter 27, for the beta prime distribution (Pearson VI).
type law struct {
	k, s, alpha, pi, emax float64
	norm                  float64 // ln of 1/(s Beta(k, alpha))
}

// beginnings are the k tried; the data weigh them.
var beginnings = []float64{1, 1.5, 2.2, 3.5, 5.5}

// lawOf makes a law of the parameters that the search moves: log s, log alpha and logit pi.
func lawOf(k, emax float64, p [3]float64) law {
	l := law{k: k, s: exp(p[0]), alpha: exp(p[1]), pi: 1 / (1 + exp(-p[2])), emax: emax}
	l.norm = -p[0] - (lgamma(k) + lgamma(l.alpha) - lgamma(k+l.alpha))
	return l
}

// density returns g(e) per ns.
func (l law) density(e float64) float64 {
	r := e / l.s
	bp := exp(float64((l.k-1)*ln(r)) - float64((l.k+l.alpha)*ln(1+r)) + l.norm)
	g := float64((1 - l.pi) * bp)
	if e < l.emax {
		g += l.pi / l.emax
	}
	return g
}

// cell returns the mean of g over the width q about e. Where the stamps of both clocks are coarse, sides lie on a
// lattice of spacing q, and each stands for the excesses of its cell: a density at the lattice's points alone would take the
// ties for a spike.
func (l law) cell(e, q float64) float64 {
	if q <= smallCell {
		return l.density(e)
	}
	const parts = 16
	sum := 0.0
	for i := range parts {
		if x := e + float64(q*((float64(i)+0.5)/parts-0.5)); x > 0 {
			sum += l.density(x)
		}
	}
	return sum / parts
}

// smallCell is the lattice below which ties do not matter: 1 us, far below any jitter.
const smallCell = 1e3

// excesses are values of e with how often each was seen.
type excesses struct {
	e, n []float64
	max  float64
}

// manyExcesses is from how many on excesses are put into groups of about 2 % width, so that the search costs no more with
// 100 000 exchanges than with some hundreds.
const manyExcesses = 3000

// cellGroups is into how many groups the excesses of one cell of a lattice go, all of which stand for the same cell.
const cellGroups = 16

// excessesOf takes values of e and raises those below least to it, since g(0) may be 0.
func excessesOf(values []float64, least, cell float64) excesses {
	sorted := make([]float64, len(values))
	for i, v := range values {
		sorted[i] = max(v, least)
	}
	slices.Sort(sorted)
	x := excesses{max: sorted[len(sorted)-1]}
	for i := 0; i < len(sorted); {
		j, sum := i, 0.0
		for j < len(sorted) && (j == i || len(sorted) > manyExcesses && sorted[j] < 1.02*sorted[i] || cell > smallCell && sorted[j] < sorted[i]+cell/cellGroups) {
			sum += sorted[j]
			j++
		}
		n := float64(j - i)
		x.e, x.n = append(x.e, sum/n), append(x.n, n)
		i = j
	}
	return x
}

// quantile returns the p-quantile of the excesses.
func (x excesses) quantile(p float64) float64 {
	total := 0.0
	for _, n := range x.n {
		total += n
	}
	left := math.Ceil(float64(p * total))
	for i, n := range x.n {
		if left -= n; left <= 0 {
			return x.e[i]
		}
	}
	return x.max
}

// fitLaw returns the most plausible law with the beginning k, and the parameters found, from which a later search may
// start (start empty: from two guesses). cell is the spacing of the lattice on which the excesses lie. Minimised is
//
//	-sum ln g(e_j) + (ln alpha - ln 4)^2/2 + ((logit pi + 2.5)/1.5)^2/2,   1.05 < alpha < 60, logit pi < 6
func fitLaw(x excesses, k, cell float64, start *[3]float64) (law, [3]float64) {
	emax := 1.1 * x.max
	ln4 := ln(4)
	cost := func(p [3]float64) float64 {
		if p[1] < ln(1.05) || p[1] > ln(60) || p[2] > 6 || p[0] > 40 || p[0] < -10 {
			return math.Inf(1)
		}
		l := lawOf(k, emax, p)
		sum := 0.0
		for i, e := range x.e {
			sum -= float64(x.n[i] * ln(l.cell(e, cell)))
		}
		a, b := p[1]-ln4, (p[2]+2.5)/1.5
		return sum + float64(a*a)/2 + float64(b*b)/2
	}
	starts := [][3]float64{
		{ln(x.quantile(0.5) * 4 / k), ln4, -2.5},
		{ln(x.quantile(0.2) * 4 / k), ln4, 0},
	}
	if start != nil {
		starts = [][3]float64{*start}
	}
	best, least := starts[0], math.Inf(1)
	for _, s := range starts {
		if p, c := simplex(cost, s, 0.4, 120); c < least {
			best, least = p, c
		}
	}
	return lawOf(k, emax, best), best
}
