package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
	"github.com/pialign/pialign/probe"
	"github.com/pialign/pialign/probe/fakephone"
)

func demoCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "see the whole walk on a fake phone and a made-up recording, without glasses or network",
		Description: "Starts a fake phone on this computer whose clock is 840 ms behind and drifts by 12 ppm, behind a network with\n" +
			"heavy-tailed delays of up to 400 ms; measures it, lets an hour pass on a simulated clock, measures it again; makes\n" +
			"up the recording that it would have made; fits; re-times; and compares each gaze time with the truth.\n\n" +
			"Examples:\n" +
			"pialign demo\n" +
			"pialign demo --out demo",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "keep the files in `DIR`, which must not exist yet"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "draw delays and recording from the number `N`"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return demo(c.Context, s, c.String("out"), c.Uint64("seed"), c.Bool("json"))
		},
	}
}

// The folders of a demo.
const (
	demoSession    = "session"
	demoRecordings = "recording"
	demoAligned    = "aligned"
)

// demo goes the walk in out, or in a folder that is gone afterwards.
func demo(ctx context.Context, s stdio, out string, seed uint64, asJSON bool) error {
	var r demoResult
	var err error
	began := time.Now()
	fill := func(dir string) (err error) { r, err = walkDemo(ctx, s.err, dir, seed); return err }
	if out != "" {
		err = wholefile.Dir(out, fill)
	} else {
		err = inTemp(fill)
	}
	switch {
	case errors.Is(err, os.ErrExist) && out != "":
		return withHint(err, "choose another --out: nothing is written over")
	case err != nil && out != "":
		return unwritable(out, err, "choose a folder that can be written to: --out DIR")
	case err != nil:
		return err
	}
	r.Out = out
	if asJSON {
		err = printJSON(s.out, r)
	} else {
		r.print(s.out, time.Since(began))
	}
	if err == nil && r.Outside > 0 {
		err = fmt.Errorf("the truth lies outside the bound at %d of %d gaze times: that is a bug in pialign", r.Outside, r.Samples)
	}
	return err
}

// inTemp runs fill in a folder that is removed afterwards.
func inTemp(fill func(dir string) error) error {
	dir, err := os.MkdirTemp("", "pialign-demo-")
	if err != nil {
		return withHint(err, "choose a folder that can be written to: --out DIR")
	}
	return errors.Join(fill(dir), os.RemoveAll(dir))
}

// walkDemo measures, makes up, fits, re-times and judges, in dir. What the verbs on the way say is told only if one
// of them fails.
func walkDemo(ctx context.Context, talk io.Writer, dir string, seed uint64) (demoResult, error) {
	rig, err := startRig(ctx, demoPhone(seed))
	if err != nil {
		return demoResult{}, err
	}
	defer rig.close()
	var said strings.Builder
	session := filepath.Join(dir, demoSession)
	inner := stdio{strings.NewReader(""), io.Discard, &said}
	recording := ""
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"measuring two phases, a simulated hour apart", func() error { return rig.session(ctx, &said, session, time.Hour) }},
		{"making up a recording", func() (err error) {
			recording, err = rig.writeRecording(filepath.Join(dir, demoRecordings), seed)
			return err
		}},
		{"fitting", func() error { return fit(inner, fitOptions{paths: []string{session}}) }},
		{"re-timing", func() error {
			return apply(ctx, inner, applyOptions{session: session, recordings: []string{recording}, out: filepath.Join(dir, demoAligned),
				retime: retime.Options{Mode: retime.Replace, Clock: clockWall, Program: program}})
		}},
	} {
		fmt.Fprintf(talk, "pialign: %s\n", step.what)
		if err = ctx.Err(); err == nil {
			err = step.do()
		}
		if err != nil {
			fmt.Fprint(talk, said.String())
			return demoResult{}, err
		}
	}
	return rig.judge(dir, seed)
}

// demoPhone is the phone of the demo: the case that the documentation quotes.
func demoPhone(seed uint64) fakephone.Config {
	const start = 1_767_603_600_000_000_000 // 2026-01-05 09:00 UTC
	way := scenario.Delay{Law: scenario.Pareto, Floor: 2 * time.Millisecond, Scale: 5 * time.Millisecond, Max: 400 * time.Millisecond}
	return fakephone.Config{
		Time:  fakephone.NewVirtualTime(start, 18_000_000_000_000), // a computer that was started five hours ago
		Clock: scenario.Clock{Origin: start, Offset: 840 * time.Millisecond, DriftE18: 12_000_000_000_000},
		Up:    way, Down: way, Seed: seed,
	}
}

// demoClocks describes the simulated clock to the logs.
func demoClocks() probe.ClockInfo {
	return probe.ClockInfo{Wall: "simulated", Mono: "simulated", WallResolution: 1, MonoResolution: 1, Discipline: "simulated",
		Boot: "simulated", Host: "simulated", OS: probe.DescribeClock().OS}
}
