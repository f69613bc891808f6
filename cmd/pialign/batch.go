package main

import "github.com/urfave/cli/v2"

func batchCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:  "batch",
		Usage: "work on a whole data set",
		Description: "pialign batch plan   finds recordings and sessions, and says which belong together and why; nothing is changed\n" +
			"pialign batch run    re-times the recordings of a plan, or a part of them, and goes on where it was interrupted\n" +
			"pialign batch merge  joins what became of all into one table and one report\n" +
			"pialign batch script prints a job array for Slurm that runs and merges on a cluster\n" +
			"pialign batch watch  plans and runs recordings as they land in a folder\n\n" +
			"Examples:\n" +
			"pialign batch plan . -o plan.jsonl\n" +
			"pialign batch run plan.jsonl --out aligned\n" +
			"pialign batch merge aligned",
		Subcommands: []*cli.Command{batchPlanCommand(s), batchRunCommand(s), batchMergeCommand(s), batchScriptCommand(s), batchWatchCommand(s)},
	}
}
