package retime

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// forever gives the same bytes again and again, and counts them.
type forever struct {
	b    string
	at   int
	read atomic.Int64 // reading may go on ahead of what asks for it
}

func (f *forever) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], f.b[(f.at+n)%len(f.b):])
	}
	f.at = (f.at + n) % len(f.b)
	f.read.Add(int64(n))
	return n, nil
}

// A row without an end is refused soon, and takes no more memory than the longest row there may be, however long it goes on.
func TestRowWithoutEnd(t *testing.T) {
	for name, c := range map[string]struct{ head, b string }{
		"a header":          {"timestamp [ns],", "x"},
		"a header of cells": {"timestamp [ns]", ",x"},
		"a row":             {"timestamp [ns],n\n1,", "x"},
		"a row of cells":    {"timestamp [ns],n\n1", ",2"},
		"a cell in quotes":  {"timestamp [ns],n\n1,\"", "x\n"},
		"quotes":            {"timestamp [ns],n\n1,", `"`},
		"NUL bytes":         {"timestamp [ns],n\n1,", "\x00"},
		"a time":            {"timestamp [ns],n\n", "1"},
		"carriage returns":  {"timestamp [ns],n\n1,2", "\r"},
	} {
		in := &forever{b: c.b}
		t1 := Table{Name: "t.csv", Plan: func([]string) (Plan, error) { return Plan{Times: []int{0}, Key: -1}, nil }, Map: func(*Cell) error { return nil }}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := t1.Rewrite(context.Background(), io.Discard, io.MultiReader(strings.NewReader(c.head), in))
		runtime.ReadMemStats(&after)
		var at *CellError
		if !errors.Is(err, ErrTable) || !errors.As(err, &at) || at.Row != 1+strings.Count(c.head, "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if n := in.read.Load(); n > 4*maxRecord { // the buffer doubles until it holds more than the longest row, and some pieces are read ahead
			t.Errorf("%s: %d bytes read", name, n)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 16*maxRecord { // every size of the buffer on the way, and what is to be written
			t.Errorf("%s: %d bytes allocated", name, got)
		}
	}
}
