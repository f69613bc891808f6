package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pialign/pialign/align"
)

// applyRun is one run of apply.
type applyRun struct {
	applyOptions
	s       stdio
	choices *choosing
	work    []applyWork
	results []*applyResult // parallel; nil: not done
	shown   *workProgress
}

// apply re-times the recordings one by one, and goes on after one that is refused. Those of which the ids do not say
// whose they are come last: then all others are known.
func apply(ctx context.Context, s stdio, o applyOptions) error {
	clocks, err := o.clocks(s)
	if err != nil {
		return err
	}
	work, err := o.open(ctx)
	if err == nil {
		err = o.fits(ctx, work)
	}
	if err != nil {
		return err
	}
	run := &applyRun{o, s, newChoosing(clocks, o.retime), work, make([]*applyResult, len(work)), newWorkProgress(s.err, "re-timing", sizeOfAll(work))}
	defer run.shown.close()
	var waiting []int
	for i := range work {
		if !run.do(ctx, i) {
			waiting = append(waiting, i)
		}
	}
	run.doRest(ctx, waiting)
	return run.finish(ctx)
}

// do re-times one input. It reports false, with nothing done, where a recording's alignment is not decided.
func (run *applyRun) do(ctx context.Context, i int) bool {
	if ctx.Err() != nil {
		return true
	}
	done := unfinishedIn(run.out)
	if run.dryRun {
		done = readOf(run.work[i].recording, run.work[i].size)
	}
	part := run.shown.part(run.work[i].size, done)
	r := run.work[i].run(ctx, run.choices, i, run.applyOptions)
	if errors.Is(r.err, errUndecided) {
		part.drop()
		return false
	}
	part.done()
	run.done(i, r)
	return true
}

// doRest re-times the inputs of which the ids alone do not say whose they are.
func (run *applyRun) doRest(ctx context.Context, waiting []int) {
	var looked []int
	for _, i := range waiting {
		if ctx.Err() != nil {
			return
		}
		w := run.work[i]
		if err := run.choices.look(ctx, i, w); err != nil {
			run.done(i, applyResult{Input: w.path, Kind: w.recording.Kind()}.failed(naming(w.path, err)))
			continue
		}
		looked = append(looked, i)
	}
	run.choices.decide(looked)
	for _, i := range looked {
		run.do(ctx, i)
	}
}

// done keeps a result and tells it.
func (run *applyRun) done(i int, r applyResult) {
	run.results[i] = &r
	run.shown.hide()
	if !run.json {
		r.print(run.s, run.applyOptions)
	}
}

// finish sums up.
func (run *applyRun) finish(ctx context.Context) error {
	run.shown.close()
	results := []*applyResult{}
	var failed []error
	inexact, unaligned := 0, 0
	for _, r := range run.results {
		if r == nil {
			continue
		}
		results = append(results, r)
		if r.err != nil {
			failed = append(failed, r.err)
		}
		if !r.within(run.maxError) {
			inexact++
		}
		unaligned += r.unaligned()
	}
	run.warnUnfitted(failed)
	run.warnLinked()
	if run.json {
		if err := printJSON(run.s.out, map[string]any{"dry_run": run.dryRun, "recordings": results}); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return withCode(exitInterrupted, fmt.Errorf("interrupted: %d of %d recordings are done", len(results)-len(failed), len(run.work)))
	}
	if err := verdict(run.s.err, failed, len(run.work), inexact, "recording", run.maxError); codeOf(err) == exitFailed || codeOf(err) == exitPartial || unaligned == 0 {
		return err
	}
	return withCode(exitPartial, fmt.Errorf("done, but %s not aligned: none of the alignments is of them", counted(unaligned, "recording")))
}

// warnUnfitted tells which devices could not be fitted, but for those of which an error of a recording tells it.
func (run *applyRun) warnUnfitted(failed []error) {
	for _, c := range run.choices.clocks {
		var unfit *sharedError
		if errors.As(c.err, &unfit) && !slices.ContainsFunc(failed, func(err error) bool { return errors.Is(err, unfit) }) {
			fmt.Fprintf(run.s.err, "pialign: warning: %v\n", unfit)
		}
	}
}

// clocks reads the alignments, or makes them of the session.
func (o applyOptions) clocks(s stdio) ([]hostClock, error) {
	if o.session == "" {
		return readAlignments(o.alignments, o.retime.Clock)
	}
	all, err := fitSession(s.err, []string{o.session}, "", align.Options{})
	if err != nil {
		return nil, err
	}
	var out []hostClock
	for _, f := range all {
		if f.err != nil {
			f.err = &sharedError{f.err}
		}
		out = append(out, chooseClock(f, o.session, o.retime.Clock))
		if f.err != nil {
			continue // finish tells it
		}
		for _, w := range f.file.Alignment.Diagnosis.Warnings {
			fmt.Fprintf(s.err, "pialign: warning: device %s: %s\n", deviceName(f.device.ID), w.Text)
		}
	}
	return out, nil
}
