package main

import (
	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/formats/retime"
)

// retimeFlags are those that say how recordings are re-timed, whichever verb does it.
func retimeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "clock", Value: clockWall, Usage: "`CLOCK` of the result: wall, monotonic or lsl"},
		&cli.StringFlag{Name: "mode", Value: string(retime.Replace), Usage: "`MODE`: replace the times, or add columns \"host ...\" beside them (in tables; the phone's own files have none)"},
		&cli.BoolFlag{Name: "keep-device-time", Usage: "with --mode replace: keep the phone's times in columns \"device ...\""},
		&cli.StringFlag{Name: "format", Value: string(retime.CSV), Usage: "`FORMAT` of tables with times: csv, parquet or feather (with types, times as timestamps); other files keep theirs"},
		&cli.StringFlag{Name: "ambiguous", Usage: "`WHICH` to take where the phone's clock stepped and two times are possible: first, second or empty; refused unless given"},
		&cli.StringFlag{Name: "unaligned", Usage: "`WHAT` becomes of recordings that none of the alignments is of, beside others in one download: leave (the phone's times stay) or empty; refused unless given"},
		&cli.StringFlag{Name: "sender-stamps", Usage: "events stamped by the program that sent them are on this `CLOCK`: device or host; refused unless given"},
		&cli.BoolFlag{Name: "recompute-durations", Usage: "make the durations of fixations, blinks, saccades and recordings anew of the new times, rounded as they were"},
		&cli.BoolFlag{Name: "hardlink", Usage: "files that do not change become hard links to the inputs, where they lie on the same disk: what edits one edits the other"},
		&cli.BoolFlag{Name: "sha256", Usage: "digests in pialign.json by SHA-256 instead of xxHash"},
		&cli.DurationFlag{Name: "max-error", DefaultText: "none", Usage: "end with 3 if the 95 % half-width exceeds `DUR` anywhere"},
	}
}

// readRetimeFlags takes their values, and refuses those that make no sense.
func (o *applyOptions) readRetimeFlags(c *cli.Context) error {
	o.maxError = c.Duration("max-error")
	o.retime = retime.Options{Mode: retime.Mode(c.String("mode")), KeepDeviceTime: c.Bool("keep-device-time"), Format: retime.Format(c.String("format")),
		Ambiguous: c.String("ambiguous"), SenderStamps: c.String("sender-stamps"), Unaligned: c.String("unaligned"), Clock: c.String("clock"),
		RecomputeDurations: c.Bool("recompute-durations"), SHA256: c.Bool("sha256"), Hardlink: c.Bool("hardlink"), Program: program}
	if c.IsSet("max-error") && o.maxError <= 0 {
		return usageError("--max-error %v: want more than 0", o.maxError)
	}
	if err := checkClock(o.retime.Clock); err != nil {
		return err
	}
	if err := o.retime.Check(); err != nil {
		return withCode(exitUsage, err)
	}
	return nil
}
