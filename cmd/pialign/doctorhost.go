package main

import (
	"errors"
	"strings"
	"time"

	"github.com/pialign/pialign/probe"
)

// hostChecks look at this computer, in the order in which findings of one level are told.
var hostChecks = []check[hostFacts]{
	{"folder", checkFolder},
	{"disk", checkDisk},
	{"unfinished", checkUnfinished},
	{"host-clock", checkHostClock},
	{"ntp", checkNTP},
	{"resolution", checkResolution},
	{"mdns", checkMDNS},
}

func checkFolder(h *hostFacts) opinion {
	if h.folder == nil || h.folder.writeErr == nil {
		return opinion{}
	}
	return fix("nothing can be written to %s (%v): choose another --session folder", h.folder.dir, oneLine(h.folder.writeErr))
}

// A session of hours takes some MB: 1 kB an exchange, 0.4 MB of clock readings an hour. The rest is for whatever else fills the disk.
const (
	diskFix  = 20 << 20
	diskMind = 500 << 20
)

func checkDisk(h *hostFacts) opinion {
	switch f := h.folder; {
	case f == nil || f.freeErr != nil:
		return opinion{}
	case f.free < diskFix:
		return fix("only %s are free on the disk of %s: free some space, or the log of a long session is lost", size(f.free), f.dir)
	case f.free < diskMind:
		return mind("only %s are free on the disk of %s: enough for pialign, but free some space before anything else fills it", size(f.free), f.dir)
	default:
		return fine("%s are free on the disk of %s", size(f.free), f.dir)
	}
}

func checkUnfinished(h *hostFacts) opinion {
	if h.folder == nil || h.folder.unfinished == 0 {
		return opinion{}
	}
	return mind("a crash left %d unfinished logs in %s: finish them with pialign recover %s", h.folder.unfinished, h.folder.dir, quoted(h.folder.dir))
}

// checkHostClock reads what the system says of who corrects its wall clock. Only Linux says anything.
func checkHostClock(h *hostFacts) opinion {
	d := h.clock.Discipline
	switch {
	case strings.Contains(d, "STA_UNSYNC"), strings.Contains(d, "TIME_ERROR"):
		return mind("this computer's clock is synchronised by nobody: times will fit this computer, but no other; turn its time service on well before the session, not during it")
	case strings.Contains(d, "TIME_OK"), strings.Contains(d, "TIME_INS"), strings.Contains(d, "TIME_DEL"):
		return fine("this computer's clock is synchronised")
	case strings.HasPrefix(h.clock.OS, "windows"):
		return fine("Windows does not tell programs whether its clock is synchronised: w32tm /query /status does, and --ntp measures")
	case strings.HasPrefix(h.clock.OS, "darwin"):
		return fine("macOS does not tell programs whether its clock is synchronised: --ntp measures")
	}
	return fine("the system does not say whether its clock is synchronised: --ntp measures")
}

// ntpMind is how far from a time server a synchronised computer may be: over the Internet NTP keeps within some tens of ms.
const ntpMind = 50 * time.Millisecond

func checkNTP(h *hostFacts) opinion {
	n := h.ntp
	switch {
	case n == nil:
		return opinion{}
	case errors.Is(n.err, errNTPUnfit):
		return mind("the time server %s answers, but is not to be trusted (%v): name another with --ntp", n.server, oneLine(n.err))
	case n.err != nil:
		return mind("the time server %s does not answer (%v): UDP port 123 may be blocked here, or name another with --ntp", n.server, oneLine(n.err))
	case n.offset.Abs() > ntpMind+n.spread:
		return mind("this computer's clock is %s %s of %s: synchronise it well before the session, not during it", span(n.offset.Abs().Round(time.Microsecond)), aheadOr(n.offset < 0), n.server)
	}
	return fine("this computer's clock is within %s of %s", ms(n.offset.Abs()+n.spread), n.server)
}

func aheadOr(ahead bool) string {
	if ahead {
		return "ahead"
	}
	return "behind"
}

// coarseClock is the resolution from which on the clock and no longer the network limits the bound: a tenth of the best that Wi-Fi gives.
const coarseClock = 100 * time.Microsecond

func checkResolution(h *hostFacts) opinion {
	coarsest := max(h.clock.WallResolution, h.clock.MonoResolution)
	if coarsest >= coarseClock {
		return mind("this computer's clocks move in steps of %s, and every bound is wider by as much: measure with another computer, or outside a virtual machine", ms(coarsest))
	}
	return fine("this computer's clocks move in steps of %v", coarsest)
}

func checkMDNS(h *hostFacts) opinion {
	m := h.mdns
	switch {
	case m == nil:
		return opinion{} // whether phones were heard is the phone check's to tell
	case m.err != nil:
		what := "phones cannot be looked for here"
		if errors.Is(m.err, probe.ErrMulticast) {
			what = "multicast cannot be sent from this computer"
		}
		return mind("%s (%v): allow UDP port 5353 in the firewall, or go on naming phones by address", what, oneLine(m.err))
	case len(m.silent) > 0:
		return mind("mDNS does not get through: %s answers but was not heard; this network may block multicast, so go on naming phones by address", strings.Join(m.silent, ", "))
	}
	return fine("phones are heard by mDNS")
}
