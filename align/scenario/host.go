package scenario

import (
	"time"

	"github.com/pialign/pialign/align"
)

// Host is the computer's pair of clocks against true time.
type Host struct {
	Boot       align.HostTime // true time at which the monotonic clock showed 0
	WallTick   time.Duration
	MonoTick   time.Duration
	MonoDrift  int64  // 1e-18: how much the monotonic clock runs fast
	Steps      []Step // settings of the wall clock
	Slews      []Slew // corrections by rate
	SlewsMono  bool   // the monotonic clock is slewed with the wall clock, as on Linux
	NoReadings bool   // no monotonic readings
	RateE18    int64  // 1e-18: how much faster than its crystal a time service runs the monotonic clock
	// StatesSlews: slews are made by the rate, and the rate that the system states has those under way in it.
	StatesSlews bool
}

// Slew moves a clock forward by By from At on, at PPM.
type Slew struct {
	At  align.HostTime
	By  time.Duration
	PPM int64
}

// The clocks of the three systems: Linux reads ns and slews both clocks alike; macOS reads us of wall time and has a monotonic clock
// that runs free; Windows has ticks of 100 ns on both, and a performance counter that runs free.
func linux(boot align.HostTime) Host {
	return Host{Boot: boot, WallTick: 1, MonoTick: 1, SlewsMono: true}
}

func macOS(boot align.HostTime, drift int64) Host {
	return Host{Boot: boot, WallTick: time.Microsecond, MonoTick: 1, MonoDrift: drift}
}

func windows(boot align.HostTime, drift int64) Host {
	return Host{Boot: boot, WallTick: 100, MonoTick: 100, MonoDrift: drift}
}

// slewed returns by how much the clock has been slewed at true time h.
func (c Host) slewed(h align.HostTime) time.Duration {
	var out time.Duration
	for _, s := range c.Slews {
		done := max(time.Duration(int64(h.Sub(s.At))*s.PPM/1_000_000), 0)
		if s.By < 0 {
			out -= min(done, -s.By)
		} else {
			out += min(done, s.By)
		}
	}
	return out
}

// Wall returns what the wall clock would show at true time h if it had no tick.
func (c Host) Wall(h align.HostTime) align.HostTime {
	out := h.Add(c.slewed(h))
	for _, s := range c.Steps {
		if h >= s.At {
			out = out.Add(s.By)
		}
	}
	return out
}

// Mono returns what the monotonic clock would show at true time h if it had no tick.
func (c Host) Mono(h align.HostTime) align.MonoTime {
	d := h.Sub(c.Boot)
	out := align.MonoTime(int64(d) + scale(c.MonoDrift, int64(d)))
	if c.SlewsMono {
		out = out.Add(c.slewed(h))
	}
	return out
}

// Reading returns what a log of the host's clocks would hold for true time h, the raw clock included.
func (c Host) Reading(h align.HostTime) align.HostReading {
	wall, mono := c.read(h)
	d := h.Sub(c.Boot)
	stated := c.RateE18
	if c.StatesSlews {
		const second = time.Second
		stated += int64(c.slewed(h.Add(second))-c.slewed(h)) * (e18 / int64(second))
	}
	return align.HostReading{Wall: wall, Mono: mono, Raw: align.MonoTime(int64(d) - scale(c.RateE18, int64(d))), RateE18: stated, Rated: true}
}

// read returns both clocks' readings.
func (c Host) read(h align.HostTime) (align.HostTime, align.MonoTime) {
	wall := c.Wall(h)
	wall -= wall % align.HostTime(c.WallTick)
	if c.NoReadings {
		return wall, 0
	}
	mono := c.Mono(h)
	return wall, mono - mono%align.MonoTime(c.MonoTick)
}
