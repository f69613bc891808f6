package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

func batchScriptCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "script",
		Usage:     "print a job array for Slurm that works off a plan and sums up",
		ArgsUsage: "PLAN",
		Description: "Prints a script for bash and sbatch. Run by bash it submits a job array, of which each task does its part of the plan by\n" +
			"batch run --shard, and a job that joins the results by batch merge when all have ended, well or not. The script itself says how\n" +
			"to submit it, and single tasks again, and what to change. It can be submitted any number of times: what is done stays.\n\n" +
			"Starting a task costs Slurm about a second, so each gets some minutes of work: as many tasks as the plan's bytes make at 50 MB/s.\n" +
			"PLAN, --out and pialign itself must have the same absolute paths where the tasks run.\n\n" +
			"Examples:\n" +
			"pialign batch script plan.jsonl --out aligned -o study.sh",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "have the re-timed recordings written into `DIR`"},
			&cli.StringFlag{Name: "o", Aliases: []string{"output"}, Usage: "write the script to `FILE` instead of stdout"},
			&cli.IntFlag{Name: "tasks", Usage: "cut the plan into `N` tasks", DefaultText: "by --minutes"},
			&cli.IntFlag{Name: "minutes", Value: 5, Usage: "cut the plan into tasks of about `N` minutes of work"},
		}, workFlags(), retimeFlags()),
		Action: func(c *cli.Context) error {
			const example = "pialign batch script --help shows an example"
			switch {
			case c.NArg() == 0:
				return withHint(usageError("pialign batch script: a plan is missing"), example)
			case c.NArg() > 1:
				return withHint(usageError("pialign batch script: want one plan, got %d", c.NArg()), example)
			case c.String("out") == "":
				return withHint(usageError("pialign batch script: --out is missing"), example)
			case c.IsSet("tasks") && (c.Int("tasks") < 1 || c.Int("tasks") > batch.MostTasks):
				return usageError("--tasks %d: want 1 to %d", c.Int("tasks"), batch.MostTasks)
			case c.Int("minutes") < 1:
				return usageError("--minutes %d: want 1 or more", c.Int("minutes"))
			}
			o := scriptOptions{batchOptions: batchOptions{plan: c.Args().First(), shard: batch.Whole}, output: c.String("o"), tasks: c.Int("tasks"),
				each: time.Duration(c.Int("minutes")) * time.Minute, given: givenFlags(c, slices.Concat(workFlags(), retimeFlags()))}
			if err := o.readWorkFlags(c); err != nil {
				return err
			}
			return batchScript(s, o)
		},
	}
}

type scriptOptions struct {
	batchOptions
	output string        // "": stdout
	tasks  int           // 0: by each
	each   time.Duration // of work a task
	given  [][]string    // flags of batch run with their values, as they were given
}

// givenFlags returns those of flags that were given, each with its value.
func givenFlags(c *cli.Context, flags []cli.Flag) (given [][]string) {
	for _, f := range flags {
		name := f.Names()[0]
		if !c.IsSet(name) {
			continue
		}
		switch f.(type) {
		case *cli.BoolFlag:
			if c.Bool(name) {
				given = append(given, []string{"--" + name})
			}
		default:
			given = append(given, []string{"--" + name, fmt.Sprint(c.Value(name))})
		}
	}
	return given
}

func batchScript(s stdio, o scriptOptions) error {
	lines, err := readPlan(o.plan)
	if err != nil {
		return err
	}
	if _, err := newBatchRun(s, o.batchOptions, filepath.Dir(o.plan), lines); err != nil {
		return err // no task could begin
	}
	paired := slices.DeleteFunc(slices.Clone(lines), func(l batch.Line) bool { return l.State != batch.Paired })
	if len(paired) == 0 {
		return withHint(fmt.Errorf("%s: none of %s is paired with a session: there is nothing to do", o.plan, counted(len(lines), "recording")), "the plan says what would settle it")
	}
	script, err := o.script(paired)
	if err != nil {
		return err
	}
	if o.output == "" || o.output == "-" {
		err = script.Write(s.out)
	} else {
		var b bytes.Buffer
		if err = script.Write(&b); err == nil {
			err = unwritable(o.output, aScript.writeOver(s.err, o.output, b.Bytes()), "write the script elsewhere: -o FILE")
		}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "%s\n", script.About)
	for _, path := range []string{script.Program, script.Plan, script.Out} {
		if rel, err := filepath.Rel(os.TempDir(), path); err == nil && filepath.IsLocal(rel) { // as a program by go run
			fmt.Fprintf(s.err, "pialign: warning: %s lies in this computer's folder for temporary files, which others do not share\n", path)
		}
	}
	if left := len(lines) - len(paired); left > 0 {
		fmt.Fprintf(s.err, "pialign: warning: %s not paired: passed over, and counted as not aligned in the end\n", someOf(left, len(lines), "recording", "is", "are"))
	}
	if o.output != "" && o.output != "-" {
		fmt.Fprintf(s.err, "to submit it: bash %s\n", batch.ShellWord(o.output))
	}
	return nil
}

// aScript is one that batch script has made.
var aScript = ours{"script of pialign", func(head []byte) bool { return bytes.Contains(head, []byte("Made by pialign batch script")) }}

// script lays the work out.
func (o scriptOptions) script(paired []batch.Line) (batch.Script, error) {
	x := batch.Script{Tasks: o.tasks, Processors: o.jobs}
	if x.Tasks == 0 {
		x.Tasks = batch.TasksOf(paired, o.each)
	}
	if x.Processors == 0 {
		x.Processors = 2 // more gain little where the disk is shared
	}
	x.Memory = o.memory + o.memory/4 + 64<<20 // a margin: a task that passes what it asked for is killed
	each := batch.Effort(paired) / time.Duration(x.Tasks)
	var bytes int64
	for i := range paired {
		bytes += paired[i].Size()
		each = max(each, batch.Effort(paired[i:i+1]))
	}
	const patience = 6                                    // disks may be that much slower than they are taken to be
	x.Minutes = max(60, patience*int(each/time.Minute+1)) // minutes: a century six times is no Duration
	x.About = fmt.Sprintf("%s of %s in %s: at 50 MB/s the longest takes about %s.", counted(len(paired), "recording"), byteSize(bytes), counted(x.Tasks, "task"), span(max(each.Round(time.Second), time.Second)))
	for _, f := range o.given {
		if f[0] == "--max-error" { // it judges what is there: no task fails for it
			x.Merge = append(x.Merge, f...)
			continue
		}
		x.Run = append(x.Run, f...)
	}
	for path, to := range map[string]*string{o.plan: &x.Plan, o.out: &x.Out} {
		var err error
		if *to, err = filepath.Abs(path); err != nil {
			return x, err
		}
	}
	var err error
	if x.Program, err = os.Executable(); err != nil {
		return x, errors.New("where this program lies is not known")
	}
	return x, nil
}
