package scenario

import "time"

// stepped are the families in which the phone's clock is set.
var stepped = []Family{
	{Name: "phone_step", Shows: "the phone's clock is set by 5 to 200 ms among bursts", draw: func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 40)
		d.phoneStep(d.between(5*ms, 200*ms))
	}},
	{Name: "phone_step_hour", Shows: "the phone's clock is set by up to an hour", draw: func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 40)
		d.phoneStep(d.between(time.Second, time.Hour))
	}},
	{Name: "phone_step_second", Shows: "the phone's clock is set by 200 ms to 1 s at any moment", draw: func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 40)
		d.setPhone(d.anyMoment(), d.between(200*ms, time.Second))
	}},
	{Name: "phone_step_any", Shows: "the phone's clock is set by 5 ms to 1 h, every doubling as likely, at any moment", draw: func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 40)
		d.setPhone(d.anyMoment(), d.doublings(5*ms, time.Hour))
	}},
	{Name: "phone_step_burst", Shows: "the phone's clock is set by 20 ms to 1 h within one of many bursts", draw: func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 40)
		d.setPhone(d.inBurst(), d.doublings(20*ms, time.Hour))
	}},
	{Name: "phone_step_burst_small", MayRefuse: true, Shows: "the phone's clock is set by 3 to 20 ms within one of many bursts", draw: func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 40)
		d.setPhone(d.inBurst(), d.between(3*ms, 20*ms))
	}},
	{Name: "phone_step_few", MayRefuse: true, Shows: "three or four bursts, the phone's clock is set by 5 ms to 1 h at any moment", draw: func(d *draft) {
		d.every(d.span/time.Duration(2+d.r.IntN(2))-time.Second, 50)
		d.setPhone(d.anyMoment(), d.doublings(5*ms, time.Hour))
	}},
	{Name: "phone_step_two_burst", MayRefuse: true, Shows: "two bursts, the phone's clock is set by 20 ms to 1 h within one of them", draw: func(d *draft) {
		d.setPhone(d.inBurst(), d.doublings(20*ms, time.Hour))
	}},
	{Name: "phone_step_two_burst_small", MayRefuse: true, Shows: "two bursts, the phone's clock is set by 3 to 20 ms within one of them", draw: func(d *draft) {
		d.setPhone(d.inBurst(), d.between(3*ms, 20*ms))
	}},
}
