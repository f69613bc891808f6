package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/probe"
)

func probeCommand(s stdio, net finder) *cli.Command {
	return &cli.Command{
		Name:  "probe",
		Usage: "measure phones' clocks against this computer's",
		Description: "Exchanges events (or Time Echoes) with one or more phones and keeps each one, failed ones too, in a Parquet\n" +
			"file for each phase and phone: SESSION/<UTC>_<phase>_<device id>.parquet. Probe once before the participant\n" +
			"starts and once at the end. Ctrl-C keeps what was measured. Ends with 5 if no phone answered, with 4 if some\n" +
			"did not or stopped to. --start-recording before the first phase and --stop-recording with the last one spare the\n" +
			"walk to the phone.\n\n" +
			"Examples:\n" +
			"pialign probe --session p01 --phase start\n" +
			"pialign probe --session p01 --start-recording\n" +
			"pialign probe --session p01 --phase end --device 192.168.1.21:8080 --device 192.168.1.22:8080",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "session", Usage: "the folder `DIR` for the logs; made if missing"},
			&cli.StringFlag{Name: "phase", Value: "start", Usage: "the label `NAME` of this run: start, end or any other"},
			&cli.StringSliceFlag{Name: "device", Usage: "a phone as `HOST:PORT|ID|NAME`; may be given several times. None: the one phone found"},
			&cli.StringFlag{Name: "protocol", Value: string(probe.Event), Usage: "`KIND` of exchange: event, echo or both"},
			&cli.IntFlag{Name: "count", Value: defaultCount, Usage: "exchanges in a burst: `N`"},
			&cli.DurationFlag{Name: "every", DefaultText: "none", Usage: "begin a burst each `DUR`, until --for is over or Ctrl-C"},
			&cli.DurationFlag{Name: "for", DefaultText: "none", Usage: "go on for `DUR`, with bursts each --every or without a pause"},
			&cli.DurationFlag{Name: "until-bound", DefaultText: "none", Usage: "stop once the half-width of the hard bound is at most `DUR`; --count stays the most"},
			&cli.DurationFlag{Name: "wake", Value: defaultWake, Usage: "keep the phone's radio from sleeping into an exchange: before each, a byte every `DUR`; 0s: none"},
			&cli.BoolFlag{Name: "start-recording", Usage: "first start a recording, and wait until it is open"},
			&cli.BoolFlag{Name: "stop-recording", Usage: "at the end stop and save the recording that this session started; never any other"},
			&cli.DurationFlag{Name: "max-error", DefaultText: "none", Usage: "how wrong the offset may be: `DUR`, for the traffic light; worse in the end is code 3"},
			&cli.BoolFlag{Name: "json", Usage: "print what happens as JSON, one object a line; the last is the result"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return withHint(err, "a phone is given as --device HOST:PORT, the session as --session DIR")
			}
			if err := needFlag(c, "session"); err != nil {
				return err
			}
			o := probeOptions{session: c.String("session"), phase: c.String("phase"), devices: c.StringSlice("device"),
				protocol: probe.Protocol(c.String("protocol")), count: c.Int("count"), every: c.Duration("every"),
				total: c.Duration("for"), untilBound: c.Duration("until-bound"), wake: c.Duration("wake"),
				startRecording: c.Bool("start-recording"), stopRecording: c.Bool("stop-recording"), maxError: c.Duration("max-error"), json: c.Bool("json")}
			for _, name := range []string{"every", "for", "until-bound", "max-error"} {
				if c.IsSet(name) && c.Duration(name) <= 0 {
					return usageError("--%s %v: want more than 0", name, c.Duration(name))
				}
			}
			if err := o.check(); err != nil {
				return err
			}
			return probePhones(c.Context, s, net, o)
		},
	}
}

const (
	defaultCount = 100
	defaultWake  = 20 * time.Millisecond
)

type probeOptions struct {
	session, phase string
	devices        []string
	protocol       probe.Protocol
	count          int
	every, total   time.Duration // 0: one burst
	untilBound     time.Duration // 0: none
	wake           time.Duration // 0: none
	startRecording bool
	stopRecording  bool
	maxError       time.Duration // 0: none
	json           bool
}

func (o *probeOptions) check() error {
	switch o.protocol {
	case probe.Event, probe.Echo, probe.Both:
	default:
		return usageError("--protocol %q: want event, echo or both", o.protocol)
	}
	switch {
	case o.phase == "":
		return usageError("--phase is empty")
	case o.count < 1:
		return usageError("--count %d: want 1 or more", o.count)
	case o.wake != 0 && o.wake < time.Millisecond:
		return usageError("--wake %v: want 1ms or more, or 0s for none", o.wake)
	case o.total > 0 && o.every > o.total:
		return usageError("--every %v is longer than --for %v", o.every, o.total)
	case !utf8.ValidString(o.name()) || !utf8.ValidString(o.phase):
		return usageError("session %q or phase %q is not UTF-8", o.name(), o.phase)
	}
	return nil
}

// name is the session's name: that of its folder.
func (o *probeOptions) name() string {
	abs, err := filepath.Abs(o.session)
	if err != nil {
		abs = o.session
	}
	return filepath.Base(abs)
}

// schedule says when to ask a phone, whose exchanges are numbered from first.
func (o *probeOptions) schedule(first int64, started align.HostTime) probe.Schedule {
	wake := o.wake
	if wake == 0 {
		wake = -1 // the library's zero is its default
	}
	return probe.Schedule{Wake: wake, Protocol: o.protocol, Count: o.count, Every: o.every, For: o.total, FirstSeq: first,
		Seed: uint64(started)} // the phone's id goes in as well, so that phones are not asked in step
}

// long reports whether there is more than one burst.
func (o *probeOptions) long() bool { return o.every > 0 || o.total > 0 }

// describe puts the schedule into the log.
func (o *probeOptions) describe() string {
	text := fmt.Sprintf("%s, %d exchanges", o.protocol, o.count)
	if o.every > 0 {
		text += fmt.Sprintf(", a burst each %v", o.every)
	}
	if o.total > 0 {
		text += fmt.Sprintf(", for %v", o.total)
	}
	if o.untilBound > 0 {
		text += fmt.Sprintf(", until the bound is within %v", o.untilBound)
	}
	if o.wake > 0 {
		text += fmt.Sprintf(", woken each %v", o.wake)
	}
	return text
}

// probePhones finds the phones and measures them. Once it measures, the error is told as well: by what nobody else waits for.
func probePhones(ctx context.Context, s stdio, net finder, o probeOptions) error {
	found, err := findPhones(ctx, net, o.devices)
	if err != nil {
		return err
	}
	// A reader that goes away must not end the measurement: writes fail instead.
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	defer signal.Stop(pipe)
	m := newMeasurement(s, o)
	if err := m.measure(ctx, found); err != nil {
		explain(m.talk, err)
		_ = m.talk.flush()
		return &toldError{err}
	}
	return nil
}
