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

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/retime"
)

// partReport is a single file that apply has made, by the pialign.json that names it.
type partReport struct {
	Kind     string                 `json:"kind"`
	Path     string                 `json:"path"`
	About    string                 `json:"manifest"` // the pialign.json
	Clock    string                 `json:"clock"`
	Program  string                 `json:"program"`
	File     retime.ManifestFile    `json:"file"`
	Table    *columnsReport         `json:"table,omitempty"`
	Recorded []retime.ManifestClock `json:"recordings"`
}

// partLevels is how many folders above a file a pialign.json about it may lie: in a download, below its recordings' folders.
const partLevels = 6

// inspectPart recognises a file that a pialign.json names: NAME.pialign.json beside it, or that of a recording which it lies in.
func inspectPart(_ context.Context, path string) (inspection, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name, about, shown := filepath.Base(abs), abs+tableAbout, path+tableAbout
	for up := range partLevels {
		m, err := retime.ReadManifest(about)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil && up == 0:
			return nil, err
		case err != nil:
			return nil, errOther // whatever it is about
		default:
			i := slices.IndexFunc(m.Files, func(f retime.ManifestFile) bool { return f.Name == name })
			if i < 0 {
				return nil, errOther
			}
			return newPartReport(path, shown, up == 0, m, i), nil
		}
		dir := filepath.Dir(abs)
		for range up {
			dir = filepath.Dir(dir)
		}
		rel, err := filepath.Rel(dir, abs)
		if err != nil {
			return nil, errOther
		}
		name, about = filepath.ToSlash(rel), filepath.Join(dir, retime.ManifestName)
		shown = filepath.Join(filepath.Dir(path), strings.Repeat("../", up), retime.ManifestName)
	}
	return nil, errOther
}

func newPartReport(path, about string, single bool, m *retime.Manifest, i int) *partReport {
	f := m.Files[i]
	r := &partReport{Kind: "file of a re-timed recording", Path: path, About: about, Clock: m.Clock, Program: m.Program, File: f, Recorded: m.Recordings}
	if single {
		r.Kind = "re-timed table"
	}
	if p, err := probelog.About(path); err == nil {
		r.Table = newColumnsReport(path, p)
	}
	return r
}

func (r *partReport) print(w io.Writer) {
	kind := r.Kind
	if r.File.Action != retime.Retimed {
		kind += ", " + r.File.Action
	}
	fmt.Fprintf(w, "%s: %s, on the host's %s clock, by %s, as %s says\n", r.Path, kind, r.Clock, or(r.Program, "an unknown program"), r.About)
	if len(r.File.Columns) > 0 {
		fmt.Fprintf(w, "  %s, times in %s\n", counted(r.File.Rows, "row"), strings.Join(r.File.Columns, ", "))
	}
	for _, c := range r.Recorded {
		fmt.Fprintf(w, "  %s, device %s, alignment %s\n", c.Name, deviceName(c.DeviceID), or(c.Alignment, "none"))
	}
	if _, err := os.Stat(r.Path); errors.Is(err, os.ErrNotExist) {
		fmt.Fprintf(w, "  warning: the file itself is not there\n")
	}
	if r.Table != nil {
		fmt.Fprintf(w, "  Parquet, columns %s\n", strings.Join(r.Table.Columns, ", "))
	}
}

// columnsReport is a Parquet file that is no log.
type columnsReport struct {
	Kind      string   `json:"kind"`
	Path      string   `json:"path"`
	Clock     string   `json:"clock,omitempty"`
	Program   string   `json:"program,omitempty"`
	DeviceID  string   `json:"device_id,omitempty"`
	Alignment string   `json:"alignment,omitempty"`
	Rows      int64    `json:"rows"`
	Columns   []string `json:"columns"`
}

// newColumnsReport says what p is, by docs/formats/columnar.md.
func newColumnsReport(path string, p probelog.Parquet) *columnsReport {
	r := &columnsReport{Kind: "Parquet table of another program", Path: path, Rows: p.Rows, Columns: p.Columns}
	switch {
	case p.Keys[batch.SummaryKey] != "":
		r.Kind = "summary of a study, by pialign batch merge"
	case p.Keys["pialign.table_version"] != "":
		r.Kind, r.Clock, r.Program = "re-timed table (Parquet)", p.Keys["pialign.clock"], p.Keys["pialign.program"]
		r.DeviceID, r.Alignment = p.Keys["pialign.device_id"], p.Keys["pialign.alignment"]
	}
	return r
}

// inspectColumns recognises a table that apply wrote as Parquet, without anything beside it.
func inspectColumns(_ context.Context, path string) (inspection, error) {
	p, err := probelog.About(path)
	if err != nil || p.Keys["pialign.table_version"] == "" {
		return nil, errOther // the log's reader says what is wrong
	}
	return newColumnsReport(path, p), nil
}

// inspectOtherParquet recognises what remains.
func inspectOtherParquet(_ context.Context, path string) (inspection, error) {
	p, err := probelog.About(path)
	if err != nil {
		return nil, errOther
	}
	return newColumnsReport(path, p), nil
}

func (r *columnsReport) print(w io.Writer) {
	if r.Clock == "" {
		fmt.Fprintf(w, "%s: %s, not a probe log\n", r.Path, r.Kind)
	} else {
		fmt.Fprintf(w, "%s: %s, on the host's %s clock, by %s\n  device %s, alignment %s\n", r.Path, r.Kind, r.Clock, or(r.Program, "an unknown program"), deviceName(r.DeviceID), or(r.Alignment, "unknown"))
	}
	fmt.Fprintf(w, "  %s, columns %s\n", counted(int(r.Rows), "row"), strings.Join(r.Columns, ", "))
}
