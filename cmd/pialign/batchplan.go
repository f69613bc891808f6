package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

func batchPlanCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "find recordings and sessions, and say which belong together and why",
		ArgsUsage: "ROOT...",
		Description: "Looks below every ROOT, at any depth, for recordings of all forms (folders, zips, links of git-annex), for sessions\n" +
			"(folders with probe logs) and for alignments that lie without their logs in a folder called alignment. Results of\n" +
			"pialign are passed over. Nothing is written but the plan.\n\n" +
			"The plan has one JSON object a line, one for each folder or zip, and can be edited by hand. Which session is a recording's is\n" +
			"told by the recording's id, if the phone named it while it was probed; else by the phone's id, or the glasses' number, and\n" +
			"the time: one session of that phone that was measured during the recording, or within 10 minutes of it. Each line says\n" +
			"why. Where that leaves a choice, or none, the line's state is doubtful or unpaired, and it says what would settle it:\n" +
			"mostly a table with the columns input and session, given by --pairs. What cannot be read is broken; of a zip\n" +
			"the directory alone is looked at, and damage before that is for pialign batch run to find.\n\n" +
			"In that table each cell is a path, or the end of one; an input may also be a folder with one recording in it, or how a recording's\n" +
			"id begins. It outweighs all else, but a session of another phone, or more than a day away, makes the line doubtful.\n\n" +
			"Paths in the plan are relative to the folder that it is written to (without -o: to the current one). Equal data\n" +
			"sets give equal plans. Ends with 0 if all are paired, 4 if some are not, 1 if none is or nothing was found.\n\n" +
			"Examples:\n" +
			"pialign batch plan . -o plan.jsonl",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "sessions", Usage: "look for sessions and alignments below `DIR` too; may be given several times"},
			&cli.StringFlag{Name: "pairs", Usage: "pair by hand: a CSV `FILE` with the columns input and session, each a path or the end of one"},
			&cli.StringFlag{Name: "o", Aliases: []string{"output"}, Usage: "write the plan to `FILE` instead of stdout"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return withHint(usageError("pialign batch plan: a folder with recordings is missing"), "pialign batch plan --help shows an example")
			}
			return batchPlan(c.Context, s, planOptions{roots: c.Args().Slice(), sessions: c.StringSlice("sessions"), pairs: c.String("pairs"), output: c.String("o")})
		},
	}
}

type planOptions struct {
	roots, sessions []string
	pairs, output   string
}

func batchPlan(ctx context.Context, s stdio, o planOptions) error {
	for _, p := range append(append([]string{}, o.roots...), o.sessions...) {
		if _, err := os.Stat(p); err != nil {
			return absent(err, p, o.roots)
		}
	}
	opt := batch.Options{Sessions: o.sessions, Base: "."}
	if o.output == "-" {
		o.output = ""
	}
	if o.output != "" {
		opt.Base = filepath.Dir(o.output)
	}
	if o.pairs != "" {
		var err error
		if opt.Pairs, err = readPairs(o.pairs); err != nil {
			return err
		}
	}
	plan, err := batch.Make(ctx, o.roots, opt)
	switch {
	case errors.Is(err, batch.ErrPairs):
		err = fmt.Errorf("%s: %w", o.pairs, err)
		if unknown := (*batch.UnknownError)(nil); errors.As(err, &unknown) {
			return withHint(err, "%s", hintOfUnknown(unknown))
		}
		return err
	case err != nil:
		return err
	}
	if len(plan.Lines) == 0 {
		tellNotes(s.err, plan)
		return nothingFound(o.roots, plan)
	}
	if o.output == "" {
		err = batch.WriteLines(s.out, plan.Lines)
	} else {
		var b bytes.Buffer
		if err = batch.WriteLines(&b, plan.Lines); err == nil {
			err = unwritable(o.output, aPlan.writeOver(s.err, o.output, b.Bytes()), "write the plan elsewhere: -o FILE")
		}
	}
	if err != nil {
		return err
	}
	return tellPlan(s.err, plan)
}

// aPlan is one, perhaps edited into something that is not valid any more.
var aPlan = ours{"plan", func(head []byte) bool {
	text := bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	return bytes.HasPrefix(text, []byte("{")) && bytes.Contains(text, []byte(`"format_version"`)) && bytes.Contains(text, []byte(`"input"`))
}}

func readPairs(path string) ([]batch.Pair, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pairs, err := batch.ReadPairs(path, f)
	if err != nil {
		return nil, withHint(err, "two columns with a comma between them, in UTF-8 (a spreadsheet program calls it CSV UTF-8), as in:\n  input,session\n  p01/2026-11-24_10-00-00-1a2b3c4d,sessions/p01")
	}
	return pairs, nil
}

// mostTold is how many lines of a plan are told: the plan has them all.
const mostTold = 20

func tellNotes(talk io.Writer, plan *batch.Plan) {
	for _, n := range plan.Notes {
		fmt.Fprintf(talk, "pialign: warning: %s\n", n)
	}
}

// tellPlan tells what is to be settled.
func tellPlan(talk io.Writer, plan *batch.Plan) error {
	tellNotes(talk, plan)
	count := map[batch.State]int{}
	var total int64
	told := 0
	for _, l := range plan.Lines {
		count[l.State]++
		total += l.Bytes
		for _, n := range l.Notes {
			fmt.Fprintf(talk, "pialign: warning: %s: %s\n", l.Input, n)
		}
		if l.State == batch.Paired {
			continue
		}
		if told++; told <= mostTold {
			fmt.Fprintf(talk, "pialign: %s: %v\n  to settle it: %s\n", l.State, naming(l.Input, errors.New(l.Problem)), l.Settle)
		}
	}
	if told > mostTold {
		fmt.Fprintf(talk, "pialign: and %d more, which the plan names\n", told-mostTold)
	}
	all := len(plan.Lines)
	fmt.Fprintf(talk, "%s (%s), %s: %d paired, %d doubtful, %d unpaired, %d broken\n", counted(all, "recording"), byteSize(total),
		counted(plan.Sessions, "session"), count[batch.Paired], count[batch.Doubtful], count[batch.Unpaired], count[batch.Broken])
	switch left := all - count[batch.Paired]; {
	case left == 0:
		return nil
	case left == all:
		return withCode(exitFailed, fmt.Errorf("none of %s is paired with a session", counted(all, "recording")))
	default:
		return withCode(exitPartial, fmt.Errorf("%d of %s are not paired with a session", left, counted(all, "recording")))
	}
}
