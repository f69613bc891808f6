package columnar_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"

	"github.com/pialign/pialign/formats/retime"
)

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

// same reports where the table differs from the CSV: in any value, or in what is empty.
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
			if !got.cell(i, j, cell) {
				return fmt.Errorf("row %d, column %s is %q (null: %v), the cell is %q", i, got.names[j], got.rows[i][j], got.null[i][j], cell)
			}
		}
	}
	return nil
}

// cell reports whether a value is what the cell says.
func (got table) cell(i, j int, cell string) bool {
	have := got.rows[i][j]
	if cell == "" || got.null[i][j] {
		return (cell == "") == got.null[i][j]
	}
	switch got.types[j] {
	case "DOUBLE", "float64": // of as many digits as the cell has
		a, err := strconv.ParseFloat(have, 64)
		b, err2 := strconv.ParseFloat(cell, 64)
		return err == nil && err2 == nil && (a == b || math.IsNaN(a) && math.IsNaN(b)) && math.Signbit(a) == math.Signbit(b)
	case "String", "utf8", "NONE", "binary", "BYTE_ARRAY":
		return have == cell
	}
	if have == cell {
		return true
	}
	d, err := retime.ParseDecimal([]byte(cell), 1e9) // seconds, as whole ns
	return err == nil && have == strconv.FormatInt(d.Ns, 10)
}
