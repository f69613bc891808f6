package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/align/scenario"
)

// named returns the families whose names stand in list, with commas between them.
func named(families []scenario.Family, list string) []scenario.Family {
	names := strings.Split(list, ",")
	return slices.DeleteFunc(slices.Clone(families), func(f scenario.Family) bool { return !slices.Contains(names, f.Name) })
}

// briefHead names the columns of printBrief.
const briefHead = "family\tsessions\trefused\tRMS ms\tmedian ms\tcovered\tno allowance\tsessions outside the bound\tsteps found\trefused\tmissed, held\tmissed, broken\n"

// printBrief writes figures of our method alone, separated by tabs.
func printBrief(out io.Writer, o options) {
	o.methods = []align.Method{align.FloorEdge}
	fmt.Fprint(out, briefHead)
	for _, f := range figuresOf(o, outcomes(o)) {
		outside := 0
		for _, x := range f.answered() {
			if x.by[0].Outside > 0 {
				outside++
			}
		}
		fmt.Fprintf(out, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\n", f.family.Name, len(f.outcomes), f.by[0].refused, digits(f.by[0].rms), digits(f.by[0].median),
			percent(f.covered), percent(f.coveredStat), outside, f.steps.found, f.steps.refused, f.steps.held, f.steps.broken)
	}
}
