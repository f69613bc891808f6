package main

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/pialign/pialign/probe"
)

// TestRecordingStartedInAPause: somebody starts the recording between two bursts, and the screen says so before the next.
func TestRecordingStartedInAPause(t *testing.T) {
	t.Parallel()                                                    // it waits
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // it takes some 4 s
	defer cancel()
	fake := startPhone(t, "fa4e000000000001", func(int) {})
	phone, err := probe.Open(ctx, fake.Addr(), probe.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer phone.Close()
	m := &measurement{out: newSpeaker(io.Discard), talk: newSpeaker(io.Discard), o: probeOptions{session: t.TempDir(), count: 1, json: true},
		clock: probe.SystemClock(), phones: []*measured{{phone: phone, status: phone.Status()}}}
	p := newProgress(ctx, m)
	defer p.end()
	if v := p.state().Phones[0]; !v.StatusKnown || v.Recording {
		t.Fatalf("at first: %+v", v)
	}
	other, err := probe.Open(ctx, fake.Addr(), probe.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.StartRecording(ctx); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !p.state().Phones[0].Recording {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("it never says that a recording runs")
		}
	}
}
