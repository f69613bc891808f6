package columnar

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"

	"github.com/pialign/pialign/formats/retime"
)

// gaze is a table as Pupil Cloud writes it, with cells that are empty, quoted, and of more than one spelling.
const gaze = `section id,recording id,timestamp [ns],gaze x [px],worn,fixation id,azimuth [deg],note,flag,nothing
s1,r1,1685088812484000015,812.625,1.0,1,-0.12345678901234568,"a, ""b""",true,
s1,r1,1685088812488000015,800,1,,4.57e-05,,false,
s1,r1,1685088812492000015,,0.0,2,15.5,"two
lines",,
`

func gazeTable() Table {
	header := strings.Split(strings.SplitN(gaze, "\n", 2)[0], ",")
	return Table{Name: "gaze.csv", Header: header, Columns: []int{2}, Times: []Time{{Unit: 1}}, Program: "pialign test"}
}

// write writes text, which was re-timed of original, in pieces of n bytes.
func write(t Table, format retime.Format, original, text string, n int) ([]byte, error) {
	var out bytes.Buffer
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(original)), nil }
	w := New(context.Background(), &out, format, func() (Table, error) { return t, nil }, open)
	var err error
	for at := 0; at < len(text) && err == nil; at += n {
		_, err = w.Write([]byte(text[at:min(at+n, len(text))]))
	}
	err = w.Close(err)
	return out.Bytes(), err
}

// table is what was read back: the types, and every cell as text, as a reader without this package sees it.
type table struct {
	names, types []string
	rows         [][]string
	null         [][]bool
	meta         map[string]string
	groups       int
}

func read(tb testing.TB, format retime.Format, b []byte) table {
	tb.Helper()
	if format == retime.Feather {
		return readFeather(tb, b)
	}
	return readParquet(tb, b)
}

func readFeather(tb testing.TB, b []byte) (out table) {
	tb.Helper()
	r, err := ipc.NewFileReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	out.groups = r.NumRecords()
	out.meta = r.Schema().Metadata().ToMap()
	for _, f := range r.Schema().Fields() {
		out.names, out.types = append(out.names, f.Name), append(out.types, f.Type.String())
	}
	for i := range r.NumRecords() {
		rec, err := r.Record(i)
		if err != nil {
			tb.Fatal(err)
		}
		for row := range int(rec.NumRows()) {
			var cells []string
			var null []bool
			for _, col := range rec.Columns() {
				null = append(null, col.IsNull(row))
				switch col := col.(type) {
				case *array.Float64:
					cells = append(cells, strconv.FormatFloat(col.Value(row), 'g', -1, 64))
				case *array.Timestamp:
					cells = append(cells, strconv.FormatInt(int64(col.Value(row)), 10))
				case *array.Binary:
					cells = append(cells, string(col.Value(row)))
				default:
					cells = append(cells, col.ValueStr(row))
				}
			}
			out.rows, out.null = append(out.rows, cells), append(out.null, null)
		}
	}
	return out
}

func readParquet(tb testing.TB, b []byte) (out table) {
	tb.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	out.groups, out.meta = r.NumRowGroups(), map[string]string{}
	kv := r.MetaData().KeyValueMetadata()
	for i, key := range kv.Keys() {
		out.meta[key] = kv.Values()[i]
	}
	s := r.MetaData().Schema
	for i := range s.NumColumns() {
		c := s.Column(i)
		out.names = append(out.names, c.Name())
		kind := c.PhysicalType().String()
		if l := c.LogicalType(); l != nil && l.IsValid() && !l.IsNone() {
			kind = l.String()
		}
		out.types = append(out.types, kind)
	}
	for g := range r.NumRowGroups() {
		rg := r.RowGroup(g)
		n := int(rg.NumRows())
		first := len(out.rows)
		for range n {
			out.rows, out.null = append(out.rows, make([]string, s.NumColumns())), append(out.null, make([]bool, s.NumColumns()))
		}
		for i := range s.NumColumns() {
			col, err := rg.Column(i)
			if err != nil {
				tb.Fatal(err)
			}
			levels := make([]int16, n)
			var cells []string
			each := func(read func(int64, []int16) (int64, int, error), value func(int) string) {
				for done := int64(0); done < int64(n); {
					got, values, err := read(int64(n)-done, levels[done:])
					if err != nil || got == 0 {
						tb.Fatalf("column %d: %d rows: %v", i, got, err)
					}
					for j := range values {
						cells = append(cells, value(j))
					}
					done += got
				}
			}
			switch col := col.(type) {
			case *file.Int64ColumnChunkReader:
				v := make([]int64, n)
				each(func(n int64, l []int16) (int64, int, error) { return col.ReadBatch(n, v, l, nil) }, func(j int) string { return strconv.FormatInt(v[j], 10) })
			case *file.Float64ColumnChunkReader:
				v := make([]float64, n)
				each(func(n int64, l []int16) (int64, int, error) { return col.ReadBatch(n, v, l, nil) }, func(j int) string { return strconv.FormatFloat(v[j], 'g', -1, 64) })
			case *file.BooleanColumnChunkReader:
				v := make([]bool, n)
				each(func(n int64, l []int16) (int64, int, error) { return col.ReadBatch(n, v, l, nil) }, func(j int) string { return strconv.FormatBool(v[j]) })
			case *file.ByteArrayColumnChunkReader:
				v := make([]parquet.ByteArray, n)
				each(func(n int64, l []int16) (int64, int, error) { return col.ReadBatch(n, v, l, nil) }, func(j int) string { return string(v[j]) })
			}
			next := 0
			for row, level := range levels {
				if level == 0 {
					out.null[first+row][i] = true
					continue
				}
				out.rows[first+row][i] = cells[next]
				next++
			}
		}
	}
	return out
}

// same reports where the table differs from the CSV: in any value, or in what is empty. Doubles are compared as numbers of as many digits as
// the text has, and text by its bytes.
func (got table) same(text string) error {
	r := csv.NewReader(strings.NewReader(text))
	rows, err := r.ReadAll()
	if err != nil {
		return err
	}
	if len(rows)-1 != len(got.rows) {
		return fmt.Errorf("%d rows, want %d", len(got.rows), len(rows)-1)
	}
	for i, row := range rows[1:] {
		for j, cell := range row {
			if (cell == "") != got.null[i][j] {
				return fmt.Errorf("row %d, column %s: null is %v, the cell is %q", i, got.names[j], got.null[i][j], cell)
			}
			if cell == "" || got.rows[i][j] == cell {
				continue
			}
			a, err := strconv.ParseFloat(got.rows[i][j], 64)
			b, err2 := strconv.ParseFloat(cell, 64)
			float := got.types[j] == "DOUBLE" || got.types[j] == "float64"
			if !float || err != nil || err2 != nil || a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
				return fmt.Errorf("row %d, column %s is %q, the cell is %q", i, got.names[j], got.rows[i][j], cell)
			}
		}
	}
	return nil
}

var bothFormats = []retime.Format{retime.Parquet, retime.Feather}

func TestValuesAreThoseOfTheCSV(t *testing.T) {
	want := map[retime.Format][]string{
		retime.Parquet: {"String", "String", "Timestamp(isAdjustedToUTC=true, timeUnit=nanoseconds, is_from_converted_type=false, force_set_converted_type=false)",
			"DOUBLE", "DOUBLE", "INT64", "DOUBLE", "String", "BOOLEAN", "String"},
		retime.Feather: {"utf8", "utf8", "timestamp[ns, tz=UTC]", "float64", "float64", "int64", "float64", "utf8", "bool", "utf8"},
	}
	for _, format := range bothFormats {
		for _, n := range []int{1, 7, 1 << 20} {
			b, err := write(gazeTable(), format, gaze, gaze, n)
			if err != nil {
				t.Fatal(err)
			}
			got := read(t, format, b)
			if err := got.same(gaze); err != nil {
				t.Errorf("%s: %v", format, err)
			}
			if !slices.Equal(got.types, want[format]) {
				t.Errorf("%s: types %q, want %q", format, got.types, want[format])
			}
			if got.meta["pialign.clock"] != "wall" || got.meta["pialign.program"] != "pialign test" {
				t.Errorf("%s: metadata %v", format, got.meta)
			}
		}
	}
}

// TestLineEnds: byte order mark, CRLF, no line end at the end, empty lines.
func TestLineEnds(t *testing.T) {
	plain := "timestamp [ns],a\n1685088812484000015,1\n1685088812488000015,2\n"
	about := Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a"}, Columns: []int{0}, Times: []Time{{Unit: 1}}}
	for _, text := range []string{
		plain, "\ufeff" + plain, strings.ReplaceAll(plain, "\n", "\r\n"), strings.TrimSuffix(plain, "\n"), strings.ReplaceAll(plain, "\n", "\n\n"),
	} {
		for _, format := range bothFormats {
			b, err := write(about, format, text, text, 5)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			got := read(t, format, b)
			if err := got.same(plain); err != nil {
				t.Errorf("%q as %s: %v", text, format, err)
			}
		}
	}
}

func TestHeaderOnly(t *testing.T) {
	header := gaze[:strings.Index(gaze, "\n")+1]
	for _, format := range bothFormats {
		for _, text := range []string{header, strings.TrimSuffix(header, "\n"), header + "\n\n"} {
			b, err := write(gazeTable(), format, text, text, 100)
			if err != nil {
				t.Fatal(err)
			}
			got := read(t, format, b)
			if len(got.rows) != 0 || len(got.names) != 10 {
				t.Errorf("%s: %d rows, %d columns", format, len(got.rows), len(got.names))
			}
			if got.types[3] == "" || got.types[3] == "utf8" || got.types[3] == "String" {
				t.Errorf("%s: a column that is known has lost its type: %q", format, got.types)
			}
		}
	}
}

// TestModes: what stands beside the times, on which clock, and what it is called.
func TestModes(t *testing.T) {
	for _, c := range []struct {
		name  string
		table Table
		text  string // re-timed
		names string
		kinds []Kind
	}{
		{"replace", Table{}, "timestamp [ns],a", "timestamp [ns]|a", []Kind{Instant, Int}},
		{"lsl", Table{Clock: "lsl"}, "timestamp [ns],a", "timestamp [ns]|a", []Kind{Ns, Int}},
		{"keep", Table{KeepDeviceTime: true}, "timestamp [ns],device timestamp [ns],a", "timestamp [ns]|device timestamp [ns]|a", []Kind{Instant, Ns, Int}},
		{"add", Table{Mode: retime.Add}, "timestamp [ns],host timestamp [ns],a", "timestamp [ns]|host timestamp [ns]|a", []Kind{Ns, Instant, Int}},
		{"add, monotonic", Table{Mode: retime.Add, Clock: "monotonic"}, "timestamp [ns],host timestamp [ns],a", "timestamp [ns]|host timestamp [ns]|a", []Kind{Ns, Ns, Int}},
	} {
		c.table.Header, c.table.Columns, c.table.Times = []string{"timestamp [ns]", "a"}, []int{0}, []Time{{Unit: 1}}
		n := strings.Count(c.text, ",")
		text := c.text + "\n" + strings.Repeat("1685088812484000015,", n) + "7\n"
		b, err := write(c.table, retime.Feather, "timestamp [ns],a\n1685088812484000015,7\n", text, 100)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := read(t, retime.Feather, b)
		if names := strings.Join(got.names, "|"); names != c.names {
			t.Errorf("%s: columns %s, want %s", c.name, names, c.names)
		}
		for i, k := range c.kinds {
			if arrowType(k).String() != got.types[i] {
				t.Errorf("%s: %s is %s, want %v", c.name, got.names[i], got.types[i], k)
			}
		}
		if err := got.same(text); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestSeconds: instants in seconds become whole ns, exactly, and no name says another unit.
func TestSeconds(t *testing.T) {
	for _, c := range []struct {
		column string
		at     Time
		mode   retime.Mode
		text   string
		names  string
		want   []string
		kinds  []Kind
	}{
		{"gaze_timestamp", Time{Unit: 1e9, Relative: true}, retime.Replace, "12.345678901\n0.1\n", "gaze_timestamp [ns]", []string{"12345678901", "100000000"}, []Kind{Ns}},
		{"# timestamps [seconds]", Time{Unit: 1e9, Relative: true}, retime.Replace, "12.3\n", "# timestamps [ns]", []string{"12300000000"}, []Kind{Ns}},
		{"time", Time{Unit: 1e9}, retime.Replace, "1685088812.484000015\n", "time", []string{"1685088812484000015"}, []Kind{Instant}},
		{"time_s", Time{Unit: 1e9}, retime.Replace, "1685088812.484000015\n", "time_ns", []string{"1685088812484000015"}, []Kind{Instant}},
		{"time [ms]", Time{Unit: 1e6}, retime.Replace, "1685088812484.5\n", "time [ns]", []string{"1685088812484500000"}, []Kind{Instant}},
		{"gaze_timestamp", Time{Unit: 1e9, Relative: true}, retime.Add, "12.3,1685088812.484000015\n", "gaze_timestamp [ns]|host gaze_timestamp",
			[]string{"12300000000|1685088812484000015"}, []Kind{Ns, Instant}},
		{"base_data", Time{Text: true}, retime.Replace, "12.3-0 12.4-1\n", "base_data", []string{"12.3-0 12.4-1"}, []Kind{Text}},
	} {
		about := Table{Name: "a.csv", Header: []string{c.column}, Columns: []int{0}, Times: []Time{c.at}, Mode: c.mode}
		header, original := c.column, c.column+"\n1\n"
		if c.mode == retime.Add {
			header += ",host " + c.column
		}
		for _, format := range bothFormats {
			b, err := write(about, format, original, header+"\n"+c.text, 100)
			if err != nil {
				t.Fatalf("%s: %v", c.column, err)
			}
			got := read(t, format, b)
			if names := strings.Join(got.names, "|"); names != c.names {
				t.Errorf("%s: columns %s, want %s", c.column, names, c.names)
			}
			for i, row := range got.rows {
				if cells := strings.Join(row, "|"); cells != c.want[i] {
					t.Errorf("%s: row %d is %s, want %s", c.column, i, cells, c.want[i])
				}
			}
			for i, k := range c.kinds {
				if format == retime.Feather && arrowType(k).String() != got.types[i] {
					t.Errorf("%s: %s is %s, want %v", c.column, got.names[i], got.types[i], k)
				}
			}
		}
	}
}

// TestKinds: a column is what its cells allow without a value changing.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		name, cells string
		want        Kind
	}{
		{"a", "1 2 -3", Int}, {"a", "1 2.5", Double}, {"a", "9223372036854775807", Int}, {"a", "9223372036854775809", Text}, {"a", "9223372036854775808", Double},
		{"a", "9007199254740993 0.5", Text},    // the double would be ...992
		{"a", "9007199254740992 0.5", Double},  // and this is one
		{"a", "01 2", Text}, {"a", "+1", Text}, // not how a number is written
		{"a", "-0 1", Double}, {"a", "1e5 2", Double}, {"a", "1.", Text}, {"a", ".5", Text}, {"a", "0x10", Text}, {"a", "1_000", Text},
		{"a", "true false", Bool}, {"a", "true 1", Text}, {"a", "True", Text}, {"a", "1.5 nan", Double}, {"a", "NaN", Text}, {"a", "1.5 inf -inf", Double},
		{"a", "0.1000000000000000055511151231257827", Text}, // more than a double's digits
		{"a", "0.10000000000000001", Double},                // 17 digits of one
		{"a", "0.30000000000000004", Double}, {"a", "-0.12345678901234568", Double}, {"a", "0.12345678901234567", Text}, {"a", "1e400", Text}, {"a", "1e-400", Text}, {"a", "5e-324", Text},
		{"a", "2.50", Double}, {"a", "", Text}, {"a", "1.2.3", Text}, {"a", "\xff", Binary},
		{"worn", "1", Double}, {"worn", "1.0", Double}, {"worn", "yes", Text}, {"worn", "", Double},
		{"fixation id", "", Int}, {"fixation id", "1.5", Double}, {"Fixation ID ", "3", Int}, {"name", "1", Text}, {"name", "\xff", Binary},
		{"gaze x [px]", "800", Double}, {"yaw", "", Double},
	} {
		s := fresh(c.name)
		for cell := range strings.SplitSeq(c.cells, " ") {
			s.see([]byte(cell))
		}
		if got := s.kind(c.name); got != c.want {
			t.Errorf("%s of %q is %v, want %v", c.name, c.cells, got, c.want)
		}
	}
}

// TestOneLateCell: the types come from the whole file, not from its beginning.
func TestOneLateCell(t *testing.T) {
	var b strings.Builder
	b.WriteString("timestamp [ns],a\n")
	const rows = 3*groupRows + 5
	for i := range rows {
		cell := strconv.Itoa(i)
		if i == rows-1 {
			cell = "late"
		}
		fmt.Fprintf(&b, "%d,%s\n", 1685088812484000015+int64(i), cell)
	}
	about := Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a"}, Columns: []int{0}, Times: []Time{{Unit: 1}}}
	for _, format := range bothFormats {
		out, err := write(about, format, b.String(), b.String(), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, format, out)
		if err := got.same(b.String()); err != nil {
			t.Error(err)
		}
		if got.groups != 4 {
			t.Errorf("%s: %d groups, want 4", format, got.groups)
		}
	}
}

// TestEqualBytes: one processor or several, whatever the pieces.
func TestEqualBytes(t *testing.T) {
	var b strings.Builder
	b.WriteString("timestamp [ns],a,b\n")
	for i := range 2*groupRows + 77 {
		fmt.Fprintf(&b, "%d,%d,\"x%d\"\n", 1685088812484000015+int64(i)*5e6, i%7, i%1000)
	}
	about := Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a", "b"}, Columns: []int{0}, Times: []Time{{Unit: 1}}}
	for _, format := range bothFormats {
		var first []byte
		for _, procs := range []int{1, 2, 3} {
			before := runtime.GOMAXPROCS(procs)
			out, err := write(about, format, b.String(), b.String(), 100_000*procs)
			runtime.GOMAXPROCS(before)
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = out
			}
			if !bytes.Equal(first, out) {
				t.Errorf("%s: %d processors give other bytes", format, procs)
			}
		}
	}
}

// TestAllNullTimes: the library panics of differences where there is not one value.
func TestAllNullTimes(t *testing.T) {
	text := "timestamp [ns],a\n,1\n,2\n"
	about := Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a"}, Columns: []int{0}, Times: []Time{{Unit: 1}}}
	blank := about
	blank.Blanks = true
	for _, format := range bothFormats {
		b, err := write(about, format, text, text, 100)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, format, b)
		if err := got.same(text); err != nil {
			t.Error(err)
		}
		if b, err = write(blank, format, strings.ReplaceAll(text, "\n,", "\n1685088812484000015,"), text, 100); err != nil {
			t.Fatal(err)
		}
		got = read(t, format, b)
		if err := got.same(text); err != nil {
			t.Error(err)
		}
	}
}

func TestSameNameTwice(t *testing.T) {
	text := "timestamp [ns],a,a\n1685088812484000015,1,2\n"
	about := Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a", "a"}, Columns: []int{0}, Times: []Time{{Unit: 1}}}
	_, err := write(about, retime.Parquet, text, text, 100)
	if err == nil || !strings.Contains(err.Error(), `columns 2 and 3 would both be called "a"`) {
		t.Errorf("%v", err)
	}
}

func TestName(t *testing.T) {
	for name, want := range map[string]string{"gaze.csv": "gaze.parquet", "a/B.CSV": "a/B.parquet", "x.tsv": "x.parquet", "data": "data.parquet",
		"a.dat": "a.dat.parquet", ".csv": ".csv.parquet", "d/.csv": "d/.csv.parquet"} {
		if got := Name(name, retime.Parquet); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
	if got := Name("gaze.csv", ""); got != "gaze.csv" {
		t.Error(got)
	}
}
