package columnar

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// mostWorkers is how many work on tables at a time, however many processors there are: each needs some 60 MiB.
const mostWorkers = 8

// workers is how many work on one table.
func workers() int { return min(runtime.GOMAXPROCS(0), mostWorkers) }

// crew are the groups that all tables in the making share, so that many at a time need no more memory than one. Whoever has one finishes it without
// another.
var crew = sync.OnceValue(func() chan *group {
	c := make(chan *group, workers())
	for range cap(c) {
		c <- &group{}
	}
	return c
})

// tables is how many are in the making.
var tables atomic.Int64

// leave ends the work on a table. The last lets go of the memory.
func leave() {
	if tables.Add(-1) > 0 {
		return
	}
	for range cap(crew()) {
		select {
		case <-crew():
			crew() <- &group{}
		default:
		}
	}
}
