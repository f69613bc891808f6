package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
)

// healthyHost is a computer of which there is nothing bad to say, though everything is looked at.
func healthyHost() *hostFacts {
	return &hostFacts{
		clock:  probe.ClockInfo{Discipline: "TIME_OK STA_PLL STA_NANO, frequency +1.000 ppm", OS: "linux/amd64", WallResolution: 40, MonoResolution: 40},
		ntp:    &ntpFacts{server: "ntp.example", offset: 3 * time.Millisecond, spread: 20 * time.Millisecond},
		mdns:   &mdnsFacts{},
		folder: &folderFacts{dir: "p01", free: 80 << 30},
	}
}

const phoneNow = align.HostTime(1_790_000_000_000_000_000)

// exchangesOf makes 40 exchanges, events and echoes in turns, of which number i takes rtt(i); the phone's clock is off
// by 12 ms.
func exchangesOf(rtt func(i int) time.Duration) []probe.Exchange {
	var out []probe.Exchange
	at := phoneNow
	for i := range 40 {
		by := probe.Event
		if i%2 == 1 {
			by = probe.Echo
		}
		d := rtt(i)
		stamp := align.DeviceTime(at.Add(d/2-12*time.Millisecond)) / 1_000_000 * 1_000_000
		out = append(out, probe.Exchange{Outcome: probe.OK, Sample: align.Sample{A: at, E: stamp, B: at.Add(d), Protocol: string(by), Seq: int64(i)}})
		at = at.Add(d + time.Duration(40+i*37%160)*time.Millisecond)
	}
	return out
}

func steady(i int) time.Duration {
	return 4*time.Millisecond + time.Duration(i*7%40)*100*time.Microsecond
}

// healthyPhone is a phone of which there is nothing bad to say.
func healthyPhone() *phoneFacts {
	return &phoneFacts{spec: "192.168.1.21:8080", addr: "192.168.1.21:8080", exchanges: exchangesOf(steady), status: probe.Status{
		Phone: probe.PhoneStatus{DeviceID: "fa4e000000000001", Name: "OnePlus8", Battery: 78, BatteryState: "OK",
			MemoryState: "OK", Memory: 99 << 30, EchoPort: 12321},
		Hardware: &probe.HardwareStatus{Version: "1.0", GlassesSerial: "h4gcf"}}}
}

func fail(e *probe.Exchange) {
	e.Outcome, e.Err, e.E, e.B = probe.Timeout, errors.New("i/o timeout"), 0, 0
}

// TestDoctorSaysOneThing puts one fault into healthy facts at a time. Each must yield its one sentence, and healthy facts
// none.
func TestDoctorSaysOneThing(t *testing.T) {
	type facts struct {
		h *hostFacts
		p *phoneFacts
	}
	for _, c := range []struct {
		name   string
		spoil  func(f facts)
		level  string
		check  string
		saying string // part of the sentence
		advice string // what to do
	}{
		{"nothing", func(facts) {}, "", "", "", ""},

		{"folder cannot be written", func(f facts) { f.h.folder.writeErr = errors.New("permission denied") }, "fix", "folder", "nothing can be written to p01 (permission denied)", "choose another"},
		{"disk full", func(f facts) { f.h.folder.free = 3 << 20 }, "fix", "disk", "only 3 MB are free", "free some space"},
		{"disk nearly full", func(f facts) { f.h.folder.free = 300 << 20 }, "mind", "disk", "only 300 MB are free", "free some space"},
		{"journals", func(f facts) { f.h.folder.unfinished = 2 }, "mind", "unfinished", "a crash left 2 unfinished logs", "pialign recover p01"},
		{"free-running", func(f facts) {
			f.h.clock.Discipline = "TIME_ERROR STA_UNSYNC STA_NANO, frequency +0.000 ppm, max error 16000000 us"
		}, "mind", "host-clock", "synchronised by nobody", "turn its time service on"},
		{"clock fault", func(f facts) { f.h.clock.Discipline = "TIME_ERROR STA_CLOCKERR" }, "mind", "host-clock", "synchronised by nobody", "turn its time service on"},
		{"far from NTP", func(f facts) { f.h.ntp.offset = -400 * time.Millisecond }, "mind", "ntp", "is 400.000 ms ahead of ntp.example", "synchronise it"},
		{"behind NTP", func(f facts) { f.h.ntp.offset = 4 * time.Second }, "mind", "ntp", "is 4.0 s behind of ntp.example", "synchronise it"},
		{"no NTP", func(f facts) { f.h.ntp.err = errors.New("i/o timeout") }, "mind", "ntp", "ntp.example does not answer", "UDP port 123"},
		{"NTP unfit", func(f facts) { f.h.ntp.err = fmt.Errorf("%w: kiss of death", errNTPUnfit) }, "mind", "ntp", "not to be trusted", "name another"},
		{"coarse wall clock", func(f facts) { f.h.clock.WallResolution = 15625 * time.Microsecond }, "mind", "resolution", "in steps of 15.625 ms", "another computer"},
		{"coarse monotonic clock", func(f facts) { f.h.clock.MonoResolution = time.Millisecond }, "mind", "resolution", "in steps of 1.000 ms", "another computer"},
		{"not heard", func(f facts) { f.h.mdns.silent = []string{"192.168.1.21:8080"} }, "mind", "mdns", "mDNS does not get through: 192.168.1.21:8080", "by address"},
		{"no multicast", func(f facts) { f.h.mdns.err = fmt.Errorf("looking: %w", probe.ErrMulticast) }, "mind", "mdns", "multicast cannot be sent", "port 5353"},

		{"no phone", func(f facts) { f.p.err = fmt.Errorf("%w at %s", probe.ErrNoPhone, f.p.spec) }, "fix", "phone", "no phone answers at 192.168.1.21:8080", "open the Companion app"},
		{"none found", func(f facts) { f.p.spec, f.p.err = "any", errors.New("no phone found within 10s") }, "fix", "phone", "no phone found within 10s", "--device HOST:PORT"},
		{"none can be looked for", func(f facts) { f.p.spec, f.p.err = "any", probe.ErrMulticast }, "fix", "phone", "multicast cannot be sent", "--device HOST:PORT"},
		{"not a phone", func(f facts) { f.p.err = probe.ErrNotAPhone }, "fix", "phone", "is no phone with the Companion app", "under \"Streaming\""},
		{"portal", func(f facts) {
			f.p.err = fmt.Errorf("%w: %w", probe.ErrNotAPhone, &probe.ReplyError{Status: 200, ContentType: "text/html; charset=utf-8"})
		}, "fix", "phone", "a web page answers at 192.168.1.21:8080", "log in"},
		{"another phone", func(f facts) { f.p.err = probe.ErrOtherPhone }, "fix", "phone", "another phone answers", "by its hardware id"},
		{"recording failed", func(f facts) {
			f.p.status.Recording = &probe.RecordingStatus{Action: "ERROR", Message: "watchdog"}
		}, "fix", "recording", "its recording failed (watchdog)", "begin anew"},
		{"storage critical", func(f facts) { f.p.status.Phone.Memory, f.p.status.Phone.MemoryState = 50<<20, "CRITICAL" }, "fix", "storage", "is critical, 50 MB free", "delete recordings"},
		{"storage low", func(f facts) { f.p.status.Phone.Memory = 2 << 30 }, "mind", "storage", "only 2.0 GB", "delete recordings"},
		{"battery critical", func(f facts) { f.p.status.Phone.Battery, f.p.status.Phone.BatteryState = 3, "CRITICAL" }, "fix", "battery", "is critical, at 3 %", "charge it"},
		{"battery low", func(f facts) { f.p.status.Phone.Battery = 20 }, "mind", "battery", "at 20 %", "charge it"},
		{"no glasses", func(f facts) { f.p.status.Hardware = nil }, "mind", "glasses", "sees no glasses", "plug them in"},
		{"glasses of nulls", func(f facts) { f.p.status.Hardware = &probe.HardwareStatus{} }, "mind", "glasses", "sees no glasses", "plug them in"},
		{"no event answered", func(f facts) {
			for i := range f.p.exchanges {
				if f.p.exchanges[i].Protocol == "event" {
					fail(&f.p.exchanges[i])
				}
			}
		}, "fix", "exchanges", "answers no event in a way that can be used (i/o timeout)", "restart the Companion app"},
		{"stamps stand still", func(f facts) {
			for i := range f.p.exchanges {
				if f.p.exchanges[i].Protocol == "event" {
					f.p.exchanges[i].E = f.p.exchanges[0].E
				}
			}
		}, "fix", "offset", "events contradict each other, 19 of 20", "restart the phone"},
		{"stamps jump", func(f facts) {
			for i := 0; i < len(f.p.exchanges); i += 4 {
				f.p.exchanges[i].E = f.p.exchanges[i].E.Add(5 * time.Second)
			}
		}, "fix", "offset", "events contradict each other, 10 of 20", "restart the phone"},
		{"one stamp is wrong", func(f facts) {
			f.p.exchanges[10].E = f.p.exchanges[10].E.Add(time.Second)
		}, "mind", "offset", "the stamps of 1 of 20 events contradict", "look again"},
		{"stamps of Time Echo jump", func(f facts) {
			for i := 1; i < len(f.p.exchanges); i += 4 {
				f.p.exchanges[i].E = f.p.exchanges[i].E.Add(5 * time.Second)
			}
		}, "mind", "echo-offset", "Time Echo contradict each other, 10 of 20", "measure by events"},
		{"some lost", func(f facts) {
			for i := 0; i < 12; i += 2 {
				fail(&f.p.exchanges[i])
			}
		}, "mind", "exchanges", "6 of 20 events got no answer", "turn the phone's screen on"},
		{"no echo", func(f facts) { f.p.status.Phone.EchoPort = 0 }, "mind", "time-echo", "offers no Time Echo", "update the app"},
		{"echo blocked", func(f facts) {
			for i := range f.p.exchanges {
				if f.p.exchanges[i].Protocol == "echo" {
					fail(&f.p.exchanges[i])
				}
			}
		}, "mind", "time-echo", "port 12321 does not answer", "firewall"},
		{"slow", func(f facts) {
			f.p.exchanges = exchangesOf(func(i int) time.Duration { return 200*time.Millisecond + steady(i) })
		}, "mind", "round-trip", "the fastest of 20 round trips took 204", "come closer"},
		{"varying", func(f facts) {
			f.p.exchanges = exchangesOf(func(i int) time.Duration { return time.Duration(4+i*29%200) * time.Millisecond })
		}, "mind", "round-trip", "round trips vary, from 4.000 ms to a median of", "the network is busy"},
		{"asleep", func(f facts) {
			at := phoneNow
			f.p.exchanges = exchangesOf(func(i int) time.Duration {
				d := steady(i)
				if i%3 > 0 {
					d += beacon - time.Duration(int64(at)%int64(beacon))
				}
				at = at.Add(d + time.Duration(40+i*37%160)*time.Millisecond)
				return d
			})
		}, "mind", "power-save", "waited for a beacon", "turn the screen on"},
		{"far clock", func(f facts) {
			for i := range f.p.exchanges {
				f.p.exchanges[i].E -= align.DeviceTime(3 * time.Hour)
			}
		}, "mind", "offset", "host - phone is 3 h 0 min", "set both clocks"},
		{"clock set meanwhile", func(f facts) {
			for i := range f.p.exchanges[:20] {
				f.p.exchanges[i].E -= align.DeviceTime(time.Second)
			}
		}, "fix", "offset", "contradict each other, 10 of 20", "let nobody set a clock"},
		{"two clocks", func(f facts) {
			for i := range f.p.exchanges {
				if f.p.exchanges[i].Protocol == "echo" {
					f.p.exchanges[i].E -= align.DeviceTime(100 * time.Millisecond)
				}
			}
		}, "mind", "two-clocks", "two clocks, 100", "use one protocol"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts{healthyHost(), healthyPhone()}
			c.spoil(f)
			found := append(judge(hostChecks, f.h, ""), judge(phoneChecks, f.p, "")...)
			worstFirst(found)
			var bad []finding
			for i, x := range found {
				if strings.ContainsAny(x.Text, "\n") || x.Text == "" {
					t.Errorf("not a sentence: %q", x.Text)
				}
				if x.Level != levelFine {
					if bad = append(bad, x); i != len(bad)-1 {
						t.Errorf("%q comes after what is fine", x.Text)
					}
				}
			}
			switch {
			case c.level == "" && len(bad) > 0:
				t.Errorf("of healthy facts: %q", bad)
			case c.level == "":
			case len(bad) != 1:
				t.Errorf("want one sentence, got %q", bad)
			case bad[0].Level != c.level || bad[0].Check != c.check || !strings.Contains(bad[0].Text, c.saying) || !strings.Contains(bad[0].Text, c.advice):
				t.Errorf("got %+v", bad[0])
			}
		})
	}
}

func TestDoctorSortsTheWorstFirst(t *testing.T) {
	h, p := healthyHost(), healthyPhone()
	h.folder.unfinished, h.folder.free = 1, 1<<20
	p.status.Phone.Battery, p.status.Phone.BatteryState = 2, "CRITICAL"
	found := append(judge(hostChecks, h, ""), judge(phoneChecks, p, "Ada's phone")...)
	worstFirst(found)
	var got []string
	for _, f := range found[:3] {
		got = append(got, f.Level+" "+f.Check)
	}
	if want := "fix disk,fix battery,mind unfinished"; strings.Join(got, ",") != want {
		t.Errorf("%q", got)
	}
	if s := found[1].String(); !strings.HasPrefix(s, "fix   Ada's phone: the phone's battery") {
		t.Error(s)
	}
}

// TestSleepIsNotSeenInJitter: of a thousand phones in busy networks, whose delays have nothing to do with beacons, none may be
// called asleep more often than the test's one in 3000 lets expect: at most three.
func TestSleepIsNotSeenInJitter(t *testing.T) {
	called := 0
	for seed := range uint64(1000) {
		r := newRand(seed)
		if _, certain := beaconShare(exchangesOf(func(int) time.Duration {
			return 4*time.Millisecond + time.Duration(r.ExpFloat64()*60e6)
		})); certain {
			called++
		}
	}
	if called > 3 {
		t.Errorf("%d of 1000", called)
	}
}
