package main

import (
	"path/filepath"
	"slices"
	"strings"
)

// shownNames is how a page names the paths that it was made of: by their last elements alone, since a page is given to others and a home folder's
// name is nobody's business, and equal inputs make equal pages wherever they lie.
type shownNames []shownName

type shownName struct{ given, whole, shown string }

// namesOf names each path by as few of its last elements as tell it from the others.
func namesOf(paths []string) shownNames {
	var out shownNames
	var elements [][]string
	for _, p := range paths {
		whole, err := filepath.Abs(p)
		if err != nil { // there is no working directory; the path as it was given is as good
			whole = filepath.Clean(p)
		}
		out = append(out, shownName{given: p, whole: whole})
		elements = append(elements, elementsOf(whole))
	}
	for i := range out {
		mine := elements[i]
		n := min(1, len(mine))
		for n < len(mine) && slices.ContainsFunc(elements, func(other []string) bool {
			return !slices.Equal(other, mine) && slices.Equal(lastOf(other, n), lastOf(mine, n))
		}) {
			n++
		}
		if out[i].shown = strings.Join(lastOf(mine, n), "/"); out[i].shown == "" { // the root itself
			out[i].shown = "/"
		}
	}
	return out
}

func elementsOf(whole string) []string {
	return strings.FieldsFunc(filepath.ToSlash(whole), func(r rune) bool { return r == '/' })
}

func lastOf(elements []string, n int) []string { return elements[max(0, len(elements)-n):] }

// of names a path that was given, or one below it.
func (s shownNames) of(path string) string {
	for _, n := range s {
		if path == n.given || path == n.whole {
			return n.shown
		}
	}
	whole, err := filepath.Abs(path)
	if err != nil {
		return filepath.Base(path)
	}
	for _, n := range s {
		if rel, err := filepath.Rel(n.whole, whole); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(filepath.Join(n.shown, rel))
		}
	}
	return filepath.Base(path)
}

// in names the paths that a message has in it.
func (s shownNames) in(message string) string {
	var spots []string
	for _, n := range s {
		for _, p := range []string{n.given, filepath.Clean(n.given), n.whole} {
			if strings.ContainsRune(filepath.ToSlash(p), '/') && len(p) > 1 { // another one is its own last element, and may be a word of the message
				spots = append(spots, p, n.shown)
			}
		}
	}
	return strings.NewReplacer(longestFirst(spots)...).Replace(message)
}

// longestFirst orders pairs of what is replaced and by what: of two that begin alike the longer one must be found.
func longestFirst(pairs []string) []string {
	var out [][2]string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, [2]string{pairs[i], pairs[i+1]})
	}
	slices.SortStableFunc(out, func(a, b [2]string) int { return len(b[0]) - len(a[0]) })
	var flat []string
	for _, p := range out {
		flat = append(flat, p[0], p[1])
	}
	return flat
}
