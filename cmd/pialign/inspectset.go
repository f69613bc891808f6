package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// inspectSet recognises a folder with sessions below it, and maybe recordings: what batch plan finds there.
func inspectSet(ctx context.Context, path string) (inspection, error) {
	if has, err := batch.HasSessions(ctx, path); err != nil || !has {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, errOther
	}
	plan, err := batch.Make(ctx, []string{path}, batch.Options{Base: "."})
	if err != nil {
		return nil, err
	}
	r := &setReport{Kind: "data set", Path: path, Sessions: plan.Sources, Retimed: plan.Retimed, States: map[batch.State]int{}, Recordings: []setRecording{}}
	for _, l := range plan.Lines {
		r.States[l.State]++
		r.Recordings = append(r.Recordings, setRecording{l.Input, l.Kind, l.State, slices.Concat(l.Sessions, l.Alignments)})
	}
	return r, nil
}

// inspectPlan recognises a plan.
func inspectPlan(_ context.Context, path string) (inspection, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || !aPlan.is(head[:n]) {
		return nil, errOther
	}
	lines, err := readPlan(path)
	if err != nil {
		return nil, err
	}
	r := &setReport{Kind: "plan", Path: path, States: map[batch.State]int{}}
	for _, l := range lines {
		r.States[l.State]++
		r.Recordings = append(r.Recordings, setRecording{l.Input, l.Kind, l.State, slices.Concat(l.Sessions, l.Alignments)})
	}
	return r, nil
}

// inspectRecord recognises what batch run has noted of a line of a plan.
func inspectRecord(_ context.Context, path string) (inspection, error) {
	if first, err := firstByte(path); err != nil || first != '{' {
		return nil, errOther
	}
	record, err := batch.ReadRecord(path)
	if err != nil {
		return nil, errOther
	}
	return &recordReport{"record of batch run", path, record}, nil
}

// setReport is a data set, or a plan of one.
type setReport struct {
	Kind       string              `json:"kind"`
	Path       string              `json:"path"`
	Sessions   []string            `json:"sessions,omitempty"` // and alignments that lie by themselves
	Retimed    int                 `json:"retimed,omitempty"`
	States     map[batch.State]int `json:"states"`
	Recordings []setRecording      `json:"recordings"`
}

// setRecording is one recording, or a folder or zip of several, and which sessions are its.
type setRecording struct {
	Input    string      `json:"input"`
	Kind     string      `json:"kind,omitempty"`
	State    batch.State `json:"state"`
	Sessions []string    `json:"sessions,omitempty"`
}

func (r *setReport) print(w io.Writer) {
	parts := []string{counted(len(r.Recordings), "recording")}
	if r.Kind == "data set" {
		parts = append(parts, counted(len(r.Sessions), "session"))
	}
	if r.Retimed > 0 {
		parts = append(parts, counted(r.Retimed, "folder")+" re-timed by pialign")
	}
	fmt.Fprintf(w, "%s: %s: %s\n", r.Path, r.Kind, strings.Join(parts, ", "))
	lines := make([]string, 0, len(r.Recordings))
	for _, rec := range r.Recordings {
		of := string(rec.State)
		if len(rec.Sessions) > 0 && rec.State == batch.Paired {
			of = "of " + strings.Join(rec.Sessions, ", ")
		}
		lines = append(lines, fmt.Sprintf("%s: %s, %s", rec.Input, or(rec.Kind, "recording"), of))
	}
	printSome(w, lines)
	if len(r.Recordings) == 0 {
		printSome(w, r.Sessions)
	}
	next := "pialign batch plan says which session is whose, and why"
	if r.Kind == "plan" {
		next = "pialign batch run works it off"
	}
	fmt.Fprintln(w, "  "+next)
}

// printSome prints what a terminal shows at a glance; --json has all.
func printSome(w io.Writer, lines []string) {
	const most = 20
	for _, l := range lines[:min(most, len(lines))] {
		fmt.Fprintf(w, "  %s\n", l)
	}
	if n := len(lines) - most; n > 0 {
		fmt.Fprintf(w, "  and %d more\n", n)
	}
}

// recordReport is what became of one line of a plan.
type recordReport struct {
	Kind   string       `json:"kind"`
	Path   string       `json:"path"`
	Record batch.Record `json:"record"`
}

func (r *recordReport) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s: %s, of %s\n", r.Path, r.Kind, r.Record.Outcome, r.Record.Input)
	if r.Record.Error != "" {
		fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(r.Record.Error, "\n", "\n  "))
	}
	if r.Record.Hint != "" {
		fmt.Fprintf(w, "  %s\n", r.Record.Hint)
	}
	for _, rec := range r.Record.Recordings {
		width := "95 % unknown"
		if rec.HalfWidth != nil {
			width = "95 %: " + plusMinus((*nanos)(rec.HalfWidth), "unknown")
		}
		if r.Record.Outcome == batch.Done {
			fmt.Fprintf(w, "  %s, of %s; %s\n", rec.Name, or(rec.Source, "no session"), width)
		}
	}
}
