package align

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// diagnosis says what the fit found out.
func (s *session) diagnosis(l line, rs []rated, wander float64) Diagnosis {
	d := Diagnosis{
		Method: "maximum margin", Base: s.base, Samples: len(s.samples), Rounding: s.rule,
		DriftE18: int64(math.Round(l.b * 1e18)), WanderE18: int64(math.Round(wander * 1e18)),
	}
	for _, p := range slices.Sorted(maps.Keys(s.device)) {
		d.Quanta = append(d.Quanta, Quantum{"device", p, s.device[p]})
	}
	d.Quanta = append(d.Quanta, Quantum{"wall", "", s.qw})
	if s.base == BaseMono {
		d.Quanta = append(d.Quanta, Quantum{"monotonic", "", s.qm})
	}
	for i, b := range s.bursts {
		b.dropped = b.drops()
		r := b.report(s.origin)
		d.Bursts = append(d.Bursts, r)
		d.Used += r.Kept
		if r.Kept > 0 && (d.SmallestRTT == 0 || r.RTTMin < d.SmallestRTT) {
			d.SmallestRTT = r.RTTMin
		}
		name := fmt.Sprintf("burst %d (phase %q)", i+1, b.phase)
		switch {
		case b.refused:
			d.warn(WarnBurstRefused, "%s is left out: at least half of its %d exchanges contradict the others", name, r.Dropped)
		case r.Dropped > 0:
			d.warn(WarnFalsetickers, "%s: %d of %d exchanges are impossible beside the others and were dropped", name, r.Dropped, r.Dropped+r.Kept)
		}
		if !b.refused && r.Kept < warnSamples && len(s.bursts) < 10 {
			d.warn(WarnFewSamples, "%s has only %d exchanges", name, r.Kept)
		}
	}
	clock := "monotonic"
	if s.base == BaseWall {
		clock = "wall"
	}
	d.Assumptions = []string{
		"the exchanges used are honest: the phone stamped each between its sending and the arrival of its answer",
		stampRule(s.rule),
		"the phone stamps its sensors with the clock that answered the exchanges",
		"neither clock was set between the exchanges, but for the steps reported",
		fmt.Sprintf("the computer's %s clock was not slewed between the bursts, and did not stop", clock),
		fmt.Sprintf("the phone's momentary rate stays within %.0f ppm of one common rate, and that within 200 ppm of nominal", wander*1e6),
	}
	return d
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
func (al *Alignment) notice(s *session, rs []rated, wander float64) {
	first, last := s.ends()
	if len(s.used) == 1 {
		al.warn(WarnOneBurst, "one burst only: the drift is unknown, and the bound grows by %v for every hour from it. Probe once more, as far from it as can be",
			time.Duration(maxRate*float64(time.Hour)))
	}
	if drift := float64(al.Diagnosis.DriftE18) / 1e18; math.Abs(drift) > warnDrift {
		al.warn(WarnDrift, "a drift of %.1f ppm is more than phones are seen to have: was a clock set?", drift*1e6)
	}
	if wander > wanders[0] {
		al.warn(WarnWander, "the exchanges contradict each other unless the clock's rate wanders by %.0f ppm: a small step, or a clock that was slewed", wander*1e6)
	}
	if d, ok := al.Wall.WorstHalfWidth(s.origin.e+DeviceTime(first), s.origin.e+DeviceTime(last)); ok && d > warnWidth {
		al.warn(WarnWide, "within the session times may be off by up to %v", d.Round(10*time.Microsecond))
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
