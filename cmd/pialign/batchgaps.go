package main

import (
	"fmt"
	"io"
	"path"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// gapCount sums up the gaps of the recordings of a data set.
type gapCount struct {
	recordings, with int // those with a sampled stream, and of them those with gaps
	longest          time.Duration
	at               string // where that is
}

// add counts one recording of a result.
func (g *gapCount) add(output string, r *batch.RecordRecording) {
	if r.Gaps == nil {
		return
	}
	g.recordings++
	if r.Gaps.Count == 0 {
		return
	}
	g.with++
	if d := time.Duration(r.Gaps.Longest); d > g.longest {
		g.longest, g.at = d, path.Join(output, r.Gaps.File)
	}
}

// print tells of them in one line, if there are any.
func (g *gapCount) print(w io.Writer) {
	if g.with > 0 {
		fmt.Fprintf(w, "%s in what was sampled; the longest: %s, in %s\n", someOf(g.with, g.recordings, "recording", "has gaps", "have gaps"), span(g.longest), oneLineOf(g.at))
	}
}
