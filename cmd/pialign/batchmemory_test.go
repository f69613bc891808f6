package main

import (
	"testing"

	"github.com/pialign/pialign/cmd/pialign/internal/batch"
	"github.com/pialign/pialign/formats/retime"
)

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"256MiB": 256 << 20, "1GB": 1e9, "1.5G": 3 << 29, "0": 0, "4096": 4096, "2 tib": 2 << 40, "7b": 7,
		"": -1, "MiB": -1, "1XB": -1, "-1": -1, "1e300GB": -1, "NaN": -1, "1 G B": -1} {
		got, ok := parseSize(text)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, ok, want)
		}
	}
}

func TestJobsWithin(t *testing.T) {
	lines := func(files, recordings int) []*batchLine {
		return []*batchLine{{}, {Line: batch.Line{Files: files, Recordings: make([]batch.Recording, recordings)}}}
	}
	for _, c := range []struct {
		memory int64
		asked  int
		format retime.Format
		lines  []*batchLine
		want   int
	}{
		{256 << 20, 2, retime.CSV, lines(10, 1), 2},
		{256 << 20, 99, retime.CSV, lines(10, 1), 7},
		{256 << 20, 99, retime.CSV, lines(10_000, 1000), 2}, // each has some 80 MB
		{256 << 20, 99, retime.CSV, lines(1, 1000), 2},      // likewise, in a zip
		{256 << 20, 99, retime.Parquet, lines(10, 1), 1},
		{2 << 30, 99, retime.Parquet, lines(10, 1), 10},
		{1, 99, retime.CSV, lines(10, 1), 1}, // it does what it can
	} {
		if got := jobsWithin(c.memory, c.asked, c.format, c.lines); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
