package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pialign/pialign/probe"
)

// phoneChecks look at one phone, in the order in which findings of one level are told.
var phoneChecks = []check[phoneFacts]{
	{"phone", checkReached},
	{"recording", reached(checkRecording)},
	{"storage", reached(checkStorage)},
	{"battery", reached(checkBattery)},
	{"glasses", reached(checkGlasses)},
	{"exchanges", reached(checkExchanges)},
	{"time-echo", reached(checkTimeEcho)},
	{"power-save", answering(checkPowerSave)},
	{"round-trip", answering(checkRoundTrip)},
	{"offset", answering(checkOffset)},
	{"echo-offset", answering(checkEchoOffset)},
	{"two-clocks", answering(checkTwoClocks)},
}

// reached is look for a phone that gave its status: of any other there is one thing to say.
func reached(look func(*phoneFacts) opinion) func(*phoneFacts) opinion {
	return func(p *phoneFacts) opinion {
		if p.err != nil {
			return opinion{}
		}
		return look(p)
	}
}

// answering is look for a phone that answered some event: those are what a session is measured by, and Time Echo says nothing of them.
func answering(look func(*phoneFacts) opinion) func(*phoneFacts) opinion {
	return func(p *phoneFacts) opinion {
		if p.err != nil || p.answered(probe.Event) == 0 {
			return opinion{}
		}
		return look(p)
	}
}

func checkReached(p *phoneFacts) opinion {
	var page *probe.ReplyError
	switch err := p.err; {
	case err == nil:
		app := "an app that does not say for which glasses"
		if a := appOf(p.status); a != "" {
			app = "the app for " + a
		}
		return fine("phone %s (%s) answers at %s with %s", or(p.status.Phone.Name, "without a name"), deviceName(p.status.Phone.DeviceID), p.addr, app)
	case errors.As(err, &page) && strings.Contains(page.ContentType, "html"):
		return fix("a web page answers at %s instead of the phone, as the log-in page of a network does: log in, or take the address that the Companion app shows under \"Streaming\"", p.spec)
	case errors.Is(err, probe.ErrNotAPhone):
		return fix("what answers at %s is no phone with the Companion app: take the address that the app shows under \"Streaming\" (%s)", p.spec, oneLine(err))
	case errors.Is(err, probe.ErrOtherPhone):
		return fix("another phone answers at the address of %s: name the phone by its hardware id (%s)", p.spec, oneLine(err))
	case errors.Is(err, probe.ErrMulticast):
		return fix("multicast cannot be sent from this computer, so no phone can be looked for: name it, --device HOST:PORT, with the address that the Companion app shows under \"Streaming\"")
	case p.spec == "any":
		return fix("%s: open the Companion app and turn the screen on; if it was, multicast is blocked here: name the phone, --device HOST:PORT, with the address that the app shows under \"Streaming\"", oneLine(err))
	}
	return fix("no phone answers at %s: open the Companion app, turn the screen on, and bring phone and computer into one network (%s)", p.spec, oneLine(p.err))
}

func checkRecording(p *phoneFacts) opinion {
	switch r := p.status.Recording; {
	case r == nil:
		return fine("no recording runs: begin it before the first phase if its events are to show the exchanges")
	case strings.EqualFold(r.Action, "ERROR"):
		return fix("the phone says that its recording failed (%s): stop it, check the glasses' cable and begin anew", or(r.Message, "without a reason"))
	case r.Running():
		return fine("a recording runs for %s", span(r.Duration))
	}
	return fine("no recording runs now")
}

// Storage. An hour of scene video takes some GB; the phone itself says when it is too little to begin.
const storageMind = 5 << 30

func checkStorage(p *phoneFacts) opinion {
	ph := p.status.Phone
	free := "little"
	if ph.Memory >= 0 {
		free = size(uint64(ph.Memory))
	}
	switch state := strings.ToUpper(ph.MemoryState); {
	case state == "LOW", state == "CRITICAL":
		return fix("storage on the phone is %s, %s free: delete recordings that are uploaded, or it refuses to record", strings.ToLower(state), free)
	case ph.Memory >= 0 && ph.Memory < storageMind:
		return mind("only %s are free on the phone: delete recordings that are uploaded before a long session", free)
	case ph.Memory < 0:
		return opinion{}
	}
	return fine("%s are free on the phone", free)
}

const batteryMind = 25 // per cent: a session of an hour takes as much and more

func checkBattery(p *phoneFacts) opinion {
	ph := p.status.Phone
	level := "at an unknown level"
	if ph.Battery >= 0 {
		level = fmt.Sprintf("at %d %%", ph.Battery)
	}
	switch state := strings.ToUpper(ph.BatteryState); {
	case state == "LOW", state == "CRITICAL":
		return fix("the phone's battery is %s, %s: charge it, or it refuses to record", strings.ToLower(state), level)
	case ph.Battery >= 0 && ph.Battery < batteryMind:
		return mind("the phone's battery is %s: charge it before a long session", level)
	case ph.Battery < 0:
		return opinion{}
	}
	return fine("the phone's battery is %s", level)
}

func checkGlasses(p *phoneFacts) opinion {
	if h := p.status.Hardware; h == nil || *h == (probe.HardwareStatus{}) {
		return mind("the phone sees no glasses: plug them in before the first phase, since plugging may move the clock of their stamps")
	}
	return opinion{}
}

// lossMind is the share of lost exchanges that a network in order stays below.
const lossMind = 0.1

func checkExchanges(p *phoneFacts) opinion {
	asked, good := p.asked(probe.Event), p.answered(probe.Event)
	switch lost := asked - good; {
	case asked == 0:
		return opinion{}
	case good == 0:
		return fix("the phone gives its status but answers no event in a way that can be used (%v): restart the Companion app", oneLine(orNone(p.lastError(probe.Event))))
	case float64(lost) > lossMind*float64(asked):
		return mind("%d of %d events got no answer (%v): turn the phone's screen on, come closer to the access point, or use Ethernet", lost, asked, oneLine(p.lastError(probe.Event)))
	}
	return opinion{}
}

func orNone(err error) error {
	if err == nil {
		return errors.New("nothing came")
	}
	return err
}

func checkTimeEcho(p *phoneFacts) opinion {
	port := p.status.Phone.EchoPort
	switch {
	case port == 0:
		return mind("the phone offers no Time Echo, as apps before 1.4.28: events, the default of probe, do without; update the app for --protocol echo")
	case p.asked(probe.Echo) > 0 && p.answered(probe.Echo) == 0:
		return mind("Time Echo at port %d does not answer (%v): a firewall may block the port; events, the default of probe, do without", port, oneLine(orNone(p.lastError(probe.Echo))))
	}
	return fine("Time Echo answers at port %d", port)
}

func checkPowerSave(p *phoneFacts) opinion {
	if share, ok := beaconShare(p.exchanges); ok {
		return mind("the phone's radio sleeps: %.0f %% of the exchanges waited for a beacon of the access point; turn the screen on and keep it on (probe wakes the radio, but a sleeping one loses more)", 100*share)
	}
	return opinion{}
}

// Round trips over Wi-Fi take from 3 ms, those of the vendor's page up to 400. Half the shortest is the least that a bound can be.
const (
	slowest = 20 * time.Millisecond // the shortest should be below
	varied  = 60 * time.Millisecond // the median should be below
)

func checkRoundTrip(p *phoneFacts) opinion {
	least, median := p.roundTrips(probe.Event)
	_, asleep := beaconShare(p.exchanges)
	_, contradicting := p.offset(probe.Event)
	bound := least/2 + time.Millisecond*3/4 // half the width of what one exchange leaves open, see offset
	switch {
	case least > slowest:
		return mind("the fastest of %d round trips took %s, so no bound will be below %s: come closer to the access point, use Ethernet or a hotspot of this computer", p.answered(probe.Event), ms(least), ms(bound))
	case median > varied && !asleep:
		return mind("round trips vary, from %s to a median of %s: the network is busy; come closer to the access point, use Ethernet or a hotspot of this computer", ms(least), ms(median))
	case contradicting > 0: // what no bound can be promised of
		return fine("round trips take %s at the least, %s as a rule", ms(least), ms(median))
	}
	return fine("round trips take %s at the least, %s as a rule: one burst will bound the offset to some %s", ms(least), ms(median), ms(bound))
}

// What the vendor says about two clocks that were synchronised.
const (
	offsetFresh = 20 * time.Millisecond
	offsetDay   = 150 * time.Millisecond // a day later: the older page
	offsetDay2  = 1200 * time.Millisecond
)

// contradictingMind is the share of events that may contradict the others before a session cannot be trusted to the phone. A fit leaves out as many without harm.
const contradictingMind = 0.1

func checkOffset(p *phoneFacts) opinion {
	v, contradicting := p.offset(probe.Event)
	switch good := p.answered(probe.Event); {
	case float64(contradicting) > contradictingMind*float64(good):
		return fix("the stamps of the phone's events contradict each other, %d of %d, so that nothing can be measured by them: let nobody set a clock, restart the phone, and look again", contradicting, good)
	case contradicting > 0:
		return mind("the stamps of %d of %d events contradict those of the others, as when something sets a clock: leave both clocks alone, and look again before the session", contradicting, good)
	}
	off := fmt.Sprintf("host - phone is %s +- %s", signedSpan(v.Mid()), ms(v.Width()/2))
	switch far := v.Mid().Abs() - v.Width()/2; {
	case far <= offsetFresh:
		return fine("%s: as after fresh synchronisation, when the vendor promises less than 20 ms", off)
	case far <= offsetDay:
		return fine("%s: as the vendor's older page expects it within a day of synchronisation, less than 150 ms; pialign measures it", off)
	case far <= offsetDay2:
		return fine("%s: as the vendor's newer page expects it after a day, about 1 s; pialign measures it", off)
	}
	return mind("%s, more than the second that the vendor expects after a day: set both clocks from the network before the session (on the phone, switch \"use network-provided time\" off and on), not during it", off)
}

// signedSpan writes an offset: in ms as long as that reads well.
func signedSpan(d time.Duration) string {
	if d.Abs() < 10*time.Second {
		return ms(d)
	}
	return span(d)
}

func checkEchoOffset(p *phoneFacts) opinion {
	_, events := p.offset(probe.Event)
	if _, contradicting := p.offset(probe.Echo); contradicting > 0 && events == 0 { // else one clock is behind both
		return mind("the stamps of Time Echo contradict each other, %d of %d: measure by events, the default of probe", contradicting, p.answered(probe.Echo))
	}
	return opinion{}
}

func checkTwoClocks(p *phoneFacts) opinion {
	a, bad1 := p.offset(probe.Event)
	b, bad2 := p.offset(probe.Echo)
	if p.answered(probe.Echo) == 0 || bad1 > 0 || bad2 > 0 || !a.Intersect(b).Empty() {
		return opinion{}
	}
	return mind("events and Time Echo are answered from two clocks, %s apart: use one protocol for the whole study", ms((a.Mid() - b.Mid()).Abs()))
}

// size writes a number of bytes for people.
func size(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.0f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d kB", n>>10)
}
