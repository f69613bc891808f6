package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/alignfile"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// work does one line, or only checks it.
func (run *batchRun) work(ctx context.Context, l *batchLine) {
	clocks, release, err := run.clocksOf(l)
	defer release()
	if err == nil && l.key == "" {
		l.key, err = run.keyOf(ctx, l)
	}
	if err != nil {
		run.failed(ctx, l, err)
		return
	}
	w := applyWork{path: l.path, dst: l.dst}
	if run.dryRun {
		run.check(ctx, l, w, clocks)
		return
	}
	place, err := batch.OpenWorkplace(run.out, l.Output)
	if err != nil {
		run.failed(ctx, l, unwritable(l.dst, err, "choose another --out, in a folder that can be written to"))
		return
	}
	defer place.Close()
	w.built = place.Path
	part := run.shown.part(l.size, func() int64 { return writtenIn(place.Path) })
	defer part.done()
	if err := run.make(ctx, l, w, clocks, place); err != nil {
		if !place.Owned() {
			err = batch.ErrTaken
		}
		if errors.Is(err, batch.ErrTaken) && !l.replaces {
			if run.look(ctx, l); l.state != lineOpen { // the other has done it, or something else
				return
			}
		}
		run.failed(ctx, l, err)
	}
}

// check is work that writes nothing.
func (run *batchRun) check(ctx context.Context, l *batchLine, w applyWork, clocks []hostClock) {
	if w.recording, w.err = formats.Open(l.path); w.err != nil {
		w.err = naming(l.path, w.err)
	}
	part := run.shown.part(l.size, readOf(w.recording, l.size))
	defer part.done()
	l.result = w.alone(ctx, clocks, run.forRecord(l))
	if l.result.err != nil {
		run.failed(ctx, l, l.result.err)
		return
	}
	l.state = lineToDo
	run.fill(l)
}

// make makes the result of a line, its record, and lets it be seen.
func (run *batchRun) make(ctx context.Context, l *batchLine, w applyWork, clocks []hostClock, place *batch.Workplace) error {
	in, err := batch.OpenInput(l.path) // before it is opened to be worked on: what comes to it meanwhile makes another digest
	if err != nil {
		return naming(l.path, err)
	}
	if w.recording, err = formats.Open(l.path); err != nil {
		return naming(l.path, err)
	}
	d := batch.Digester{SHA256: run.retime.SHA256}
	if in.Zipped() {
		if l.record.Inputs, err = d.Input(ctx, in, nil); err != nil {
			return naming(l.path, err)
		}
	}
	l.result = w.alone(ctx, clocks, run.forRecord(l))
	if l.result.err != nil {
		return l.result.err
	}
	if !in.Zipped() {
		known := knownDigests(l.result.report)
		if l.record.Inputs, err = d.Input(ctx, in, func(name string) string { return known[name] }); err != nil {
			return naming(l.path, err)
		}
	}
	l.record.Key, l.record.Outcome = l.key, batch.Done
	if l.record.Manifest, l.record.Result, err = batch.Result(ctx, place.Path); err != nil {
		return err
	}
	run.fill(l)
	for _, u := range l.result.uses {
		if u != nil && u.err == nil && u.clock.file != nil {
			if err := keepAlignment(place, run.out, u.clock); err != nil {
				return unwritable(run.out, err, "choose another --out, in a folder that can be written to")
			}
		}
	}
	return run.publish(l, place)
}

// publish writes the record, and then lets the result be seen: whatever is seen has its record.
func (run *batchRun) publish(l *batchLine, place *batch.Workplace) error {
	if !place.Owned() {
		return batch.ErrTaken
	}
	if l.replaces {
		if err := place.Aside(l.dst); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := place.WriteRecord(l.record); err != nil {
		if l.replaces {
			err = errors.Join(err, place.Back(l.dst))
		}
		return unwritable(batch.RecordPath(run.out, l.Output), err, "choose another --out, in a folder that can be written to")
	}
	err := place.Publish(l.dst)
	if errors.Is(err, fs.ErrExist) {
		err = batch.ErrTaken
	}
	if err != nil {
		return unwritable(l.dst, err, "choose another --out, in a folder that can be written to")
	}
	l.state = lineDone
	return nil
}

// failed notes why a line is not done, also in its record, unless its result is there: then that is its record's.
func (run *batchRun) failed(ctx context.Context, l *batchLine, err error) {
	if ctx.Err() != nil {
		return // half a look says nothing
	}
	if errors.Is(err, batch.ErrTaken) {
		l.fail(lineFailed, withHint(fmt.Errorf("%s: %w", l.dst, err), "wait until that ends, and run this again"))
		return
	}
	l.fail(lineFailed, err)
	for _, ask := range []struct {
		of   error
		name string
	}{{retime.ErrSenderStamps, "sender_stamps"}, {align.ErrAmbiguous, "ambiguous"}} {
		if hint := hintOf(l.err); hint != "" && errors.Is(err, ask.of) {
			l.err = withHint(l.err, "%s; for this recording alone: %q in the \"options\" of its line of a plan", hint, ask.name)
		}
	}
	if errors.Is(err, folder.ErrZip) && hintOf(l.err) == "" && !strings.Contains(err.Error(), "download it again") {
		l.err = withHint(l.err, "download it again")
	}
	l.record.Outcome = batch.Failed
	run.keepRecord(l)
}

// keepRecord writes the record of a line that has no result.
func (run *batchRun) keepRecord(l *batchLine) {
	if _, err := os.Lstat(l.dst); err == nil || run.dryRun {
		return
	}
	r := batch.Record{Input: l.Input, Output: l.Output, Kind: l.Kind, Bytes: l.Bytes, Outcome: l.record.Outcome,
		Error: l.texts.Replace(l.err.Error()), Hint: l.texts.Replace(hintOf(l.err))}
	for _, p := range l.Recordings {
		r.Recordings = append(r.Recordings, batch.RecordRecording{Name: p.Name, RecordingID: p.RecordingID, DeviceID: p.DeviceID, First: p.First, Last: p.Last})
	}
	l.record = r
	if err := batch.WriteRecord(run.out, r); err != nil {
		l.err = errors.Join(l.err, fmt.Errorf("nor could that be recorded: %w", err))
		l.record.Error, l.record.Hint = "", ""
	}
}

// clocksOf returns the alignments that a line names, and what gives them back.
func (run *batchRun) clocksOf(l *batchLine) (clocks []hostClock, release func(), err error) {
	var used []string
	release = func() {
		for _, p := range used {
			run.sources.giveBack(p)
		}
	}
	take := func(names []string, alignment bool) error {
		for _, name := range names {
			path := run.path(name)
			s := run.sources.use(path, alignment)
			used = append(used, path)
			if s.err != nil {
				return s.err
			}
			clocks = append(clocks, s.clocks...)
			l.said = append(l.said, s.said...)
		}
		return nil
	}
	if len(l.Sessions)+len(l.Alignments) == 0 {
		return nil, release, withHint(fmt.Errorf("%s: paired, but the plan names neither a session nor an alignment of it", l.path), "name one in the plan, or make the plan again")
	}
	if err := take(l.Sessions, false); err != nil {
		return nil, release, err
	}
	return clocks, release, take(l.Alignments, true)
}

// keepAlignment writes an alignment that was used where records have it, unless it is there.
func keepAlignment(place *batch.Workplace, out string, c hostClock) error {
	if sum, err := digest.File(batch.AlignmentPath(out, c.digest), false); err == nil && sum == c.digest {
		return nil
	}
	b, err := alignfile.Marshal(c.file)
	if err == nil && digest.Bytes(b, false) != c.digest { // a file that another program wrote
		b, err = os.ReadFile(c.name)
	}
	if err != nil {
		return err
	}
	if digest.Bytes(b, false) != c.digest {
		return fmt.Errorf("%s: %w", c.name, retime.ErrChanged)
	}
	return place.WriteAlignment(c.digest, b)
}

// knownDigests are those of an input's files, as far as making the result has told them.
func knownDigests(report *retime.Report) map[string]string {
	known := make(map[string]string, len(report.Files))
	for _, f := range report.Files {
		known[or(f.Original, f.Name)] = f.Input
	}
	return known
}
