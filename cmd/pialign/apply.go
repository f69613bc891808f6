package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/table"
)

func applyCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "rewrite every time of downloaded recordings onto this computer's clock",
		ArgsUsage: "RECORDING...",
		Description: "Writes OUT/<recording>: the same files with the same bytes but for the times, and pialign.json, which says\n" +
			"what was changed and from what. A recording is re-timed whole or not at all, and inputs are never written to.\n" +
			"Nothing is written over: what is re-timed already is refused, and so is a result that is there already. Room for\n" +
			"all of it must be free on the disk. What takes longer shows how far it is, on stderr; Ctrl-C leaves nothing half.\n" +
			"It takes folders of Pupil Cloud (\"Timeseries Data\", enrichments) and of the phone's own files (Pupil Invisible, Neon),\n" +
			"recordings of Pupil Invisible that were opened in Pupil Player, exports of Pupil Player and Neon Player,\n" +
			"and zips of them as they were downloaded, which become OUT/<name>.zip.\n" +
			"Give the session that was probed, or alignments that fit made of it. Prints how far any time can be off:\n" +
			"the 95 % half-width, by which --max-error goes (beyond it the exit code is 3; the output stays), and the hard bound.\n\n" +
			"Which alignment is a recording's is told by the phone's id in info.json, else by the recording's id if the phone\n" +
			"named it while it was probed; of several alignments of one phone by the time, then by that id. Where no id tells,\n" +
			"the alignment of the only phone is used with a warning: its width holds if that is the right phone, and\n" +
			"--max-error is not met. It is refused for recordings of two phones, for two that overlap in time, and beside one\n" +
			"that the phone did name. With --ambiguous first or second the width includes the step that may be wrong.\n\n" +
			"A download may hold recordings that none of the alignments is of: an enrichment, rows of them. They are listed and the download\n" +
			"is refused. With --unaligned leave their times stay the phone's, while all others become the host's; with --unaligned\n" +
			"empty the cells are left empty, as they are beside the phone's times with --mode add. Each is named in a warning and in\n" +
			"pialign.json, and the exit code is 4.\n\n" +
			"With --time-column RECORDING is a single table, in CSV or TSV, of any program: the columns named hold absolute times\n" +
			"of the phone, in that unit. It becomes OUT/<name>, with OUT/<name>.pialign.json; all that is in no such column stays.\n\n" +
			"With --format parquet or feather the tables of the result have types: gaze.csv becomes gaze.parquet, its times timestamps in UTC to\n" +
			"the ns. No value changes: what a type cannot hold exactly stays text.\n\n" +
			"Examples:\n" +
			"pialign apply --session p01 --time-column \"timestamp [ns]:ns\" brightness.csv --out aligned\n" +
			"pialign apply --session p01 2026-11-24_10-00-00-1a2b3c4d --out aligned\n" +
			"pialign apply --alignment p01/alignment/fa4e000000000001.json 2026-11-24_10-00-00-1a2b3c4d --out aligned --mode add",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "session", Usage: "fit the probe logs in `DIR` first"},
			&cli.StringSliceFlag{Name: "alignment", Usage: "use the alignment in `FILE`; may be given several times"},
			&cli.StringFlag{Name: "out", Usage: "write the re-timed recordings into `DIR`"},
		}, retimeFlags(), []cli.Flag{
			&cli.StringSliceFlag{Name: "time-column", Usage: "RECORDING is a single table, in which the column `NAME:UNIT` holds times of the phone in ns, us, ms or s; may be given several times"},
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be done, write nothing"},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
		}),
		Action: func(c *cli.Context) error {
			o := applyOptions{session: c.String("session"), alignments: c.StringSlice("alignment"), recordings: c.Args().Slice(),
				out: c.String("out"), dryRun: c.Bool("dry-run"), json: c.Bool("json")}
			if err := o.readRetimeFlags(c); err != nil {
				return err
			}
			for _, text := range c.StringSlice("time-column") {
				column, err := table.ParseColumn(text)
				if err != nil {
					return usageError("--time-column: %v", err)
				}
				o.columns = append(o.columns, column)
			}
			if err := o.check(); err != nil {
				return err
			}
			return apply(c.Context, s, o)
		},
	}
}

type applyOptions struct {
	session      string
	alignments   []string
	recordings   []string
	columns      []table.Column // of the recordings, which are single tables then
	out          string
	maxError     time.Duration // 0: none
	dryRun, json bool
	retime       retime.Options
}

// check refuses a command line that makes no sense before anything is read.
func (o applyOptions) check() error {
	const example = "pialign apply --help shows an example"
	switch {
	case o.session == "" && len(o.alignments) == 0:
		return withHint(usageError("pialign apply: --session or --alignment is missing"), example)
	case o.session != "" && len(o.alignments) > 0:
		return withHint(usageError("pialign apply: both --session and --alignment"), "give the one or the other")
	case len(o.recordings) == 0:
		return withHint(usageError("pialign apply: a recording is missing"), example)
	case o.out == "":
		return withHint(usageError("pialign apply: --out is missing"), example)
	}
	if len(o.columns) > 0 && o.retime.RecomputeDurations {
		return withHint(usageError("--recompute-durations: only for recordings, whose durations are known by name"), "leave it out beside --time-column")
	}
	inputs := append(append([]string{}, o.recordings...), o.alignments...)
	if o.session != "" {
		inputs = append(inputs, o.session)
	}
	for _, in := range inputs {
		if inside(o.out, in) {
			return withHint(usageError("--out %s: lies inside the input %s, and inputs are never written to", o.out, in), "choose a folder beside it")
		}
	}
	return nil
}

// applyWork is one recording to re-time. What Open said against it stands in err.
type applyWork struct {
	path, dst string
	built     string // where it is built whole, before it goes to dst; "": there
	size      int64  // of all its files; 0 where there is nothing to do
	recording formats.Recording
	err       error
}

// open looks at every recording before any is worked on: two that would get one name are a mistake of the
// command line.
func (o applyOptions) open(ctx context.Context) ([]applyWork, error) {
	var work []applyWork
	from := make(map[string]string)
	for _, path := range o.recordings {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(abs)
		if len(o.columns) > 0 {
			name = columnar.Name(name, o.retime.Format)
		}
		if other, ok := from[strings.ToLower(name)]; ok {
			return nil, withHint(usageError("%s and %s would both become %s", other, path, filepath.Join(o.out, name)), "give them in two runs with two --out")
		}
		from[strings.ToLower(name)] = path
		w := applyWork{path: path, dst: filepath.Join(o.out, name)}
		if samePath(path, w.dst) {
			return nil, withHint(usageError("--out %s: %s in it is the recording itself, and inputs are never written to", o.out, name), "choose another --out")
		}
		if w.recording, w.err = o.openOne(path); w.err != nil {
			w.err = absent(naming(path, w.err), path, o.recordings)
		} else {
			w.err = taken(w.dst, path)
		}
		if w.err == nil {
			if r, ok := w.recording.(interface{ Size() int64 }); ok {
				w.size = r.Size()
			} else {
				w.size = sizeOf(ctx, path)
			}
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() { // a zip, or a table
				w.size = info.Size()
			}
		}
		work = append(work, w)
	}
	return work, nil
}

// openOne looks at one recording, or table.
func (o applyOptions) openOne(path string) (formats.Recording, error) {
	if len(o.columns) == 0 {
		return formats.Open(path)
	}
	if i, err := os.Stat(path); err == nil && i.IsDir() {
		return nil, withHint(fmt.Errorf("%s: a folder, and --time-column is for single tables", path), "give the table, or leave --time-column out")
	}
	r, err := table.Open(path, o.columns)
	if err != nil {
		return nil, err // not r: a nil *table.Recording is no nil Recording
	}
	return r, nil
}

// fits refuses work for which there is no room.
func (o applyOptions) fits(ctx context.Context, work []applyWork) error {
	var need int64
	for _, w := range work {
		need += o.room(ctx, w)
	}
	if err := enoughSpace(o.out, need); err != nil && !o.dryRun {
		return withHint(fmt.Errorf("nothing was written: %w", err), "free some space, or choose another --out")
	}
	return nil
}

func sizeOfAll(work []applyWork) (total int64) {
	for _, w := range work {
		total += w.size
	}
	return total
}

// taken reports that dst is there already. What may go is an earlier result alone: anything else may be somebody's original. Nor is a
// result taken for this one's that looks like it: that it is, only deriving it again tells.
func taken(dst, path string) error {
	if _, err := os.Lstat(dst); err != nil {
		return nil
	}
	hint, result, input := "choose another --out", dst, path
	_, err := folder.ReadManifest(dst)
	if err != nil {
		if _, err = retime.ReadManifest(dst + "." + retime.ManifestName); err == nil { // a single table, which verify finds in its folder
			result, input = filepath.Dir(dst), filepath.Dir(path)
		}
	}
	if err == nil {
		hint = fmt.Sprintf("it is an earlier result: `pialign verify %s --inputs %s` says whether it still holds; else remove it, or choose another --out", quoted(result), quoted(input))
	}
	return withHint(fmt.Errorf("%s exists already", dst), "%s", hint)
}

// naming puts path before err, unless it is named there already.
func naming(path string, err error) error {
	if strings.Contains(err.Error(), path) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// inside reports whether path is the folder (or file) dir or lies below it, symbolic links followed as far as path exists.
func inside(path, dir string) bool {
	dir, err := real(dir)
	if err != nil {
		return false
	}
	if path, err = real(path); err != nil {
		return false
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// real returns the absolute path without symbolic links. What does not exist yet is taken as it stands.
func real(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for p := path; ; p = filepath.Dir(p) {
		if r, err := filepath.EvalSymlinks(p); err == nil {
			return filepath.Join(r, rest), nil
		}
		if p == filepath.Dir(p) {
			return path, nil
		}
		rest = filepath.Join(filepath.Base(p), rest)
	}
}
