package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime/retimetest"
)

// TestDuckDBReadsASummary runs the statement of docs/howto.md over a study.
func TestDuckDBReadsASummary(t *testing.T) {
	howto, err := os.ReadFile("../../docs/howto.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(howto), `    duckdb -c "`)
	statement, _, closed := strings.Cut(rest, `"`+"\n")
	if !found || !closed {
		t.Fatal("docs/howto.md has no statement for DuckDB")
	}
	script, err := filepath.Abs("testdata/duckdb.mjs")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	plan := madeSet(t, dir, 6)
	t.Chdir(dir)
	for _, args := range [][]string{{"batch", "run", plan, "--out", "aligned"}, {"batch", "merge", "aligned"}} {
		if code, _, talk := command(t.Context(), args...); code != exitDone {
			t.Fatal(talk)
		}
	}
	if err := os.WriteFile("statement.sql", []byte(statement), 0o666); err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Recording, Verdict string
		HalfWidth          float64 `json:"half_width_ms"`
		Drift              float64 `json:"drift_ppm"`
	}
	retimetest.Hyparquet(t, script, "statement.sql", &rows)
	if len(rows) != 6 {
		t.Fatalf("%d rows of 6", len(rows))
	}
	for i, r := range rows {
		if r.Verdict != "ok" || r.Recording == "" || r.HalfWidth <= 0 || r.HalfWidth > 20 || r.Drift < 5 || r.Drift > 20 || i > 0 && r.HalfWidth > rows[i-1].HalfWidth {
			t.Errorf("%+v", r) // the truth is 12 ppm, and an hour of two bursts gives some ms
		}
	}
}
