package columnar

import (
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// featherEncoder writes an Arrow IPC file, which is what Feather is since version 2: LZ4, as pyarrow writes it unless told otherwise.
type featherEncoder struct {
	t       *Table
	columns []column
	schema  *arrow.Schema
	to      *counting
	w       *ipc.FileWriter
}

func (e *featherEncoder) begin(w io.Writer) (err error) {
	var keys, values []string
	for _, p := range e.t.meta() {
		keys, values = append(keys, p.key), append(values, p.value)
	}
	meta := arrow.NewMetadata(keys, values)
	var fields []arrow.Field
	for _, c := range e.columns {
		fields = append(fields, arrow.Field{Name: c.name, Type: arrowType(c.kind), Nullable: true})
	}
	e.schema = arrow.NewSchema(fields, &meta)
	e.to = &counting{w: w}
	e.w, err = ipc.NewFileWriter(e.to, ipc.WithSchema(e.schema), ipc.WithLZ4(), ipc.WithCompressConcurrency(runtime.GOMAXPROCS(0)))
	return err
}

func arrowType(k Kind) arrow.DataType {
	switch k {
	case Instant:
		return &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}
	case Int, Ns:
		return arrow.PrimitiveTypes.Int64
	case Double:
		return arrow.PrimitiveTypes.Float64
	case Bool:
		return arrow.FixedWidthTypes.Boolean
	case Binary:
		return arrow.BinaryTypes.Binary
	}
	return arrow.BinaryTypes.String
}

func (e *featherEncoder) encode(*group) error { return nil }

func (e *featherEncoder) write(_ io.Writer, g *group) error {
	if g.rows == 0 {
		return nil
	}
	arrays := make([]arrow.Array, len(e.columns))
	for i, c := range e.columns {
		data := g.cols[i].data(c.kind, g.rows)
		arrays[i] = array.MakeFromData(data)
		data.Release()
		defer arrays[i].Release()
	}
	rec := array.NewRecord(e.schema, arrays, int64(g.rows))
	defer rec.Release()
	if err := e.w.Write(rec); err != nil {
		return fmt.Errorf("%s: writing Feather: %w", e.t.Name, err)
	}
	return nil
}

func (e *featherEncoder) end(io.Writer) error { return e.w.Close() }

// data returns the column as Arrow has it.
func (v *vector) data(k Kind, rows int) *array.Data {
	nulls := rows
	var valid *memory.Buffer
	bits := make([]byte, (rows+7)/8)
	for i, level := range v.levels {
		bits[i/8] |= byte(level) << (i % 8)
		nulls -= int(level)
	}
	if nulls > 0 {
		valid = memory.NewBufferBytes(bits)
	}
	buffers := []*memory.Buffer{valid}
	switch k {
	case Instant, Int, Ns:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(spread(v.ints, v.levels))))
	case Double:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(spread(v.nums, v.levels))))
	case Bool:
		flags := make([]byte, (rows+7)/8)
		for i, yes := range spread(v.flags, v.levels) {
			if yes {
				flags[i/8] |= 1 << (i % 8)
			}
		}
		buffers = append(buffers, memory.NewBufferBytes(flags))
	default:
		offsets := make([]int32, 1, rows+1)
		size, next := 0, 0
		for _, text := range v.texts {
			size += len(text)
		}
		all := make([]byte, 0, size)
		for _, level := range v.levels {
			if level > 0 {
				all = append(all, v.texts[next]...)
				next++
			}
			offsets = append(offsets, int32(len(all))) // a group has groupSize bytes and a row more
		}
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(all))
	}
	return array.NewData(arrowType(k), rows, buffers, nil, nulls, 0)
}

// spread returns the values with a zero where there is none.
func spread[T any](values []T, levels []int16) []T {
	if len(values) == len(levels) {
		return values
	}
	out := make([]T, len(levels))
	next := 0
	for i, level := range levels {
		if level > 0 {
			out[i] = values[next]
			next++
		}
	}
	return out
}

// counting is a writer that knows where it is, which is all that the library asks of one that can seek.
type counting struct {
	w  io.Writer
	at int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.at += int64(n)
	return n, err
}

func (c *counting) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.ErrUnsupported
	}
	return c.at, nil
}
