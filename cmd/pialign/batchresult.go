package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// batchResult is what is printed of a line: what became of it, and its record.
type batchResult struct {
	State lineState `json:"state"`
	batch.Record
	recorded bool // the record on the disk has the error
}

func newBatchResult(l *batchLine) batchResult {
	r := batchResult{l.state, l.record, l.recorded()}
	if l.err != nil {
		r.Error, r.Hint = l.err.Error(), hintOf(l.err)
	}
	return r
}

// print prints a line of a table.
func (r batchResult) print(w io.Writer) {
	more := "more above" // told in full when it happened
	if r.recorded {
		more = batch.InRecord
	}
	text := oneLineOf(batch.Headline(r.Error, more))
	if r.Error == "" {
		text = r.width()
	}
	fmt.Fprintf(legible{w}, "%-7s  %s  %s\n", r.State, oneLineOf(r.Output), text)
}

// recorded reports whether the record of a line has what went wrong, each word of it.
func (l *batchLine) recorded() bool { return l.record.Error != "" }

// width says how far any time of a result can be off.
func (r batchResult) width() string {
	var likely, bound *time.Duration
	unknown, unbounded, timed := false, false, false
	for _, rec := range r.Recordings {
		if rec.Unaligned != "" || rec.First == 0 && rec.Last == 0 {
			continue
		}
		timed = true
		unknown, likely = widest(unknown, likely, rec.HalfWidth)
		unbounded, bound = widest(unbounded, bound, rec.BoundHalfWidth)
	}
	if !timed {
		return "no time in it"
	}
	say := func(none bool, d *time.Duration, word string) string {
		if none {
			return word
		}
		return "+- " + ms(*d)
	}
	return fmt.Sprintf("95 %%: %s; bound: %s", say(unknown, likely, "unknown"), say(unbounded, bound, "none"))
}

// widest takes the wider of two half-widths, and notes where one is not known.
func widest(unknown bool, so *time.Duration, v *batch.Number) (bool, *time.Duration) {
	if v == nil {
		return true, so
	}
	if d := time.Duration(*v); so == nil || d > *so {
		so = &d
	}
	return unknown, so
}

// counts says how many lines are in which state.
func counts(count map[lineState]int) string {
	var parts []string
	for _, c := range []struct {
		state lineState
		text  string
	}{{lineDone, "done"}, {lineKept, "done already"}, {lineToDo, "to do"}, {lineFailed, "failed"}, {lineRefused, "refused"}, {linePassed, "passed over"}, {lineOpen, "not begun or interrupted"}} {
		if n := count[c.state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c.text))
		}
	}
	if parts == nil {
		return "nothing to do"
	}
	return strings.Join(parts, ", ")
}

func oneLineOf(text string) string { return strings.Join(strings.Fields(text), " ") }
