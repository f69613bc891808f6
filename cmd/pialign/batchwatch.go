package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

func batchWatchCommand(s stdio) *cli.Command {
	return &cli.Command{
		Name:      "watch",
		Usage:     "re-time recordings as they land in a folder",
		ArgsUsage: "DIR",
		Description: "Looks at DIR now and then, and does with what has come what pialign batch plan and pialign batch run do. A recording is taken once\n" +
			"none of its files, nor of its session's, has changed from one look to the next, and a zip once it is whole, however long\n" +
			"that takes; while the download of a folder is held up for longer than that, it looks as if it were complete: choose --every with that in mind. What is doubtful is told\n" +
			"once, and done as soon as a session settles it. What failed is tried again once its files change, or when watch is started again.\n\n" +
			"It remembers nothing but the records in OUT: started again it goes on, and batch run of a plan in DIR, as of batch plan DIR -o DIR/plan.jsonl,\n" +
			"finds done what watch has done.\n" +
			"Ctrl-C ends it with 130. With --once it looks twice, does what is there, and ends as batch run does.\n\n" +
			"Examples:\n" +
			"pialign batch watch downloads --sessions p01 --out aligned --once --every 100ms",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "write the re-timed recordings into `DIR`"},
			&cli.StringSliceFlag{Name: "sessions", Usage: "look for sessions and alignments below `DIR` too; may be given several times"},
			&cli.StringFlag{Name: "pairs", Usage: "pair by hand: a CSV `FILE` with the columns input and session, each a path or the end of one"},
			&cli.DurationFlag{Name: "every", Value: 10 * time.Second, Usage: "look again after `DUR`"},
			&cli.BoolFlag{Name: "once", Usage: "do what is there, and end"},
		}, workFlags(), retimeFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print a line of JSON for each recording"},
		}),
		Action: func(c *cli.Context) error {
			const example = "pialign batch watch --help shows an example"
			switch {
			case c.NArg() == 0:
				return withHint(usageError("pialign batch watch: a folder is missing"), example)
			case c.NArg() > 1:
				return withHint(usageError("pialign batch watch: want one folder, got %d", c.NArg()), "give the one that holds them")
			case c.String("out") == "":
				return withHint(usageError("pialign batch watch: --out is missing"), example)
			case c.Duration("every") <= 0:
				return usageError("--every %v: want more than 0", c.Duration("every"))
			}
			w := &watching{s: s, dir: c.Args().First(), sessions: c.StringSlice("sessions"), pairs: c.String("pairs"), every: c.Duration("every"), once: c.Bool("once"),
				seen: map[string]*batch.Snapshot{}, said: map[string]bool{}}
			if err := w.readWorkFlags(c); err != nil {
				return err
			}
			w.shard, w.jsonLines = batch.Whole, w.json
			return w.watch(c.Context)
		},
	}
}

// watching is one run of batch watch.
type watching struct {
	batchOptions
	s             stdio
	dir, pairs    string
	sessions      []string
	every         time.Duration
	once          bool
	before, after *batch.Snapshot            // the last two looks; nil: none yet
	seen          map[string]*batch.Snapshot // the state of what was worked on, by what was to be done
	said          map[string]bool
	done          int
	partial       []string // zips that are not whole
}

// unfinished says what watch has waited for in vain.
func (w *watching) unfinished() string {
	switch n := len(w.partial); n {
	case 0:
		return ""
	case 1:
		return "; " + w.partial[0] + " is not whole, or damaged"
	default:
		return fmt.Sprintf("; %d zips are not whole, or damaged, such as %s", n, w.partial[0])
	}
}

// watch looks and works until ctx ends.
func (w *watching) watch(ctx context.Context) error {
	for _, p := range append([]string{w.dir}, w.sessions...) {
		if _, err := os.Stat(p); err != nil {
			return absent(err, p, []string{p})
		}
	}
	out, err := real(w.out)
	if err != nil {
		return err
	}
	if !w.once {
		fmt.Fprintf(w.s.err, "pialign: watching %s every %v; Ctrl-C ends it\n", w.dir, w.every)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	idle := false // all that is there was looked at, and nothing was on its way
	for {
		select {
		case <-ctx.Done():
			return withCode(exitInterrupted, fmt.Errorf("ended: %s done%s", counted(w.done, "recording"), w.unfinished()))
		case <-timer.C:
		}
		err := w.look(ctx, out)
		if err == nil && w.before != nil && !(idle && w.before.Equal(w.after)) {
			idle, err = w.work(ctx)
			if w.once && ctx.Err() == nil {
				return err
			}
		}
		if err != nil && ctx.Err() == nil && (w.once || codeOf(err) == exitUsage) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			w.sayOnce("pialign: error: %v\n", err)
			if hint := hintOf(err); hint != "" {
				w.sayOnce("pialign: hint: %s\n", hint)
			}
		}
		timer.Reset(w.every)
	}
}

// look takes another look.
func (w *watching) look(ctx context.Context, out string) error {
	look, err := batch.Look(ctx, append([]string{w.dir}, w.sessions...), out)
	if err == nil {
		w.before, w.after = w.after, look
	}
	return err
}

// work does what has settled. It reports whether all has.
func (w *watching) work(ctx context.Context) (all bool, err error) {
	opt := batch.Options{Sessions: w.sessions, Base: w.dir}
	if w.pairs != "" {
		if opt.Pairs, err = readPairs(w.pairs); err != nil {
			return false, err
		}
	}
	plan, err := batch.Make(ctx, []string{w.dir}, opt)
	switch {
	case errors.Is(err, batch.ErrPairs): // of recordings that are not there yet, it may be
		return false, fmt.Errorf("%s: %w", w.pairs, err)
	case err != nil:
		return false, err
	}
	for _, n := range plan.Notes {
		w.sayOnce("pialign: warning: %s\n", n)
	}
	run, err := newBatchRun(w.s, w.batchOptions, w.dir, plan.Lines)
	if err != nil {
		return false, err
	}
	growing := 0
	w.partial = nil
	run.lines = slices.DeleteFunc(run.lines, func(l *batchLine) bool {
		state := w.after.Of(run.pathsOf(l))
		if state.Empty() || !state.Equal(w.before.Of(run.pathsOf(l))) {
			growing++
			return true
		}
		if l.NotWhole && !w.once { // a download may stand still for long
			w.partial = append(w.partial, l.path)
			w.sayOnce("pialign: waiting: %v: it is not whole yet, or damaged\n", naming(l.path, errors.New(l.Problem)))
			return true
		}
		key := keyOfLine(l)
		if was := w.seen[key]; was != nil && state.Equal(was) {
			return true
		}
		w.seen[key] = state
		return false
	})
	if len(run.lines) > 0 || w.once {
		err = run.do(ctx)
		for _, l := range run.lines {
			switch l.state {
			case lineDone:
				w.done++
			case lineOpen: // interrupted, or there was no room
				delete(w.seen, keyOfLine(l))
			}
		}
	}
	if w.once && growing > 0 && err == nil {
		err = withCode(exitPartial, fmt.Errorf("%s still changing, and not done", someOf(growing, len(plan.Lines), "recording", "is", "are")))
	}
	if code := codeOf(err); !w.once && (code == exitFailed && errors.Is(err, errNoneDone) || code == exitPartial || code == exitInexact) {
		err = nil // it was told
	}
	return growing == 0, err
}

// keyOfLine says what there is to be done for a line.
func keyOfLine(l *batchLine) string {
	return fmt.Sprintf("%s %s %s %q %q", l.Output, l.State, l.Problem, l.Sessions, l.Alignments)
}

// pathsOf returns what a line depends on.
func (run *batchRun) pathsOf(l *batchLine) []string {
	paths := []string{l.path}
	for _, p := range slices.Concat(l.Sessions, l.Alignments) {
		paths = append(paths, run.path(p))
	}
	return paths
}

// sayOnce says what was not said before.
func (w *watching) sayOnce(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !w.said[text] {
		w.said[text] = true
		fmt.Fprint(w.s.err, text)
	}
}
