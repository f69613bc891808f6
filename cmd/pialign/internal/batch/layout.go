package batch

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/pialign/pialign/formats/wholefile"
)

// Files that Merge puts beside the results.
const (
	SummaryCSV     = "summary.csv"
	SummaryParquet = "summary.parquet"
	ReportHTML     = "report.html"
)

// ErrOutputs: the outputs of a plan cannot all be where it says.
var ErrOutputs = errors.New("outputs of the plan")

// CheckOutputs refuses a plan of which two results, or a result and what is pialign's own, would lie in one place, or one in another, or one
// outside the folder of the results. Names that differ in case alone, or in how a letter with its accents is put together, are equal: on some disks they are.
func CheckOutputs(lines []Line) error {
	say := func(l Line, format string, args ...any) error {
		return fmt.Errorf("%w: %s: output %q %s", ErrOutputs, l.Input, l.Output, fmt.Sprintf(format, args...))
	}
	of := make(map[string]int, len(lines))
	for i, l := range lines {
		first, _, _ := strings.Cut(l.Output, "/")
		switch {
		case l.Output == "":
			return say(l, "is missing")
		case !filepath.IsLocal(filepath.FromSlash(l.Output)) || l.Output == "." || path.Clean(l.Output) != l.Output || strings.ContainsAny(l.Output, "\\\x00"):
			return say(l, "is no path below the folder of the results, with slashes")
		case slices.ContainsFunc([]string{ownDir, SummaryCSV, SummaryParquet, ReportHTML}, func(own string) bool { return fold(own) == fold(first) }):
			return say(l, "has the name of what is pialign's own there")
		case slices.ContainsFunc(strings.Split(l.Output, "/"), wholefile.IsTemp):
			return say(l, "has a name that pialign gives to unfinished work")
		}
		key := fold(l.Output)
		if j, ok := of[key]; ok {
			return say(l, "is that of %s too", lines[j].Input)
		}
		of[key] = i
	}
	for _, l := range lines {
		for up := path.Dir(fold(l.Output)); up != "."; up = path.Dir(up) {
			if j, ok := of[up]; ok {
				return say(l, "lies in that of %s", lines[j].Input)
			}
			if j, ok := of[strings.TrimSuffix(up, recordExt)]; ok && strings.HasSuffix(up, recordExt) {
				return say(l, "lies in a folder that has the name of the record of %s", lines[j].Input)
			}
		}
	}
	return nil
}

// fold returns what two names have in common that are one to some disk: those of Windows and macOS take no note of case, those of macOS and servers before it
// have letters with accents in one form, put together or taken apart, whichever the name had.
func fold(name string) string {
	return norm.NFC.String(strings.ToLower(strings.ToUpper(norm.NFC.String(name)))) // to upper case first: it has more letters in one, as both forms of sigma
}
