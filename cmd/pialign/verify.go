package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

func verifyCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "re-time recordings again and say what does not match",
		ArgsUsage: "DIR",
		Description: "DIR is one re-timed recording, zip or table, or a folder with any number of them at any depth. Each is derived\n" +
			"again, from the original and the alignment that its pialign.json names by digest, with the options it names, and\n" +
			"every file is compared: it says which file differs, is missing or was added, also pialign.json itself, which\n" +
			"original has changed, and whether another version of pialign wrote it. Nothing is written; zips are put together\n" +
			"again in the folder for temporary files, since how they are packed counts too. What file managers leave in folders\n" +
			"(.DS_Store, ._*, Thumbs.db, desktop.ini) does not count, unless it came from the original.\n\n" +
			"Originals are found below ROOT by the names and digests of their files, alignments likewise below ROOT, in DIR, and\n" +
			"in the two folders around it (there, in alignment, and in the alignment folders of sessions). If they lie\n" +
			"elsewhere, name them; where apply fitted a session, which leaves no file, give the session.\n\n" +
			"Ends with 0 if all match, 4 if some do not or could not be checked, 1 if nothing could be checked.\n\n" +
			"Examples:\n" +
			"pialign verify aligned --inputs . --session p01",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "inputs", Usage: "the original recordings lie below `ROOT`"},
			&cli.StringSliceFlag{Name: "alignment", Usage: "use the alignment in `FILE`; may be given several times"},
			&cli.StringFlag{Name: "session", Usage: "fit the probe logs in `DIR` first"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: func(c *cli.Context) error {
			o := verifyOptions{inputs: c.String("inputs"), alignments: c.StringSlice("alignment"), session: c.String("session"), json: c.Bool("json")}
			const example = "pialign verify --help shows an example"
			switch {
			case c.NArg() == 0:
				return withHint(usageError("pialign verify: a re-timed recording is missing"), example)
			case c.NArg() > 1:
				err := usageError("pialign verify: want one folder, got %d", c.NArg())
				if whole := joinedArgs(c.Args().Slice()); whole != "" {
					return withHint(err, "quote paths with spaces: %s", quoted(whole))
				}
				return withHint(err, "give the folder that holds them all; quote paths with spaces")
			case o.inputs == "":
				return withHint(usageError("pialign verify: --inputs is missing"), example)
			}
			o.dir = c.Args().First()
			return verify(c.Context, s, o)
		},
	}
}

type verifyOptions struct {
	dir, inputs string
	alignments  []string
	session     string
	json        bool
}

// verification is one run of verify.
type verification struct {
	verifyOptions
	s      stdio
	inputs *originals
	stored *alignmentStore
	shown  *workProgress
}

// verify derives each re-timed recording again, and goes on after one that does not match.
func verify(ctx context.Context, s stdio, o verifyOptions) error {
	for _, p := range append([]string{o.dir, o.inputs}, o.alignments...) {
		if _, err := os.Stat(p); err != nil {
			return absent(err, p, []string{p})
		}
	}
	outputs, err := findRetimed(ctx, o.dir)
	if err != nil {
		return err
	}
	if len(outputs) == 0 {
		return withHint(fmt.Errorf("%s: no re-timed recording in it: there is no pialign.json, here or below", o.dir),
			"give what `pialign apply --out` made, as it made it")
	}
	v := &verification{verifyOptions: o, s: s}
	if v.inputs, err = findOriginals(ctx, s.err, o.inputs); err != nil {
		return err
	}
	if v.stored, err = v.findAlignments(outputs); err != nil {
		return err
	}
	var total int64
	for i := range outputs {
		total += 2 * outputs[i].size // to derive it again, and to read it
	}
	v.shown = newWorkProgress(s.err, "verifying", total)
	defer v.shown.close()
	results := []*verifyResult{}
	for i := range outputs {
		if ctx.Err() != nil {
			break
		}
		r := v.one(ctx, &outputs[i])
		if ctx.Err() != nil { // half a look says nothing
			break
		}
		results = append(results, r)
		v.shown.hide()
		if !o.json {
			r.print(s)
		}
	}
	v.shown.close()
	return v.finish(ctx, results, len(outputs))
}

// finish sums up.
func (v *verification) finish(ctx context.Context, results []*verifyResult, total int) error {
	if v.json {
		if err := printJSON(v.s.out, map[string]any{"recordings": results}); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return withCode(exitInterrupted, fmt.Errorf("interrupted: %d of %d recordings are checked", len(results), total))
	}
	differ, unchecked := 0, 0
	hint := ""
	for _, r := range results {
		switch r.State {
		case stateDiffers:
			differ++
		case stateUnchecked:
			unchecked++
		}
		if hint == "" {
			hint = hintOf(r.err)
		}
	}
	var err error
	switch {
	case unchecked == total && total == 1:
		err = errors.New("the recording could not be checked")
	case unchecked == total:
		err = fmt.Errorf("none of %d recordings could be checked", total)
	case differ+unchecked == 0:
		return nil
	case unchecked == 0:
		err = withCode(exitPartial, errors.New(someOf(differ, total, "recording", "does not match", "do not match")))
	case differ == 0:
		err = withCode(exitPartial, errors.New(someOf(unchecked, total, "recording", "could not be checked", "could not be checked")))
	default:
		err = withCode(exitPartial, fmt.Errorf("%s, %d could not be checked", someOf(differ, total, "recording", "does not match", "do not match"), unchecked))
	}
	if hint = or(hint, v.next(results)); hint != "" {
		return withHint(err, "%s", hint)
	}
	return err
}

// next says what to do about results that differ.
func (v *verification) next(results []*verifyResult) string {
	has := func(kinds ...string) bool {
		return slices.ContainsFunc(results, func(r *verifyResult) bool {
			return slices.ContainsFunc(r.Problems, func(p verifyProblem) bool { return slices.Contains(kinds, p.Problem) })
		})
	}
	var steps []string
	if has(fileAdditional) {
		steps = append(steps, "move what was added out of the result")
	}
	if has(inputChanged, inputMissing, inputAdded) {
		steps = append(steps, "take the original from where it came from again, or, if it is to be as it is now, have the result made of it")
	}
	if has(otherAlignment) {
		steps = append(steps, "give the alignment that was used: --alignment FILE")
	}
	if has(fileDiffers, fileMissing) {
		again := "have what is damaged made again: remove the whole result, and repeat the command that made it"
		if _, err := batch.Records(v.dir); err == nil {
			again = fmt.Sprintf("have what is damaged made again: pialign batch run PLAN --out %s --redo", quoted(v.dir))
		}
		steps = append(steps, again)
	}
	return strings.Join(steps, "; ")
}

// workers is how many files are read at a time.
func workers(files int) int { return min(runtime.GOMAXPROCS(0), files) }
