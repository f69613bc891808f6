package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/alignfile"
)

func fitCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "fit",
		Usage:     "turn measurements into alignments, one for each device",
		ArgsUsage: "SESSION|LOG...",
		Description: "Reads probe logs and unfinished journals, alone or by the folder, and writes one alignment for each device:\n" +
			"SESSION/alignment/<device id>.json, or the file named by -o. The files' paths go to stdout, the diagnosis\n" +
			"to stderr. Ends with 3 if --max-error is exceeded anywhere between the first and the last exchange. Of files that\n" +
			"are there already it replaces alignments alone.\n\n" +
			"Examples:\n" +
			"pialign fit p01\n" +
			"pialign fit p01 --max-error 5ms",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "device", Usage: "fit only the device with this `ID`"},
			&cli.StringFlag{Name: "o", Aliases: []string{"output"}, Usage: "write the alignment to `FILE`, - for stdout; one device only"},
			&cli.DurationFlag{Name: "max-error", DefaultText: "none", Usage: "end with 3 if the 95 % half-width exceeds `DUR`"},
			&cli.StringFlag{Name: "stamps", Value: string(align.RoundingUnknown), Usage: "the `RULE` of the phone's stamps: truncate, round or unknown, which holds for both"},
			&cli.Float64Flag{Name: "asymmetry", Value: 0.25, Usage: "how unequal the shortest delays f1 and f2 of the two directions may be: the standard deviation `SD` of (f1-f2)/(f1+f2), 0 for a path known to be symmetric"},
			&cli.StringFlag{Name: "method", Value: floorEdge, Usage: "fit by the method called `NAME`: floor-edge is pialign's own, the others are recipes to compare with, without an interval: " + recipes()},
			&cli.BoolFlag{Name: "override", Usage: "fit what is refused as implausible, by its likeliest reading; where exchanges contradict each other, without a bound"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return withHint(usageError("pialign fit: a session or log is missing"), "pialign fit --help shows an example")
			}
			o := fitOptions{paths: c.Args().Slice(), device: c.String("device"), output: c.String("o"),
				maxError: c.Duration("max-error"), json: c.Bool("json")}
			if c.IsSet("max-error") && o.maxError <= 0 {
				return usageError("--max-error %v: want more than 0", o.maxError)
			}
			if o.json && o.output == "-" {
				return usageError("--json and -o - both want stdout")
			}
			var err error
			if o.fit, err = estimatorOf(c); err != nil {
				return err
			}
			return fit(s, o)
		},
	}
}

// floorEdge is how our own estimator is called, on the command line and in files.
const floorEdge = "floor-edge"

// estimatorOf reads the flags that say how to fit.
func estimatorOf(c *cli.Context) (align.Options, error) {
	opt := align.Options{Rounding: align.Rounding(c.String("stamps")), Asymmetry: c.Float64("asymmetry"),
		Method: align.Method(c.String("method")), Override: c.Bool("override")}
	switch opt.Rounding {
	case align.RoundingUnknown, align.RoundingTruncate, align.RoundingNearest:
	default:
		return opt, usageError("--stamps %q: want truncate, round or unknown", opt.Rounding)
	}
	if !(opt.Asymmetry >= 0 && opt.Asymmetry <= 1) { // also not NaN
		return opt, usageError("--asymmetry %v: want 0 to 1", opt.Asymmetry)
	}
	if opt.Asymmetry == 0 {
		opt.Asymmetry = -1 // none, where 0 is the usual one
	}
	if opt.Method == floorEdge {
		opt.Method = align.FloorEdge
	} else if !slices.Contains(align.Methods[1:], opt.Method) {
		return opt, usageError("--method %q: want floor-edge, or to compare with: %s", opt.Method, recipes())
	}
	return opt, nil
}

// recipes lists the methods that are there to compare with.
func recipes() string {
	var names []string
	for _, m := range align.Methods[1:] {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

type fitOptions struct {
	paths          []string
	device, output string
	maxError       time.Duration // 0: none
	json           bool
	fit            align.Options
}

// fit writes the alignments of a session, and goes on after a device that does not fit.
func fit(s stdio, o fitOptions) error {
	if err := checkOutput(o.output, o.paths); err != nil {
		return err
	}
	all, err := fitSession(s.err, o.paths, o.device, o.fit)
	if err != nil {
		return err
	}
	target, err := fitTargets(o, len(all))
	if err != nil {
		return err
	}
	var results []fitResult
	var failed []error
	inexact := 0
	for _, f := range all {
		path := target(f.device.ID)
		if f.err == nil && path == "-" {
			var b []byte
			if b, f.err = alignfile.Marshal(f.file); f.err == nil {
				_, f.err = s.out.Write(b)
			}
		} else if f.err == nil {
			if f.err = replaceable(path, recipeOf(f.file.Alignment)); f.err == nil {
				f.err = unwritable(path, alignfile.Write(path, f.file), "write the alignment elsewhere: -o FILE")
			}
		}
		r := newFitResult(f, path)
		if f.err != nil {
			failed = append(failed, f.err)
		} else {
			printDiagnosis(s.err, f.file)
			if o.maxError > 0 && (r.HalfWidth == nil || time.Duration(*r.HalfWidth) > o.maxError) {
				inexact++
				fmt.Fprintf(s.err, "pialign: warning: device %s: 95 %% half-width %s, wanted %s\n", deviceName(r.DeviceID), orUnknown(r.HalfWidth), ms(o.maxError))
			}
		}
		if !o.json && f.err == nil && path != "-" {
			fmt.Fprintln(s.out, path)
		}
		results = append(results, r)
	}
	if o.json {
		if err := printJSON(s.out, map[string]any{"alignments": results}); err != nil {
			return err
		}
	}
	return verdict(s.err, failed, len(all), inexact, "device", o.maxError)
}

// verdict sums up work of which some parts failed and some came out worse than wanted. The causes of failure are
// printed unless there is but one.
func verdict(talk io.Writer, failed []error, total, inexact int, noun string, limit time.Duration) error {
	switch {
	case len(failed) > 0 && total == 1:
		return failed[0]
	case len(failed) > 0:
		told := make(map[*sharedError]bool)
		for _, err := range failed {
			var shared *sharedError
			if errors.As(err, &shared) && told[shared] {
				fmt.Fprintf(talk, "pialign: error: %sas above\n", strings.TrimSuffix(err.Error(), shared.Error()))
				continue
			}
			told[shared] = true
			fmt.Fprintf(talk, "pialign: error: %v\n", err)
			if hint := hintOf(err); hint != "" {
				fmt.Fprintf(talk, "pialign: hint: %s\n", hint)
			}
		}
		code := exitPartial
		if len(failed) == total {
			code = exitFailed
		}
		return withCode(code, fmt.Errorf("%d of %d %ss failed", len(failed), total, noun))
	case inexact > 0:
		return withCode(exitInexact, fmt.Errorf("done, but %s worse than --max-error %v", someOf(inexact, total, noun, "is", "are"), limit))
	}
	return nil
}
