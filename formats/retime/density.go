package retime

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// dense are what the names of the streams of a recording begin with, in any format, the densest first; behind them comes what is sparse. Gaze, eye states
// and eye cameras have 200 samples a second, the IMU some 100 to 200, the scene camera 30.
var dense = []string{"gaze", "3d_eye_states", "worn", "imu", "extimu", "pi right", "neon right", "eye0", "pi left", "neon left", "eye1", "eye", "world", "pi world", "scene", "neon scene"}

// sparse are those that come last, since they are of single events.
var sparse = []string{"event", "annotations", "sections", "info", "export_info"}

// numbered are the parts of a stream, which count from 1.
var numbered = regexp.MustCompile(` ps([0-9]+)[. ]`)

// isDense reports whether a file is a sampled stream, by its name.
func isDense(base string) bool {
	base = strings.ToLower(base)
	return slices.ContainsFunc(dense, func(begin string) bool { return strings.HasPrefix(base, begin) })
}

// isSparse reports whether a file is of single events, by its name, however many there are: pialign's own exchanges follow each other as samples do.
func isSparse(base string) bool {
	base = strings.ToLower(base)
	return slices.ContainsFunc(sparse, func(begin string) bool { return strings.HasPrefix(base, begin) })
}

// partOf is the number of a part of a stream, 0 of what is whole.
func partOf(name string) int {
	m := numbered.FindStringSubmatch(strings.ToLower(name))
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// ByDensity sorts files so that a stream whose order tells most of a step of the phone's clock comes first: of those of a kind what is whole before its parts,
// these by number, and the largest of the others, since they may be parts of it. base is the name of a file in its folder.
func ByDensity[F any](files []F, base func(F) string, size func(F) int64) []F {
	rank := func(f F) int {
		name := strings.ToLower(base(f))
		has := func(begin string) bool { return strings.HasPrefix(name, begin) }
		if i := slices.IndexFunc(dense, has); i >= 0 {
			return i
		}
		if i := slices.IndexFunc(sparse, has); i >= 0 {
			return len(dense) + 1 + i
		}
		return len(dense)
	}
	part := func(f F) int { return partOf(base(f)) }
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b F) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(part(a), part(b)), cmp.Compare(size(b), size(a)))
	})
	return files
}
