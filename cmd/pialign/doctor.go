package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/probe"
)

func doctorCommand(s stdio, net finder) *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "check phone, network, clocks and disk before a session",
		Description: "Asks the phones for their status, makes some 40 exchanges with each (events named pialign.doctor..., and Time\n" +
			"Echoes), and looks at this computer's clocks and, with --session, at the folder's disk. One sentence for each\n" +
			"thing that it finds, the worst first: \"fix\" is what would spoil the session, \"mind\" what makes it worse.\n" +
			"--ntp asks a time server how far this computer's clock is off: asia, europe and north-america stand for\n" +
			"asia.pool.ntp.org and so on. Nobody is asked unless named or found.\n" +
			"Ends with 0 if there is nothing to fix, else with 1, and with 5 if no phone answered.\n\n" +
			"Examples:\n" +
			"pialign doctor\n" +
			"pialign doctor --device 192.168.1.21:8080 --session p01",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "device", Usage: "a phone as `HOST:PORT|ID|NAME`; may be given several times. None: the one phone found"},
			&cli.StringFlag{Name: "ntp", DefaultText: "none", Usage: "ask the time server `SERVER|asia|europe|north-america`"},
			&cli.StringFlag{Name: "session", DefaultText: "none", Usage: "check the folder `DIR`, which need not exist"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return withHint(err, "a phone is given as --device HOST:PORT, the session as --session DIR")
			}
			o := doctorOptions{devices: c.StringSlice("device"), ntp: c.String("ntp"), session: c.String("session"), json: c.Bool("json")}
			return doctor(c.Context, s, newClinic(net), o)
		},
	}
}

type doctorOptions struct {
	devices      []string
	ntp, session string
	json         bool
}

// The levels of a finding.
const (
	levelFix  = "fix"  // would spoil the session
	levelMind = "mind" // makes it worse
	levelFine = "fine"
)

// finding is one sentence on what was found.
type finding struct {
	Level  string `json:"level"`
	Check  string `json:"check"`
	Device string `json:"device,omitempty"`
	Text   string `json:"text"`
}

// opinion is what a check says: a level and a sentence, which ends in what to do; nothing where it has nothing to say.
type opinion struct{ level, text string }

func fix(format string, args ...any) opinion { return opinion{levelFix, fmt.Sprintf(format, args...)} }
func mind(format string, args ...any) opinion {
	return opinion{levelMind, fmt.Sprintf(format, args...)}
}
func fine(format string, args ...any) opinion {
	return opinion{levelFine, fmt.Sprintf(format, args...)}
}

// check is one thing to look at in the facts F.
type check[F any] struct {
	name string
	look func(*F) opinion
}

// judge puts facts through all checks.
func judge[F any](checks []check[F], facts *F, device string) []finding {
	var out []finding
	for _, c := range checks {
		if v := c.look(facts); v.text != "" {
			out = append(out, finding{v.level, c.name, device, v.text})
		}
	}
	return out
}

// worstFirst sorts findings by level; within one they stay in the order of the checks.
func worstFirst(f []finding) {
	rank := []string{levelFix, levelMind, levelFine}
	slices.SortStableFunc(f, func(a, b finding) int {
		return cmp.Compare(slices.Index(rank, a.Level), slices.Index(rank, b.Level))
	})
}

// doctor gathers the facts, judges them and tells.
func doctor(ctx context.Context, s stdio, c clinic, o doctorOptions) error {
	server, err := ntpServer(o.ntp)
	if err != nil {
		return err
	}
	if o.ntp = server; !o.json {
		fmt.Fprintln(s.err, "pialign: looking at phone, network, clocks and disk: some ten seconds")
	}
	phones, host, err := c.examine(ctx, o)
	if err != nil {
		return err
	}
	findings := judge(hostChecks, host, "")
	reached := 0
	for _, p := range phones {
		name := ""
		if len(phones) > 1 {
			name = p.called()
		}
		findings = append(findings, judge(phoneChecks, p, name)...)
		if p.err == nil {
			reached++
		}
	}
	worstFirst(findings)
	if o.json {
		if err := printJSON(s.out, newDoctorReport(findings, phones, host)); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			fmt.Fprintln(legible{s.out}, f)
		}
	}
	toFix := 0
	for _, f := range findings {
		if f.Level == levelFix {
			toFix++
		}
	}
	switch {
	case reached == 0:
		return withCode(exitNoPhone, errors.New("no phone answered"))
	case toFix == 1:
		return errors.New("one thing must be fixed before the session")
	case toFix > 1:
		return fmt.Errorf("%d things must be fixed before the session", toFix)
	}
	return nil
}

// String is the line for people.
func (f finding) String() string {
	if f.Device != "" {
		return fmt.Sprintf("%-5s %s: %s", f.Level, f.Device, f.Text)
	}
	return fmt.Sprintf("%-5s %s", f.Level, f.Text)
}

func ref[T any](v T) *T { return &v }

// ntpServers are the regional pools that the vendor's page names for phones of these regions.
var ntpServers = map[string]string{
	"asia": "asia.pool.ntp.org", "europe": "europe.pool.ntp.org", "north-america": "north-america.pool.ntp.org",
}

// ntpServer returns the server that a --ntp names, empty for none.
func ntpServer(name string) (string, error) {
	if pool := ntpServers[name]; pool != "" {
		return pool, nil
	}
	if strings.ContainsAny(name, " /?#@") {
		return "", usageError("--ntp %q: want a server's name or address, or asia, europe or north-america", name)
	}
	return name, nil
}

// examination limits how long a phone is examined: some 40 exchanges 120 ms apart take five seconds.
const examination = 40 * time.Second

// doctorSchedule makes exchanges far enough apart for a radio to fall asleep in between, unwoken, so that it shows.
var doctorSchedule = probe.Schedule{Protocol: probe.Both, Count: 40, Warmup: 3, Spacing: 120 * time.Millisecond, Wake: -1}
