package batch

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/parquet/file"
)

func someRows() []Row {
	five, wide, drift := nanos(5), nanos(9007199254740993), nanos(-12_345_678_901_234)
	good := &Record{Input: "data/a", Output: "a", Outcome: Done, Bytes: 7, Retimed: 3, Warnings: []string{"one", "two"},
		Recordings: []RecordRecording{
			{Name: "=1+1", RecordingID: "r", Alignment: "xxh3:00", Confirmed: true, First: 1600000000000000001, Last: 1600000000000000002, Offset: &five, DriftE18: &drift, HalfWidth: &five, Warnings: []string{"three"}},
			{Name: "say \"x\",\ny", Alignment: "xxh3:01", Confirmed: true, First: 1, Last: 2, HalfWidth: &wide, PhoneSteps: 0},
			{Name: "guess", Alignment: "xxh3:01", First: 1, Last: 2, IfRight: &five},
			{Name: "none", Unaligned: "no alignment is of it", First: 1, Last: 2},
			{Name: "unknown", Alignment: "xxh3:01", Confirmed: true, First: 1, Last: 2},
			{Name: "empty", Alignment: "xxh3:01", Confirmed: true},
		}}
	failed := &Record{Input: "data/b", Output: "b", Outcome: Failed, Error: "broken", Hint: "mend it"}
	passed := &Record{Input: "data/c", Output: "c", Outcome: Passed, Error: "doubtful", Recordings: []RecordRecording{{Name: "c"}}}
	var rows []Row
	rows = append(rows, Rows(good, true, 10*time.Millisecond)...)
	rows = append(rows, Rows(failed, false, 0)...)
	rows = append(rows, Rows(passed, false, 0)...)
	rows = append(rows, Rows(&Record{Output: "d", Outcome: Done}, false, 0)...)
	return append(rows, MissingRow(Line{Input: "data/e", Output: "e"}))
}

func TestVerdicts(t *testing.T) {
	var got []string
	for _, r := range someRows() {
		got = append(got, string(r.Verdict))
		if (r.Why == "") != (r.Verdict == VerdictOK) {
			t.Errorf("%s: why %q", r.Verdict, r.Why)
		}
	}
	if s := strings.Join(got, " "); s != "ok inexact unconfirmed unaligned inexact ok failed passed missing missing" {
		t.Error(s)
	}
}

func TestRowsByPlan(t *testing.T) {
	ok := func() []Row {
		return []Row{{Record: &Record{Input: "a", Output: "o", Outcome: Done}, Verdict: VerdictOK}}
	}
	passed := []Row{{Record: &Record{Input: "a", Output: "o", Outcome: Passed}, Verdict: VerdictPassed, Why: "doubtful"}}
	for _, c := range []struct {
		rows []Row
		line Line
		want Verdict
		why  string
	}{
		{ok(), Line{Input: "a", State: Paired}, VerdictOK, ""},
		{ok(), Line{Input: "b", State: Paired}, VerdictMissing, "no run has worked on it: what is there is of a"},
		{ok(), Line{Input: "a", State: Doubtful, Problem: "two sessions"}, VerdictPassed, "the plan does not pair it, as it did when it was run: two sessions"},
		{passed, Line{Input: "a", State: Doubtful}, VerdictPassed, "doubtful"},
		{passed, Line{Input: "a", State: Paired}, VerdictMissing, "no run has worked on it since the plan pairs it"},
	} {
		got := RowsByPlan(c.rows, c.line)
		if len(got) != 1 || got[0].Verdict != c.want || got[0].Why != c.why || got[0].Record.Input != c.line.Input {
			t.Errorf("%+v: %+v", c.line, got)
		}
	}
}

// Each cell of the two tables says the same, to the last digit, and what is not known is in neither.
func TestSummaryTablesAgree(t *testing.T) {
	rows := someRows()
	var text, typed bytes.Buffer
	if err := WriteSummaryCSV(&text, rows); err != nil {
		t.Fatal(err)
	}
	if err := WriteSummaryParquet(&typed, rows); err != nil {
		t.Fatal(err)
	}
	cells, err := csv.NewReader(&text).ReadAll()
	if err != nil || len(cells) != len(rows)+1 {
		t.Fatalf("%d rows, %v", len(cells), err)
	}
	at := map[string]int{}
	for i, name := range cells[0] {
		at[name] = i
	}
	for _, want := range []struct {
		row          int
		column, cell string
	}{{1, "recording", "'=1+1"}, {1, "first_device_ns", "1600000000000000001"}, {1, "drift_ppm", "-12.345678901234"}, {1, "offset_ns", "5"}, {1, "rtt_min_ns", ""},
		{1, "warnings", "one | two | three"}, {1, "confirmed", "true"}, {1, "phone_steps", "0"}, {2, "recording", "say \"x\",\ny"}, {2, "half_width_ns", "9007199254740993"},
		{4, "phone_steps", ""}, {6, "first_device_ns", ""}, {7, "why", "broken"}, {7, "hint", "mend it"}, {7, "confirmed", "false"}} {
		if got := cells[want.row][at[want.column]]; got != want.cell {
			t.Errorf("row %d, %s: %q, want %q", want.row, want.column, got, want.cell)
		}
	}
	r, err := file.NewParquetReader(bytes.NewReader(typed.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.NumRows() != int64(len(rows)) || r.MetaData().Schema.NumColumns() != len(columns) {
		t.Fatalf("%d rows, %d columns", r.NumRows(), r.MetaData().Schema.NumColumns())
	}
	for i, c := range columns {
		if name := r.MetaData().Schema.Column(i).Name(); name != c.Name || name != cells[0][i] {
			t.Errorf("column %d: %s, want %s", i, name, c.Name)
		}
		got := parquetCells(t, r, i)
		for j := range rows {
			want := cells[j+1][i]
			if c.Text != nil {
				want = strings.TrimPrefix(want, "'")
			}
			if got[j] != want {
				t.Errorf("row %d, %s: %q in Parquet, %q in CSV", j+1, c.Name, got[j], want)
			}
		}
	}
}

// parquetCells are the cells of one column as CSV has them.
func parquetCells(t *testing.T, r *file.Reader, i int) (out []string) {
	t.Helper()
	chunk, err := r.RowGroup(0).Column(i)
	if err != nil {
		t.Fatal(err)
	}
	n := r.NumRows()
	levels := make([]int16, n)
	c := &columns[i]
	row := func(j int, text string) {
		if c.Nullable && levels[j] == 0 {
			text = ""
		}
		out = append(out, text)
	}
	switch chunk := chunk.(type) {
	case *file.ByteArrayColumnChunkReader:
		values := spaced(t, n, levels, c.Nullable, chunk.ReadBatch)
		for j, v := range values {
			if may := strings.Contains(" recording recording_id device_id source alignment clock gap_file ", " "+c.Name+" "); len(v) == 0 && may && (!c.Nullable || levels[j] != 0) {
				t.Errorf("row %d, %s: an empty text; what is not known is to be null", j+1, c.Name)
			}
			row(j, string(v))
		}
	case *file.BooleanColumnChunkReader:
		for j, v := range spaced(t, n, levels, c.Nullable, chunk.ReadBatch) {
			row(j, cellOf(&column{Flag: func(*Row) bool { return v }}, nil))
		}
	case *file.Int64ColumnChunkReader:
		for j, v := range spaced(t, n, levels, c.Nullable, chunk.ReadBatch) {
			row(j, cellOf(&column{Int: func(*Row) (int64, bool) { return v, true }}, nil))
		}
	case *file.Float64ColumnChunkReader:
		for j, v := range spaced(t, n, levels, c.Nullable, chunk.ReadBatch) {
			row(j, cellOf(&column{Double: func(*Row) (float64, bool) { return v, true }}, nil))
		}
	default:
		t.Fatalf("%s: %T", c.Name, chunk)
	}
	return out
}

// spaced reads a column, with a zero where there is none.
func spaced[T any](t *testing.T, n int64, levels []int16, nullable bool, read func(int64, []T, []int16, []int16) (int64, int, error)) []T {
	t.Helper()
	values := make([]T, n)
	rows, _, err := read(n, values, levels, nil)
	if err != nil || rows != n {
		t.Fatalf("%d of %d rows, %v", rows, n, err)
	}
	if !nullable {
		return values
	}
	out, next := make([]T, n), 0
	for j := range out {
		if levels[j] == 1 {
			out[j] = values[next]
			next++
		}
	}
	return out
}
