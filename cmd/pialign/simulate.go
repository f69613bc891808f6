package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

func simulateCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:  "simulate",
		Usage: "be a fake phone, to rehearse and test without glasses",
		Description: "Serves what the Companion app serves, from a clock that is this computer's minus --offset when it starts and then\n" +
			"drifts, until Ctrl-C ends it (exit code 0: that is how it is meant to end). The first line of stdout is JSON:\n" +
			"address, device_id, time_echo_port, started_host_ns, offset_ns, drift_e18. host - device at a host instant h is\n" +
			"offset_ns + drift_e18 * (h - started_host_ns) / 10^18.\n\n" +
			"A delay is LAW:FLOOR[:SCALE[:MAX]]. Laws: constant, exponential, gamma, lognormal, pareto (a heavy tail, like busy\n" +
			"Wi-Fi). No delay is shorter than FLOOR or longer than MAX; SCALE is the mean of what exponential and gamma add to\n" +
			"the floor, the median of what the others add.\n\n" +
			"Examples:\n" +
			"pialign simulate --offset 840ms --drift 12ppm\n" +
			"pialign simulate --awake 40ms\n" +
			"pialign simulate --up pareto:2ms:5ms:400ms --down pareto:2ms:5ms:400ms --loss 0.02",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:0", Usage: "serve at `HOST:PORT`; port 0 takes a free one"},
			&cli.DurationFlag{Name: "offset", Usage: "host clock minus phone clock at the start: `DUR`"},
			&cli.StringFlag{Name: "drift", Value: "0ppm", Usage: "how fast the offset grows: `DRIFT`, in ppm or ppb"},
			&cli.StringSliceFlag{Name: "step", Usage: "`AFTER:BY`: so long after the start, set the phone's clock forward by so much; may be given several times"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "draw delays, losses and ids from `N`"},
			&cli.StringFlag{Name: "up", Value: "constant:0s", Usage: "`DELAY` of the way to the phone"},
			&cli.StringFlag{Name: "down", Value: "constant:0s", Usage: "`DELAY` of the way back"},
			&cli.Float64Flag{Name: "loss", Usage: "`SHARE` of the events, 0 to 1, of which question or answer is lost"},
			&cli.DurationFlag{Name: "stamp-resolution", Value: time.Millisecond, Usage: "stamps are cut to whole `DUR`"},
			&cli.StringFlag{Name: "device-id", Value: "fa4e000000000001", Usage: "hardware `ID`"},
			&cli.StringFlag{Name: "name", Usage: "what the phone is called: `NAME` (default: as its family's phones are)"},
			&cli.StringFlag{Name: "family", Value: string(fakephone.Invisible), Usage: "`FAMILY`: invisible or neon"},
			&cli.StringFlag{Name: "glasses", Value: "plugged", Usage: "`GLASSES`: plugged, absent, or null (named without values)"},
			&cli.StringFlag{Name: "refuse", Usage: "refuse to record for `WHY`: battery, storage, wearer, workspace or template"},
			&cli.DurationFlag{Name: "lag", Value: 600 * time.Millisecond, Usage: "from the start of a recording to its opening: `DUR`"},
			&cli.DurationFlag{Name: "awake", DefaultText: "always", Usage: "let the radio sleep between beacons 102.4 ms apart, `DUR` after each message"},
			&cli.BoolFlag{Name: "no-echo", Usage: "offer no Time Echo"},
			&cli.BoolFlag{Name: "close-after-answer", Usage: "let each connection serve one request"},
			&cli.BoolFlag{Name: "plain", Usage: "send no unknown, empty or odd components: the vendor's own client dies of them"},
			&cli.BoolFlag{Name: "announce", Usage: "make the phone known by mDNS"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			clock := probe.SystemClock()
			cfg, err := simulateConfig(c, func() align.HostTime { h, _ := clock.Stamp(); return h })
			if err != nil {
				return withHint(err, "pialign simulate --help explains the flags")
			}
			return simulate(c.Context, s, cfg, c.String("listen"))
		},
	}
}

// simulate serves a fake phone until ctx ends.
func simulate(ctx context.Context, s stdio, cfg fakephone.Config, listen string) error {
	p, err := fakephone.Start(ctx, cfg, listen)
	if err != nil {
		return withHint(err, "give an address of this computer that is free: --listen HOST:PORT")
	}
	c := p.Clock()
	line, err := json.Marshal(simulated{p.Addr(), p.DeviceID(), p.EchoPort(), nanos(c.Origin), nanos(c.Offset), nanos(c.DriftE18)})
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%s\n", line)
	}
	if err != nil {
		return errors.Join(err, p.Close())
	}
	fmt.Fprintf(s.err, "a fake phone serves at %[1]s until Ctrl-C; measure it from another window:\n"+
		"  pialign probe --session rehearsal --device %[1]s\n", p.Addr())
	if host, _, err := net.SplitHostPort(p.Addr()); err == nil && cfg.Announce != nil && net.ParseIP(host).IsLoopback() {
		fmt.Fprintln(s.err, "pialign: warning: announced with an address that only this computer reaches; for others: --listen with an address of the network")
	}
	<-ctx.Done()
	return p.Close()
}

// simulated is the first line that simulate prints. Scripts read it.
type simulated struct {
	Address  string `json:"address"`
	DeviceID string `json:"device_id"`
	EchoPort int    `json:"time_echo_port"` // 0: none
	Started  nanos  `json:"started_host_ns"`
	Offset   nanos  `json:"offset_ns"`
	Drift    nanos  `json:"drift_e18"`
}

// simulateConfig makes a phone of the flags, or an error that says which one makes no sense.
func simulateConfig(c *cli.Context, now func() align.HostTime) (fakephone.Config, error) {
	cfg := fakephone.Config{
		Time: fakephone.RealTime(now), DeviceID: c.String("device-id"), Name: c.String("name"), Family: fakephone.Family(c.String("family")),
		StampResolution: c.Duration("stamp-resolution"), Seed: c.Uint64("seed"), Lag: c.Duration("lag"), Loss: c.Float64("loss"),
		Refusal: fakephone.Refusal(c.String("refuse")), NoEcho: c.Bool("no-echo"), CloseAfterAnswer: c.Bool("close-after-answer"),
		Plain: c.Bool("plain"), Clock: scenario.Clock{Offset: c.Duration("offset"), Origin: now()},
	}
	switch {
	case cfg.Lag < 0:
		return cfg, usageError("--lag %v: want 0s or more", cfg.Lag)
	case cfg.Lag == 0:
		cfg.Lag = -1 // the library's zero is its default
	}
	if c.IsSet("awake") {
		if c.Duration("awake") < 0 {
			return cfg, usageError("--awake %v: want 0s or more", c.Duration("awake"))
		}
		cfg.Radio = &fakephone.Radio{Awake: c.Duration("awake")}
	}
	if cfg.StampResolution <= 0 {
		return cfg, usageError("--stamp-resolution %v: want 1ns or more", cfg.StampResolution)
	}
	switch g := c.String("glasses"); g {
	case "plugged":
	case string(fakephone.HardwareAbsent), string(fakephone.HardwareNull):
		cfg.Hardware = fakephone.Hardware(g)
	default:
		return cfg, usageError("--glasses %q: want plugged, absent or null", g)
	}
	if c.Bool("announce") {
		cfg.Announce = &fakephone.Announcement{}
	}
	var err error
	if cfg.Clock.DriftE18, err = parseDrift(c.String("drift")); err != nil {
		return cfg, usageError("--drift %q: %w", c.String("drift"), err)
	}
	for _, text := range c.StringSlice("step") {
		step, err := parseStep(text, cfg.Clock.Origin)
		if err != nil {
			return cfg, usageError("--step %q: %w", text, err)
		}
		cfg.Clock.Steps = append(cfg.Clock.Steps, step)
	}
	sortSteps(cfg.Clock.Steps)
	if cfg.Up, err = parseDelay(c.String("up")); err != nil {
		return cfg, usageError("--up %q: %w", c.String("up"), err)
	}
	if cfg.Down, err = parseDelay(c.String("down")); err != nil {
		return cfg, usageError("--down %q: %w", c.String("down"), err)
	}
	if err := cfg.Check(); err != nil {
		return cfg, usageError("pialign simulate: %w", err)
	}
	return cfg, nil
}
