package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/formats/probelog"
)

func recoverCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "recover",
		Usage:     "turn the unfinished logs of a crash into Parquet",
		ArgsUsage: "DIR...",
		Description: "A probe that was killed, or whose computer lost its power, leaves a file ending in .journal that holds every\n" +
			"exchange up to the last second. fit and apply read it as it is; recover makes the Parquet file of it, whole or\n" +
			"not at all, and then removes the journal. A journal that a running probe is writing is left alone. One with\n" +
			"damaged lines is left alone too, unless --salvage says to do without them; then it stays beside the Parquet file.\n" +
			"Ends with 0 also where there is nothing to do, with 4 if some journals had to be left, with 1 if all.\n\n" +
			"Examples:\n" +
			"pialign recover p01",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "salvage", Usage: "of a journal with damaged lines, recover the others"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return withHint(usageError("pialign recover: want the folder of a session"), "pialign recover --help shows an example")
			}
			return recoverJournals(s, c.Args().Slice(), c.Bool("salvage"), c.Bool("json"))
		},
	}
}

// recoveryReport is what recover tells of one journal.
type recoveryReport struct {
	Journal  string   `json:"journal"`
	State    string   `json:"state"` // recovered, salvaged, finished, empty, in-use, damaged, foreign or failed
	Log      string   `json:"log,omitempty"`
	Kind     string   `json:"kind,omitempty"` // probe or hostclock
	DeviceID string   `json:"device_id,omitempty"`
	Phase    string   `json:"phase,omitempty"`
	Rows     int      `json:"rows"`
	Lost     []string `json:"lost,omitempty"`
	Error    string   `json:"error,omitempty"`
}

func recoverJournals(s stdio, paths []string, salvage, asJSON bool) error {
	var journals []string
	for _, p := range paths {
		found, err := probelog.Journals(p)
		if err != nil {
			return withHint(err, "a session is the folder that `pialign probe --session` made")
		}
		journals = append(journals, found...)
	}
	reports := make([]recoveryReport, len(journals))
	left, done, lines := 0, 0, false
	for i, j := range journals {
		r, err := probelog.Recover(j, salvage)
		reports[i] = newRecoveryReport(r, err)
		lines = lines || errors.Is(err, probelog.ErrLines)
		switch {
		case err == nil:
			done++
		case reports[i].State != "foreign" || slices.Contains(paths, j): // other programs have journals too
			left++
		}
		switch {
		case err != nil && reports[i].State == "foreign":
			fmt.Fprintf(s.err, "pialign: warning: %s is no journal of pialign's but another program's, and is left as it is\n", j)
		case err != nil:
			fmt.Fprintf(s.err, "pialign: warning: left as it is: %s\n", oneLine(err))
		}
		for _, l := range r.Lost {
			if err == nil {
				fmt.Fprintf(s.err, "pialign: warning: %s\n", l)
			}
		}
		if !asJSON && err == nil {
			fmt.Fprintln(legible{s.out}, reports[i])
		}
	}
	if asJSON {
		if err := printJSON(s.out, map[string]any{"journals": reports}); err != nil {
			return err
		}
	} else if len(journals) == 0 {
		fmt.Fprintf(legible{s.out}, "nothing to recover in %s\n", strings.Join(paths, ", "))
	}
	if left == 0 {
		return nil
	}
	rest := fmt.Sprintf("%d are as they were", left)
	if left == 1 {
		rest = "1 is as it was"
	}
	err := fmt.Errorf("no journal was recovered; %s", rest)
	code := exitFailed
	if done > 0 {
		err = fmt.Errorf("%s; %s", someOf(done, done+left, "journal", "was recovered", "were recovered"), rest)
		code = exitPartial
	}
	if err = withCode(code, err); lines {
		return withHint(err, "--salvage recovers what can be read and keeps the journal")
	}
	return err
}

func newRecoveryReport(r probelog.Recovery, err error) recoveryReport {
	out := recoveryReport{Journal: r.Journal, Kind: r.Kind, DeviceID: r.DeviceID, Phase: r.Phase, Rows: r.Rows, Lost: r.Lost}
	switch {
	case errors.Is(err, probelog.ErrInUse):
		out.State = "in-use"
	case errors.Is(err, probelog.ErrLines), errors.Is(err, probelog.ErrDamaged):
		out.State = "damaged"
	case errors.Is(err, probelog.ErrForeign):
		out.State = "foreign"
	case err != nil:
		out.State = "failed"
	case r.Empty:
		out.State = "empty"
	case r.Finished:
		out.State, out.Log = "finished", r.Log
	case r.Kept:
		out.State, out.Log = "salvaged", r.Log
	default:
		out.State, out.Log = "recovered", r.Log
	}
	if err != nil {
		out.Error = oneLine(err)
	}
	return out
}

// String tells people of one journal that was dealt with.
func (r recoveryReport) String() string {
	what := "exchanges"
	if r.Kind == "hostclock" {
		what = "readings of this computer's clocks"
	}
	switch r.State {
	case "empty":
		return fmt.Sprintf("%s: nothing had been measured; removed", r.Journal)
	case "finished":
		return fmt.Sprintf("%s: it was finished before, %d %s", r.Log, r.Rows, what)
	case "salvaged":
		return fmt.Sprintf("%s: %d %s salvaged; the journal stays for its damaged lines", r.Log, r.Rows, what)
	}
	return fmt.Sprintf("%s: %d %s recovered", r.Log, r.Rows, what)
}
