package main

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// rootFlags are the flags that the cli library adds to the program and to every verb.
var rootFlags = ownFlags()

// ownFlags puts flags in the place of the cli library's own that keep nothing of a command line they were read from: these are shared by all
// verbs and by all runs in one process.
func ownFlags() []cli.Flag {
	cli.HelpFlag = sharedFlag{&cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help", DisableDefaultText: true}}
	cli.VersionFlag = sharedFlag{&cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "print the version", DisableDefaultText: true}}
	return []cli.Flag{cli.HelpFlag, cli.VersionFlag}
}

// sharedFlag is a flag that is read by a copy of itself.
type sharedFlag struct{ *cli.BoolFlag }

// Apply implements cli.Flag.
func (f sharedFlag) Apply(set *flag.FlagSet) error {
	own := *f.BoolFlag
	return own.Apply(set)
}

// interleave lets flags stand anywhere, before the verb too: it finds the verb and moves its flags (with their
// values) between it and its arguments, which is the order that the cli library reads. Whatever follows "--" is an
// argument. A flag that lacks its value is an error here, since the library would take the next flag for it.
func interleave(app *cli.App, args []string) ([]string, error) {
	var verb, flags, rest []string
	commands, verbs := app.Commands, true
	known := slices.Clone(rootFlags) // before the verb any verb's flag may come
	eachCommand(app.Commands, func(c *cli.Command) { known = append(known, c.Flags...) })
	seen := make(map[string]bool) // that may stand there once
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			rest = append(rest, args[i+1:]...)
			i = len(args)
		case len(arg) > 1 && arg[0] == '-':
			flags = append(flags, arg)
			name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			if once := single(known, name); once != "" {
				if seen[once] {
					return nil, withHint(usageError("flag --%s is given twice, and only one would count", once), "give it once; %s --help lists the flags",
						strings.Join(append([]string{app.Name}, verb...), " "))
				}
				seen[once] = true
			}
			if hasValue || !takesValue(known, name) {
				continue
			}
			if i+1 == len(args) || missing(known, args[i+1]) {
				return nil, withHint(usageError("flag %s needs a value", arg), "%s --help lists the flags",
					strings.Join(append([]string{app.Name}, verb...), " "))
			}
			i++
			flags = append(flags, args[i])
		case arg == "help" && verbs && len(verb) == 0:
			flags = append(flags, "--help") // "pialign help probe", as elsewhere
		default:
			if verbs {
				if c := find(commands, arg); c != nil {
					verb = append(verb, c.Name)
					commands, known = c.Subcommands, append(slices.Clone(rootFlags), c.Flags...)
					eachCommand(commands, func(c *cli.Command) { known = append(known, c.Flags...) })
					continue
				}
				verbs = false
			}
			rest = append(rest, arg)
		}
	}
	switch {
	case slices.ContainsFunc(flags, isFlag(cli.HelpFlag)) && len(commands) > 0 && len(rest) > 0:
		return append(verb, "--", rest[0]), nil // no verb, and so no help: what runs says so
	case slices.ContainsFunc(flags, isFlag(cli.HelpFlag)):
		return append(verb, "--help"), nil // the library would read the arguments as verbs to explain
	case slices.ContainsFunc(flags, isFlag(cli.VersionFlag)):
		return []string{"--version"}, nil
	}
	out := append(verb, flags...)
	if len(rest) > 0 {
		out = append(append(out, "--"), rest...)
	}
	return out, nil
}

// absent adds to an error about a path that is not there what may be wrong with it, given the arguments it stood among. A path with
// spaces and without quotes comes as several.
func absent(err error, path string, args []string) error {
	if err = unreadable(err); !errors.Is(err, fs.ErrNotExist) || hintOf(err) != "" {
		return err
	}
	if whole := joinedArgs(args); whole != "" {
		return withHint(err, "quote paths with spaces: %s", quoted(whole))
	}
	if i := slices.Index(args, path); i >= 0 && len(args) > 1 {
		return withHint(err, "is the path right? Quote paths with spaces")
	}
	return withHint(err, "is the path right?")
}

// joinedArgs returns the path that some arguments in a row make together, if it is there and they alone are not; else "".
func joinedArgs(args []string) string {
	for from := range args {
		if _, err := os.Lstat(args[from]); err == nil {
			continue
		}
		for to := from + 2; to <= min(len(args), from+8); to++ {
			whole := strings.Join(args[from:to], " ")
			if _, err := os.Lstat(whole); err == nil {
				return whole
			}
		}
	}
	return ""
}

func find(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// takesValue reports whether the flag called name is followed by a value.
func takesValue(flags []cli.Flag, name string) bool {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			d, ok := f.(cli.DocGenerationFlag)
			return ok && d.TakesValue()
		}
	}
	return false
}

// single returns the name of the flag that takes one value and is called name, "" if there is none, or it may be given several times.
func single(flags []cli.Flag, name string) string {
	first := ""
	for _, f := range flags {
		if !slices.Contains(f.Names(), name) {
			continue
		}
		if d, ok := f.(cli.DocGenerationSliceFlag); ok && d.IsSliceFlag() {
			return ""
		}
		if d, ok := f.(cli.DocGenerationFlag); !ok || !d.TakesValue() {
			return ""
		}
		first = f.Names()[0]
	}
	return first
}

// missing reports whether next, where a value should stand, is another flag of the verb or the end of flags. A
// value that looks like one is given as --flag=value.
func missing(known []cli.Flag, next string) bool {
	return next == "--" || slices.ContainsFunc(known, func(f cli.Flag) bool { return isFlag(f)(next) })
}

// isFlag returns what recognises f on a command line, with or without "=value".
func isFlag(f cli.Flag) func(string) bool {
	return func(arg string) bool {
		if len(arg) < 2 || arg[0] != '-' {
			return false
		}
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return slices.Contains(f.Names(), name)
	}
}
