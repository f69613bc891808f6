package align

import (
	"math"
	"slices"
)

// The clock model, with t in s of host time from the first burst and theta in ns:
//
//	theta(t) = beta0 + beta1 t + sum_j step_j 1[t > g_j] + w(t),    y_k = theta(t_k) + N(0, C)
//
// beta0 and the steps are free, and so is beta1, unless all bursts lie within ten minutes and tell little of it: then
// beta1 ~ N(0, (30 ppm)^2). w is an integrated random walk of the rate on either side of the first burst,
//
//	cov(w(s), w(t)) = q^2 a^2 (3b - a)/6,   a = min(|s|,|t|), b = max(|s|,|t|), 0 across the first burst
//
// which with a free line makes a cubic smoothing spline, wherever it is anchored. Source: G. Wahba, "Spline Models for
// Observational Data", SIAM 1990, chapter 1.
const (
	priorDrift     = 30e3     // ns/s: 30 ppm
	closeBursts    = 600      // s
	usualWander    = 0.7      // ppm per sqrt(hour), what phones do
	assumedWander  = 0.9      // ppm per sqrt(hour), where the bursts cannot tell: not known to be the usual one, it is taken for more
	wanderPriorLog = 1.5      // sd of ln q about it
	perRootSecond  = 1e3 / 60 // ns/s per sqrt(s) in a ppm per sqrt(hour)
)

// wanderTried are the q averaged over, in ppm per sqrt(hour): a small one is the straight line, a large one follows the bursts.
var wanderTried = []float64{0.02, 0.07, 0.2, 0.5, 1.2, 3}

// clockModel is the model fitted to bursts.
type clockModel struct {
	t     []float64 // s, of the bursts
	piece []int     // how many steps lie before each burst
	steps int
	comps []component
}

// component is the fit with one q.
type component struct {
	q, weight float64
	close     bool        // all bursts lie close together
	l         lower       // of C + K_w
	x         [][]float64 // whitened columns: 1, t, steps
	a         lower       // of X'V^-1 X + P
	beta      []float64
	resid     []float64 // whitened
	pull      []float64 // V^-1 (y - X beta): how each burst pulls the curve
	logLik    float64
}

// fitClock fits y with covariance cov at times t. piece says between which steps each burst lies. tried are the q.
func fitClock(t, y []float64, cov [][]float64, piece []int, tried []float64) (*clockModel, error) {
	m := &clockModel{t: t, piece: piece, steps: piece[len(piece)-1]}
	top := math.Inf(-1)
	for _, q := range tried {
		c, err := fitWander(t, y, cov, piece, m.steps, q)
		if err != nil {
			return nil, err
		}
		z := ln(q/usualWander) / wanderPriorLog
		c.logLik -= float64(z*z) / 2
		top = max(top, c.logLik)
		m.comps = append(m.comps, c)
	}
	total := 0.0
	for i := range m.comps {
		m.comps[i].weight = exp(m.comps[i].logLik - top)
		total += m.comps[i].weight
	}
	kept, left := m.comps[:0], 0.0
	for _, c := range m.comps {
		if c.weight > 1e-3*total {
			kept, left = append(kept, c), left+c.weight
		}
	}
	for i := range kept { // the weights of those kept add up to 1, or the mean would shrink
		kept[i].weight /= left
	}
	m.comps = kept
	return m, nil
}

// fitWander fits by generalised least squares. The likelihood is that of what the free parameters leave (REML).
func fitWander(t, y []float64, cov [][]float64, piece []int, steps int, q float64) (component, error) {
	c := component{q: q}
	if err := c.factor(t, cov); err != nil {
		return c, err
	}
	for col := range 2 + steps {
		c.x = append(c.x, c.column(col, t, piece))
	}
	return c, c.fit(c.l.whiten(y))
}

// factor finds the root of the covariance C + K_w.
func (c *component) factor(t []float64, cov [][]float64) (err error) {
	c.close = slices.Max(t)-slices.Min(t) < closeBursts
	v := make([][]float64, len(t))
	for i := range v {
		v[i] = make([]float64, i+1)
		for j := range v[i] {
			v[i][j] = cov[i][j] + c.wander(t[i], t[j])
		}
	}
	c.l, err = cholesky(v)
	return err
}

// column returns the whitened regressor.
func (c *component) column(col int, t []float64, piece []int) []float64 {
	x := make([]float64, len(t))
	for i := range x {
		x[i] = regressor(col, t[i], piece[i])
	}
	return c.l.whiten(x)
}

// fit solves for the parameters of the columns x; yw is the whitened y.
func (c *component) fit(yw []float64) (err error) {
	a := make([][]float64, len(c.x))
	b := make([]float64, len(c.x))
	for i := range a {
		a[i] = make([]float64, len(c.x))
		for j := range a[i] {
			a[i][j] = dot(c.x[i], c.x[j])
		}
		b[i] = dot(c.x[i], yw)
	}
	if c.close {
		a[1][1] += 1 / (priorDrift * priorDrift)
	}
	if c.a, err = cholesky(a); err != nil {
		return err
	}
	c.beta = c.a.solve(b)
	c.resid = slices.Clone(yw)
	for i, x := range c.x {
		for k := range x {
			c.resid[k] -= float64(c.beta[i] * x[k])
		}
	}
	c.pull = c.l.back(c.resid)
	c.logLik = -(c.l.logDet() + c.a.logDet() + dot(c.resid, c.resid)) / 2
	return nil
}

// sdOf returns the standard deviation of a parameter.
func (c *component) sdOf(i int) float64 {
	e := make([]float64, len(c.beta))
	e[i] = 1
	w := c.a.whiten(e)
	return math.Sqrt(dot(w, w))
}

// regressor returns column col of the model at t behind that many steps.
func regressor(col int, t float64, steps int) float64 {
	switch {
	case col == 0:
		return 1
	case col == 1:
		return t
	case col-2 < steps:
		return 1
	}
	return 0
}

// wander returns cov(w(s), w(t)) in ns^2.
func (c *component) wander(s, t float64) float64 {
	if s*t <= 0 {
		return 0
	}
	a, b := math.Abs(s), math.Abs(t)
	if a > b {
		a, b = b, a
	}
	q := c.q * perRootSecond
	return float64(float64(q*q)*float64(a*a)) * (float64(3*b) - a) / 6
}

// at returns mean and variance of theta at t behind that many steps, by universal kriging.
func (m *clockModel) at(t float64, steps int) (mean, variance float64) {
	mu, v := make([]float64, len(m.comps)), make([]float64, len(m.comps))
	for i := range m.comps {
		mu[i], v[i] = m.comps[i].at(m.t, t, steps)
		mean += float64(m.comps[i].weight * mu[i])
	}
	for i := range m.comps {
		d := mu[i] - mean
		variance += float64(m.comps[i].weight * (v[i] + float64(d*d)))
	}
	return mean, variance
}

// mean returns the mean of theta alone, which costs far less than its variance.
func (m *clockModel) mean(t float64, steps int) float64 {
	sum := 0.0
	for i := range m.comps {
		c := &m.comps[i]
		mu := 0.0
		for j := range c.x {
			mu += float64(c.beta[j] * regressor(j, t, steps))
		}
		for k, s := range m.t {
			mu += float64(c.wander(s, t) * c.pull[k])
		}
		sum += float64(c.weight * mu)
	}
	return sum
}

func (c *component) at(tk []float64, t float64, steps int) (mean, variance float64) {
	k := make([]float64, len(tk))
	for i, s := range tk {
		k[i] = c.wander(s, t)
	}
	kw := c.l.whiten(k)
	u := make([]float64, len(c.x))
	for i, x := range c.x {
		r := regressor(i, t, steps)
		mean += float64(c.beta[i] * r)
		u[i] = r - dot(x, kw)
	}
	mean += dot(kw, c.resid)
	uw := c.a.whiten(u)
	return mean, max(c.wander(t, t)-dot(kw, kw)+dot(uw, uw), 0)
}

// drift returns the mean of the common rate in ns/s and its standard deviation.
func (m *clockModel) drift() (rate, sd float64) {
	v := 0.0
	for i := range m.comps {
		c := &m.comps[i]
		rate += float64(c.weight * c.beta[1])
	}
	for i := range m.comps {
		c := &m.comps[i]
		d, s := c.beta[1]-rate, c.sdOf(1)
		v += float64(c.weight * (float64(s*s) + float64(d*d)))
	}
	return rate, math.Sqrt(v)
}

// wanders returns the mean q in ppm per sqrt(hour).
func (m *clockModel) wanders() float64 {
	q := 0.0
	for _, c := range m.comps {
		q += float64(c.weight * c.q)
	}
	return q
}
