package scenario

import "time"

// edges are families at the edges of what a fit is offered for.
var edges = []Family{
	{Name: "outliers_lost", Shows: "corrupt stamps, lost answers, few exchanges", draw: func(d *draft) { d.plan.count, d.plan.loss, d.plan.corrupt = 35, 0.1, 0.05 }},
	{Name: "host_step", Shows: "the host's wall clock is set among bursts", draw: func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 20)
		d.hostStep()
	}},
	{Name: "host_step_windows", Shows: "the same on a host whose monotonic clock runs free", draw: func(d *draft) {
		d.s.Host = windows(d.s.Host.Boot, d.ppm(20))
		d.every(d.between(5*time.Minute, 10*time.Minute), 20)
		d.hostStep()
	}},
	{Name: "host_slew_fast", Shows: "the host's clocks are slewed by 5 to 50 ms at 500 ppm between two bursts; its raw clock is read with each", draw: func(d *draft) {
		d.s.Host.RateE18 = d.ppm(30)
		d.s.Host.Slews = []Slew{{At: d.inGap(), By: d.signed(d.between(5*ms, 50*ms)), PPM: 500}}
		d.readings = true
	}},
	{Name: "host_slew_turn", Shows: "about halfway between two bursts the host's clocks begin to run 5 to 25 ppm faster or slower; raw clock and stated rate are read with the bursts alone", draw: func(d *draft) {
		at := d.begin.Add(d.between(d.span*9/20, d.span*11/20))
		d.s.Host.Slews = []Slew{{At: at, By: d.signed(time.Hour), PPM: 5 + d.r.Int64N(21)}} // it goes on to the end
		d.s.Host.StatesSlews, d.readings = true, true
	}},
	{Name: "single_phase", Shows: "one burst only", draw: func(d *draft) { d.plan.starts = d.plan.starts[:1] }},
	{Name: "one_minute", Shows: "a session of a minute", draw: func(d *draft) { d.plan.starts[len(d.plan.starts)-1] = time.Minute }},
	{Name: "eight_hours", Shows: "a session of eight hours with a wandering rate", draw: func(d *draft) {
		d.plan.starts[len(d.plan.starts)-1] = 8 * time.Hour
		d.span = 8 * time.Hour
		d.wander(0.7)
	}},
	{Name: "two_probes", Shows: "one exchange at the start, one at the end", draw: func(d *draft) { d.plan.count = 1 }},
	{Name: "shuffled", Shows: "the log is shuffled, and half of it written twice", draw: func(d *draft) { d.shuffle = true }},
	{Name: "lost_phase", Shows: "three bursts, of which the middle one is lost", draw: func(d *draft) {
		d.every(d.span/2, 50)
		d.plan.starts = []time.Duration{d.plan.starts[0], d.plan.starts[len(d.plan.starts)-1]}
	}},
	{Name: "hundred_thousand", Most: 2, Shows: "a session of seven hours with an exchange four times a second: 100 000 of them; the rate wanders", draw: func(d *draft) {
		d.plan = plan{starts: []time.Duration{0}, count: 100_000, spacing: 250 * ms}
		d.span = 7 * time.Hour
		d.wander(0.7)
	}},
}
