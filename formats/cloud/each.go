package cloud

import (
	"errors"
	"runtime"
	"slices"

	"github.com/pialign/pialign/formats/folder"
)

// errInTurn: what a file says depends on the files before it, so that they cannot be worked off at the same time.
var errInTurn = errors.New("files must be taken in turn")

// each calls do for every file, several at a time, and takes the results in the order of files. The error is that of
// the first file that has one, as if they had been done one after the other.
//
// They are done one after the other as long as a recording is met that nothing has placed in time yet: the first row
// that speaks of it does, and which that is must not hang on chance.
func (u *run) each(files []file, do func(file) (*scanned, error)) error {
	workers := min(runtime.GOMAXPROCS(0), len(files))
	if workers > 1 && len(u.order) > 0 && !slices.ContainsFunc(u.order, func(g *group) bool { return !g.known }) {
		err := u.together(workers, files, do)
		if !errors.Is(err, errInTurn) {
			return err
		}
	}
	return u.inTurn(files, do)
}

// inTurn does them one after the other. What one tells of steps of the phone's clock the next ones know.
func (u *run) inTurn(files []file, do func(file) (*scanned, error)) error {
	for _, f := range files {
		s, err := do(f)
		if err != nil {
			return err
		}
		u.clocks.Settle()
		u.take(f, s)
	}
	return nil
}

// together does them at the same time, the largest first. Meanwhile nothing in u and its groups changes.
func (u *run) together(workers int, files []file, do func(file) (*scanned, error)) error {
	u.parallel = true
	defer func() { u.parallel = false }()
	results, err := folder.Each(workers, files, do)
	if err != nil {
		return err
	}
	for i, f := range files {
		u.take(f, results[i])
	}
	return nil
}
