package cloud

import (
	"cmp"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
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
	for _, f := range files {
		s, err := do(f)
		if err != nil {
			return err
		}
		u.take(f, s)
	}
	return nil
}

// together does them at the same time, the largest first. Meanwhile nothing in u and its groups changes.
func (u *run) together(workers int, files []file, do func(file) (*scanned, error)) error {
	u.parallel = true
	defer func() { u.parallel = false }()
	todo := make([]int, len(files))
	for i := range todo {
		todo[i] = i
	}
	slices.SortStableFunc(todo, func(a, b int) int { return cmp.Compare(files[b].size, files[a].size) })
	var (
		results = make([]*scanned, len(files))
		errs    = make([]error, len(files))
		next    atomic.Int64
		first   atomic.Int64 // the first of the files that failed so far; those after it are in vain
		panics  = make(chan any, workers)
		wg      sync.WaitGroup
	)
	first.Store(int64(len(files)))
	for range workers {
		wg.Go(func() {
			defer func() { // the caller cleans up, which a panic here would not let it
				if p := recover(); p != nil {
					panics <- p
				}
			}()
			for n := next.Add(1) - 1; n < int64(len(todo)); n = next.Add(1) - 1 {
				i := todo[n]
				if int64(i) > first.Load() {
					continue
				}
				if results[i], errs[i] = do(files[i]); errs[i] != nil {
					for old := first.Load(); int64(i) < old && !first.CompareAndSwap(old, int64(i)); old = first.Load() {
					}
				}
			}
		})
	}
	wg.Wait()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
	if i := first.Load(); i < int64(len(files)) {
		return errs[i]
	}
	for i, f := range files {
		u.take(f, results[i])
	}
	return nil
}
