package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

// rig is a fake phone over loopback, on a clock on which hours pass at once, and what measures it.
type rig struct {
	phone *fakephone.Phone
	now   *fakephone.VirtualTime
}

// startRig starts the phone. cfg.Time must be a VirtualTime.
func startRig(ctx context.Context, cfg fakephone.Config) (*rig, error) {
	now, ok := cfg.Time.(*fakephone.VirtualTime)
	if !ok {
		return nil, errors.New("the demo's clock is not simulated")
	}
	p, err := fakephone.Start(ctx, cfg, "")
	if err != nil {
		return nil, err
	}
	return &rig{phone: p, now: now}, nil
}

func (r *rig) close() { _ = r.phone.Close() } // it always closes

// session records from before a start phase to after an end phase, with a pause between.
func (r *rig) session(ctx context.Context, talk io.Writer, dir string, pause time.Duration) error {
	if err := r.tell(ctx, "recording:start", "{}"); err != nil {
		return err
	}
	r.now.Advance(2 * time.Second) // recordings open late
	if err := r.measure(ctx, talk, dir, "start"); err != nil {
		return err
	}
	r.now.Advance(pause / 2)
	if err := r.tell(ctx, "event", `{"name":"stimulus, \"second block\""}`); err != nil {
		return err
	}
	r.now.Advance(pause - pause/2)
	if err := r.measure(ctx, talk, dir, "end"); err != nil {
		return err
	}
	r.now.Advance(2 * time.Second)
	return r.tell(ctx, "recording:stop_and_save", "{}")
}

// measure does what the verb probe does, by the simulated clock.
func (r *rig) measure(ctx context.Context, talk io.Writer, dir, phase string) error {
	o := probeOptions{session: dir, phase: phase, protocol: probe.Event, count: defaultCount}
	m := newMeasurement(stdio{strings.NewReader(""), io.Discard, talk}, o)
	m.clock, m.info = r.now, demoClocks()
	m.started = r.now.Now()
	found := probe.Found{Name: r.phone.Name(), ID: r.phone.DeviceID(), Addrs: []string{r.phone.Addr()}}
	return m.measure(ctx, []wanted{{spec: r.phone.Addr(), found: found}})
}

// tell sends the phone a command.
func (r *rig) tell(ctx context.Context, what, body string) error {
	ctx, cancel := context.WithTimeout(ctx, statusTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.phone.Addr()+"/api/"+what, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	// A connection of its own, and none of the environment's proxies: this is loopback.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the fake phone answers %s with %s", what, resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// madeUp is the recording that the phone would have made.
func (r *rig) madeUp(seed uint64) (madeUp, error) {
	all := r.phone.Recordings()
	if len(all) != 1 || all[0].State != fakephone.Saved {
		return madeUp{}, errors.New("the fake phone has not saved one recording")
	}
	return madeUp{deviceID: r.phone.DeviceID(), deviceName: r.phone.Name(), clock: r.phone.Clock(), recording: all[0], seed: seed}, nil
}

// writeRecording writes it into dir and returns its folder.
func (r *rig) writeRecording(dir string, seed uint64) (string, error) {
	m, err := r.madeUp(seed)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, m.folder())
	if err := os.MkdirAll(path, 0o777); err != nil {
		return "", err
	}
	return path, m.write(path)
}
