package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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

// sharedError is why several parts of the work fail, such as a phone's recordings for want of its alignment: verdict tells it once.
type sharedError struct{ err error }

func (e *sharedError) Error() string { return e.err.Error() }
func (e *sharedError) Unwrap() error { return e.err }

// toldError is one that the user knows of already.
type toldError struct{ err error }

func (e *toldError) Error() string { return e.err.Error() }
func (e *toldError) Unwrap() error { return e.err }

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
	for errors.As(err, &e) { // the outermost that has one
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
	if value, flag, ok := badValue(text); ok && isDuration(flags, flag) {
		const units = "units are ms, s, m and h, without a space: 500ms, 1.5s, 2m, 1h30m"
		if _, err := strconv.ParseFloat(strings.Trim(value, `"`), 64); err != nil {
			return withHint(usageError("%s: %s", name, text), units)
		}
		return withHint(usageError("%s: --%s %s: want a unit, such as %sms", name, flag, value, strings.Trim(value, `"`)), units)
	}
	return withHint(usageError("%s: %s", name, text), "%s --help lists the flags", name)
}

// badValue takes the cli library's words about a value apart.
func badValue(text string) (value, flag string, ok bool) {
	rest, ok := strings.CutPrefix(text, "invalid value ")
	if !ok {
		return "", "", false
	}
	if value, rest, ok = strings.Cut(rest, " for --"); !ok {
		return "", "", false
	}
	flag, _, ok = strings.Cut(rest, ":")
	return value, flag, ok
}

func isDuration(flags []cli.Flag, name string) bool {
	return slices.ContainsFunc(flags, func(f cli.Flag) bool {
		_, ok := f.(*cli.DurationFlag)
		return ok && slices.Contains(f.Names(), name)
	})
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
