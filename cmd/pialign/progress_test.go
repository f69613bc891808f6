package main

import (
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

func shownProgress(t *testing.T, o probeOptions, phones int) (*progress, *strings.Builder, *fakephone.VirtualTime) {
	var b strings.Builder
	clock := fakephone.NewVirtualTime(1_000_000_000, 1_000_000_000)
	m := &measurement{talk: newSpeaker(&b), o: o, clock: clock, phones: make([]*measured, phones)}
	for i := range m.phones {
		m.phones[i] = &measured{}
	}
	return newProgress(t.Context(), m), &b, clock
}

func flushed(t *testing.T, p *progress) {
	t.Helper()
	if err := p.talk.flush(); err != nil {
		t.Fatal(err)
	}
}

func good() probe.Exchange {
	return probe.Exchange{Sample: align.Sample{}, Outcome: probe.OK}
}

func TestProgressIsALinePerTenPercent(t *testing.T) {
	p, b, _ := shownProgress(t, probeOptions{count: 200}, 2)
	for range 200 {
		p.step(0, good())
	}
	if p.shown > 0 {
		t.Error("a line, and the slower phone has not begun")
	}
	for i := range 200 {
		e := good()
		if i == 100 {
			e.Outcome = probe.Timeout
		}
		p.step(1, e)
	}
	p.end()
	flushed(t, p)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 10 || lines[0] != "pialign: probing: 10 %, 20 exchanges with each of 2 phones" || lines[9] != "pialign: probing: 100 %, 200 exchanges with each of 2 phones, 1 lost" {
		t.Errorf("%q", lines)
	}
	if strings.Contains(b.String(), "\r") {
		t.Error("a line is drawn over, and no terminal is there")
	}
}

func TestProgressOfALongMeasurement(t *testing.T) {
	p, b, clock := shownProgress(t, probeOptions{count: 2, every: 10e9, total: 100e9}, 1)
	p.step(0, good())
	clock.Advance(35e9)
	p.step(0, good())
	clock.Advance(100e9) // the last burst ends after its time
	p.step(0, good())
	p.end()
	flushed(t, p)
	if got := b.String(); got != "pialign: probing: 30 %, 2 exchanges\npialign: probing: 100 %, 3 exchanges\n" {
		t.Errorf("%q", got)
	}
	p, b, _ = shownProgress(t, probeOptions{count: 2, every: 10e9}, 1)
	for range 4 {
		p.step(0, good())
	}
	p.end()
	flushed(t, p)
	if got := b.String(); got != "pialign: probing: 1 burst, 2 exchanges; Ctrl-C ends\npialign: probing: 2 bursts, 4 exchanges; Ctrl-C ends\n" {
		t.Errorf("without an end: %q", got)
	}
}
