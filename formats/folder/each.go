package folder

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// Each calls do for every file, several at the same time, the largest first, and returns the results in the order of
// files. The error is that of the first file that has one, as if they had been done one after the other.
func Each[T any](workers int, files []File, do func(File) (T, error)) ([]T, error) {
	todo := make([]int, len(files))
	for i := range todo {
		todo[i] = i
	}
	slices.SortStableFunc(todo, func(a, b int) int { return cmp.Compare(files[b].Size, files[a].Size) })
	var (
		results = make([]T, len(files))
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
		return nil, errs[i]
	}
	return results, nil
}
