package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// lineState is what a run has to say of one line of a plan.
type lineState string

const (
	lineOpen    lineState = ""        // to be done
	lineDone    lineState = "done"    // by this run
	lineKept    lineState = "kept"    // it was done already
	lineRefused lineState = "refused" // something is there, and is left alone
	lineFailed  lineState = "failed"
	linePassed  lineState = "passed" // the plan does not pair it
	lineToDo    lineState = "to do"  // a dry run
)

// batchLine is one line of a plan and what became of it.
type batchLine struct {
	batch.Line
	path, dst string         // of the input and the result
	size      int64          // of the input as it is now, of those that are worked on: Bytes is what the plan says
	retime    retime.Options // of the run, and of the line
	texts     *strings.Replacer
	key       string // as in its record
	state     lineState
	replaces  bool   // an older result
	damage    string // what is wrong with that
	record    batch.Record
	err       error

	said   []string    // of the sessions
	result applyResult // of this run
}

// line is how a run sees a line of its plan.
func (run *batchRun) line(l batch.Line) *batchLine {
	l.Bytes = l.Size()
	b := &batchLine{Line: l, retime: l.RetimeOptions(run.retime), path: run.path(l.Input), dst: filepath.Join(run.out, filepath.FromSlash(l.Output))}
	names := map[string]string{b.path: l.Input, b.dst: l.Output}
	for _, p := range slices.Concat(l.Sessions, l.Alignments) {
		names[run.path(p)] = p
	}
	paths := make([]string, 0, len(names))
	for p := range names {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) }) // a folder after what is in it
	var pairs []string
	for _, p := range paths {
		pairs = append(pairs, p, names[p])
	}
	b.texts = strings.NewReplacer(pairs...)
	b.record = batch.Record{Input: l.Input, Output: l.Output, Kind: l.Kind, Bytes: l.Bytes}
	return b
}

// aligned reports whether a line has its result, or in a dry run could have it.
func (l *batchLine) aligned() bool {
	return l.state == lineDone || l.state == lineKept || l.state == lineToDo
}

// fail says that a line was refused or could not be done.
func (l *batchLine) fail(state lineState, err error) {
	l.state, l.err = state, explainApply(err)
}

// decisive is all that decides a result but the bytes of the input.
type decisive struct {
	Program, Input, Output string
	Options                retime.Options
	Sessions, Alignments   [][2]string // path and digest
}

// keyOf returns the digest of all that decides the result of a line but the bytes of its input.
func (run *batchRun) keyOf(ctx context.Context, l *batchLine) (string, error) {
	d := decisive{Program: program, Input: l.Input, Output: l.Output, Options: l.retime}
	d.Options.Hardlink = false // the bytes are the same
	for _, p := range l.Sessions {
		sum, err := run.sources.digest(ctx, run.path(p), false)
		if err != nil {
			return "", err
		}
		d.Sessions = append(d.Sessions, [2]string{p, sum})
	}
	for _, p := range l.Alignments {
		sum, err := run.sources.digest(ctx, run.path(p), true)
		if err != nil {
			return "", err
		}
		d.Alignments = append(d.Alignments, [2]string{p, sum})
	}
	b, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	return digest.Bytes(b, false), nil
}

// look finds out whether a line is done already, or what is in its way. Nothing is changed.
func (run *batchRun) look(ctx context.Context, l *batchLine) {
	_, err := os.Lstat(l.dst)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.fail(lineFailed, err)
		return
	}
	if l.State != batch.Paired {
		l.state = linePassed
		l.err = withHint(errors.New(or(l.Problem, "the plan does not pair it with a session")), "%s", l.settle())
		return
	}
	if !there {
		return
	}
	record, err := batch.ReadRecord(batch.RecordPath(run.out, l.Output))
	if err != nil || record.Outcome != batch.Done {
		l.fail(lineRefused, taken(l.dst, l.path))
		return
	}
	manifest, files, err := batch.Result(ctx, l.dst)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil || manifest != record.Manifest:
		l.fail(lineRefused, withHint(fmt.Errorf("%s exists already, and is not what its record says was written there", l.dst), "remove it to have it made again, or choose another --out"))
		return
	case files != record.Result && !run.redo: // somebody's work may be in it
		l.fail(lineRefused, withHint(fmt.Errorf("%s was changed after it was written: a file in it has another size, is missing or was added", l.dst),
			"`pialign verify` names the file; --redo makes it again unless a file was added, which is to be moved out of it first; or choose another --out"))
		return
	}
	if run.redo {
		l.damage, err = run.damaged(ctx, l.dst)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			l.fail(lineRefused, withHint(fmt.Errorf("%s: %w", l.dst, err), "--redo replaces nothing that pialign did not write: move that out of it, or remove all of it, and run this again"))
			return
		case l.damage == "" && files != record.Result:
			l.damage = "it is not packed as it was written, or has another folder"
		}
	}
	switch err = run.same(ctx, l, record); {
	case ctx.Err() != nil:
	case err == nil && l.damage == "":
		l.state, l.record = lineKept, record
	case run.redo:
		l.replaces = true
	default:
		hint := "replace it with --redo, or choose another --out, or remove it"
		if record.Input != l.Input {
			hint = run.otherWords(l, record)
		}
		l.record = record
		l.fail(lineRefused, withHint(err, "%s", hint))
	}
}

// settle says what would have a line worked on that the plan does not pair. Somebody may have written its session into it, and no more.
func (l *batchLine) settle() string {
	named := slices.Concat(l.Sessions, l.Alignments)
	byTable := slices.ContainsFunc(l.Recordings, func(r batch.Recording) bool { return r.Why == batch.ByHand })
	if len(named) == 0 || l.State == batch.Broken || byTable && l.Settle != "" {
		return or(l.Settle, "pair it in the plan")
	}
	return fmt.Sprintf("its line of the plan names %s, but its state is %q: if the session is right and all it needs, write \"state\":\"paired\"", strings.Join(named, ", "), l.State)
}

// damaged says which of a result's files is not as it was written, "" where all are. Its error is about what pialign did not write there, or cannot read.
func (run *batchRun) damaged(ctx context.Context, dst string) (string, error) {
	found, err := findRetimed(ctx, dst)
	if err != nil {
		return "", err
	}
	damage := ""
	for i := range found {
		out := &found[i]
		if out.err != nil {
			return "", out.err
		}
		run.shown.more(out.size)
		sums, err := (&verification{shown: run.shown}).digests(ctx, out)
		if err != nil {
			return "", err
		}
		written := map[string]bool{}
		for _, f := range out.manifest.Files {
			written[f.Name] = true
			sum, here := sums[f.Name]
			switch {
			case sum == f.Output || damage != "":
			case !here:
				damage = f.Name + " in it is missing"
			default:
				damage = f.Name + " in it was changed after it was written"
			}
		}
		for _, name := range slices.Concat(slices.Sorted(maps.Keys(out.files)), out.odd) {
			if !written[name] && !folder.Litter(path.Base(name)) {
				return "", fmt.Errorf("%s was added to it after it was written", name)
			}
		}
	}
	return damage, nil
}

// same reports whether a result would be made again as it is.
func (run *batchRun) same(ctx context.Context, l *batchLine, record batch.Record) error {
	key, err := run.keyOf(ctx, l)
	if err != nil {
		return fmt.Errorf("%s is there, and whether it still holds is not known: %w", l.dst, err)
	}
	l.key = key
	if key != record.Key {
		return fmt.Errorf("%s exists already, made %s", l.dst, run.madeOf(l, record))
	}
	in, err := batch.OpenInput(l.path)
	if err != nil {
		return fmt.Errorf("%s is there, and whether it still holds is not known: %w", l.dst, err)
	}
	d := batch.Digester{SHA256: run.retime.SHA256}
	part := run.shown.part(l.Bytes, d.Read.Load)
	sum, err := d.Input(ctx, in, nil)
	if err == nil && sum == record.Inputs {
		part.done()
		return nil
	}
	part.drop()
	if err != nil {
		return fmt.Errorf("%s is there, and whether it still holds is not known: %w", l.dst, err)
	}
	return fmt.Errorf("%s exists already, made of other files than are in %s now", l.dst, l.path)
}

// otherWords says what to do where the plan has another path for an input than the one that the result was made by: it may be the same input.
func (run *batchRun) otherWords(l *batchLine, record batch.Record) string {
	const redo = "--redo makes it again"
	if run.plan == "" {
		return "batch watch has paths relative to the folder that it watches, and a plan relative to its own folder: what is in it already was made by a plan in another one. " + redo
	}
	if prefix, ok := strings.CutSuffix(l.Input, "/"+record.Input); ok {
		dir := filepath.Join(run.base, filepath.FromSlash(prefix))
		return fmt.Sprintf("if that is the same input, write the plan into %s, as batch watch does without one: records have paths as the plan has them, relative to its folder. %s", quoted(dir), redo)
	}
	return "if that is the same input, write the plan into the folder from which " + quoted(record.Input) + " leads there: records have paths as the plan has them. " + redo
}

// madeOf says what a result was made with that is different now.
func (run *batchRun) madeOf(l *batchLine, record batch.Record) string {
	now := l.retime
	now.Hardlink = false
	m, err := folder.ReadManifest(l.dst)
	if err == nil {
		was := m.Options()
		if was.Mode == retime.Replace && now.Mode == "" {
			now.Mode = retime.Replace
		}
		if was.Format == "" && now.Format == retime.CSV {
			was.Format = retime.CSV
		}
		switch {
		case was.Program != now.Program:
			return fmt.Sprintf("by %s, and this is %s", or(was.Program, "another program"), program)
		case was != now:
			return "with other options"
		}
	}
	if record.Input != l.Input {
		return fmt.Sprintf("of %s by the words of its plan, and this one says %s", record.Input, l.Input)
	}
	return "of other logs or alignments than the plan names, or than they are now"
}
