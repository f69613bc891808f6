package main

import (
	"cmp"
	"math/bits"
	"slices"
)

// inOrder puts lines into the order in which so many workers take them. The largest come first: at the end all have something to do. Of about one size those
// of one session follow each other, since its fit is soon forgotten, but each worker has another session: else all would wait for one fit.
func inOrder(lines []*batchLine, workers int) {
	size := func(l *batchLine) int { return bits.Len64(uint64(l.Bytes)) }
	slices.SortStableFunc(lines, func(a, b *batchLine) int {
		return cmp.Or(cmp.Compare(size(b), size(a)), slices.Compare(a.Sessions, b.Sessions), cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Output, b.Output))
	})
	var groups [][]*batchLine
	for _, l := range lines {
		if n := len(groups); n > 0 && size(groups[n-1][0]) == size(l) && slices.Equal(groups[n-1][0].Sessions, l.Sessions) {
			groups[n-1] = append(groups[n-1], l)
			continue
		}
		groups = append(groups, []*batchLine{l})
	}
	next := min(workers, len(groups))
	turn := slices.Clone(groups[:next])
	for n := 0; n < len(lines); {
		for i := range turn {
			if len(turn[i]) == 0 && next < len(groups) {
				turn[i] = groups[next]
				next++
			}
			if len(turn[i]) > 0 {
				lines[n] = turn[i][0]
				turn[i] = turn[i][1:]
				n++
			}
		}
	}
}
