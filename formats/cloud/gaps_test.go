package cloud_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/formats/retime"
)

// TestRealGaps: gaze of real recordings is a sampled stream without gaps; fixations, blinks and events are none. With rows taken out, the gap found is
// the one between the rows beside them in the table written, read by another reader.
func TestRealGaps(t *testing.T) {
	eachReal(t, func(t *testing.T, dir string, _ int) {
		opt := retime.Options{SenderStamps: retime.SenderDevice}
		_, rep := retimed(t, dir, second.Clocks(t), opt)
		found := 0
		if _, err := os.Stat(filepath.Join(dir, "sections.csv")); err == nil { // an enrichment: sections of recordings, one after the other
			for _, rec := range rep.Recordings {
				if all := rec.Streams(); all != nil {
					t.Errorf("%+v", all)
				}
			}
			return
		}
		for _, rec := range rep.Recordings {
			for _, s := range rec.Streams() {
				base := filepath.Base(s.File)
				if s.Gaps != 0 || slices.Contains([]string{"fixations.csv", "blinks.csv", "events.csv", "saccades.csv", "sections.csv"}, base) {
					t.Errorf("%+v", s)
				}
				if base == "gaze.csv" {
					found++
				}
			}
		}
		if found == 0 {
			t.Error("gaze is no sampled stream")
		}
		const from, to = 300, 400 // rows to take out
		in := t.TempDir()
		if err := os.CopyFS(in, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		names, _ := filepath.Glob(filepath.Join(in, "gaze.csv"))
		if more, _ := filepath.Glob(filepath.Join(in, "*", "gaze.csv")); names == nil {
			names = more
		}
		b, err := os.ReadFile(names[0])
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.SplitAfter(string(b), "\n")
		if err := os.WriteFile(names[0], []byte(strings.Join(slices.Delete(rows, from, to), "")), 0o666); err != nil {
			t.Fatal(err)
		}
		out, rep := retimed(t, in, second.Clocks(t), opt)
		rel, _ := filepath.Rel(in, names[0])
		f, err := os.Open(filepath.Join(out, rel))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		table, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		col := slices.IndexFunc(table[0], func(name string) bool { return strings.TrimSpace(name) == "timestamp [ns]" })
		before, _ := strconv.ParseInt(table[from-1][col], 10, 64)
		after, _ := strconv.ParseInt(table[from][col], 10, 64)
		want := []retime.ManifestGap{{From: before, Length: time.Duration(after - before)}}
		for _, rec := range rep.Recordings {
			for _, s := range rec.Streams() {
				if filepath.Base(s.File) == "gaze.csv" && (s.Gaps != 1 || !slices.Equal(s.Longest, want) || s.Total != want[0].Length || s.Samples != len(table)-1) {
					t.Errorf("%+v, want %+v", s, want)
				}
			}
		}
	})
}
