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
	rawless  bool // and without the raw one
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
		for i := range d.s.Options.HostClock {
			if d.rawless {
				d.s.Options.HostClock[i].Raw = 0
			}
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

// anyMoment draws an instant between the first exchange and the last one.
func (d *draft) anyMoment() align.HostTime {
	last := len(d.plan.starts) - 1
	return d.begin.Add(d.between(0, d.plan.starts[last]+d.plan.length(last)*9/10))
}

// inBurst draws an instant after a tenth of a burst and before nine tenths of it.
func (d *draft) inBurst() align.HostTime {
	k := d.r.IntN(len(d.plan.starts))
	length := d.plan.length(k)
	return d.begin.Add(d.plan.starts[k] + d.between(length/10, length*9/10))
}

// doublings draws a span between lo and hi, every doubling of it as likely as another. In integers, which are the same on every processor.
func (d *draft) doublings(lo, hi time.Duration) time.Duration {
	n := 0
	for lo<<(n+1) < hi {
		n++
	}
	lo <<= d.r.IntN(n + 1)
	return d.between(lo, min(2*lo, hi))
}

func (d *draft) setPhone(at align.HostTime, by time.Duration) {
	d.s.Phone.Steps = []Step{{At: at, By: d.signed(by)}}
}

// screenOff makes messages wait for the beacon from an instant on, one way.
func (d *draft) screenOff(at align.HostTime) {
	d.link.SleepsFrom = at
	hold := 0.7 + 0.3*d.r.Float64()
	if d.coin() {
		d.link.HoldUp = hold
	} else {
		d.link.HoldDown = hold
	}
}

// alone puts lone exchanges between the first burst and the last.
func (d *draft) alone(gap time.Duration) {
	first, last := d.plan.count, d.plan.starts[len(d.plan.starts)-1]
	d.plan.starts, d.plan.counts = []time.Duration{0}, []int{first}
	for at := gap; at < last-gap/2; at += gap {
		d.plan.starts, d.plan.counts = append(d.plan.starts, at), append(d.plan.counts, 1)
	}
	d.plan.starts, d.plan.counts = append(d.plan.starts, last), append(d.plan.counts, first)
}

// disturb makes a share of the answers dishonest, in equal parts: a corrupt stamp, the stamp of the exchange before, an answer before its
// question.
func (d *draft) disturb(share float64) {
	d.plan.corrupt, d.plan.stale, d.plan.swapped = share/3, share/3, share/3
}

// slewFast slews the host's clocks between two bursts.
func (d *draft) slewFast() {
	d.s.Host.RateE18 = d.ppm(30)
	d.s.Host.Slews = []Slew{{At: d.inGap(), By: d.signed(d.between(5*ms, 50*ms)), PPM: 500}}
}

func (d *draft) phoneStep(by time.Duration) {
	d.s.Phone.Steps = []Step{{At: d.inGap(), By: d.signed(by)}}
}

func (d *draft) hostStep() {
	d.s.Host.Steps = []Step{{At: d.inGap(), By: d.signed(d.between(20*ms, 500*ms))}}
}
