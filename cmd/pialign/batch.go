package main

import "github.com/urfave/cli/v2"

func batchCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:  "batch",
		Usage: "work on a whole data set",
		Description: "pialign batch plan   finds recordings and sessions, and says which belong together and why; nothing is changed\n\n" +
			"Examples:\n" +
			"pialign batch plan . -o plan.jsonl",
		Subcommands: []*cli.Command{batchPlanCommand(s)},
	}
}
