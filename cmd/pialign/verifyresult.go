package main

import (
	"fmt"
	"path/filepath"
)

// What verify can say of a re-timed recording.
const (
	stateMatches   = "matches"   // every byte is what the originals and the alignment give
	stateDiffers   = "differs"   // something is not
	stateUnchecked = "unchecked" // it could not be derived again, and nothing is known against it
)

// What can be wrong with one file.
const (
	fileDiffers    = "differs" // from what was derived again, or from its digest
	fileMissing    = "missing"
	fileAdditional = "additional"
	inputChanged   = "input-changed" // since it was re-timed
	inputMissing   = "input-missing"
	inputAdded     = "input-added"
	otherAlignment = "alignment" // the one that was used was not found, and another was taken
)

// verifyProblem is one thing that does not match.
type verifyProblem struct {
	File    string `json:"file,omitempty"` // relative to the recording, with slashes
	Problem string `json:"problem"`
	Text    string `json:"text"`
}

// verifyResult is what verify found out about one re-timed recording.
type verifyResult struct {
	Path     string          `json:"path"`
	State    string          `json:"state"`
	Input    string          `json:"input,omitempty"` // the original it was derived from again
	Program  string          `json:"program,omitempty"`
	Files    int             `json:"files"` // compared
	Problems []verifyProblem `json:"problems,omitempty"`
	Notes    []string        `json:"notes,omitempty"`
	Error    string          `json:"error,omitempty"` // why it could not be derived again

	root string // what the names of files are relative to
	err  error
}

// problem notes what does not match.
func (r *verifyResult) problem(file, kind, format string, args ...any) {
	r.Problems = append(r.Problems, verifyProblem{file, kind, fmt.Sprintf(format, args...)})
}

// failed notes why it could not be derived again.
func (r *verifyResult) failed(err error) { r.err, r.Error = err, oneLine(err) }

// judge decides.
func (r *verifyResult) judge() {
	switch {
	case len(r.Problems) > 0:
		r.State = stateDiffers
	case r.err != nil:
		r.State = stateUnchecked
	default:
		r.State = stateMatches
	}
}

// mostProblems are told of one recording; --json has all.
const mostProblems = 20

func (r *verifyResult) print(s stdio) {
	for _, n := range r.Notes {
		fmt.Fprintf(s.err, "pialign: warning: %s: %s\n", r.Path, n)
	}
	for _, p := range r.Problems[:min(len(r.Problems), mostProblems)] {
		name := r.Path
		if p.File != "" {
			name = filepath.Join(r.root, filepath.FromSlash(p.File))
		}
		fmt.Fprintf(legible{s.out}, "%s: %s\n", name, p.Text)
	}
	if n := len(r.Problems) - mostProblems; n > 0 {
		fmt.Fprintf(legible{s.out}, "%s: and %d more that do not match\n", r.Path, n)
	}
	switch {
	case r.State == stateMatches:
		fmt.Fprintf(legible{s.out}, "%s: matches, %s derived again from %s\n", r.Path, counted(r.Files, "file"), r.Input)
	case r.err != nil:
		fmt.Fprintf(legible{s.out}, "%s: not derived again: %s\n", r.Path, r.Error)
	}
}
