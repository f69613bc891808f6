// Command accuracy measures the fit against simulated sessions with known truth, and writes docs/accuracy.md and its plots.
//
//	go run ./cmd/accuracy             every family, twenty seeds, written to docs
//	go run ./cmd/accuracy -check      nothing written; exit code 1 if a target is missed or the page on disk is another one
//	go run ./cmd/accuracy -digest     hashes of samples and alignments, to compare processors by
//	go run ./cmd/accuracy -brief      figures of ours alone, a line each; with -only of some families
//	go run ./cmd/accuracy -ablations  what the method would be without one of its parts
//
// Equal arguments give equal bytes, on any number of cores.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
	"github.com/pialign/pialign/formats/wholefile"
)

func main() { os.Exit(run(os.Args[1:], scenario.Families, os.Stdout, os.Stderr)) }

// options are what the page depends on, besides the code.
type options struct {
	families []scenario.Family
	seeds    int
	from     uint64 // the first seed
	out      string
	methods  []align.Method
}

// run carries out one command line and returns its exit code: 0 done, 1 a check failed, 2 wrong arguments, 3 something
// could not be read or written.
func run(args []string, families []scenario.Family, out, talk io.Writer) int {
	flags := flag.NewFlagSet("accuracy", flag.ContinueOnError)
	flags.SetOutput(talk)
	o := options{families: families, methods: align.Methods}
	flags.IntVar(&o.seeds, "seeds", 20, "sessions of each family")
	flags.Uint64Var(&o.from, "from", 1, "the first seed")
	flags.StringVar(&o.out, "o", "docs", "where accuracy.md and the folder accuracy go")
	check := flags.Bool("check", false, "write nothing; exit code 1 if a target is missed or the page differs from the one on disk")
	digest := flags.Bool("digest", false, "print hashes of all samples and alignments, and nothing else")
	brief := flags.Bool("brief", false, "print figures of our method alone, a line for each family, and write nothing")
	only := flags.String("only", "", "with -brief: these families alone, with commas between them")
	ablate := flags.Bool("ablations", false, "print what the figures would be without parts of the method; wants to run in the module's folder")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	modes := 0
	for _, on := range []bool{*check, *digest, *brief, *ablate} {
		if on {
			modes++
		}
	}
	if flags.NArg() > 0 || o.seeds < 1 || modes > 1 {
		fmt.Fprintln(talk, "accuracy: want flags alone, -seeds of 1 or more, and one of -check, -digest, -brief and -ablations at most")
		return 2
	}
	if *only != "" {
		if !*brief {
			fmt.Fprintln(talk, "accuracy: -only goes with -brief: the page is of all families")
			return 2
		}
		if o.families = named(families, *only); len(o.families) == 0 {
			fmt.Fprintf(talk, "accuracy: no family of %q; -brief -seeds 1 lists them\n", *only)
			return 2
		}
	}
	if *brief {
		printBrief(out, o)
		return 0
	}
	if *ablate {
		if err := printAblations(out, o); err != nil {
			fmt.Fprintln(talk, "accuracy:", err)
			return 3
		}
		return 0
	}
	if *digest {
		if err := printDigest(out, o); err != nil {
			fmt.Fprintln(talk, "accuracy:", err)
			return 3
		}
		return 0
	}
	all := figuresOf(o, outcomes(o))
	targets := targetsOf(all)
	for _, t := range targets {
		fmt.Fprintln(talk, t)
	}
	files, err := output(o, all, targets)
	if err != nil {
		fmt.Fprintln(talk, "accuracy:", err)
		return 3
	}
	if *check {
		return checked(o, files, targets, talk)
	}
	for _, f := range files {
		err := wholefile.Write(filepath.Join(o.out, f.name), func(w io.Writer) error { _, err := w.Write(f.data); return err })
		if err != nil {
			fmt.Fprintln(talk, "accuracy:", err)
			return 3
		}
	}
	return 0
}

// file is one of the files written: its name below the folder of options.
type file struct {
	name string
	data []byte
}

// output makes the page and the plots.
func output(o options, all []figures, targets []target) ([]file, error) {
	files := []file{{"accuracy.md", page(o, all, targets)}}
	plots, err := plots(all)
	return append(files, plots...), err
}

// checked returns 0 if no target is missed and the files on disk are those that would be written.
func checked(o options, files []file, targets []target, talk io.Writer) int {
	code := 0
	if slices.ContainsFunc(targets, func(t target) bool { return !t.met }) {
		code = 1
	}
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.name] = true
		got, err := os.ReadFile(filepath.Join(o.out, f.name))
		switch {
		case err != nil:
			fmt.Fprintln(talk, "accuracy:", err)
			code = 1
		case !bytes.Equal(got, f.data):
			fmt.Fprintf(talk, "accuracy: %s is not what the code gives: run %s and look at the difference\n", filepath.Join(o.out, f.name), o.command())
			code = 1
		}
	}
	there, _ := filepath.Glob(filepath.Join(o.out, plotDir, "*.svg"))
	for _, path := range there {
		if name := plotDir + "/" + filepath.Base(path); !wanted[name] {
			fmt.Fprintf(talk, "accuracy: %s belongs to no family: remove it\n", path)
			code = 1
		}
	}
	return code
}

// command returns the command line that makes the page.
func (o options) command() string {
	c := "go run ./cmd/accuracy"
	if o.seeds != 20 {
		c += fmt.Sprintf(" -seeds %d", o.seeds)
	}
	if o.from != 1 {
		c += fmt.Sprintf(" -from %d", o.from)
	}
	return c
}
