// Command pialign puts Pupil Invisible (and Neon) recordings onto the clock of the computer that ran the
// experiment. `pialign --help` lists the verbs; docs/ explains them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/urfave/cli/v2"
)

// version is the program's version, as `--version` and every output file state it.
const version = "0.1.0"

// program is how output files name their maker.
const program = "pialign " + version

// stdio is the world a verb talks to: data goes to out, talk goes to err.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	code := run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, s stdio) int {
	s.err = legible{s.err}
	return execute(ctx, newApp(s, mdns{}), args, s)
}

// execute carries out one command line of app and returns its exit code.
func execute(ctx context.Context, app *cli.App, args []string, s stdio) int {
	ordered, err := interleave(app, args)
	if err == nil {
		err = app.RunContext(ctx, append([]string{app.Name}, ordered...))
	}
	if err == nil {
		return exitDone
	}
	var told *toldError
	if !errors.As(err, &told) {
		explain(s.err, err)
	}
	return codeOf(err)
}

// explain tells the user what went wrong, and what to try.
func explain(talk io.Writer, err error) {
	// Only a signal cancels, and people call that otherwise.
	text := strings.ReplaceAll(err.Error(), context.Canceled.Error(), "interrupted")
	fmt.Fprintf(talk, "pialign: error: %s\n", text)
	if hint := hintOf(err); hint != "" {
		fmt.Fprintf(talk, "pialign: hint: %s\n", hint)
	}
}

// newApp makes the command. net finds phones.
func newApp(s stdio, net finder) *cli.App {
	app := &cli.App{
		Name:  "pialign",
		Usage: "put Pupil Invisible recordings onto the clock of the computer that ran the experiment",
		Description: "pialign probe    measures the phone's clock against this computer's at the start and end of a session\n" +
			"pialign fit      turns the measurements into an alignment, with a proven bound\n" +
			"pialign apply    rewrites every time of a downloaded recording onto this computer's clock\n\n" +
			"Try it without glasses: pialign demo",
		Version:                   version,
		Reader:                    s.in,
		Writer:                    s.out,
		ErrWriter:                 s.err,
		DisableSliceFlagSeparator: true,
		HideHelpCommand:           true,
		OnUsageError:              onUsageError,
		CommandNotFound:           func(*cli.Context, string) {}, // else the library prints, and exits with 3: noVerb does it
		ExitErrHandler:            func(*cli.Context, error) {},
		Action:                    noVerb,
		Commands: []*cli.Command{
			devicesCommand(s, net),
			probeCommand(s, net),
			fitCommand(s),
			applyCommand(s),
			batchCommand(s),
			reportCommand(s),
			verifyCommand(s),
			mapCommand(s),
			inspectCommand(s),
			importCommand(s),
			recoverCommand(s),
			doctorCommand(s, net),
			adviseCommand(s),
			simulateCommand(s),
			demoCommand(s),
		},
	}
	eachCommand(app.Commands, func(c *cli.Command) {
		c.OnUsageError = onUsageError
		c.HideHelpCommand = true
		if len(c.Subcommands) > 0 {
			c.Action = noVerb
		}
		c.CustomHelpTemplate = helpTemplate(c)
		for _, f := range c.Flags {
			if b, ok := f.(*cli.BoolFlag); ok {
				b.DisableDefaultText = true // "false" goes without saying
			}
		}
	})
	return app
}

// eachCommand calls f for every command and subcommand.
func eachCommand(commands []*cli.Command, f func(*cli.Command)) {
	for _, c := range commands {
		f(c)
		eachCommand(c.Subcommands, f)
	}
}
