package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/cmd/pialign/internal/report"
	"github.com/pialign/pialign/formats/wholefile"
)

func reportCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "make one page of how exact a session, a recording or a whole study is",
		ArgsUsage: "PATH...",
		Description: "Writes one HTML file that needs nothing else: offset, drift, interval and bound over time, residuals, round trips, delays,\n" +
			"clocks that were set, pauses, warnings, pairs of glasses worn at the same time, and a paragraph for the methods section.\n\n" +
			"PATH is a session, an alignment (its logs are looked for in its session, SESSION for SESSION/alignment/ID.json), a re-timed\n" +
			"recording, or the --out of batch run. Several make one page. Equal inputs give equal bytes.\n\n" +
			"With --max-error the page of a study says which recordings are wider, as batch merge does, and the exit code is 3 if some are.\n\n" +
			"Examples:\n" +
			"pialign report p01 -o report.html\n" +
			"pialign report p01 --figures figures -o report.html\n" +
			"pialign report aligned --max-error 5ms --figures figures -o study.html",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "o", Aliases: []string{"output"}, Usage: "write the page to `FILE`, - for stdout; needed unless --json or --figures is given"},
			&cli.StringFlag{Name: "figures", Usage: "write each plot, with its legend, as SVG and PNG into `DIR`"},
			&cli.DurationFlag{Name: "max-error", DefaultText: "none", Usage: "of a study: draw `DUR`, and end with 3 if the 95 % half-width exceeds it anywhere"},
			&cli.BoolFlag{Name: "json", Usage: "print the numbers of the page as JSON"},
		},
		Action: func(c *cli.Context) error {
			o := reportOptions{paths: c.Args().Slice(), output: c.String("o"), figures: c.String("figures"), maxError: c.Duration("max-error"), json: c.Bool("json")}
			switch {
			case c.NArg() == 0:
				return withHint(usageError("pialign report: a session, alignment, recording or study is missing"), "pialign report --help shows an example")
			case o.output == "" && o.figures == "" && !o.json:
				return withHint(usageError("pialign report: nothing says where the page goes"), "name the file: -o report.html")
			case o.json && o.output == "-":
				return usageError("--json and -o - both want stdout")
			case c.IsSet("max-error") && o.maxError <= 0:
				return usageError("--max-error %v: want more than 0", o.maxError)
			}
			return makeReport(c.Context, s, o)
		},
	}
}

type reportOptions struct {
	paths           []string
	output, figures string
	maxError        time.Duration // 0: none
	json            bool
}

func makeReport(ctx context.Context, s stdio, o reportOptions) error {
	if err := checkOutput(o.output, o.paths); err != nil {
		return err
	}
	if err := aPage.refuse(o.output); err != nil {
		return err
	}
	d, failed, err := collectReport(ctx, s.err, o.paths, o.maxError)
	switch {
	case err != nil:
		return err
	case o.maxError > 0 && len(d.Studies) == 0:
		return withHint(usageError("--max-error is for the results of batch run, and none is given"), "fit, apply and batch merge have a --max-error of their own")
	}
	if o.output == "-" {
		if err := d.Write(s.out); err != nil {
			return err
		}
	} else if o.output != "" {
		if err := writeReport(o.output, d); err != nil {
			return err
		}
		if !o.json {
			fmt.Fprintln(s.out, o.output)
		}
	}
	if o.figures != "" {
		if err := writeFigures(ctx, o.figures, d); err != nil {
			return err
		}
	}
	if o.json {
		if err := printJSON(s.out, d); err != nil {
			return err
		}
	}
	if err := verdict(s.err, failed, len(d.Alignments), 0, "device", 0); err != nil || o.maxError == 0 {
		return err
	}
	wide, all := 0, 0
	for _, study := range d.Studies {
		wide += study.Verdicts[batch.VerdictInexact] + study.Verdicts[batch.VerdictUnconfirmed]
		all += study.Recordings
	}
	return verdict(s.err, nil, all, wide, "recording", o.maxError)
}

func writeReport(path string, d *report.Document) error {
	return unwritable(path, wholefile.Write(path, d.Write), "write the page elsewhere: -o FILE")
}

// aPage is one of report.
var aPage = ours{"page of pialign report", func(head []byte) bool { return bytes.HasPrefix(head, []byte(report.Beginning)) }}

// writeFigures writes each plot of a page twice, as SVG and as PNG.
func writeFigures(ctx context.Context, dir string, d *report.Document) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("writing figures: %w", err)
	}
	for _, f := range d.Figures() {
		for _, kind := range []struct {
			ext  string
			make func() ([]byte, error)
		}{{".svg", f.SVG}, {".png", f.PNG}} {
			if err := ctx.Err(); err != nil {
				return err
			}
			b, err := kind.make()
			if err != nil {
				return fmt.Errorf("figure %s: %w", f.ID, err)
			}
			path := filepath.Join(dir, f.ID+kind.ext)
			err = wholefile.Write(path, func(w io.Writer) error { _, err := w.Write(b); return err })
			if err != nil {
				return unwritable(path, err, "write the figures elsewhere: --figures DIR")
			}
		}
	}
	return nil
}

// writeStudyReport writes the page of a folder of results, as batch merge does: it says nothing of where the folder is, so that equal results
// give equal bytes.
func writeStudyReport(out string, rows []batch.Row, o mergeOptions) error {
	d := report.NewDocument(program)
	d.Studies = append(d.Studies, report.NewStudy("", rows, o.maxError, program))
	d.Finish()
	path := filepath.Join(out, batch.ReportHTML)
	return unwritable(path, wholefile.Write(path, d.Write), "the folder of the results must be one that can be written to")
}
