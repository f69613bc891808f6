package align_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// Two bursts seconds apart, as in a rehearsal, tell next to nothing of the drift. That is said; it is neither taken for a step nor
// for a drift; and near the bursts the map is as good as any.
func TestBurstsCloseTogether(t *testing.T) {
	for seed := range uint64(20) {
		l := twoBursts(200 + seed)
		l.bursts = []time.Duration{0, 10 * time.Second}
		heavy := scenario.Delay{Law: scenario.Pareto, Floor: 2 * ms, Scale: 5 * ms, Max: 400 * ms}
		l.up, l.down = heavy, heavy
		if seed%2 == 1 {
			l.count, l.bursts = 2, []time.Duration{0, 3 * time.Second} // as when the wanted bound is reached at once
		}
		al, err := align.Fit(l.samples(), align.Options{})
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		kinds := map[align.WarningKind]bool{}
		for _, w := range al.Diagnosis.Warnings {
			kinds[w.Kind] = true
		}
		if len(al.Diagnosis.Bursts) == 2 && !kinds[align.WarnShortGap] || kinds[align.WarnDrift] {
			t.Errorf("seed %d: drift %d e-18 +- %d, warnings %+v", seed, al.Diagnosis.DriftE18, al.Diagnosis.DriftSDE18, al.Diagnosis.Warnings)
		}
		// 30 ppm is what phones are believed to drift by, before anything is known
		if drift := math.Abs(float64(al.Diagnosis.DriftE18)); drift > 4*30e12 {
			t.Errorf("seed %d: drift %.1f ppm", seed, drift/1e12)
		}
		if _, _, outside := l.check(t, al); outside > 0 {
			t.Errorf("seed %d: %d instants outside the bound", seed, outside)
		}
	}
	// a step between them, too large for any drift, is one all the same
	l := twoBursts(300)
	l.bursts = []time.Duration{0, 20 * time.Second}
	l.clock.Steps = []scenario.Step{{At: start.Add(15 * time.Second), By: 100 * ms}}
	if _, err := align.Fit(l.samples(), align.Options{}); !errors.Is(err, align.ErrStepSuspected) && !errors.Is(err, align.ErrDisjoint) {
		t.Errorf("a step of 100 ms in 10 s: %v", err)
	}
}
