package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/pialign/pialign/formats/retime"
)

// What a recording needs while it is re-timed, whatever its size: docs/performance.md has the measurements.
const (
	memoryBase     = 64 << 20  // of the program itself, with a session that is fitted
	memoryCSV      = 24 << 20  // of each recording at a time
	memoryColumnar = 192 << 20 // of each that gets typed tables
	memoryFile     = 6 << 10   // of each file in it
	filesEach      = 12        // of a recording, where it is in a zip
	defaultMemory  = "256MiB"
)

// parseSize reads a number of bytes, with or without a unit.
func parseSize(text string) (int64, bool) {
	number := strings.TrimRight(text, "BbIiKkMmGgTt ")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || v < 0 {
		return 0, false
	}
	factor, ok := map[string]float64{"": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1e3, "m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
		"g": 1 << 30, "gib": 1 << 30, "gb": 1e9, "t": 1 << 40, "tib": 1 << 40, "tb": 1e12}[strings.ToLower(strings.TrimSpace(text[len(number):]))]
	if v *= factor; !ok || v >= math.MaxInt64 || math.IsNaN(v) {
		return 0, false
	}
	return int64(v), true
}

// jobsWithin returns how many of lines can be worked on at a time within so many bytes, if all need what the one does that needs most; asked is what
// the user wants, 0 for as many as there are processors.
func jobsWithin(memory int64, asked int, format retime.Format, lines []*batchLine) int {
	each, files := int64(memoryCSV), 0
	if format.Columnar() {
		each = memoryColumnar
	}
	for _, l := range lines {
		files = max(files, l.Files, filesEach*len(l.Recordings))
	}
	each += int64(files) * memoryFile
	if asked == 0 {
		asked = runtime.GOMAXPROCS(0)
	}
	return max(1, min(asked, int((memory-memoryBase)/each)))
}

// limitMemory has the garbage collector keep to so many bytes, until what it returns is called. An eighth is left for what it does not count.
func limitMemory(memory int64) (undo func()) {
	before := debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(before, memory-memory/8))
	return func() { debug.SetMemoryLimit(before) }
}
