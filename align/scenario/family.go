package scenario

import (
	"math/rand/v2"
	"time"

	"github.com/pialign/pialign/align"
)

const (
	ms = time.Millisecond
	us = time.Microsecond
)

// A Family draws sessions of one kind. Core families count for the figures that methods are compared by; the
// others show how a method behaves where one without steps, falsetickers or a second burst has no chance, or at the
// edges of what it is offered for.
type Family struct {
	Name  string
	Core  bool
	Shows string // what it is about
	draw  func(d *draft)
}

// Draw returns the session of a seed.
func (f Family) Draw(seed uint64) *Session {
	d := newDraft(seed, f.Name)
	f.draw(d)
	return d.session(f)
}

// Named returns the family of that name.
func Named(name string) (Family, bool) {
	for _, f := range Families {
		if f.Name == name {
			return f, true
		}
	}
	return Family{}, false
}

// Families are all of them.
var Families = []Family{
	{"sym_lognormal", true, "Wi-Fi: lognormal jitter both ways", func(d *draft) {}},
	{"sym_gamma", true, "few messages come near the floor", func(d *draft) { d.jitter(Gamma, 2*ms, 6*ms) }},
	{"sym_exp", true, "exponential jitter", func(d *draft) { d.jitter(Exponential, 1*ms, 5*ms) }},
	{"pareto_tail", true, "a power tail", func(d *draft) { d.jitter(Pareto, 500*us, 2*ms) }},
	{"asym_jitter", true, "one direction jitters ten times as much", func(d *draft) {
		d.jitter(LogNormal, 500*us, 1*ms)
		if d.coin() {
			d.link.Up.Scale *= 10
		} else {
			d.link.Down.Scale *= 10
		}
	}},
	{"one_sided", true, "one direction does not jitter at all", func(d *draft) {
		d.link.Up = Delay{Law: Constant, Floor: d.link.Up.Floor}
	}},
	{"psm_request", true, "a sleeping radio holds requests until the beacon", func(d *draft) { d.link.HoldUp = 0.3 + d.r.Float64()*0.4 }},
	{"psm_reply", true, "a sleeping radio holds replies until the beacon", func(d *draft) { d.link.HoldDown = 0.3 + d.r.Float64()*0.4 }},
	{"congested", true, "episodes of congestion", func(d *draft) {
		for _, at := range d.plan.starts {
			from := d.begin.Add(at + d.between(0, 3*time.Second))
			d.link.Busy = append(d.link.Busy, Episode{from, from.Add(d.between(time.Second, 3*time.Second)), Delay{Law: Exponential, Scale: 60 * ms}})
		}
	}},
	{"const_asym", true, "floors that differ by up to 2 ms: nobody can see it", func(d *draft) { d.link.Up.Floor += d.between(0, 2*ms) }},
	{"fast_lan", true, "a wired-like path", func(d *draft) {
		f := d.between(150*us, 400*us)
		d.link.Up, d.link.Down = Delay{Exponential, f, 30 * us, 0}, Delay{Exponential, f, 30 * us, 0}
		d.s.Tick = 1
	}},
	{"quant_phone", true, "ms stamps of the phone only", func(d *draft) { d.s.Tick = time.Millisecond }},
	{"quant_host", true, "ms stamps of the host only", func(d *draft) { d.s.Host.WallTick, d.s.Host.MonoTick = ms, ms }},
	{"quant_both", true, "ms stamps of both clocks", func(d *draft) {
		d.s.Tick, d.s.Host.WallTick, d.s.Host.MonoTick = ms, ms, ms
		d.s.Host.Boot = d.s.Host.Boot / align.HostTime(ms) * align.HostTime(ms)
	}},
	{"small_n", true, "ten exchanges a burst", func(d *draft) { d.plan.count = 10 }},
	{"wander_2ph", true, "the rate wanders, two bursts cannot see it", func(d *draft) { d.wander(0.7) }},
	{"multi_linear", true, "a burst every few minutes", func(d *draft) { d.every(d.between(4*time.Minute, 10*time.Minute), 20) }},
	{"multi_wander", true, "the same with a wandering rate", func(d *draft) {
		d.every(d.between(4*time.Minute, 10*time.Minute), 20)
		d.wander(0.7)
	}},
	{"trickle_wander", true, "a lone exchange every ten seconds between two bursts, the rate wanders", func(d *draft) {
		d.every(10*time.Second, 1)
		d.wander(0.7)
	}},
	{"host_slew", true, "the host's clocks are slewed by some ms at 1 to 5 ppm among many bursts", func(d *draft) {
		d.every(d.between(4*time.Minute, 8*time.Minute), 20)
		at := d.begin.Add(d.between(d.span/4, d.span*3/4))
		d.s.Host.Slews = []Slew{{At: at, By: d.signed(d.between(1*ms, 8*ms)), PPM: 1 + d.r.Int64N(5)}}
	}},
	{"roaming", true, "the phone roams to another access point between bursts", func(d *draft) {
		d.link.Moved = d.begin.Add(d.span / 2)
		d.link.MovedUp, d.link.MovedDown = d.link.Up, d.link.Down
		f := d.between(3*ms, 8*ms)
		d.link.MovedUp.Floor, d.link.MovedDown.Floor = f, f
	}},
	{"macos", true, "wall clock in us, monotonic clock runs free", func(d *draft) { d.s.Host = macOS(d.s.Host.Boot, d.ppm(20)) }},
	{"windows", true, "ticks of 100 ns, performance counter runs free", func(d *draft) { d.s.Host = windows(d.s.Host.Boot, d.ppm(20)) }},
	{"wall_only", true, "no monotonic readings", func(d *draft) { d.s.Host.NoReadings = true }},
	{"lost", true, "a fifth of the exchanges is lost", func(d *draft) { d.plan.loss = 0.2 }},

	{"outliers_lost", false, "corrupt stamps, lost answers, few exchanges", func(d *draft) { d.plan.count, d.plan.loss, d.plan.corrupt = 35, 0.1, 0.05 }},
	{"phone_step", false, "the phone's clock is set by 5 to 200 ms among bursts", func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 40)
		d.phoneStep(d.between(5*ms, 200*ms))
	}},
	{"phone_step_hour", false, "the phone's clock is set by up to an hour", func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 40)
		d.phoneStep(d.between(time.Second, time.Hour))
	}},
	{"host_step", false, "the host's wall clock is set among bursts", func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 20)
		d.hostStep()
	}},
	{"host_step_windows", false, "the same on a host whose monotonic clock runs free", func(d *draft) {
		d.s.Host = windows(d.s.Host.Boot, d.ppm(20))
		d.every(d.between(5*time.Minute, 10*time.Minute), 20)
		d.hostStep()
	}},
	{"host_slew_fast", false, "the host's clocks are slewed by 5 to 50 ms at 500 ppm between two bursts; its raw clock is read with each", func(d *draft) {
		d.s.Host.RateE18 = d.ppm(30)
		d.s.Host.Slews = []Slew{{At: d.inGap(), By: d.signed(d.between(5*ms, 50*ms)), PPM: 500}}
		d.readings = true
	}},
	{"single_phase", false, "one burst only", func(d *draft) { d.plan.starts = d.plan.starts[:1] }},
	{"one_minute", false, "a session of a minute", func(d *draft) { d.plan.starts[len(d.plan.starts)-1] = time.Minute }},
	{"eight_hours", false, "a session of eight hours with a wandering rate", func(d *draft) {
		d.plan.starts[len(d.plan.starts)-1] = 8 * time.Hour
		d.span = 8 * time.Hour
		d.wander(0.7)
	}},
	{"two_probes", false, "one exchange at the start, one at the end", func(d *draft) { d.plan.count = 1 }},
	{"shuffled", false, "the log is shuffled, and half of it written twice", func(d *draft) { d.shuffle = true }},
	{"lost_phase", false, "three bursts, of which the middle one is lost", func(d *draft) {
		d.every(d.span/2, 50)
		d.plan.starts = []time.Duration{d.plan.starts[0], d.plan.starts[len(d.plan.starts)-1]}
	}},
}

// draft is a session while it is drawn up.
type draft struct {
	r        *rand.Rand
	s        *Session
	begin    align.HostTime
	span     time.Duration
	link     Link
	plan     plan
	shuffle  bool
	readings bool // of the host's clocks, with each burst
}

// newDraft draws what all families share: half an hour to two hours, 1 to 50 ppm, an offset of up to a second, floors of
// 1 to 3 ms each way, lognormal jitter, bursts of 50 or 100 at both ends, stamps in ns, a host with Linux' clocks.
func newDraft(seed uint64, family string) *draft {
	stream := uint64(14695981039346656037) // FNV-1a
	for i := range len(family) {
		stream = (stream ^ uint64(family[i])) * 1099511628211
	}
	d := &draft{r: Rand(seed, stream), s: &Session{Family: family, Seed: seed, Tick: 1}}
	const epoch = align.HostTime(1_780_000_000_000_000_000)
	d.begin = epoch + align.HostTime(d.r.Int64N(int64(365*24*time.Hour)))
	d.span = d.between(30*time.Minute, 2*time.Hour)
	d.s.Phone = Clock{Origin: d.begin, Offset: d.signed(d.between(0, time.Second)), DriftE18: d.ppm(49)}
	if d.s.Phone.DriftE18 > 0 {
		d.s.Phone.DriftE18 += 1_000_000_000_000
	} else {
		d.s.Phone.DriftE18 -= 1_000_000_000_000
	}
	d.s.Host = linux(d.begin - align.HostTime(d.between(time.Hour, 20*24*time.Hour)))
	f := d.between(1*ms, 3*ms)
	d.link = Link{Up: Delay{Floor: f}, Down: Delay{Floor: f}}
	d.jitter(LogNormal, 1*ms, 3*ms)
	d.plan = plan{starts: []time.Duration{0, d.span}, count: 50 + 50*d.r.IntN(2), spacing: 90 * ms}
	return d
}

func (d *draft) session(f Family) *Session {
	d.s.Core = f.Core
	d.s.run(d.r, d.begin, d.link, d.plan)
	if d.readings {
		for _, b := range d.s.Bursts {
			d.s.Options.HostClock = append(d.s.Options.HostClock, d.s.Host.Reading(b.From), d.s.Host.Reading(b.To))
		}
	}
	if d.shuffle {
		d.s.Samples = append(d.s.Samples, d.s.Samples[:len(d.s.Samples)/2]...)
		d.r.Shuffle(len(d.s.Samples), func(i, j int) { d.s.Samples[i], d.s.Samples[j] = d.s.Samples[j], d.s.Samples[i] })
	}
	return d.s
}

func (d *draft) coin() bool { return d.r.IntN(2) == 0 }

func (d *draft) between(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(d.r.Int64N(int64(hi-lo)+1))
}

func (d *draft) signed(v time.Duration) time.Duration {
	if d.coin() {
		return -v
	}
	return v
}

// ppm draws a drift of up to most ppm either way.
func (d *draft) ppm(most int64) int64 {
	const one = 1_000_000_000_000
	return d.r.Int64N(2*most*one+1) - most*one
}

// jitter sets the same law both ways.
func (d *draft) jitter(l Law, lo, hi time.Duration) {
	s := d.between(lo, hi)
	d.link.Up.Law, d.link.Down.Law = l, l
	d.link.Up.Scale, d.link.Down.Scale = s, s
}

func (d *draft) wander(q float64) {
	d.s.Wander = NewWander(d.r, d.begin.Add(-time.Minute), d.span+5*time.Minute, q)
}

// every makes small bursts of count exchanges through the whole session.
func (d *draft) every(gap time.Duration, count int) {
	d.plan.starts = nil
	for at := time.Duration(0); at <= d.span; at += gap {
		d.plan.starts = append(d.plan.starts, at)
	}
	d.plan.count = count
}

// inGap draws an instant between two bursts.
func (d *draft) inGap() align.HostTime {
	k := 1 + d.r.IntN(len(d.plan.starts)-1)
	from, to := d.plan.starts[k-1], d.plan.starts[k]
	return d.begin.Add(d.between(from+(to-from)/3, to-(to-from)/10)) // a burst is over after a third
}

func (d *draft) phoneStep(by time.Duration) {
	d.s.Phone.Steps = []Step{{At: d.inGap(), By: d.signed(by)}}
}

func (d *draft) hostStep() {
	d.s.Host.Steps = []Step{{At: d.inGap(), By: d.signed(d.between(20*ms, 500*ms))}}
}
