package scenario

import (
	"math/rand/v2"
	"time"

	"github.com/pialign/pialign/align"
)

// Link is the network between host and phone.
type Link struct {
	Up, Down Delay
	// A sleeping radio holds messages back until the next beacon, with these probabilities.
	HoldUp, HoldDown float64
	SleepsFrom       align.HostTime // from here on; 0: always
	Beacon           time.Duration  // their spacing; 0: 102.4 ms, the usual one
	Busy             []Episode
	Moved            align.HostTime // from here on MovedUp and MovedDown hold; 0: never
	MovedUp          Delay
	MovedDown        Delay
}

// Episode is a time of congestion: every message takes longer by a delay with this law.
type Episode struct {
	From, To align.HostTime
	Extra    Delay
}

const usualBeacon = 102400 * time.Microsecond

// up returns how long a message sent at true time h takes to the phone.
func (l Link) up(r *rand.Rand, h align.HostTime) time.Duration {
	d := l.Up
	if l.Moved != 0 && h >= l.Moved {
		d = l.MovedUp
	}
	return l.way(r, h, d, l.HoldUp)
}

// down returns how long a message sent at true time h takes from the phone.
func (l Link) down(r *rand.Rand, h align.HostTime) time.Duration {
	d := l.Down
	if l.Moved != 0 && h >= l.Moved {
		d = l.MovedDown
	}
	return l.way(r, h, d, l.HoldDown)
}

func (l Link) way(r *rand.Rand, h align.HostTime, d Delay, hold float64) time.Duration {
	var waited time.Duration
	if hold > 0 && h >= l.SleepsFrom && r.Float64() < hold {
		beacon := l.Beacon
		if beacon == 0 {
			beacon = usualBeacon
		}
		waited = beacon - time.Duration(int64(h)%int64(beacon))
	}
	for _, e := range l.Busy {
		if e.From <= h && h < e.To {
			waited += e.Extra.Draw(r)
		}
	}
	return waited + d.Draw(r)
}
