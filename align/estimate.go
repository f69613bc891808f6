package align

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// estimate is what the estimator makes of a session's bursts.
type estimate struct {
	y     []float64   // theta at the bursts' centres, ns
	cov   [][]float64 // of y
	path  []int       // of each burst: bursts of one path share floors and laws
	paths []*floorEdge
	t     []float64 // s of host time from the first burst
	piece []int     // how many steps of the phone's clock lie before each burst
	steps []stepFound
	clock *clockModel
}

// stepFound is a step of the phone's clock in the gap before a burst.
type stepFound struct {
	before int // the burst
	by     float64
	proved bool
}

const (
	slopeMatters = 20e3 // ns: a new slope that moves an exchange by more within its burst is fitted with
)

// estimate says where the phone's clock is at the bursts and between, with its steps: between bursts, and within them where s can
// be split.
func (s *session) estimate() (*estimate, error) {
	tried := s.split()
	e, err := s.settle()
	if err != nil {
		return nil, err
	}
	if err := s.implausible(e); err != nil {
		return nil, err
	}
	if tried && s.join(e) {
		if e, err = s.settle(); err != nil {
			return nil, err
		}
	}
	if s.dropUnsure(e) {
		if e, err = s.settle(); err != nil {
			return nil, err
		}
	}
	if err := s.implausible(e); err != nil {
		return nil, err
	}
	return e, s.toldByOne(e)
}

// implausible returns an error where two bursts are farther from each other than clocks drift. The parts of a burst that was cut count as
// one: what a cut explains says nothing of the time between bursts.
func (s *session) implausible(e *estimate) error {
	rate, sd := e.clock.drift()
	first, last, n := 0, 0, 0
	for k, b := range s.used {
		if !b.cut || k == 0 {
			last, n = k, n+1
		}
	}
	if n > 2 || len(s.used) < 2 || math.Abs(rate)-float64(stepDoubt*sd) <= stepDrift || s.override {
		return nil
	}
	if last == first {
		last = len(s.used) - 1
	}
	gap := time.Duration(s.used[last].centre - s.used[first].centre)
	return fmt.Errorf("%w: between two bursts %v apart host - device changed by %v, a drift of %.1f ppm, where clocks keep within 100 ppm",
		ErrStepSuspected, gap.Abs().Round(time.Second), time.Duration(e.y[last]-e.y[first]).Round(time.Microsecond), rate/1e3)
}

// toldByOne returns an error where a single exchange says that the phone's clock was set: it may as well be false itself.
func (s *session) toldByOne(e *estimate) error {
	count := make([]int, len(e.steps)+1)
	for k, b := range s.used {
		count[e.piece[k]] += len(b.kept)
	}
	p := slices.Index(count, 1)
	if len(e.steps) == 0 || p < 0 || s.override {
		return nil
	}
	return fmt.Errorf("%w: by %v, as one exchange alone says, which may be false itself", ErrStepSuspected,
		time.Duration(e.steps[max(p-1, 0)].by).Abs().Round(time.Millisecond/10))
}

// settle runs floor edge, steps and clock model until the slope within bursts has settled. A burst that may as well lie before a step as
// behind it is left out, if what is left shows the step.
func (s *session) settle() (*estimate, error) {
	var out []int64 // when the bursts left out were sent: a step has to be found there
	for {
		e, err := s.settleOnce()
		var rival *rivalGaps
		if errors.As(err, &rival) {
			if k, ok := rival.between(); ok && len(s.used) > 3 {
				out = append(out, s.used[k].kept[0].a)
				s.leaveOut(k)
				continue
			}
		}
		if err == nil && slices.ContainsFunc(out, func(at int64) bool { return !s.stepAt(e, at) }) {
			return nil, fmt.Errorf("%w: too few bursts tell when the phone's clock was set", ErrStepSuspected)
		}
		return e, err
	}
}

// stepAt reports whether a step lies between the bursts before and after the time of sending at.
func (s *session) stepAt(e *estimate, at int64) bool {
	return slices.ContainsFunc(e.steps, func(st stepFound) bool {
		return s.used[st.before-1].kept[0].a < at && at < s.used[st.before].kept[0].a
	})
}

// leaveOut leaves the k-th burst used out.
func (s *session) leaveOut(k int) {
	for i := range s.bursts {
		if len(s.bursts[i].kept) == 0 {
			continue
		}
		if k == 0 {
			s.bursts[i].kept, s.bursts[i].unsure = nil, true
			break
		}
		k--
	}
	s.used = usable(s.bursts)
}

// settleOnce is settle with the bursts as they are.
func (s *session) settleOnce() (*estimate, error) {
	var e *estimate
	states := map[int]searchState{}
	for range 3 {
		e = &estimate{t: make([]float64, len(s.used))}
		e.edges(s.used, s.slope, float64(min(s.coarsest(), s.baseQuantum())), float64(max(s.coarsest(), s.baseQuantum())), states)
		if err := e.findSteps(s.used, s.override); err != nil {
			return nil, err
		}
		if err := e.fitClock(s.used); err != nil {
			return nil, err
		}
		rate, sd := e.clock.drift()
		slope := rate / 1e9
		moved := 0.0
		for _, b := range s.used {
			for _, x := range b.kept {
				moved = max(moved, math.Abs(float64((slope-s.slope)*(x.x-b.centre))))
			}
		}
		if moved <= slopeMatters || math.Abs(slope) > maxRate {
			break
		}
		if n := len(s.used); n > 1 {
			s.slope = slope
			s.believed = min(max(believedRate, 3*sd/1e9), maxRate)
			s.dropFalsetickers()
			if len(s.used) == 0 {
				return nil, fmt.Errorf("%w with a drift of %.1f ppm", ErrFalsetickers, slope*1e6)
			}
			if len(s.used) != n {
				clear(states)
			}
		} else {
			break
		}
	}
	return e, nil
}

// edges estimates theta at each burst, by paths where the floors differ.
func (e *estimate) edges(bursts []burst, slope, cell, tick float64, states map[int]searchState) {
	state := func(path int) searchState {
		if states[path] == nil {
			states[path] = searchState{}
		}
		return states[path]
	}
	all := findFloorEdge(bursts, slope, cell, tick, state(-1))
	e.path = pathsOf(all.alone, bursts)
	n := slices.Max(e.path) + 1
	if n == 1 {
		e.paths, e.y, e.cov = []*floorEdge{all}, all.y, all.cov
		return
	}
	e.y = make([]float64, len(bursts))
	e.cov = make([][]float64, len(bursts))
	for k := range e.cov {
		e.cov[k] = make([]float64, len(bursts))
	}
	for p := range n {
		var of []burst
		var at []int
		for k, q := range e.path {
			if q == p {
				of, at = append(of, bursts[k]), append(at, k)
			}
		}
		fe := findFloorEdge(of, slope, cell, tick, state(p))
		e.paths = append(e.paths, fe)
		for i, k := range at {
			e.y[k] = fe.y[i]
			for j, l := range at {
				e.cov[k][l] = fe.cov[i][j]
			}
		}
	}
	e.allowForDetours()
}

// findSteps looks for steps of the phone's clock. For that the bursts are put in host time by what each says itself, as no stamp of
// a stepped clock can be used; afterwards time is counted from the first burst of each piece, as for any other instant.
func (e *estimate) findSteps(bursts []burst, override bool) (err error) {
	for k, b := range bursts {
		e.t[k] = (b.centre + e.y[k] - bursts[0].centre - e.y[0]) / 1e9
	}
	e.piece, err = findSteps(e.t, e.y, e.cov, override)
	return err
}

// times counts time from the first burst of each piece.
func (e *estimate) times(bursts []burst) {
	shift := 0.0
	for k, b := range bursts {
		if k == 0 || e.piece[k] != e.piece[k-1] {
			shift = e.y[k] - bursts[0].centre - e.y[0]
		}
		e.t[k] = (b.centre + shift) / 1e9
	}
}

// fitClock fits the clock model with the steps found. With few bursts the wander cannot be told from the data, and the
// usual one is taken.
func (e *estimate) fitClock(bursts []burst) (err error) {
	e.times(bursts)
	tried := []float64{assumedWander}
	if len(e.t)-2-e.piece[len(e.t)-1] >= 3 {
		tried = wanderTried
	}
	if e.clock, err = fitClock(e.t, e.y, e.cov, e.piece, tried); err != nil {
		return err
	}
	e.steps = nil
	for k := 1; k < len(e.piece); k++ {
		if p := e.piece[k]; p != e.piece[k-1] {
			t := e.t[k]
			after, _ := e.clock.at(t, p)
			before, _ := e.clock.at(t, p-1)
			e.steps = append(e.steps, stepFound{before: k, by: after - before})
		}
	}
	return nil
}
