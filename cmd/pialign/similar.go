package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// similar returns the candidate that name was probably meant to be, "" where none is near: at most a third of its
// letters differ, or one begins with the other.
func similar(name string, candidates []string) string {
	best, found := len(name)/3+1, ""
	if len(name) < 2 {
		return ""
	}
	for _, c := range candidates {
		switch d := editDistance(name, c); {
		case d < best, d == best && found == "" && d < len(c):
			best, found = d, c
		case found == "" && len(name) >= 3 && (strings.HasPrefix(c, name) || strings.HasPrefix(name, c)):
			found = c
		}
	}
	return found
}

// editDistance counts the letters to put in, take out, change or swap with their neighbour to turn a into b.
func editDistance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}

func verbNames(commands []*cli.Command) []string {
	var out []string
	for _, c := range commands {
		out = append(out, c.Names()...)
	}
	return out
}

func flagNames(flags []cli.Flag) []string {
	var out []string
	for _, f := range flags {
		for _, n := range f.Names() {
			if len(n) > 1 {
				out = append(out, n)
			}
		}
	}
	return out
}
