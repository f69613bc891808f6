package columnar_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/retime"
)

// gaze is a table as Pupil Cloud writes it, with cells that are empty, quoted, and of more than one spelling.
const gaze = `section id,recording id,timestamp [ns],gaze x [px],worn,fixation id,azimuth [deg],note,flag,nothing
s1,r1,1685088812484000015,812.625,1.0,1,-0.12345678901234568,"a, ""b""",true,
s1,r1,1685088812488000015,800,1,,4.57e-05,,false,
s1,r1,1685088812492000015,,0.0,2,15.5,"two
lines",,
`

func gazeTable() columnar.Table {
	header := strings.Split(strings.SplitN(gaze, "\n", 2)[0], ",")
	return columnar.Table{Name: "gaze.csv", Header: header, Columns: []int{2}, Times: []columnar.Time{{Unit: 1}}, Program: "pialign test"}
}

// write writes text, which was re-timed of original, in pieces of n bytes.
func write(t columnar.Table, format retime.Format, original, text string, n int) ([]byte, error) {
	var out bytes.Buffer
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(original)), nil }
	w := columnar.New(context.Background(), &out, format, func() (columnar.Table, error) { return t, nil }, open)
	var err error
	for at := 0; at < len(text) && err == nil; at += n {
		_, err = w.Write([]byte(text[at:min(at+n, len(text))]))
	}
	err = w.Close(err)
	return out.Bytes(), err
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
	about := columnar.Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a"}, Columns: []int{0}, Times: []columnar.Time{{Unit: 1}}}
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

// Types as Feather has them.
const (
	instant = "timestamp[ns, tz=UTC]"
	integer = "int64"
	text    = "utf8"
)

// TestModes: what stands beside the times, on which clock, and what it is called.
func TestModes(t *testing.T) {
	for _, c := range []struct {
		name  string
		table columnar.Table
		text  string // re-timed
		names string
		kinds []string
	}{
		{"replace", columnar.Table{}, "timestamp [ns],a", "timestamp [ns]|a", []string{instant, integer}},
		{"lsl", columnar.Table{Clock: "lsl"}, "timestamp [ns],a", "timestamp [ns]|a", []string{integer, integer}},
		{"keep", columnar.Table{KeepDeviceTime: true}, "timestamp [ns],device timestamp [ns],a", "timestamp [ns]|device timestamp [ns]|a", []string{instant, integer, integer}},
		{"add", columnar.Table{Mode: retime.Add}, "timestamp [ns],host timestamp [ns],a", "timestamp [ns]|host timestamp [ns]|a", []string{integer, instant, integer}},
		{"add, monotonic", columnar.Table{Mode: retime.Add, Clock: "monotonic"}, "timestamp [ns],host timestamp [ns],a", "timestamp [ns]|host timestamp [ns]|a", []string{integer, integer, integer}},
	} {
		c.table.Header, c.table.Columns, c.table.Times = []string{"timestamp [ns]", "a"}, []int{0}, []columnar.Time{{Unit: 1}}
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
			if k != got.types[i] {
				t.Errorf("%s: %s is %s, want %s", c.name, got.names[i], got.types[i], k)
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
		at     columnar.Time
		mode   retime.Mode
		text   string
		names  string
		want   []string
		kinds  []string
	}{
		{"gaze_timestamp", columnar.Time{Unit: 1e9, Relative: true}, retime.Replace, "12.345678901\n0.1\n", "gaze_timestamp [ns]", []string{"12345678901", "100000000"}, []string{integer}},
		{"# timestamps [seconds]", columnar.Time{Unit: 1e9, Relative: true}, retime.Replace, "12.3\n", "# timestamps [ns]", []string{"12300000000"}, []string{integer}},
		{"time", columnar.Time{Unit: 1e9}, retime.Replace, "1685088812.484000015\n", "time", []string{"1685088812484000015"}, []string{instant}},
		{"time_s", columnar.Time{Unit: 1e9}, retime.Replace, "1685088812.484000015\n", "time_ns", []string{"1685088812484000015"}, []string{instant}},
		{"time [ms]", columnar.Time{Unit: 1e6}, retime.Replace, "1685088812484.5\n", "time [ns]", []string{"1685088812484500000"}, []string{instant}},
		{"gaze_timestamp", columnar.Time{Unit: 1e9, Relative: true}, retime.Add, "12.3,1685088812.484000015\n", "gaze_timestamp [ns]|host gaze_timestamp",
			[]string{"12300000000|1685088812484000015"}, []string{integer, instant}},
		{"base_data", columnar.Time{Text: true}, retime.Replace, "12.3-0 12.4-1\n", "base_data", []string{"12.3-0 12.4-1"}, []string{text}},
	} {
		about := columnar.Table{Name: "a.csv", Header: []string{c.column}, Columns: []int{0}, Times: []columnar.Time{c.at}, Mode: c.mode}
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
				if format == retime.Feather && k != got.types[i] {
					t.Errorf("%s: %s is %s, want %s", c.column, got.names[i], got.types[i], k)
				}
			}
		}
	}
}

// TestOneLateCell: the types come from the whole file, not from its beginning.
func TestOneLateCell(t *testing.T) {
	var b strings.Builder
	b.WriteString("timestamp [ns],a\n")
	const rows = 3*columnar.GroupRows + 5
	for i := range rows {
		cell := strconv.Itoa(i)
		if i == rows-1 {
			cell = "late"
		}
		fmt.Fprintf(&b, "%d,%s\n", 1685088812484000015+int64(i), cell)
	}
	about := columnar.Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a"}, Columns: []int{0}, Times: []columnar.Time{{Unit: 1}}}
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
	for i := range 2*columnar.GroupRows + 77 {
		fmt.Fprintf(&b, "%d,%d,\"x%d\"\n", 1685088812484000015+int64(i)*5e6, i%7, i%1000)
	}
	about := columnar.Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a", "b"}, Columns: []int{0}, Times: []columnar.Time{{Unit: 1}}}
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
	about := columnar.Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a"}, Columns: []int{0}, Times: []columnar.Time{{Unit: 1}}}
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

// Whatever options may leave times empty, there is nothing that the library panics of.
func TestTimesThatOptionsEmpty(t *testing.T) {
	const text, blank = "timestamp [ns],a\n1685088812484000015,1\n", "timestamp [ns],a\n,1\n"
	for _, opt := range []retime.Options{{Ambiguous: "empty"}, {Unaligned: retime.UnalignedEmpty}, {SenderStamps: retime.SenderHost}} {
		about := columnar.Of("a.csv", []string{"timestamp [ns]", "a"}, []int{0}, opt)
		about.Times = []columnar.Time{{Unit: 1}}
		for _, format := range bothFormats {
			b, err := write(about, format, text, blank, 100)
			if err != nil {
				t.Errorf("%+v: %v", opt, err)
				continue
			}
			got := read(t, format, b)
			if err := got.same(blank); err != nil {
				t.Errorf("%+v: %v", opt, err)
			}
		}
	}
}

// A mark before a name in quotes with a line break in it.
func TestMarkBeforeQuotes(t *testing.T) {
	const text = "\ufeff\"a\nb\",timestamp [ns]\nx,1685088812484000015\n"
	about := columnar.Table{Name: "a.csv", Header: []string{"a\nb", "timestamp [ns]"}, Columns: []int{1}, Times: []columnar.Time{{Unit: 1}}}
	for _, format := range bothFormats {
		for _, size := range []int{1, 2, 100} {
			if _, err := write(about, format, text, text, size); err != nil {
				t.Errorf("%s, %d bytes at a time: %v", format, size, err)
			}
		}
	}
}

func TestSameNameTwice(t *testing.T) {
	text := "timestamp [ns],a,a\n1685088812484000015,1,2\n"
	about := columnar.Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a", "a"}, Columns: []int{0}, Times: []columnar.Time{{Unit: 1}}}
	_, err := write(about, retime.Parquet, text, text, 100)
	if err == nil || !strings.Contains(err.Error(), `columns 2 and 3 would both be called "a"`) {
		t.Errorf("%v", err)
	}
}

func TestName(t *testing.T) {
	for name, want := range map[string]string{"gaze.csv": "gaze.parquet", "a/B.CSV": "a/B.parquet", "x.tsv": "x.parquet", "data": "data.parquet",
		"a.dat": "a.dat.parquet", ".csv": ".csv.parquet", "d/.csv": "d/.csv.parquet"} {
		if got := columnar.Name(name, retime.Parquet); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
	if got := columnar.Name("gaze.csv", ""); got != "gaze.csv" {
		t.Error(got)
	}
}
