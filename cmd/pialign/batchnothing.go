package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
)

// nothingFound says what a plan without lines was looked for, where, and what is there instead.
func nothingFound(roots []string, plan *batch.Plan) error {
	var below []string
	for _, r := range roots {
		below = append(below, quoted(r))
	}
	there := []string{counted(plan.Sessions, "session")}
	if plan.Retimed > 0 {
		there = append(there, counted(plan.Retimed, "folder")+" that pialign has re-timed already")
	}
	return withHint(fmt.Errorf("no recording below %s: looked at any depth for folders and zips of Pupil Cloud, of the phone's own files and of Pupil Player, and found %s",
		strings.Join(below, ", "), strings.Join(there, " and ")), "give the folder that holds the downloads; pialign inspect says what a folder is")
}

// hintOfUnknown says what a table of pairs may have meant, or what there is.
func hintOfUnknown(e *batch.UnknownError) string {
	if near := nearPaths(e.Name, e.Known); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	const most = 5
	known := slices.Sorted(slices.Values(e.Known))
	if len(known) == 0 {
		return fmt.Sprintf("there is no %s at all: give the folders that hold them as ROOT or by --sessions", e.What)
	}
	text := strings.Join(known[:min(most, len(known))], ", ")
	if n := len(known) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	also := ""
	if e.What == "recording" {
		also = ", or a folder with one of them in it, or how a recording's id begins"
	}
	return fmt.Sprintf("each cell is a path, or the end of one, of: %s%s", text, also)
}

// nearPaths returns those of paths of which the end is nearly name, part by part: the three nearest.
func nearPaths(name string, paths []string) (near []string) {
	want := strings.Split(path.Clean(strings.ReplaceAll(name, "\\", "/")), "/")
	far := map[string]int{} // in letters
	for _, p := range paths {
		parts := strings.Split(p, "/")
		if len(parts) < len(want) {
			continue
		}
		sum := 0
		for i, part := range parts[len(parts)-len(want):] {
			if part != want[i] && similar(want[i], []string{part}) == "" {
				sum = -1
				break
			}
			sum += editDistance(want[i], part)
		}
		if sum >= 0 {
			far[p] = sum
			near = append(near, p)
		}
	}
	slices.SortFunc(near, func(a, b string) int { return cmp.Or(cmp.Compare(far[a], far[b]), cmp.Compare(a, b)) })
	return near[:min(3, len(near))]
}
