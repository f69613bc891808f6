package align

import (
	"errors"
	"fmt"
	"maps"

	"slices"
	"time"
)

const (
	warnDrift     = 60e3  // ns/s, 60 ppm: more than crystals of phones are seen to drift
	stepDrift     = 100e3 // ns/s, 100 ppm, with two bursts: a step, not a drift
	vagueDrift    = 10e3  // ns/s, 10 ppm: a 95 % half-width of the drift that is as much as the drift of many phones
	stepDoubt     = 3     // standard deviations of the drift that have to lie beyond: bursts close together tell little
	warnSamples   = 10    // in a burst
	warnWidth     = 5 * time.Millisecond
	leastReach    = 4 * time.Hour       // how far beyond the bursts a map is offered, if the session is not longer
	overrideReach = 30 * 24 * time.Hour // and where asked for
)

// Fit makes an Alignment of the samples of one device over one session, in any order: offset and drift of the phone's clock
// with their 95 % interval, the steps of either clock, and a bound that holds the truth while the stated assumptions hold.
//
// It is fitted against the host's monotonic clock where all samples come from one boot of one host, else against its wall
// clock, and says so. Nothing random is in it: equal samples give equal alignments.
//
// Its errors wrap ErrTooFew, ErrHosts, ErrFalsetickers, ErrStepSuspected, ErrDisjoint or ErrRange.
func Fit(samples []Sample, opt Options) (*Alignment, error) {
	if len(samples) == 0 {
		return nil, fmt.Errorf("%w: none", ErrTooFew)
	}
	for _, s := range samples {
		if s.Host != samples[0].Host {
			return nil, fmt.Errorf("%w: %q and %q, whose clocks do not compare", ErrHosts, samples[0].Host, s.Host)
		}
	}
	if err := opt.Method.check(); err != nil {
		return nil, err
	}
	if opt.Method != FloorEdge {
		return fitNamed(samples, opt)
	}
	why := monoLacks(samples)
	if why == "" {
		al, err := fitOn(BaseMono, samples, opt)
		if errors.Is(err, ErrFalsetickers) || errors.Is(err, ErrRange) {
			return nil, err
		}
		if err == nil && !stopped(al) {
			return al, nil
		}
		// a monotonic clock that stopped while the computer slept contradicts itself where the wall clock does not
		wall, wallErr := fitOn(BaseWall, samples, opt)
		if wallErr != nil {
			return al, err
		}
		wall.warn(WarnWall, "the computer's monotonic clock contradicts both the phone's and its own wall clock, as one does that stopped in suspend; fitted against the wall clock")
		return wall, nil
	}
	al, err := fitOn(BaseWall, samples, opt)
	if err != nil {
		return nil, err
	}
	al.warn(WarnWall, "fitted against the computer's wall clock, since %s: a setting of that clock cannot be told from one of the phone's", why)
	return al, nil
}

// stopped reports whether every step of the phone's clock that al found is one of the host's the other way round, in the same gap: then neither
// was set, but the monotonic clock stopped.
func stopped(al *Alignment) bool {
	phone := al.Wall.Parts().Steps
	for _, p := range phone {
		if !slices.ContainsFunc(al.HostSteps, func(h Step) bool {
			return h.From <= p.To && h.To >= p.From && (p.By+h.By).Abs() <= max(time.Millisecond, p.By.Abs()/20)
		}) {
			return false
		}
	}
	return len(phone) > 0
}

// monoLacks returns why the monotonic readings do not compare, empty where they do.
func monoLacks(samples []Sample) string {
	for _, s := range samples {
		switch {
		case !s.HasMono():
			return "not every exchange has monotonic readings"
		case s.Boot != samples[0].Boot:
			return "the computer was restarted between the exchanges"
		}
	}
	return ""
}

// session is a fit under way.
type session struct {
	base     Base
	samples  []Sample // in canonical order
	ex       []exchange
	origin   origin
	bursts   []burst // all
	used     []burst // those that something is left of
	rule     Rounding
	rho      float64 // standard deviation of the asymmetry of the floors
	device   map[string]time.Duration
	qw, qm   time.Duration
	override bool    // fit what is implausible
	slope    float64 // preliminary
	believed float64 // how far from it the phone's rate may be, where exchanges of a burst are compared
}

func fitOn(base Base, samples []Sample, opt Options) (*Alignment, error) {
	samples, apart := oneClock(base, samples, opt)
	al, err := fitOne(base, samples, opt)
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Sorted(maps.Keys(apart)) {
		al.warn(WarnTwoClocks, "the phone answers %q from another clock than the rest: host - device differs by %v; they were left out. Which of the two stamps the sensors no exchange can tell",
			p, apart[p].Round(10*time.Microsecond))
	}
	return al, nil
}

// fitOne fits the samples of one clock of the phone.
func fitOne(base Base, samples []Sample, opt Options) (*Alignment, error) {
	s, err := prepare(base, samples, opt)
	if err != nil {
		return nil, err
	}
	e, err := s.estimate()
	if err != nil {
		return nil, err
	}
	pieces, wander, err := s.prove(e)
	if err != nil {
		return nil, err
	}
	slew := slewed(opt.HostClock, s.origin)
	if base == BaseWall {
		slew = 0 // the readings are told by a monotonic clock that this fit does not know
	}
	if slew > 0 {
		widen(pieces, slew)
	}
	al, err := s.alignment(e, pieces, wander, opt.HostClock)
	if err == nil && slew > 0 {
		al.warn(WarnSlew, "a time service slewed the computer's clocks by %v between the exchanges: intervals and bound are wider by as much. Let the clock settle before a session",
			time.Duration(slew).Round(time.Microsecond))
	}
	return al, err
}

// prepare takes the samples apart: order, quanta, bursts, falsetickers, preliminary slope.
func prepare(base Base, samples []Sample, opt Options) (*session, error) {
	s := &session{base: base, samples: canonical(samples, base), rule: opt.Rounding, override: opt.Override}
	if s.rule == "" {
		s.rule = RoundingUnknown
	}
	if s.rho = asymmetry; opt.Asymmetry != 0 {
		s.rho = max(opt.Asymmetry, 0)
	}
	s.quanta(opt)
	var err error
	if s.origin, err = originOf(s.samples, base); err != nil {
		return nil, err
	}
	s.ex = exchanges(s.samples, base, s.origin, s.baseQuantum(), s.device, s.rule)
	s.bursts = cut(s.ex)
	for i := range s.bursts {
		s.bursts[i].forced = s.override
		s.bursts[i].dropFalsetickers(0, believedRate)
	}
	s.outvote()
	s.believed = maxRate // of one burst nothing tells the drift, so no exchange is impossible that some drift allows
	if s.used = usable(s.bursts); len(s.used) > 1 {
		s.slope = preliminarySlope(s.used)
		s.believed = slopeDoubt(s.used)
	}
	s.dropFalsetickers()
	if len(s.used) == 0 {
		return nil, fmt.Errorf("%w: of %d exchanges in %d bursts no burst has a majority that can be true together", ErrFalsetickers, len(s.ex), len(s.bursts))
	}
	return s, nil
}

// quanta finds the resolution of each clock.
func (s *session) quanta(opt Options) {
	// what was sent and what was heard are series of their own: the difference of A and B is a round trip, which may be
	// a whole ms without any clock being that coarse
	var wall, mono, wallHeard, monoHeard []int64
	device := map[string][]int64{}
	for _, x := range s.samples {
		wall, wallHeard = append(wall, int64(x.A)), append(wallHeard, int64(x.B))
		if x.HasMono() {
			mono, monoHeard = append(mono, int64(x.MonoA)), append(monoHeard, int64(x.MonoB))
		}
		device[x.Protocol] = append(device[x.Protocol], int64(x.E))
	}
	wall, mono = append(wall, wallHeard...), append(mono, monoHeard...)
	s.qw, s.qm = resolution(wall, opt.WallResolution), time.Nanosecond
	if len(mono) > 0 {
		s.qm = resolution(mono, opt.MonoResolution)
	}
	s.device = map[string]time.Duration{}
	for p, stamps := range device {
		s.device[p] = resolution(stamps, opt.DeviceResolution[p])
	}
}

func (s *session) baseQuantum() time.Duration {
	if s.base == BaseMono {
		return s.qm
	}
	return s.qw
}
