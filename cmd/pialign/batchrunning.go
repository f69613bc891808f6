package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/cmd/pialign/internal/view"
)

// batchRun is one run of batch run.
type batchRun struct {
	batchOptions
	s       stdio
	base    string       // what paths in the plan are relative to
	lines   []*batchLine // of the shard, in the order of the plan
	sources *batchSources
	shown   *workProgress
	told    map[string]bool // what needs no saying again
	live    bool            // one terminal shows stdout and stderr: each line is told once, when it is done
}

// do works off the lines of the shard.
func (run *batchRun) do(ctx context.Context) error {
	defer limitMemory(run.memory)()
	var total int64
	for _, l := range run.lines {
		total += l.Bytes
	}
	what := "re-timing"
	if run.dryRun {
		what = "checking"
	}
	run.shown, run.told = newWorkProgress(run.s.err, what, total), map[string]bool{}
	defer run.shown.close()
	run.live = !run.json && view.Terminal(run.s.out) && view.Terminal(run.s.err)

	if !run.dryRun {
		_ = batch.GiveBack(run.out) // before a record comes to name what is aside
	}
	var open []*batchLine
	forEach(ctx, runtime.GOMAXPROCS(0), run.lines, func(l *batchLine) { run.look(ctx, l) }, func(l *batchLine) {
		if l.state == lineOpen {
			open = append(open, l)
			return
		}
		run.ended(l)
	})
	run.measure(ctx, open)
	if ctx.Err() == nil {
		if err := run.room(ctx, open); err != nil {
			return err
		}
	}
	jobs := jobsWithin(run.memory, run.jobs, run.retime.Format, open)
	inOrder(open, jobs)
	if run.jobs > jobs && len(open) > jobs {
		fmt.Fprintf(run.s.err, "pialign: warning: %s at a time, not %d: --memory %s allows no more\n", counted(jobs, "recording"), run.jobs, byteSize(run.memory))
	}
	forEach(ctx, jobs, open, func(l *batchLine) { run.work(ctx, l) }, run.ended)
	return run.finish(ctx)
}

// forEach has do called for all, at most so many at a time, in order, and ended for each that is done, one at a time. It stops with ctx.
func forEach[T any](ctx context.Context, most int, all []T, do, ended func(T)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	done := make(chan T)
	for range min(most, len(all)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				do(all[i])
				done <- all[i]
			}
		})
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	for x := range done {
		ended(x)
	}
}

// measure finds out how large the inputs are that are to be worked on: a plan may be old, or edited. What cannot be read fails when it is worked on.
func (run *batchRun) measure(ctx context.Context, open []*batchLine) {
	var more int64
	forEach(ctx, runtime.GOMAXPROCS(0), open, func(l *batchLine) { l.size, _ = batch.Measure(ctx, l.path) }, func(l *batchLine) { more += l.size - l.Bytes })
	run.shown.more(more)
}

// room refuses work for which there is none on the disk.
func (run *batchRun) room(ctx context.Context, open []*batchLine) error {
	if run.dryRun {
		return nil
	}
	var need int64
	for _, l := range open {
		need += run.applyOptions.room(ctx, applyWork{path: l.path, size: l.size})
	}
	if err := enoughSpace(run.out, need); err != nil {
		return withHint(fmt.Errorf("nothing was written: %w", err), "free some space, or choose another --out")
	}
	return nil
}

// ended clears up after a line and tells what became of it.
func (run *batchRun) ended(l *batchLine) {
	if l.state == lineOpen { // interrupted
		return
	}
	switch {
	case run.dryRun:
	case l.state == linePassed:
		l.record.Outcome = batch.Passed
		run.keepRecord(l)
	case l.state != lineDone: // what killed runs have left of it
		_ = batch.ClearWorkplaces(run.out, l.Output)
	}
	run.shown.say(func() {
		run.tell(l)
		if run.live && l.aligned() {
			newBatchResult(l).print(run.s.out)
		}
	})
	l.result, l.said, l.texts = applyResult{}, nil, nil // there may be ten thousand
}

// tell tells what became of a line.
func (run *batchRun) tell(l *batchLine) {
	once := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !run.told[text] {
			run.told[text] = true
			fmt.Fprint(run.s.err, text)
		}
	}
	switch l.state {
	case lineKept:
		return
	case lineDone, lineToDo:
		if l.damage != "" {
			again := map[lineState]string{lineDone: "it was made again", lineToDo: "it is to be made again"}[l.state]
			fmt.Fprintf(run.s.err, "pialign: warning: %s: %s: %s\n", l.dst, l.damage, again)
		}
		for _, w := range l.said {
			once("pialign: warning: %s\n", w)
		}
		for _, rec := range l.record.Recordings {
			for _, u := range l.result.uses {
				if u != nil && u.clock.file != nil && u.clock.digest == rec.Alignment {
					for _, w := range u.clock.file.Alignment.Diagnosis.Warnings {
						once("pialign: warning: %s: device %s: %s\n", u.clock.name, deviceName(u.clock.deviceID), w.Text)
					}
				}
			}
		}
		o := run.applyOptions
		o.retime = l.retime
		l.result.tell(run.s.err, o)
		if !run.live {
			fmt.Fprintf(run.s.err, "pialign: %s: %s\n", l.state, l.dst)
		}
	default:
		path, err := l.path, l.err
		switch {
		case l.state != linePassed:
		case run.plan == "": // what watch has planned, which nobody sees
			err = errors.New(or(l.ProblemAt(run.path), err.Error()))
		default: // its other paths are those of the plan
			path = l.Input
		}
		text := naming(path, err).Error()
		if l.recorded() {
			text = batch.Headline(text, batch.InRecord)
		}
		fmt.Fprintf(run.s.err, "pialign: %s: %s\n", l.state, text)
		if hint := hintOf(l.err); hint != "" {
			once("pialign: hint: %s\n", hint)
		}
	}
}

// finish prints what became of all lines, and sums up.
func (run *batchRun) finish(ctx context.Context) error {
	run.shown.close()
	count := map[lineState]int{}
	results := []batchResult{}
	inexact, unaligned := 0, 0
	var gaps gapCount
	for _, l := range run.lines {
		count[l.state]++
		if l.state == lineOpen {
			continue
		}
		results = append(results, newBatchResult(l))
		if !l.aligned() {
			continue
		}
		if !within(l.record, run.maxError) {
			inexact++
		}
		for i := range l.record.Recordings {
			r := &l.record.Recordings[i]
			if r.Unaligned != "" {
				unaligned++
			}
			gaps.add(l.Output, r)
		}
	}
	switch {
	case run.jsonLines:
		for _, r := range results {
			e := json.NewEncoder(run.s.out)
			e.SetEscapeHTML(false)
			if err := e.Encode(r); err != nil {
				return err
			}
		}
	case run.json:
		if err := printJSON(run.s.out, map[string]any{"dry_run": run.dryRun, "shard": run.shard.String(), "results": results}); err != nil {
			return err
		}
	case !run.live:
		for _, r := range results {
			r.print(run.s.out)
		}
	}
	gaps.print(legible{run.s.err})
	all := len(run.lines)
	good := count[lineDone] + count[lineKept] + count[lineToDo]
	fmt.Fprintf(run.s.err, "%s: %s\n", counted(all, "recording"), counts(count))
	switch {
	case ctx.Err() != nil:
		return withCode(exitInterrupted, fmt.Errorf("interrupted: %d of %d recordings are done; the same command goes on from there", good, all))
	case good == 0 && all > 0:
		return withCode(exitFailed, errNoneDone)
	case good < all:
		return withCode(exitPartial, fmt.Errorf("%s", someOf(all-good, all, "recording", "is not done", "are not done")))
	case unaligned > 0:
		return withCode(exitPartial, fmt.Errorf("done, but %s not aligned: none of the alignments is of them", counted(unaligned, "recording")))
	case inexact > 0:
		return withCode(exitInexact, fmt.Errorf("done, but %s worse than --max-error %v", someOf(inexact, all, "recording", "is", "are"), run.maxError))
	}
	return nil
}

var errNoneDone = errors.New("none of them is done")

// within reports whether every time of a result is as good as limit asks. A limit of 0 asks nothing.
func within(r batch.Record, limit time.Duration) bool {
	return limit == 0 || !slices.ContainsFunc(r.Recordings, func(rec batch.RecordRecording) bool {
		timed := rec.First != 0 || rec.Last != 0
		return timed && rec.Unaligned == "" && (rec.HalfWidth == nil || time.Duration(*rec.HalfWidth) > limit)
	})
}
