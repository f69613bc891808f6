package scenario

import "time"

// unseen are the families that break an assumption of the bound where nothing shows it.
var unseen = []Family{
	{Name: "phone_step_two", Limit: "the phone's clock was not set", MayRefuse: true,
		Shows: "two bursts, the phone's clock is set by 5 ms to 1 h between them: below 100 ppm of the pause it looks like drift", draw: func(d *draft) {
			d.setPhone(d.inGap(), d.doublings(5*ms, time.Hour))
		}},
	{Name: "host_slew_rates", Limit: "the host's clock was not slewed", MayRefuse: true,
		Shows: "the host's clocks are slewed by 5 to 50 ms at 500 ppm between two bursts; the log has the rates stated at the bursts, and no raw clock", draw: func(d *draft) {
			d.slewFast()
			d.readings, d.rawless = true, true
		}},
	{Name: "host_slew_back", Limit: "the host's clock was not slewed", MayRefuse: true,
		Shows: "the host's clocks are slewed by 5 to 50 ms and back, at 500 ppm, between two bursts; the raw clock is read with the bursts alone", draw: func(d *draft) {
			d.slewFast()
			there := d.s.Host.Slews[0]
			d.s.Host.Slews = append(d.s.Host.Slews, Slew{At: there.At.Add(3 * time.Minute), By: -there.By, PPM: 500})
			d.readings = true
		}},
	{Name: "host_slew_unlogged", Limit: "the host's clock was not slewed", MayRefuse: true,
		Shows: "the host's clocks are slewed by 5 to 50 ms at 500 ppm between two bursts; no log of them", draw: func(d *draft) { d.slewFast() }},
	{Name: "host_slew_unlogged_many", Limit: "the host's clock was not slewed", MayRefuse: true, Shows: "the same among many bursts", draw: func(d *draft) {
		d.every(d.between(5*time.Minute, 10*time.Minute), 20)
		d.slewFast()
	}},
}
