package scenario

import (
	"time"

	"github.com/pialign/pialign/align"
)

// steady are the families in which no clock is set and every exchange is honest.
var steady = []Family{
	{Name: "sym_lognormal", Core: true, Shows: "Wi-Fi: lognormal jitter both ways", draw: func(d *draft) {}},
	{Name: "sym_gamma", Core: true, Shows: "few messages come near the floor", draw: func(d *draft) { d.jitter(Gamma, 2*ms, 6*ms) }},
	{Name: "sym_exp", Core: true, Shows: "exponential jitter", draw: func(d *draft) { d.jitter(Exponential, 1*ms, 5*ms) }},
	{Name: "pareto_tail", Core: true, Shows: "a power tail", draw: func(d *draft) { d.jitter(Pareto, 500*us, 2*ms) }},
	{Name: "asym_jitter", Core: true, Shows: "one direction jitters ten times as much", draw: func(d *draft) {
		d.jitter(LogNormal, 500*us, 1*ms)
		if d.coin() {
			d.link.Up.Scale *= 10
		} else {
			d.link.Down.Scale *= 10
		}
	}},
	{Name: "one_sided", Core: true, Shows: "one direction does not jitter at all", draw: func(d *draft) {
		d.link.Up = Delay{Law: Constant, Floor: d.link.Up.Floor}
	}},
	{Name: "psm_request", Core: true, Shows: "a sleeping radio holds requests until the beacon", draw: func(d *draft) { d.link.HoldUp = 0.3 + d.r.Float64()*0.4 }},
	{Name: "psm_reply", Core: true, Shows: "a sleeping radio holds replies until the beacon", draw: func(d *draft) { d.link.HoldDown = 0.3 + d.r.Float64()*0.4 }},
	{Name: "congested", Core: true, Shows: "episodes of congestion", draw: func(d *draft) {
		for _, at := range d.plan.starts {
			from := d.begin.Add(at + d.between(0, 3*time.Second))
			d.link.Busy = append(d.link.Busy, Episode{from, from.Add(d.between(time.Second, 3*time.Second)), Delay{Law: Exponential, Scale: 60 * ms}})
		}
	}},
	{Name: "const_asym", Core: true, Shows: "floors that differ by up to 2 ms: nobody can see it", draw: func(d *draft) { d.link.Up.Floor += d.between(0, 2*ms) }},
	{Name: "fast_lan", Core: true, Shows: "a wired-like path", draw: func(d *draft) {
		f := d.between(150*us, 400*us)
		d.link.Up, d.link.Down = Delay{Exponential, f, 30 * us, 0}, Delay{Exponential, f, 30 * us, 0}
		d.s.Tick = 1
	}},
	{Name: "quant_phone", Core: true, Shows: "ms stamps of the phone only", draw: func(d *draft) { d.s.Tick = time.Millisecond }},
	{Name: "quant_host", Core: true, Shows: "ms stamps of the host only", draw: func(d *draft) { d.s.Host.WallTick, d.s.Host.MonoTick = ms, ms }},
	{Name: "quant_both", Core: true, Shows: "ms stamps of both clocks", draw: func(d *draft) {
		d.s.Tick, d.s.Host.WallTick, d.s.Host.MonoTick = ms, ms, ms
		d.s.Host.Boot = d.s.Host.Boot / align.HostTime(ms) * align.HostTime(ms)
	}},
	{Name: "small_n", Core: true, Shows: "ten exchanges a burst", draw: func(d *draft) { d.plan.count = 10 }},
	{Name: "wander_2ph", Core: true, Shows: "the rate wanders, two bursts cannot see it", draw: func(d *draft) { d.wander(0.7) }},
	{Name: "multi_linear", Core: true, Shows: "a burst every few minutes", draw: func(d *draft) { d.every(d.between(4*time.Minute, 10*time.Minute), 20) }},
	{Name: "multi_wander", Core: true, Shows: "the same with a wandering rate", draw: func(d *draft) {
		d.every(d.between(4*time.Minute, 10*time.Minute), 20)
		d.wander(0.7)
	}},
	{Name: "trickle_wander", Core: true, Shows: "a lone exchange every ten seconds between two bursts, the rate wanders", draw: func(d *draft) {
		d.every(10*time.Second, 1)
		d.wander(0.7)
	}},
	{Name: "host_slew", Core: true, Shows: "the host's clocks are slewed by some ms at 1 to 5 ppm among many bursts", draw: func(d *draft) {
		d.every(d.between(4*time.Minute, 8*time.Minute), 20)
		at := d.begin.Add(d.between(d.span/4, d.span*3/4))
		d.s.Host.Slews = []Slew{{At: at, By: d.signed(d.between(1*ms, 8*ms)), PPM: 1 + d.r.Int64N(5)}}
	}},
	{Name: "roaming", Core: true, Shows: "the phone roams to another access point between bursts", draw: func(d *draft) {
		d.link.Moved = d.begin.Add(d.span / 2)
		d.link.MovedUp, d.link.MovedDown = d.link.Up, d.link.Down
		f := d.between(3*ms, 8*ms)
		d.link.MovedUp.Floor, d.link.MovedDown.Floor = f, f
	}},
	{Name: "macos", Core: true, Shows: "wall clock in us, monotonic clock runs free", draw: func(d *draft) { d.s.Host = macOS(d.s.Host.Boot, d.ppm(20)) }},
	{Name: "windows", Core: true, Shows: "ticks of 100 ns, performance counter runs free", draw: func(d *draft) { d.s.Host = windows(d.s.Host.Boot, d.ppm(20)) }},
	{Name: "wall_only", Core: true, Shows: "no monotonic readings", draw: func(d *draft) { d.s.Host.NoReadings = true }},
	{Name: "lost", Core: true, Shows: "a fifth of the exchanges is lost", draw: func(d *draft) { d.plan.loss = 0.2 }},
	{Name: "quant_round", Core: true, Shows: "ms stamps of a phone that rounds to the nearest, which the fit is not told: nobody can see it", draw: func(d *draft) {
		d.s.Tick, d.s.Nearest = time.Millisecond, true
	}},
	{Name: "quant_round_told", Core: true, Shows: "the same, told", draw: func(d *draft) {
		d.s.Tick, d.s.Nearest = time.Millisecond, true
		d.s.Options.Rounding = align.RoundingNearest
	}},
	{Name: "quant_round_fast", Core: true, Shows: "ms stamps rounded to the nearest, not told, on a wired-like path, where half a tick is more than the round trip", draw: func(d *draft) {
		f := d.between(150*us, 400*us)
		d.link.Up, d.link.Down = Delay{Exponential, f, 30 * us, 0}, Delay{Exponential, f, 30 * us, 0}
		d.s.Tick, d.s.Nearest = time.Millisecond, true
	}},
	{Name: "screen_off", Core: true, Shows: "the screen goes off in mid-session: from some moment on most messages wait for the beacon, one way; many bursts", draw: func(d *draft) {
		d.every(d.between(4*time.Minute, 10*time.Minute), 20)
		d.screenOff(d.anyMoment())
	}},
	{Name: "screen_off_burst", Core: true, Shows: "the same within the first or the last of two bursts", draw: func(d *draft) { d.screenOff(d.inBurst()) }},
}
