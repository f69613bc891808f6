package scenario

import "time"

// disturbed are the families with exchanges that are not honest where few others contradict them.
var disturbed = []Family{
	{Name: "trickle_corrupt", Shows: "a lone exchange every ten seconds, one in ten with a corrupt stamp, an answer to the one before or an answer before its question", draw: func(d *draft) {
		d.every(10*time.Second, 1)
		d.disturb(0.1)
	}},
	{Name: "lone_corrupt", Shows: "two bursts and a lone exchange every minute or two between them, one in ten of all as bad", draw: func(d *draft) {
		d.alone(d.between(time.Minute, 2*time.Minute))
		d.disturb(0.1)
	}},
	{Name: "lone_corrupt_wander", Shows: "the same with a wandering rate and ms stamps", draw: func(d *draft) {
		d.alone(d.between(time.Minute, 2*time.Minute))
		d.disturb(0.1)
		d.wander(0.7)
		d.s.Tick = time.Millisecond
	}},
}
