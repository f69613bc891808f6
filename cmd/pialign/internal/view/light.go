package view

import "time"

// Light is the traffic light of one phone, the best first.
type Light int

// The lights. Wait and Check are both amber: nothing need be done, something should.
const (
	Good Light = iota
	Wait
	Check
	Bad
)

// String returns the word beside the colour, for those who do not see it.
func (l Light) String() string { return [...]string{"OK", "WAIT", "CHECK", "BAD"}[l] }

// Colour returns the colour's name.
func (l Light) Colour() string { return [...]string{"green", "amber", "amber", "red"}[l] }

// The limits of the rules.
const (
	enoughSilence = 5                     // exchanges lost in a row until a phone counts as gone, as at the end of a run
	fewSilent     = 2                     // until that is worth a look: of a network that loses 1 in 10, one pair in a hundred
	fewAnswers    = 10                    // a fit warns of fewer
	lossy         = 10                    // per cent of the latest exchanges
	lossyLeast    = 3                     // one or two lost ones are nobody's fault
	lowBattery    = 20                    // per cent: an hour's recording takes about that
	lateTimes     = 3                     // answers that take so many times the fastest round trip
	late          = 50 * time.Millisecond // and at least this long: half of a Wi-Fi beacon's 102.4 ms
	settled       = 20                    // answers after which the fastest round trip hardly shrinks
	farOff        = time.Second           // the vendor speaks of about 1 s after a day without network time
)

// rule is a thing that may be wrong with a phone.
type rule struct {
	light  Light
	breaks func(*State, *Phone) bool
	say    func(s *State, p *Phone, names string) string // to the assistant; p is the first phone of names
}

// rules has what is most urgent first: of those that some phone breaks, the first is the advice.
var rules = []rule{
	{Bad, func(_ *State, p *Phone) bool { return p.Failed != "" },
		func(_ *State, p *Phone, names string) string {
			return "not measured: " + names + " (" + p.Failed + ")"
		}},
	{Bad, func(_ *State, p *Phone) bool { return p.Silent >= enoughSilence || p.OK == 0 && p.Silent >= fewSilent },
		func(_ *State, _ *Phone, names string) string {
			return "no answer from " + names + ": turn the screen on, open the Companion app, look at the phone's Wi-Fi"
		}},
	{Bad, func(_ *State, p *Phone) bool { return p.Unusable },
		func(_ *State, _ *Phone, names string) string {
			return "the exchanges with " + names + " contradict each other and cannot be used: let nobody set a clock, then probe again"
		}},
	{Check, func(_ *State, p *Phone) bool { return p.Set && !p.Unusable },
		func(_ *State, _ *Phone, names string) string {
			return "a clock was set, this computer's or that of " + names + ": let no clock be set until the session is over"
		}},
	{Check, func(_ *State, p *Phone) bool {
		return p.StatusKnown && (p.BatteryLow || p.Battery >= 0 && p.Battery < lowBattery)
	},
		func(_ *State, p *Phone, names string) string {
			if p.Battery < 0 {
				return "battery low: charge " + names
			}
			return "battery low (" + percent(p.Battery) + "): charge " + names
		}},
	{Check, func(_ *State, p *Phone) bool { return p.StatusKnown && p.StorageLow },
		func(_ *State, _ *Phone, names string) string { return "storage low: make room on " + names }},
	{Check, func(_ *State, p *Phone) bool { return p.StatusKnown && !p.Glasses },
		func(_ *State, _ *Phone, names string) string { return "no glasses: connect them to " + names }},
	{Check, func(s *State, p *Phone) bool { return s.unrecorded(p) && p.Bounded && p.Offset.Abs() > farOff },
		func(_ *State, p *Phone, names string) string {
			return "clock " + coarse(p.Offset.Abs()) + " off: sync it before you record (on " + names +
				" switch network-provided time off and on), then probe again"
		}},
	{Check, (*State).unrecorded,
		func(_ *State, _ *Phone, names string) string { return "recording is not running: start it on " + names }},
	{Check, func(_ *State, p *Phone) bool { return p.Silent >= fewSilent },
		func(_ *State, _ *Phone, names string) string {
			return "answers from " + names + " are missing: turn the screen on, come closer to the access point"
		}},
	{Check, func(_ *State, p *Phone) bool {
		lost, of := p.lately()
		return lost >= lossyLeast && 100*lost >= lossy*of
	},
		func(_ *State, p *Phone, names string) string {
			lost, of := p.lately()
			return names + " loses answers (" + count(lost) + " of " + count(of) + "): come closer to the access point, or use Ethernet"
		}},
	{Check, func(_ *State, p *Phone) bool { return p.Median >= late && p.Median >= lateTimes*p.Best },
		func(_ *State, p *Phone, names string) string {
			return names + " answers late (" + coarse(p.Median) + ", at best " + coarse(p.Best) + "): turn the screen on, come closer to the access point"
		}},
	{Check, func(s *State, p *Phone) bool { return s.MaxError > 0 && p.OK >= settled && p.Best/2 > s.MaxError },
		func(s *State, p *Phone, names string) string {
			return names + " answers in " + coarse(p.Best) + " at best, which cannot prove " + coarse(s.MaxError) + ": use Ethernet, or come closer to the access point"
		}},
	{Wait, func(_ *State, p *Phone) bool { return p.OK < fewAnswers },
		func(_ *State, _ *Phone, names string) string { return "wait: few answers from " + names + " so far" }},
	{Wait, func(s *State, p *Phone) bool {
		return s.MaxError > 0 && !p.Unusable && (!p.Bounded || p.Bound > s.MaxError)
	},
		func(s *State, _ *Phone, names string) string {
			return "wait: " + names + " is not yet proven to be within " + coarse(s.MaxError)
		}},
}

// unrecorded reports whether a recording should be running and is not. At the end it may be over.
func (s *State) unrecorded(p *Phone) bool {
	return p.StatusKnown && !p.Recording && s.Phase != "end"
}

// Light returns the light of s.Phones[i].
func (s *State) Light(i int) Light {
	worst := Good
	for _, r := range rules {
		if r.light > worst && r.breaks(s, &s.Phones[i]) {
			worst = r.light
		}
	}
	return worst
}

// troubles returns the first of the rules that s.Phones[i] breaks, and how many.
func (s *State) troubles(i int) (first, many int) {
	first = len(rules)
	for n, r := range rules {
		if r.breaks(s, &s.Phones[i]) {
			first = min(first, n)
			many++
		}
	}
	return first, many
}
