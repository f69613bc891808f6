package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

func inspectCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Usage:     "say what a file or folder is, and what is in it",
		ArgsUsage: "PATH",
		Description: "Knows probe logs and their journals, sessions, logs of the host's clocks, alignments, recordings, re-timed\n" +
			"recordings, tables and whatever file lies in one, Parquet of other programs, the note of which recording a\n" +
			"session started, data sets of recordings and sessions, plans of them, and the records of batch run. Ends with 1 for anything else.\n\n" +
			"Examples:\n" +
			"pialign inspect p01",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"}},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				err := usageError("pialign inspect: want one path, got %d", c.NArg())
				if whole := joinedArgs(c.Args().Slice()); whole != "" {
					return withHint(err, "quote paths with spaces: %s", quoted(whole))
				}
				return withHint(err, "pialign inspect --help shows an example; quote paths with spaces")
			}
			found, err := inspect(c.Context, c.Args().First())
			if err != nil {
				return unreadable(err)
			}
			if c.Bool("json") {
				return printJSON(s.out, found)
			}
			found.print(legible{s.out})
			return nil
		},
	}
}

// inspection is what inspect found. kind is the first thing it prints.
type inspection interface{ print(w io.Writer) }

// inspect looks at the content of path, not at its name.
func inspect(ctx context.Context, path string) (inspection, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, absent(err, path, []string{path})
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: neither a file nor a folder", path)
	}
	look := []func(context.Context, string) (inspection, error){inspectManifest, inspectPart, inspectColumns, inspectLog, inspectClockLog, inspectOtherParquet, inspectAlignment, inspectStarted, inspectRecord, inspectPlan}
	if info.IsDir() {
		look = []func(context.Context, string) (inspection, error){inspectRetimed, inspectSession, inspectSet, inspectRetimedFolder}
	}
	if folder.IsZip(path) {
		look = []func(context.Context, string) (inspection, error){inspectRetimed}
	}
	for _, f := range append(look, inspectRecording) {
		found, err := f(ctx, path)
		if err == nil || !errors.Is(err, errOther) {
			return found, err
		}
	}
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return nil, withHint(fmt.Errorf("%s: nothing that pialign knows", path),
			"a table by itself: give the folder of the recording that it is of; one of another program goes into apply with --time-column")
	}
	return nil, withHint(fmt.Errorf("%s: nothing that pialign knows", path),
		"it knows probe logs, sessions, data sets, plans, alignments, Pupil Cloud's \"Timeseries Data\", folders of the phone's own files, and zips of these")
}

// errOther: it is something else.
var errOther = errors.New("something else")

func inspectLog(_ context.Context, path string) (inspection, error) {
	l, err := probelog.Read(path)
	switch {
	case errors.Is(err, probelog.ErrForeign):
		return nil, errOther
	case err != nil:
		return nil, err
	}
	return newLogReport(l), nil
}

func inspectClockLog(_ context.Context, path string) (inspection, error) {
	h, rows, err := probelog.ReadClockLog(path)
	switch {
	case errors.Is(err, probelog.ErrForeign):
		return nil, errOther
	case err != nil:
		return nil, err
	}
	r := &clockLogReport{Kind: "log of the host's clocks", Path: path, Session: h.Session, Host: h.Host, Readings: len(rows)}
	if len(rows) > 0 {
		r.First, r.Last = nanos(rows[0].Wall), nanos(rows[len(rows)-1].Wall)
	}
	return r, nil
}

func inspectAlignment(_ context.Context, path string) (inspection, error) {
	if first, err := firstByte(path); err != nil || first != '{' {
		return nil, errOther
	}
	f, err := alignfile.Read(path)
	switch {
	case errors.Is(err, alignfile.ErrForeign):
		return nil, errOther
	case err != nil:
		return nil, err
	}
	return newAlignmentReport(path, f), nil
}

func inspectManifest(ctx context.Context, path string) (inspection, error) {
	if base := filepath.Base(path); base != retime.ManifestName {
		if table, ok := strings.CutSuffix(path, tableAbout); ok && base != tableAbout {
			return inspectPart(ctx, table)
		}
		return nil, errOther
	}
	m, err := retime.ReadManifest(path)
	if err != nil {
		return nil, err
	}
	return newRetimedReport(filepath.Dir(path), m), nil
}

func inspectRetimed(_ context.Context, path string) (inspection, error) {
	m, err := folder.ReadManifest(path)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, formats.ErrRetimed): // it may be further down in a zip
		return nil, errOther
	case err != nil:
		return nil, err
	}
	return newRetimedReport(path, m), nil
}

// inspectRetimedFolder recognises a folder of re-timed recordings, such as the --out of apply.
func inspectRetimedFolder(ctx context.Context, path string) (inspection, error) {
	found, err := retimedIn(ctx, path, 0)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, errOther
	}
	r := &retimedFolderReport{Kind: "folder of re-timed recordings", Path: path}
	for _, dir := range found {
		m, err := folder.ReadManifest(dir)
		if err != nil {
			return nil, err
		}
		r.Recordings = append(r.Recordings, newRetimedReport(dir, m))
	}
	return r, nil
}

// retimedLevels is how many folders below what is inspected a pialign.json is looked for.
const retimedLevels = 3

// retimedIn returns the folders and zips below dir that have a pialign.json, in order. Into those it does not look further.
func retimedIn(ctx context.Context, dir string, level int) (found []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sub := filepath.Join(dir, e.Name())
		if wholefile.IsTemp(e.Name()) {
			continue
		}
		if !e.IsDir() {
			if strings.EqualFold(filepath.Ext(sub), ".zip") {
				if _, err := folder.ReadManifest(sub); err == nil {
					found = append(found, sub)
				}
			}
			continue
		}
		if _, err := os.Lstat(filepath.Join(sub, retime.ManifestName)); err == nil {
			found = append(found, sub)
			continue
		}
		if level+1 < retimedLevels {
			below, err := retimedIn(ctx, sub, level+1)
			if err != nil {
				return nil, err
			}
			found = append(found, below...)
		}
	}
	return found, nil
}

func inspectSession(ctx context.Context, path string) (inspection, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		ext := strings.ToLower(filepath.Ext(e.Name()))
		return ext == ".parquet" || ext == ".journal"
	}) {
		return nil, errOther
	}
	s, err := probelog.ReadSession(path)
	if err != nil {
		return nil, err
	}
	if len(s.Logs) == 0 {
		return nil, errOther
	}
	r := newSessionReport(path, s)
	for _, e := range entries {
		look := inspectClockLog
		switch {
		case strings.HasPrefix(e.Name(), startedPrefix):
			look = inspectStarted
		case !strings.HasSuffix(e.Name(), "_hostclock.parquet"):
			continue
		}
		if found, err := look(ctx, filepath.Join(path, e.Name())); err == nil { // else it is told by what it would serve
			r.Others = append(r.Others, found)
		}
	}
	return r, nil
}

func inspectRecording(ctx context.Context, path string) (inspection, error) {
	rec, err := formats.Open(path)
	switch {
	case errors.Is(err, formats.ErrUnknown):
		return nil, errOther
	case errors.Is(err, formats.ErrUnsupported), errors.Is(err, formats.ErrRetimed):
		return &unusableReport{Kind: strings.TrimSuffix(err.Error(), "; give the folder as it was downloaded"), Path: path}, nil
	case err != nil:
		return nil, err
	}
	summary, err := formats.Summary(ctx, rec)
	if err != nil {
		return nil, err
	}
	return newRecordingReport(path, rec, summary), nil
}

func firstByte(path string) (byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var b [1]byte
	_, err = io.ReadFull(f, b[:])
	return b[0], err
}
