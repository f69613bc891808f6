package align

import (
	"slices"
	"time"
)

const (
	burstGap    = 5 * time.Second // a pause that ends a burst, if it is also
	burstPause  = 10              // times as long as the median spacing
	burstLength = 2 * time.Minute // at most: within it a drift of some ppm stays far below a round trip
	mostBursts  = 400             // the clock model's cost grows with their third power
)

// burst is a run of exchanges without a long pause.
type burst struct {
	phase    string
	all      []exchange // sane ones, in order of sending
	kept     []exchange // in order of x
	dropped  int
	refused  bool
	outvoted bool    // its neighbours contradict it
	unsure   bool    // it lies before a step or behind it
	forced   bool    // the larger part is kept even where it is no majority
	cut      bool    // it goes on where the one before ends: the phone's clock may have been set there
	centre   float64 // mean x of the sane exchanges
	lo, hi   float64 // the offsets at the centre that every kept exchange allows
	slope    float64 // the drift that they were compared with
}

// cut divides exchanges, in order of sending, into bursts. A new one begins at exchange i where
//
//	its phase is another and does not go on beside the one before, or
//	A_i - A_(i-1) > max(5 s, 10 median spacing), or
//	A_i - A_first > 2 min
//
// and where that would make more than mostBursts, after equal windows of time alone. Within a burst the clock drifts by less than a
// round trip, so that its exchanges can be compared with each other as they are.
func cut(ex []exchange) []burst {
	pause := int64(max(burstGap, burstPause*medianSpacing(ex)))
	apart := phasesApart(ex)
	out := cutAt(ex, func(first, before, e exchange) bool {
		return e.phase != before.phase && apart(before.phase, e.phase) || !within(before.a, e.a, pause) || !within(first.a, e.a, int64(burstLength))
	})
	if len(out) > mostBursts {
		length := max(int64(burstLength), saneSpan(ex)/mostBursts)
		out = cutAt(ex, func(first, _, e exchange) bool { return !within(first.a, e.a, length) })
	}
	return out
}

// cutAt starts a burst where begins says so of its first exchange, the one before and the next.
func cutAt(ex []exchange, begins func(first, before, e exchange) bool) []burst {
	var out []burst
	var first exchange
	for i, e := range ex {
		if i == 0 || begins(first, ex[i-1], e) {
			out = append(out, burst{phase: e.phase})
			first = e
		}
		b := &out[len(out)-1]
		if e.sane {
			b.all = append(b.all, e)
		} else {
			b.dropped++
		}
	}
	for i := range out {
		out[i].centre = centreOf(out[i].all)
	}
	return out
}

// phasesApart returns whether one of two phases ends before the other begins.
func phasesApart(ex []exchange) func(p, q string) bool {
	first, last := map[string]int64{}, map[string]int64{}
	for _, e := range ex {
		if _, seen := first[e.phase]; !seen {
			first[e.phase] = e.a
		}
		last[e.phase] = e.a
	}
	return func(p, q string) bool { return last[p] < first[q] || last[q] < first[p] }
}

// centreOf returns the mean x.
func centreOf(ex []exchange) float64 {
	sum := 0.0
	for _, e := range ex {
		sum += e.x
	}
	return sum / float64(max(len(ex), 1))
}

// within says whether b is at most span after a, which is no later. A corrupt time may be farther from a than 64 bits tell.
func within(a, b, span int64) bool {
	d, ok := subInt64(b, a)
	return ok && d <= span
}

// saneSpan returns the time from the first to the last sending that is no corrupt one.
func saneSpan(ex []exchange) int64 {
	sane := func(e exchange) bool { return e.sane }
	i := slices.IndexFunc(ex, sane)
	if i < 0 {
		return 0
	}
	n := len(ex) - 1
	for !sane(ex[n]) {
		n--
	}
	return ex[n].a - ex[i].a
}

func medianSpacing(ex []exchange) time.Duration {
	if len(ex) < 2 {
		return 0
	}
	gaps := make([]int64, len(ex)-1)
	for i := range gaps {
		gaps[i] = ex[i+1].a - ex[i].a
	}
	slices.Sort(gaps)
	return time.Duration(min(max(gaps[len(gaps)/2], 0), int64(time.Hour)))
}

// usable returns the bursts that something is left of.
func usable(bursts []burst) []burst {
	var out []burst
	for _, b := range bursts {
		if len(b.kept) > 0 {
			out = append(out, b)
		}
	}
	return out
}

// report describes b; o is the origin of its numbers.
func (b burst) report(o origin) BurstReport {
	r := BurstReport{Phase: b.phase, Kept: len(b.kept), Dropped: b.dropped}
	if len(b.kept) == 0 {
		return r
	}
	r.First = o.e + DeviceTime(b.kept[0].x)
	r.Last = o.e + DeviceTime(b.kept[len(b.kept)-1].x)
	rtt := make([]float64, len(b.kept))
	for i, e := range b.kept {
		rtt[i] = e.rtt
	}
	slices.Sort(rtt)
	r.RTTMin, r.RTTMax = time.Duration(rtt[0]), time.Duration(rtt[len(rtt)-1])
	r.RTTMedian, r.RTTP95 = time.Duration(quantile(rtt, 0.5)), time.Duration(quantile(rtt, 0.95))
	r.Width = time.Duration(b.hi - b.lo)
	r.Offset = time.Duration(o.d) + time.Duration(b.lo+(b.hi-b.lo)/2)
	return r
}
