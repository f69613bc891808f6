package folder

import (
	"runtime"

	"github.com/pialign/pialign/formats/retime"
)

// ByDensity sorts files as retime.ByDensity does.
func ByDensity(files []File) []File {
	return retime.ByDensity(files, File.Base, func(f File) int64 { return f.Size })
}

// EachBeside is Each on all processors. Where the phone's clock stepped it takes one file after the other, those of dense streams first: what these
// tell of the step holds for the others.
func EachBeside[T any](clocks *retime.Asking, files []File, do func(File) (T, error)) ([]T, error) {
	if !clocks.Steps() {
		return Each(min(runtime.GOMAXPROCS(0), max(len(files), 1)), files, do)
	}
	at := make(map[string]int, len(files))
	for i, f := range files {
		at[f.Name] = i
	}
	results := make([]T, len(files))
	for _, f := range ByDensity(files) {
		r, err := do(f)
		if err != nil {
			return nil, err
		}
		clocks.Settle()
		results[at[f.Name]] = r
	}
	return results, nil
}
