package align

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// diagnosis says what the fit found out.
func (s *session) diagnosis(e *estimate, wander float64) Diagnosis {
	rate, sd := e.clock.drift()
	d := Diagnosis{
		Method: "floor-edge", Base: s.base, Samples: len(s.samples), Rounding: s.rule,
		DriftE18: int64(math.Round(rate * 1e9)), DriftSDE18: int64(math.Round(sd * 1e9)),
		WanderPPM: e.clock.wanders(), BoundE18: int64(math.Round(wander * 1e18)),
	}
	for i, fe := range e.paths {
		p := PathReport{Floor: time.Duration(min(fe.floor, s.fastest(e, i))), FloorSD: time.Duration(fe.floorSD), Pooled: fe.pooled,
			Up: fe.up.report(fe.upQ), Down: fe.down.report(fe.downQ)}
		for _, q := range e.path {
			if q == i {
				p.Bursts++
			}
		}
		d.Paths = append(d.Paths, p)
	}
	for _, p := range slices.Sorted(maps.Keys(s.device)) {
		d.Quanta = append(d.Quanta, Quantum{"device", p, s.device[p]})
	}
	d.Quanta = append(d.Quanta, Quantum{"wall", "", s.qw})
	if s.base == BaseMono {
		d.Quanta = append(d.Quanta, Quantum{"monotonic", "", s.qm})
	}
	used := 0
	for i, b := range s.bursts {
		b.dropped = b.drops()
		r := b.report(s.origin)
		if r.Kept > 0 {
			r.Path, r.OffsetSD = e.path[used], time.Duration(math.Sqrt(e.cov[used][used]))
			r.Offset = time.Duration(s.origin.d) + time.Duration(math.Round(e.y[used]))
			used++
		}
		d.Bursts = append(d.Bursts, r)
		d.Used += r.Kept
		if r.Kept > 0 && (d.SmallestRTT == 0 || r.RTTMin < d.SmallestRTT) {
			d.SmallestRTT = r.RTTMin
		}
		name := fmt.Sprintf("burst %d (phase %q)", i+1, b.phase)
		switch {
		case b.outvoted:
			d.warn(WarnFalsetickers, "%s: its %d exchanges contradict those before and after it and were dropped", name, r.Dropped)
		case b.unsure:
			d.warn(WarnBurstRefused, "%s is left out: the phone's clock was set right before it or right after it", name)
		case b.refused:
			d.warn(WarnBurstRefused, "%s is left out: at least half of its %d exchanges contradict the others", name, r.Dropped)
		case r.Dropped > 0:
			d.warn(WarnFalsetickers, "%s: %d of %d exchanges are impossible beside the others and were dropped", name, r.Dropped, r.Dropped+r.Kept)
		}
		if r.Kept > 0 && r.Kept < warnSamples && len(s.bursts) < 10 {
			d.warn(WarnFewSamples, "%s has only %d exchanges", name, r.Kept)
		}
	}
	clock := "monotonic"
	if s.base == BaseWall {
		clock = "wall"
	}
	if wander == unproved {
		d.warn(WarnWander, "the exchanges contradict each other, so that nothing is proved; fitted nevertheless, as asked, without a bound")
		return d
	}
	d.Assumptions = []string{
		"the exchanges used are honest: the phone stamped each between its sending and the arrival of its answer",
		stampRule(s.rule),
		"the computer cuts the readings of its clocks to the tick passed last",
		"the phone stamps its sensors with the clock that answered the exchanges",
		"neither clock was set between the exchanges, but for the steps reported",
		fmt.Sprintf("the computer's %s clock was not slewed between the bursts, and did not stop", clock),
		fmt.Sprintf("the phone's momentary rate stays within %.0f ppm of one common rate, and that within 200 ppm of nominal", wander*1e6),
	}
	return d
}

// fastest returns the shortest round trip seen on a path: its floor is not longer, however uncertain the ticks of the stamps make it.
func (s *session) fastest(e *estimate, path int) float64 {
	least := math.Inf(1)
	for k, b := range s.used {
		if e.path[k] == path {
			for _, x := range b.kept {
				least = min(least, x.rtt)
			}
		}
	}
	return least
}

func (l law) report(q10 float64) LawReport {
	return LawReport{Shape: l.k, Scale: time.Duration(l.s), Tail: l.alpha, Flat: l.pi, Q10: time.Duration(q10)}
}

func stampRule(r Rounding) string {
	switch r {
	case RoundingTruncate:
		return "the phone cuts its stamps to the tick passed last"
	case RoundingNearest:
		return "the phone rounds its stamps to the nearest tick"
	}
	return "the phone cuts its stamps to the tick passed last, or rounds them to the nearest: the bound holds for both"
}

func (d *Diagnosis) warn(kind WarningKind, format string, args ...any) {
	d.Warnings = append(d.Warnings, Warning{kind, fmt.Sprintf(format, args...)})
}

func (al *Alignment) warn(kind WarningKind, format string, args ...any) {
	al.Diagnosis.warn(kind, format, args...)
}

// notice adds the warnings that hang on the answer.
func (al *Alignment) notice(s *session, e *estimate, wander float64) {
	p := al.Wall.Parts()
	if len(s.used) == 1 {
		al.warn(WarnOneBurst, "one burst only: the drift is unknown; for every hour from it the 95 %% half-width grows by %v and the bound by %v. Probe once more, as far from it as can be",
			time.Duration(normal95*priorDrift*3600).Round(time.Millisecond), time.Duration(maxRate*float64(time.Hour)))
	}
	rate, sd := e.clock.drift()
	if len(s.used) > 1 && normal95*sd > vagueDrift {
		al.warn(WarnShortGap, "the bursts are too close together to tell the drift: %.1f ppm +- %.1f ppm (95 %%). Probe once more, minutes later or more", rate/1e3, normal95*sd/1e3)
	}
	if math.Abs(rate)-2*sd > warnDrift {
		al.warn(WarnDrift, "a drift of %.1f ppm is more than phones are seen to have: was a clock set?", rate/1e3)
	}
	if usual := slices.IndexFunc(wanders, func(w float64) bool { return w >= e.usualWander() }); usual >= 0 && wander > wanders[usual] {
		al.warn(WarnWander, "the exchanges contradict each other unless the clock's rate wanders by %.0f ppm: a small step, or a clock that was slewed", wander*1e6)
	}
	for _, st := range p.Steps {
		how := "very probably"
		if st.Proved {
			how = "certainly"
		}
		al.warn(WarnPhoneStep, "the phone's clock was %s set by %v between two bursts; instants between them are ambiguous", how, (-st.By).Round(time.Microsecond))
	}
	if len(e.paths) > 1 {
		al.warn(WarnPath, "the shortest round trip differs between bursts: %d paths, as when a phone roams to another access point; each was fitted by itself", len(e.paths))
	}
	al.noticeResiduals(e)
	if d, ok := al.Wall.WorstHalfWidth(p.First, p.Last); ok && d > warnWidth {
		al.warn(WarnWide, "within the session times may be off by up to %v (95 %%)", d.Round(10*time.Microsecond))
	}
}

// noticeResiduals warns where the bursts lie farther from the map than their spread allows, or too long on one side of it: with
// z_k = (y_k - theta(t_k))/sd_k of n bursts, p of them above and q below in r runs,
//
//	sum z_k^2 beyond the 0.999 quantile of chi-square with n degrees, or
//	(r - m)/sqrt((m - 1)(m - 2)/(p + q - 1)) < -2.33,   m = 1 + 2 p q/(p + q)
func (al *Alignment) noticeResiduals(e *estimate) {
	n := len(e.y)
	if n < 5 {
		return
	}
	chi, positive, runs := 0.0, 0, 0
	before := 0.0
	for k := range e.y {
		mean, _ := e.clock.at(e.t[k], e.piece[k])
		z := (e.y[k] - mean) / math.Sqrt(e.cov[k][k])
		chi += float64(z * z)
		if z > 0 {
			positive++
		}
		if k == 0 || (z > 0) != (before > 0) {
			runs++
		}
		before = z
	}
	// Wilson and Hilferty, 1931: the cube root of chi^2/n is close to normal; 3.09 is p = 0.001
	if v := 2 / float64(9*n); (exp(ln(chi/float64(n))/3)-(1-v))/math.Sqrt(v) > 3.09 {
		al.warn(WarnResiduals, "the bursts lie farther from the map than their own spread allows (chi-square %.0f for %d): the interval may be too narrow", chi, n)
		return
	}
	// Wald and Wolfowitz, 1940; 2.33 is p = 0.01
	p, q := float64(positive), float64(n-positive)
	if p < 2 || q < 2 {
		return
	}
	mean := 1 + 2*p*q/(p+q)
	v := (mean - 1) * (mean - 2) / (p + q - 1)
	if (float64(runs)-mean)/math.Sqrt(v) < -2.33 {
		al.warn(WarnResiduals, "the bursts lie too long on one side of the map (%d runs, %.0f expected): the interval may be too narrow", runs, mean)
	}
}

// noticeHostSteps tells of changes of the host's wall clock.
func (al *Alignment) noticeHostSteps(doubt time.Duration) {
	for _, st := range al.HostSteps {
		al.warn(WarnHostStep, "the computer's wall clock was moved by %v against its monotonic clock; the interval between holds both. --clock monotonic is not disturbed",
			st.By.Round(time.Microsecond))
	}
	if doubt > 0 {
		al.warn(WarnHostStep, "the computer's wall clock changed by %v against its monotonic clock between two bursts: it drifts or was set, which two cannot tell; the interval holds both. --clock monotonic is not disturbed",
			doubt.Round(time.Microsecond))
	}
}
