package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/wholefile"
)

func batchMergeCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "merge",
		Usage:     "join what became of all recordings into one table and one report",
		ArgsUsage: "OUT",
		Description: "Reads what batch run has noted of each recording in OUT, the folder of the results, and writes OUT/summary.csv and\n" +
			"OUT/summary.parquet: a row a recording, with offset, drift, interval, bound, round trips, steps, warnings and a verdict;\n" +
			"and OUT/report.html, a page to look at (see pialign report).\n" +
			"What was there of an earlier merge is replaced. Equal results give equal bytes, however many runs made them.\n\n" +
			"With --plan a line that no run has worked on counts too, and what is no line of the plan is left out. Alignments that\n" +
			"no record names any more, as batch run --redo leaves them, are then removed, once every line has its result and nothing is at work.\n\n" +
			"Of a result pialign.json and the names and sizes of its files are looked at, as batch run does; its bytes are for pialign verify.\n\n" +
			"The exit code is by the worst: 0 if all are aligned, 3 if some are worse than --max-error, or it is not known that they are not, 4 if some\n" +
			"failed, are missing, changed or not aligned, 1 if none is.\n\n" +
			"Examples:\n" +
			"pialign batch merge aligned\n" +
			"pialign batch merge aligned --plan plan.jsonl --max-error 5ms",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "plan", Usage: "count the lines of `PLAN` too that no run has worked on"},
			&cli.DurationFlag{Name: "max-error", DefaultText: "none", Usage: "end with 3 if the 95 % half-width exceeds `DUR` anywhere"},
			&cli.BoolFlag{Name: "json", Usage: "print totals and verdicts as JSON"},
		},
		Action: func(c *cli.Context) error {
			switch {
			case c.NArg() == 0:
				return withHint(usageError("pialign batch merge: the folder of the results is missing"), "pialign batch merge --help shows an example")
			case c.NArg() > 1:
				return withHint(usageError("pialign batch merge: want one folder, got %d", c.NArg()), "give the --out of batch run")
			case c.IsSet("max-error") && c.Duration("max-error") <= 0:
				return usageError("--max-error %v: want more than 0", c.Duration("max-error"))
			}
			return batchMerge(c.Context, s, mergeOptions{out: c.Args().First(), plan: c.String("plan"), maxError: c.Duration("max-error"), json: c.Bool("json")})
		},
	}
}

type mergeOptions struct {
	out, plan string
	maxError  time.Duration // 0: none
	json      bool
}

func batchMerge(ctx context.Context, s stdio, o mergeOptions) error {
	switch info, err := os.Stat(o.out); {
	case err != nil:
		return absent(err, o.out, []string{o.out})
	case !info.IsDir():
		return withHint(fmt.Errorf("%s: a file; expected the folder of the results", o.out), "give the --out of batch run; a plan is for --plan")
	}
	m := &merging{mergeOptions: o, talk: s.err, named: map[string]bool{}}
	if o.plan != "" {
		lines, err := readPlan(o.plan)
		if err != nil {
			return err
		}
		if err := batch.CheckOutputs(lines); err != nil {
			return withHint(withCode(exitUsage, err), "change it in %s", quoted(o.plan))
		}
		m.lines = map[string]batch.Line{}
		for _, l := range lines {
			m.lines[l.Output] = l
		}
	}
	if err := m.read(ctx); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		fill func(io.Writer, []batch.Row) error
	}{{batch.SummaryCSV, batch.WriteSummaryCSV}, {batch.SummaryParquet, batch.WriteSummaryParquet}} {
		path := filepath.Join(o.out, f.name)
		err := wholefile.Write(path, func(w io.Writer) error { return f.fill(w, m.rows) })
		if err != nil {
			return unwritable(path, err, "the folder of the results must be one that can be written to")
		}
	}
	if err := writeStudyReport(o.out, m.rows, o); err != nil {
		return err
	}
	if err := m.clear(ctx); err != nil {
		return err
	}
	return m.finish(s)
}

// clear removes alignments that no record names, as --redo leaves them: a tree that was mended is then that of a run from the start. A result without a
// record may have been made by one, so it waits until all of a plan is there.
func (m *merging) clear(ctx context.Context) error {
	unused, err := batch.Unused(ctx, m.out, m.named)
	if err != nil || len(unused) == 0 {
		return err
	}
	what := counted(len(unused), "alignment")
	left := func(why string) {
		fmt.Fprintf(m.talk, "pialign: warning: %s in %s that no record names any more: %s\n", what, batch.AlignmentsPath(m.out), why)
	}
	waits := func(r batch.Row) bool { return r.Verdict == batch.VerdictMissing || r.Verdict == batch.VerdictChanged }
	switch {
	case m.lines == nil:
		left("batch merge --plan removes what is not needed, once every line has its record")
		return nil
	case slices.ContainsFunc(m.rows, waits):
		left("left, since not every line of the plan has its result")
		return nil
	}
	removed, err := batch.RemoveUnused(ctx, m.out, unused)
	switch {
	case errors.Is(err, batch.ErrAtWork):
		left(fmt.Sprintf("left, since %v; merge again when it has ended", err))
		return nil
	case err != nil:
		return unwritable(m.out, err, "the folder of the results must be one that can be written to")
	}
	if removed > 0 {
		fmt.Fprintf(m.talk, "removed %s that no record names any more\n", counted(removed, "alignment"))
	}
	return nil
}

// readPlan reads a plan with what to try where it is none.
func readPlan(path string) ([]batch.Line, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, absent(err, path, []string{path})
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, withHint(usageError("%s: a folder; expected a plan", path), "make a plan of it: pialign batch plan %s -o plan.jsonl", quoted(path))
	}
	lines, err := batch.ReadLines(path, f)
	if err != nil {
		return nil, withHint(err, "correct that line (docs/formats/dataset.md has the names), or make a plan: pialign batch plan ROOT... -o plan.jsonl")
	}
	if len(lines) == 0 {
		return nil, withHint(fmt.Errorf("%s: %w: it has no line", path, batch.ErrPlan), "make one: pialign batch plan ROOT... -o plan.jsonl")
	}
	return lines, nil
}

// merging is one run of batch merge.
type merging struct {
	mergeOptions
	talk  io.Writer
	lines map[string]batch.Line // of the plan, by output; nil without one
	rows  []batch.Row
	named map[string]bool // alignments that records name, by path
}

// read makes the rows of all records, and of the plan's lines without one, in the order of the outputs.
func (m *merging) read(ctx context.Context) error {
	paths, err := batch.Records(m.out)
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && m.lines != nil) {
		if errors.Is(err, fs.ErrNotExist) {
			err = withHint(fmt.Errorf("%s: no results of pialign batch run in it", m.out), "give the folder that was its --out")
		}
		return err
	}
	all := make([]recorded, len(paths))
	for i, path := range paths {
		all[i].path = path
	}
	if err := m.look(ctx, all); err != nil {
		return err
	}
	seen := map[string]bool{}
	others := 0
	for i := range all {
		r := &all[i].record
		r.Named(m.out, m.named)
		rows := batch.RowsFound(batch.Rows(r, true, m.maxError), all[i].found, all[i].why)
		if m.lines != nil {
			l, ok := m.lines[r.Output]
			if !ok {
				others++
				continue
			}
			rows = batch.RowsByPlan(rows, l)
		}
		seen[r.Output] = true
		m.rows = append(m.rows, rows...)
	}
	for output, l := range m.lines {
		if !seen[output] {
			m.rows = append(m.rows, batch.MissingRow(l))
		}
	}
	slices.SortStableFunc(m.rows, func(a, b batch.Row) int { return strings.Compare(a.Record.Output, b.Record.Output) })
	if others > 0 {
		fmt.Fprintf(m.talk, "pialign: warning: %s: %s of no line of the plan, and left out\n", m.out, someOf(others, len(paths), "record", "is", "are"))
	}
	return nil
}

// recorded is a record as it was read, and what was found of its result.
type recorded struct {
	path   string
	record batch.Record
	found  batch.Verdict
	why    string
	err    error
}

// look reads records and what there is of their results, several at a time: a disk in the network answers each only after a while.
func (m *merging) look(ctx context.Context, all []recorded) error {
	at := make([]*recorded, len(all))
	for i := range all {
		at[i] = &all[i]
	}
	forEach(ctx, 4*runtime.GOMAXPROCS(0), at, func(x *recorded) {
		if x.record, x.err = batch.ReadRecord(x.path); x.err != nil {
			return
		}
		if batch.RecordPath(m.out, x.record.Output) != x.path {
			x.err = fmt.Errorf("%s: %w: it is of the output %q", x.path, batch.ErrRecord, x.record.Output)
			return
		}
		if x.found = batch.VerdictOK; x.record.Outcome == batch.Done {
			x.found, x.why, _ = x.record.Check(ctx, m.out) // fails with ctx alone
		}
	}, func(*recorded) {})
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, x := range at {
		if x.err != nil {
			return withHint(x.err, "move that file and its result out of the way and run batch run again, which makes both anew; a newer record is for a newer pialign")
		}
	}
	return nil
}

// mergeResult is what merge tells programs.
type mergeResult struct {
	Recordings int                   `json:"recordings"`
	Verdicts   map[batch.Verdict]int `json:"verdicts"`
	Warned     int                   `json:"ok_with_warnings"`
	Worst      *nanos                `json:"worst_half_width_ns"` // of the 95 % interval, of those that are ok or inexact; null where none is known
	Rows       []mergeRow            `json:"rows"`
}

type mergeRow struct {
	Output    string        `json:"output"`
	Recording string        `json:"recording,omitempty"`
	Verdict   batch.Verdict `json:"verdict"`
	Why       string        `json:"why,omitempty"`
	HalfWidth *nanos        `json:"half_width_ns"`
}

// finish tells what there is, and ends with the code of the worst.
func (m *merging) finish(s stdio) error {
	r := mergeResult{Recordings: len(m.rows), Verdicts: map[batch.Verdict]int{}, Rows: []mergeRow{}}
	for i := range m.rows {
		row := &m.rows[i]
		r.Verdicts[row.Verdict]++
		if row.Verdict == batch.VerdictOK && len(row.Warnings()) > 0 {
			r.Warned++
		}
		out := mergeRow{Output: row.Record.Output, Verdict: row.Verdict, Why: row.Why}
		if row.Recording != nil {
			out.Recording = row.Recording.Name
		}
		if half, known := row.Timed(); known {
			n := nanos(half)
			out.HalfWidth = &n
			if r.Worst == nil || n > *r.Worst {
				r.Worst = &n
			}
		}
		r.Rows = append(r.Rows, out)
	}
	if m.json {
		if err := printJSON(s.out, r); err != nil {
			return err
		}
	} else {
		m.print(s.out, r)
	}
	fmt.Fprintf(s.err, "wrote %s, %s and %s\n", filepath.Join(m.out, batch.SummaryCSV), batch.SummaryParquet, batch.ReportHTML)
	n := func(all ...batch.Verdict) (sum int) {
		for _, v := range all {
			sum += r.Verdicts[v]
		}
		return sum
	}
	bad := n(batch.VerdictFailed, batch.VerdictMissing, batch.VerdictChanged, batch.VerdictPassed, batch.VerdictUnaligned)
	inexact := n(batch.VerdictInexact, batch.VerdictUnconfirmed)
	if n := n(batch.VerdictUnconfirmed); n > 0 {
		fmt.Fprintf(s.err, "pialign: warning: of %s nothing confirms that the alignment is of its phone: no width is certified\n", counted(n, "recording"))
	}
	again := fmt.Sprintf("pialign batch run %s --out %s", quoted(or(m.plan, "PLAN")), quoted(m.out))
	hint := ""
	switch missing, changed := n(batch.VerdictMissing) > 0, n(batch.VerdictChanged) > 0; {
	case changed:
		hint = again + " --redo makes what was changed again, and what is missing"
	case missing:
		hint = again + " goes on with what is missing"
	}
	hinted := func(err error) error {
		if hint != "" {
			return withHint(err, "%s", hint)
		}
		return err
	}
	switch {
	case bad > 0 && bad == len(m.rows):
		return hinted(withCode(exitFailed, errors.New("no recording is aligned")))
	case bad > 0:
		return hinted(withCode(exitPartial, errors.New(someOf(bad, len(m.rows), "recording", "is not aligned", "are not aligned"))))
	case inexact > 0 && m.maxError > 0:
		return withCode(exitInexact, fmt.Errorf("%s worse than --max-error %v", someOf(inexact, len(m.rows), "recording", "is", "are"), m.maxError))
	case len(m.rows) == 0:
		return withCode(exitFailed, fmt.Errorf("no recording in %s", m.out))
	}
	return nil
}

// verdictOrder is how verdicts are counted off.
var verdictOrder = []batch.Verdict{batch.VerdictOK, batch.VerdictUnconfirmed, batch.VerdictInexact, batch.VerdictUnaligned, batch.VerdictPassed, batch.VerdictFailed, batch.VerdictChanged, batch.VerdictMissing}

// print tells people: what is not as it should be, the widest intervals, and how many there are of each kind.
func (m *merging) print(w io.Writer, r mergeResult) {
	const most = 20 // what a terminal shows at a glance; the table has all
	told := 0
	for _, row := range r.Rows {
		if row.Verdict == batch.VerdictOK {
			continue
		}
		if told++; told <= most {
			fmt.Fprintf(legible{w}, "%-11s  %s: %s\n", row.Verdict, oneLineOf(labelOfRow(row)), oneLineOf(batch.Headline(row.Why, batch.InRecord)))
		}
	}
	if told > most {
		fmt.Fprintf(w, "and %d more, which %s has\n", told-most, batch.SummaryCSV)
	}
	wide := slices.DeleteFunc(slices.Clone(r.Rows), func(row mergeRow) bool { return row.HalfWidth == nil })
	slices.SortStableFunc(wide, func(a, b mergeRow) int { return int(min(1, max(-1, *b.HalfWidth-*a.HalfWidth))) })
	if len(wide) > 0 {
		fmt.Fprintln(w, "widest 95 % intervals:")
	}
	for _, row := range wide[:min(5, len(wide))] {
		fmt.Fprintf(legible{w}, "  +- %s  %s\n", ms(time.Duration(*row.HalfWidth)), oneLineOf(labelOfRow(row)))
	}
	var parts []string
	for _, v := range verdictOrder {
		if n := r.Verdicts[v]; n > 0 {
			part := fmt.Sprintf("%d %s", n, v)
			if v == batch.VerdictOK && r.Warned > 0 {
				part += fmt.Sprintf(" (%d with warnings)", r.Warned)
			}
			parts = append(parts, part)
		}
	}
	m.printWarnings(legible{w}, r)
	var gaps gapCount
	for i := range m.rows {
		if row := &m.rows[i]; row.Aligned() && row.Recording != nil {
			gaps.add(row.Record.Output, row.Recording)
		}
	}
	gaps.print(legible{w})
	fmt.Fprintf(w, "%s: %s\n", counted(r.Recordings, "recording"), or(strings.Join(parts, ", "), "none"))
}

// printWarnings tells the first warning of some of those that are ok: no verdict does.
func (m *merging) printWarnings(w io.Writer, r mergeResult) {
	const most = 5
	told := 0
	for i := range m.rows {
		all := m.rows[i].Warnings()
		if m.rows[i].Verdict != batch.VerdictOK || len(all) == 0 {
			continue
		}
		if told++; told > most {
			continue
		}
		if told == 1 {
			fmt.Fprintln(w, "warnings of those that are ok:")
		}
		more := ""
		if n := len(all) - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more)", n)
		}
		fmt.Fprintf(w, "  %s: %s%s\n", oneLineOf(labelOfRow(r.Rows[i])), oneLineOf(batch.Headline(all[0], batch.InRecord)), more)
	}
	if told > most {
		fmt.Fprintf(w, "  and of %d more, which %s has\n", told-most, batch.SummaryCSV)
	}
}

func labelOfRow(r mergeRow) string { return batch.Label(r.Output, r.Recording) }
