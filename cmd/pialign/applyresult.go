package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/lslrelay"
	"github.com/pialign/pialign/formats/retime"
)

// applyResult is what became of one input of apply.
type applyResult struct {
	Input      string           `json:"input"`
	Output     string           `json:"output,omitempty"`
	Kind       string           `json:"kind,omitempty"`
	Recordings []applyRecording `json:"recordings,omitempty"`
	Retimed    int              `json:"files_retimed"`
	Copied     int              `json:"files_copied"`
	Linked     int              `json:"files_linked,omitempty"` // of those copied: links to the input's own
	Warnings   []string         `json:"warnings,omitempty"`
	Error      string           `json:"error,omitempty"`

	err    error
	report *retime.Report
	uses   []*use // of the recordings
}

// applyRecording is one recording in an input.
type applyRecording struct {
	recordingSpan
	Confirmed bool   `json:"confirmed"`                        // ids say that the alignment is of its phone
	HalfWidth *nanos `json:"half_width_ns"`                    // the worst of the 95 % interval over the times written; null where unknown
	Bound     *nanos `json:"bound_half_width_ns"`              // and of the hard bound; null where there is none
	IfRight   *nanos `json:"half_width_if_right_ns,omitempty"` // the same two where nothing confirms the phone
	BoundIf   *nanos `json:"bound_half_width_if_right_ns,omitempty"`

	Gaps *batch.Gaps `json:"gaps,omitempty"` // of the stream that lacks most; absent where none is sampled

	Unaligned string `json:"unaligned,omitempty"` // why no alignment is of it, where --unaligned lets it pass

	rows   int    // with times
	recipe string // the method of the alignment, if that is a recipe
}

// recordingSpan is a recording and when it was.
type recordingSpan struct {
	Name        string   `json:"name"`
	DeviceID    string   `json:"device_id"`
	RecordingID string   `json:"recording_id"`
	First       nanos    `json:"first_device_ns"`
	Last        nanos    `json:"last_device_ns"`
	Warnings    []string `json:"warnings,omitempty"`
}

func newRecordingSpan(r retime.RecordingReport) recordingSpan {
	return recordingSpan{Name: r.Name, DeviceID: r.DeviceID, RecordingID: r.RecordingID, First: nanos(r.First), Last: nanos(r.Last), Warnings: r.Warnings}
}

// run re-times input i, or only checks it.
func (w applyWork) run(ctx context.Context, choices *choosing, i int, o applyOptions) applyResult {
	r := applyResult{Input: w.path, Output: w.dst}
	if w.recording != nil {
		r.Kind = w.recording.Kind()
	}
	if w.err != nil {
		return r.failed(w.err)
	}
	choose := choices.of(i)
	var report *retime.Report
	var err error
	if o.dryRun {
		report, err = w.recording.Check(ctx, choose, o.retime)
	} else {
		report, err = w.recording.Retime(ctx, or(w.built, w.dst), choose, o.retime)
	}
	if err != nil {
		if w.built != "" {
			err = inPlace(err, w.built, w.dst)
		}
		return r.failed(naming(w.path, w.refused(err)))
	}
	choices.place(i, w.path, report)
	for _, f := range report.Files {
		switch f.Action {
		case retime.Retimed, retime.Renewed:
			r.Retimed++
		case retime.Copied:
			r.Copied++
		}
	}
	r.report = report
	r.Linked = report.Linked
	if report.NotLinked > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s copied although --hardlink was given: %v", counted(report.NotLinked, "file"), noLink(report.WhyNotLinked)))
	}
	for _, rec := range report.Recordings {
		u := choices.use(i, rec)
		r.uses = append(r.uses, u)
		r.Recordings = append(r.Recordings, rate(rec, u, o))
	}
	return r
}

// alone re-times an input that has alignments of its own, which are no others'.
func (w applyWork) alone(ctx context.Context, clocks []hostClock, o applyOptions) applyResult {
	choices := newChoosing(clocks, o.retime)
	r := w.run(ctx, choices, 0, o)
	if !errors.Is(r.err, errUndecided) {
		return r
	}
	if err := choices.look(ctx, 0, w); err != nil {
		return applyResult{Input: w.path, Kind: w.recording.Kind()}.failed(naming(w.path, err))
	}
	choices.decide([]int{0})
	return w.run(ctx, choices, 0, o)
}

// refused adds to an error of reading w or writing its result what to try.
func (w applyWork) refused(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		if rel, e := filepath.Rel(w.path, at.Path); e == nil && filepath.IsLocal(rel) {
			err = unreadable(err)
		}
	}
	return unwritable(w.dst, err, "choose another --out, in a folder that can be written to")
}

func (r applyResult) failed(err error) applyResult {
	r.err, r.Error, r.Output = explainApply(err), err.Error(), ""
	return r
}

// explainApply adds to a refusal of a recording what to try, where nothing better was said.
func explainApply(err error) error {
	var none *retime.NoClockError
	if errors.As(err, &none) && none.Aligned > 0 && errors.Is(err, retime.ErrUnaligned) {
		return withHint(err, "%s; or let the others be aligned without: --unaligned leave or empty", or(hintOf(err), "give the alignments of all"))
	}
	if hintOf(err) != "" {
		return err
	}
	if unseen := (*align.UnseenStepError)(nil); errors.As(err, &unseen) {
		return withHint(err, "--ambiguous first takes them for before the step, and the width then says how far they may be off")
	}
	for _, c := range []struct {
		is   error
		hint string
	}{
		{errFull, "free some space, or choose another --out; nothing half is left"},
		{syscall.EFBIG, "the file system of --out, or a limit of this shell (ulimit -f), takes no file so large, as FAT32 none of 4 GB: choose another --out; nothing half is left"},
		{fs.ErrExist, "another program has made it meanwhile, perhaps a second pialign: `pialign verify` says whether it holds; else choose another --out"},
		{formats.ErrUnknown, "give a folder or zip of Pupil Cloud's \"Timeseries Data\" or of the phone's own files, or the folder that holds several"},
		{retime.ErrSenderStamps, "find out which clock that program used: --sender-stamps host leaves them, --sender-stamps device maps them"},
		{retime.ErrDuration, "leave --recompute-durations out: durations then stay as they are"},
		{align.ErrOutOfReach, "is it the right session? Its exchanges are hours away from the recording; a download with recordings of other days: --unaligned leave or empty aligns the rest of it"},
		{align.ErrBlank, "this time cannot be left empty: choose one of the two possible ones with --ambiguous first or second"},
		{align.ErrAmbiguous, "choose one of the two possible times with --ambiguous first or second, or leave such cells empty: --ambiguous empty"},
	} {
		if errors.Is(err, c.is) {
			return withHint(err, "%s", c.hint)
		}
	}
	return err
}

// insteadOf says what to do before anybody relies on the times of a recipe.
func insteadOf(recipe string) string {
	if recipe == lslrelay.Method { // whose exchanges nobody has
		return "before anybody relies on these times, compare the lsl.time_sync events of events.csv, re-timed, with those in the XDF; for the next recording run pialign probe at its start and end"
	}
	return "fit without --method before anybody relies on these times"
}

// rate says how far any time of rec can be off.
func rate(rec retime.RecordingReport, u *use, o applyOptions) applyRecording {
	r := applyRecording{recordingSpan: newRecordingSpan(rec), Gaps: batch.GapsOf(&rec)}
	if r.Unaligned = rec.Unaligned; r.Unaligned != "" {
		for _, f := range rec.Files {
			if len(f.Spans) > 0 {
				r.rows += f.Rows
			}
		}
		return r
	}
	missing := ""
	r.Warnings = slices.DeleteFunc(slices.Clone(r.Warnings), func(w string) bool { // said below, where ids tell nothing
		if noPhone := strings.Contains(w, "which phone recorded it"); noPhone {
			missing = w
			return true
		}
		return false
	})
	if u == nil || u.err != nil || u.clock.err != nil {
		return r
	}
	r.Confirmed = u.confirmed
	guessed := u.guessed.worst()
	wide := func(d time.Duration, ok bool) *nanos { return known(d+guessed, ok) }
	likely, bound := wide(u.clock.worst(rec.First, rec.Last)), wide(u.clock.bound(rec.First, rec.Last))
	if u.confirmed {
		r.HalfWidth, r.Bound = likely, bound
	} else {
		r.IfRight, r.BoundIf = likely, bound
	}
	if r.recipe = u.clock.recipe; r.recipe != "" {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s was made by %s, a recipe to compare with, which has no interval and checks nothing: %s",
			u.clock.name, r.recipe, insteadOf(r.recipe)))
	}
	if !u.confirmed {
		text := fmt.Sprintf("nothing confirms that the phone that made it is the one of %s", u.clock.name)
		if missing != "" {
			text = missing + ", and " + text
		}
		if u.clock.deviceID == "" {
			text += ", which does not say which phone was probed"
		}
		if o.maxError > 0 {
			text += fmt.Sprintf(": --max-error %v is not met, however narrow the interval", o.maxError)
		}
		r.Warnings = append(r.Warnings, text)
	}
	if guessed > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the phone's clock stepped meanwhile, and times it may have shown twice were taken for the %s: where that is wrong they are off by up to %s, which the width includes", o.retime.Ambiguous, ms(guessed)))
	}
	if n := u.guessed.leftEmpty(); n > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the phone's clock stepped meanwhile: %s that it may have shown twice %s left empty", counted(n, "time"), map[bool]string{true: "is", false: "are"}[n == 1]))
	}
	if beyond := max(u.clock.first.Sub(rec.First), rec.Last.Sub(u.clock.last)); beyond > farOut && (rec.First != 0 || rec.Last != 0) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("reaches %s beyond the exchanges, where the clocks were not watched: the interval grows there", span(beyond)))
	}
	return r
}

// farOut is how far outside the bursts a time is worth a warning. Source: the method's table of refusals.
const farOut = 10 * time.Minute

// within reports whether every time is as good as limit asks. A limit of 0 asks nothing.
func (r applyResult) within(limit time.Duration) bool {
	if limit == 0 || r.err != nil {
		return true
	}
	for _, rec := range r.Recordings {
		if rec.First == 0 && rec.Last == 0 || rec.Unaligned != "" {
			continue // nothing was written
		}
		if rec.HalfWidth == nil || time.Duration(*rec.HalfWidth) > limit {
			return false
		}
	}
	return true
}

// print tells people what became of one input.
func (r applyResult) print(s stdio, o applyOptions) {
	if r.err != nil {
		return // the verdict says it
	}
	verb := "wrote"
	if o.dryRun {
		verb = "would write"
	}
	linked := ""
	if r.Linked > 0 {
		linked = fmt.Sprintf(", %d linked", r.Linked)
	}
	fmt.Fprintf(legible{s.out}, "%s %s: %s re-timed, %d copied%s\n", verb, r.Output, counted(r.Retimed, "file"), r.Copied-r.Linked, linked)
	r.tell(s.err, o)
	for _, rec := range r.Recordings {
		if rec.Unaligned != "" {
			continue
		}
		fmt.Fprintf(legible{s.out}, "  %s, device %s, %s; %s\n", rec.Name, deviceName(rec.DeviceID), span(time.Duration(rec.Last-rec.First)), rec.width())
		if g := rec.Gaps; g != nil && g.Count > 0 {
			fmt.Fprintf(legible{s.out}, "    %s in %s: %s together, the longest %s\n", counted(g.Count, "gap"), g.File, span(time.Duration(g.Total)), span(time.Duration(g.Longest)))
		}
	}
}

// tell tells what is to be said of one input.
func (r applyResult) tell(talk io.Writer, o applyOptions) {
	for _, w := range r.Warnings {
		fmt.Fprintf(talk, "pialign: warning: %s: %s\n", r.Input, w)
	}
	r.printWarnings(talk)
	r.printUnaligned(talk, o)
}

// unaligned counts the recordings that were let pass without an alignment.
func (r applyResult) unaligned() (n int) {
	for _, rec := range r.Recordings {
		if rec.Unaligned != "" {
			n++
		}
	}
	return n
}

// printUnaligned names them.
func (r applyResult) printUnaligned(talk io.Writer, o applyOptions) {
	const most = 10 // what a terminal shows at a glance; the JSON and pialign.json have all
	what := "keep the phone's times"
	if o.retime.Unaligned == retime.UnalignedEmpty || o.retime.Mode == retime.Add {
		what = "have no host time"
	}
	told := 0
	for _, rec := range r.Recordings {
		if rec.Unaligned == "" {
			continue
		}
		if told++; told <= most {
			fmt.Fprintf(talk, "pialign: warning: %s: not aligned, %s %s: %s\n", labelOf(r.Input, rec.Name), counted(rec.rows, "row"), what, rec.Unaligned)
		}
	}
	if told > most {
		fmt.Fprintf(talk, "pialign: warning: %s: and %d more recordings that are not aligned; pialign.json names them\n", r.Input, told-most)
	}
}

// printWarnings tells what is to be said of several recordings once.
func (r applyResult) printWarnings(talk io.Writer) {
	var texts []string
	of := make(map[string][]string)
	for _, rec := range r.Recordings {
		for _, w := range rec.Warnings {
			if of[w] == nil {
				texts = append(texts, w)
			}
			of[w] = append(of[w], rec.Name)
		}
	}
	for _, w := range texts {
		fmt.Fprintf(talk, "pialign: warning: %s: %s\n", labelOf(r.Input, strings.Join(of[w], ", ")), w)
	}
}

// width says how far any time can be off.
func (r applyRecording) width() string {
	if r.First == 0 && r.Last == 0 {
		return "no time in it"
	}
	likely, bound, condition := r.HalfWidth, r.Bound, ""
	if !r.Confirmed {
		likely, bound, condition = r.IfRight, r.BoundIf, ", if this is the right phone"
	}
	interval := plusMinus(likely, "unknown")
	if r.recipe != "" {
		interval = "none, a recipe to compare with"
	}
	return fmt.Sprintf("95 %%: %s; bound: %s%s", interval, plusMinus(bound, "none"), condition)
}

// plusMinus writes a half-width, or none where there is none.
func plusMinus(n *nanos, none string) string {
	if n == nil {
		return none
	}
	return "+- " + ms(time.Duration(*n))
}
