package main

import (
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

func shownProgress(o probeOptions, phones int, terminal bool) (*progress, *strings.Builder, *fakephone.VirtualTime) {
	var b strings.Builder
	clock := fakephone.NewVirtualTime(1_000_000_000, 1_000_000_000)
	m := &measurement{s: stdio{err: &b}, o: o, clock: clock, phones: make([]*measured, phones)}
	for i := range m.phones {
		m.phones[i] = &measured{}
	}
	p := newProgress(m)
	p.terminal = terminal
	return p, &b, clock
}

func good() probe.Exchange {
	return probe.Exchange{Sample: align.Sample{}, Outcome: probe.OK}
}

func TestProgressIsALinePerTenPercent(t *testing.T) {
	p, b, _ := shownProgress(probeOptions{count: 200}, 2, false)
	for range 200 {
		p.step(0, good())
	}
	if b.Len() > 0 {
		t.Errorf("the slower phone has not begun: %q", b.String())
	}
	for i := range 200 {
		e := good()
		if i == 100 {
			e.Outcome = probe.Timeout
		}
		p.step(1, e)
	}
	p.end()
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 10 || lines[0] != "pialign: probing: 10 %, 20 exchanges with each of 2 phones" || lines[9] != "pialign: probing: 100 %, 200 exchanges with each of 2 phones, 1 lost" {
		t.Errorf("%q", lines)
	}
	if strings.Contains(b.String(), "\r") {
		t.Error("a line is drawn over, and no terminal is there")
	}
}

func TestProgressIsABarOnATerminal(t *testing.T) {
	p, b, _ := shownProgress(probeOptions{count: 4}, 1, true)
	for range 4 {
		p.step(0, good())
	}
	p.end()
	drawn := strings.Split(b.String(), "\r")
	if len(drawn) != 6 || !strings.HasPrefix(drawn[2], "[###############               ]  50 %  2 exchanges") || !strings.HasSuffix(b.String(), "100 %  4 exchanges\n") {
		t.Errorf("%q", drawn)
	}
}

func TestProgressOfALongMeasurement(t *testing.T) {
	p, b, clock := shownProgress(probeOptions{count: 2, every: 10e9, total: 100e9}, 1, false)
	p.step(0, good())
	clock.Advance(35e9)
	p.step(0, good())
	clock.Advance(100e9) // the last burst ends after its time
	p.step(0, good())
	if got := b.String(); got != "pialign: probing: 30 %, 2 exchanges\npialign: probing: 100 %, 3 exchanges\n" {
		t.Errorf("%q", got)
	}
	p, b, _ = shownProgress(probeOptions{count: 2, every: 10e9}, 1, false)
	for range 4 {
		p.step(0, good())
	}
	if got := b.String(); got != "pialign: probing: 1 bursts, 2 exchanges; Ctrl-C ends\npialign: probing: 2 bursts, 4 exchanges; Ctrl-C ends\n" {
		t.Errorf("without an end: %q", got)
	}
}
