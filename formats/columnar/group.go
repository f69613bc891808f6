package columnar

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/metadata"

	"github.com/pialign/pialign/formats/retime"
)

// groupRows is how many rows are written at a time: a row group, or record batch, which readers take in parallel. 131072 rows of gaze are some
// 10 MB and 11 minutes.
const groupRows = 1 << 17

// groupSize is how much text a group has at most, so that rows of a megabyte need no more memory.
const groupSize = 32 << 20

// group is some rows of a table.
type group struct {
	first int    // row of the file; the header is row 1
	lines int    // of the text, empty ones included
	text  []byte // whole rows
	rows  int
	cols  []vector
	out   []byte // the pages, in Parquet
	meta  *metadata.FileMetaData
	err   error
	done  chan struct{}
}

// vector is one column of a group: the values that are not null, and which those are.
type vector struct {
	ints   []int64
	nums   []float64
	flags  []bool
	texts  []parquet.ByteArray
	levels []int16 // by row: 1 for a value, 0 for null
}

// reset makes room for so many rows.
func (v *vector) reset(k Kind, rows int) {
	v.ints, v.nums, v.flags, v.texts = v.ints[:0], v.nums[:0], v.flags[:0], v.texts[:0]
	v.levels = slices.Grow(v.levels[:0], rows)
	switch k {
	case Int, Instant, Ns:
		v.ints = slices.Grow(v.ints, rows)
	case Double:
		v.nums = slices.Grow(v.nums, rows)
	case Bool:
		v.flags = slices.Grow(v.flags, rows)
	default:
		v.texts = slices.Grow(v.texts, rows)
	}
}

// parse fills the columns of g from its text.
func (g *group) parse(rows *retime.Rows, t *Table, columns []column) error {
	if len(g.cols) != len(columns) {
		g.cols = make([]vector, len(columns))
	}
	for i := range g.cols {
		g.cols[i].reset(columns[i].kind, g.lines)
	}
	g.rows = 0
	rows.Piece(g.text)
	for at, row := 0, g.first; at < len(g.text); row++ {
		n, next, err := rows.Row(at)
		if err != nil {
			return &retime.CellError{File: t.Name, Row: row, Err: err}
		}
		at = next
		if n == 0 {
			continue
		}
		if n != len(columns) {
			return &retime.CellError{File: t.Name, Row: row, Err: fmt.Errorf("%w: %d cells where the header has %d", retime.ErrTable, n, len(columns))}
		}
		for i := range columns {
			c := &columns[i]
			cell := rows.Cell(i)
			v := &g.cols[i]
			if len(cell) == 0 {
				v.levels = append(v.levels, 0)
				continue
			}
			if !v.add(c, cell) {
				return &retime.CellError{File: t.Name, Row: row, Column: fmt.Sprintf("%q", c.name),
					Err: fmt.Errorf("%w: %.40q is no %s, as all were when it was first read", retime.ErrChanged, cell, c.kind)}
			}
			v.levels = append(v.levels, 1)
		}
		g.rows++
	}
	return nil
}

// add adds the value of a cell.
func (v *vector) add(c *column, cell []byte) bool {
	switch c.kind {
	case Int:
		n, ok := retime.ParseInt(cell)
		v.ints = append(v.ints, n)
		return ok
	case Instant, Ns:
		n, ok := retime.ParseInt(cell)
		if !ok || c.unit != 1 {
			d, err := retime.ParseDecimal(cell, c.unit)
			if err != nil {
				return false
			}
			n = d.Ns
		}
		v.ints = append(v.ints, n)
		return true
	case Double:
		n, ok := double(cell)
		v.nums = append(v.nums, n)
		return ok
	case Bool:
		b, ok := boolean(cell)
		v.flags = append(v.flags, b)
		return ok
	}
	v.texts = append(v.texts, parquet.ByteArray(cell))
	return true
}
