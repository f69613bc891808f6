package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// Exit codes, as scripts depend on them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInexact     = 3 // done, but worse than --max-error
	exitPartial     = 4 // part of the work failed
	exitNoPhone     = 5 // no phone answered
	exitInterrupted = 130
)

// exitError is an error that decides the exit code, with a sentence on what to try.
type exitError struct {
	code int
	err  error
	hint string
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usageError returns an error for a command line that makes no sense.
func usageError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// withCode returns err with an exit code of its own.
func withCode(code int, err error) error { return &exitError{code: code, err: err} }

// withHint returns err with a sentence on what to try. The exit code stays what it was.
func withHint(err error, format string, args ...any) error {
	return &exitError{code: codeOf(err), err: err, hint: fmt.Sprintf(format, args...)}
}

// codeOf returns the exit code that err stands for.
func codeOf(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &e):
		return e.code
	case errors.Is(err, context.Canceled): // by nothing but a signal
		return exitInterrupted
	}
	return exitFailed
}

func hintOf(err error) string {
	var e *exitError
	for errors.As(err, &e) {
		if e.hint != "" {
			return e.hint
		}
		err = e.err
	}
	return ""
}

// onUsageError turns a flag error of the cli library into ours.
func onUsageError(c *cli.Context, err error, _ bool) error {
	name, flags := "pialign", []cli.Flag(nil)
	if c.Command != nil && c.Command.HelpName != "" {
		name, flags = c.Command.HelpName, c.Command.Flags
	}
	text := strings.Replace(err.Error(), " for flag -", " for --", 1) // the library names flags with one dash
	if unknown, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		dashes := "--"
		if len(unknown) == 1 {
			dashes = "-"
		}
		err := usageError("%s: unknown flag %s%s", name, dashes, strings.TrimPrefix(unknown, "-"))
		if s := similar(strings.TrimPrefix(unknown, "-"), flagNames(flags)); s != "" {
			return withHint(err, "did you mean --%s? %s --help lists the flags", s, name)
		}
		return withHint(err, "%s --help lists the flags", name)
	}
	return withHint(usageError("%s: %s", name, text), "%s --help lists the flags", name)
}

// noVerb is what runs where a verb is missing or unknown.
func noVerb(c *cli.Context) error {
	name, where, commands := c.App.Name, "", c.App.Commands
	if c.Command != nil && c.Command.HelpName != name && len(c.Command.Subcommands) > 0 {
		name, commands = c.Command.HelpName, c.Command.Subcommands
		where = name + ": "
	}
	if c.NArg() == 0 {
		return withHint(usageError("%sa verb is missing", where), "%s --help lists the verbs", name)
	}
	verb := c.Args().First()
	err := usageError("%sunknown verb %q", where, verb)
	if s := similar(verb, verbNames(commands)); s != "" {
		return withHint(err, "did you mean %s? %s --help lists the verbs", s, name)
	}
	return withHint(err, "%s --help lists the verbs", name)
}

// noArguments refuses arguments for a verb that takes none.
func noArguments(c *cli.Context) error {
	if c.NArg() > 0 {
		return withHint(usageError("%s: takes no arguments, got %q", c.Command.HelpName, c.Args().First()),
			"%s --help lists the flags", c.Command.HelpName)
	}
	return nil
}

// needFlag refuses a command line that lacks the flag called name.
func needFlag(c *cli.Context, name string) error {
	if c.String(name) == "" {
		return withHint(usageError("%s: --%s is missing", c.Command.HelpName, name), "%s --help shows an example", c.Command.HelpName)
	}
	return nil
}
