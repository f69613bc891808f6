//go:build ignore

// What speed and batchspeed share.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

var (
	dir   = flag.String("dir", "", "where the data and the results go")
	bin   = flag.String("pialign", "pialign", "the program")
	reps  = flag.Int("reps", 5, "repetitions; the median counts")
	make1 = flag.Bool("make", false, "make the data and end: a child's peak of memory is at least what its parent has")
	only  = flag.String("only", "", "the tables to measure, with commas between; all unless given")
	share = flag.Int("share", 1, "make data of one part in so many of the size")
)

// timed runs a command of the shell in dir, with nothing left to be written to a disk before it, and returns how many seconds it took.
func timed(shell string) (*os.ProcessState, float64, error) {
	syscall.Sync()
	c := exec.Command("sh", "-c", shell)
	c.Dir, c.Stderr = *dir, os.Stderr
	began := time.Now()
	err := c.Run()
	wall := time.Since(began)
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(*dir, "log"))
		return nil, 0, fmt.Errorf("%s: %w\n%s", shell, err, log[max(0, len(log)-2000):])
	}
	return c.ProcessState, wall.Seconds(), nil
}

// peak is that of a process's memory, in MiB.
func peak(p *os.ProcessState) int64 { return p.SysUsage().(*syscall.Rusage).Maxrss >> 10 }

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
