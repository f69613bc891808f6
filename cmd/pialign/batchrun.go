package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

func batchRunCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "re-time the recordings of a plan, or a part of them",
		ArgsUsage: "PLAN",
		Description: "Works off the lines of a plan (see pialign batch plan) that are paired, several at a time, as pialign apply does each: a result is\n" +
			"there whole or not at all, inputs are never written to, and nothing is written over. It goes on after what fails.\n\n" +
			"OUT/pialign/records keeps what became of each line, OUT/pialign/alignments the alignments used. Run again, also after it was\n" +
			"interrupted or killed, it does what is not done: what was done with the same inputs, logs and options by the same version\n" +
			"stays untouched; all inputs are read for that. What is there and was made of something else, or is not as it was written by the\n" +
			"sizes of its files, is refused. With --redo the bytes of all results are read too, and such a one, or one with a single byte changed, is\n" +
			"made again; never replaced is what no record knows, or to which a file was added.\n\n" +
			"Where one recording needs another --sender-stamps, --ambiguous or --unaligned than the rest, write it into its line of the plan:\n" +
			"\"options\": {\"sender_stamps\": \"host\"}.\n\n" +
			"With --shard 3/8 it does the third of eight parts of about the same size. Within a job array of Slurm or Grid Engine the\n" +
			"part is told by the environment; with --shard /8 the number alone is, also by PBS, Torque and Kubernetes. Any number of\n" +
			"parts may run at a time, on any number of computers with one file system, and all of them together give the bytes of one run.\n\n" +
			"Ends with 0 if all recordings of the part are done, 4 if some are not, 1 if none is, 3 if all are and some are worse than --max-error.\n\n" +
			"Examples:\n" +
			"pialign batch run plan.jsonl --out aligned\n" +
			"pialign batch run plan.jsonl --out aligned --shard 1/2 --dry-run",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "write the re-timed recordings into `DIR`"},
			&cli.StringFlag{Name: "shard", Usage: "work on part `I/N` of the plan; /N: I comes from the environment of a job array"},
		}, workFlags(), retimeFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be done, write nothing"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		}),
		Action: func(c *cli.Context) error {
			const example = "pialign batch run --help shows an example"
			switch {
			case c.NArg() == 0:
				return withHint(usageError("pialign batch run: a plan is missing"), example)
			case c.NArg() > 1:
				return withHint(usageError("pialign batch run: want one plan, got %d", c.NArg()), "one plan may hold any number of folders: pialign batch plan ROOT... -o plan.jsonl")
			case c.String("out") == "":
				return withHint(usageError("pialign batch run: --out is missing"), example)
			}
			o := batchOptions{plan: c.Args().First()}
			if err := o.readWorkFlags(c); err != nil {
				return err
			}
			o.dryRun = c.Bool("dry-run")
			var err error
			if o.shard, o.by, err = batch.ChooseShard(c.String("shard"), os.Getenv); err != nil {
				return withCode(exitUsage, err)
			}
			return batchRunPlan(c.Context, s, o)
		},
	}
}

type batchOptions struct {
	applyOptions
	plan   string
	shard  batch.Shard
	by     string // what tells the shard; "": nothing, it is all
	jobs   int    // 0: as many as there are processors
	memory int64
	redo   bool

	jsonLines bool // each result is a line, in place of one object for all
}

// workFlags are those that say how a data set is worked off, whichever verb does it.
func workFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "jobs", Usage: "work on `N` recordings at a time", DefaultText: "one for each processor, as far as --memory goes"},
		&cli.StringFlag{Name: "memory", Value: defaultMemory, Usage: "use no more than `SIZE` of memory"},
		&cli.BoolFlag{Name: "redo", Usage: "replace results that were made of other inputs, logs or options, or whose files were changed since; reads them all"},
	}
}

// readWorkFlags takes their values and those of --out, --json and retimeFlags.
func (o *batchOptions) readWorkFlags(c *cli.Context) error {
	o.out, o.json, o.jobs, o.redo = c.String("out"), c.Bool("json"), c.Int("jobs"), c.Bool("redo")
	if c.IsSet("jobs") && o.jobs < 1 {
		return usageError("--jobs %d: want 1 or more", o.jobs)
	}
	var ok bool
	if o.memory, ok = parseSize(c.String("memory")); !ok || o.memory == 0 {
		return withHint(usageError("--memory %q: want a size", c.String("memory")), "as 256MiB, 1GB or 2G")
	}
	if least := int64(memoryBase + memoryCSV); o.memory < least {
		return withHint(usageError("--memory %s: pialign needs %s for one recording at a time", c.String("memory"), byteSize(least)), "as 256MiB, 1GB or 2G")
	}
	return o.readRetimeFlags(c)
}

// batchRunPlan reads a plan and works it off.
func batchRunPlan(ctx context.Context, s stdio, o batchOptions) error {
	lines, err := readPlan(o.plan)
	if err != nil {
		return err
	}
	run, err := newBatchRun(s, o, filepath.Dir(o.plan), lines)
	if err != nil {
		return err
	}
	if o.by != "" {
		var bytes int64
		for _, l := range run.lines {
			bytes += l.Bytes
		}
		fmt.Fprintf(s.err, "pialign: shard %s, by %s: %d of %s, %s\n", o.shard, o.by, len(run.lines), counted(len(lines), "recording"), byteSize(bytes))
	}
	return run.do(ctx)
}

// newBatchRun checks that the results of a plan can be where they are to be. Paths in lines are relative to base.
func newBatchRun(s stdio, o batchOptions, base string, lines []batch.Line) (*batchRun, error) {
	if err := batch.CheckOutputs(lines); err != nil {
		return nil, withHint(withCode(exitUsage, err), "change it in %s", quoted(o.plan))
	}
	for i := range lines {
		if err := lines[i].RetimeOptions(o.retime).Check(); err != nil {
			return nil, withHint(withCode(exitUsage, fmt.Errorf("%s: %w", lines[i].Input, err)), "the plan has options of its own for it: change them in %s", quoted(o.plan))
		}
	}
	run := &batchRun{batchOptions: o, s: s, base: base, sources: newBatchSources(o.applyOptions)}
	if err := run.apart(lines); err != nil {
		return nil, err
	}
	for _, i := range o.shard.Of(lines) {
		run.lines = append(run.lines, run.line(lines[i]))
	}
	return run, nil
}

// apart refuses a folder of results that would be written into an input.
func (run *batchRun) apart(lines []batch.Line) error {
	inputs := make(map[string]string, len(lines))
	note := func(path string) {
		if p, err := real(run.path(path)); err == nil {
			inputs[p] = path
		}
	}
	for _, l := range lines {
		note(l.Input)
		for _, p := range l.Sessions {
			note(p)
		}
	}
	check := func(below string) error { // there may be a link on the way to each
		path, err := real(filepath.Join(run.out, below))
		if err != nil {
			return err
		}
		for p := path; ; p = filepath.Dir(p) {
			if in, ok := inputs[p]; ok {
				return withHint(usageError("--out %s: %s would be written into the input %s, and inputs are never written to", run.out, path, in), "choose another --out")
			}
			if p == filepath.Dir(p) {
				return nil
			}
		}
	}
	for _, l := range lines {
		if err := check(filepath.FromSlash(l.Output)); err != nil {
			return err
		}
	}
	for _, own := range batch.OwnFolders() {
		if err := check(own); err != nil {
			return err
		}
	}
	return nil
}

// path is where a path of the plan leads.
func (run *batchRun) path(p string) string {
	p = filepath.FromSlash(p)
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(run.base, p)
}
