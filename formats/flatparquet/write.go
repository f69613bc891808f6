// Package flatparquet writes small tables as plain Parquet: columns of numbers, texts and flags without nesting, Snappy, no dictionary, which
// every reader knows.
package flatparquet

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// Column is one column of a table of T: its name, and what a row has in it. One of the four is set.
type Column[T any] struct {
	Name     string
	Nullable bool // some rows have none; of flags none may be
	Int      func(*T) (v int64, known bool)
	Double   func(*T) (v float64, known bool)
	Text     func(*T) string // "" is none, if Nullable
	Flag     func(*T) bool
}

// Pair is a key and a value of the file's metadata.
type Pair struct{ Key, Value string }

// groupRows is how many rows a row group has at most.
const groupRows = 1 << 18

// Write writes rows with their metadata. No dictionary: it makes columns of instants larger. No statistics: this version of the
// library states a distinct count of 0 as if it were known.
func Write[T any](w io.Writer, meta []Pair, columns []Column[T], rows []T) (err error) {
	defer func() {
		if r := recover(); r != nil { // the library panics where the disk is full
			err = fmt.Errorf("writing Parquet: %v", r)
		}
	}()
	root, err := Schema(columns)
	if err != nil {
		return err
	}
	pairs := metadata.NewKeyValueMetadata()
	for _, p := range meta {
		if err := pairs.Append(p.Key, p.Value); err != nil {
			return err
		}
	}
	watch := &watchedWriter{w: w}
	pw := file.NewParquetWriter(watch, root,
		file.WithWriterProps(parquet.NewWriterProperties(
			parquet.WithVersion(parquet.V1_0),
			parquet.WithCompression(compress.Codecs.Snappy),
			parquet.WithDictionaryDefault(false),
			parquet.WithStats(false),
		)),
		file.WithWriteMetadata(pairs))
	for first := 0; first < len(rows); first += groupRows {
		if err := WriteGroup(pw, columns, rows[first:min(first+groupRows, len(rows))]); err != nil {
			return err
		}
	}
	if err := pw.Close(); err != nil {
		return err
	}
	return watch.err // which the library does not always pass on
}

// Schema returns that of columns.
func Schema[T any](columns []Column[T]) (*schema.GroupNode, error) {
	fields := make(schema.FieldList, 0, len(columns))
	for _, c := range columns {
		repetition := parquet.Repetitions.Required
		if c.Nullable {
			repetition = parquet.Repetitions.Optional
		}
		var node schema.Node
		var err error
		switch {
		case c.Text != nil:
			node, err = schema.NewPrimitiveNodeLogical(c.Name, repetition, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		case c.Flag != nil:
			node, err = schema.NewPrimitiveNode(c.Name, repetition, parquet.Types.Boolean, -1, -1)
		case c.Double != nil:
			node, err = schema.NewPrimitiveNode(c.Name, repetition, parquet.Types.Double, -1, -1)
		default:
			node, err = schema.NewPrimitiveNode(c.Name, repetition, parquet.Types.Int64, -1, -1)
		}
		if err != nil {
			return nil, err
		}
		fields = append(fields, node)
	}
	return schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
}

// WriteGroup writes rows as one row group.
func WriteGroup[T any](pw *file.Writer, columns []Column[T], rows []T) error {
	group := pw.AppendRowGroup()
	for _, c := range columns {
		cw, err := group.NextColumn()
		if err != nil {
			return err
		}
		switch cw := cw.(type) {
		case *file.ByteArrayColumnChunkWriter:
			values, levels := valuesOf(rows, c.Nullable, func(row *T) (parquet.ByteArray, bool) {
				text := c.Text(row)
				return parquet.ByteArray(text), text != ""
			})
			_, err = cw.WriteBatch(values, levels, nil)
		case *file.BooleanColumnChunkWriter:
			values := make([]bool, len(rows))
			for i := range rows {
				values[i] = c.Flag(&rows[i])
			}
			_, err = cw.WriteBatch(values, nil, nil)
		case *file.Int64ColumnChunkWriter:
			values, levels := valuesOf(rows, c.Nullable, c.Int)
			_, err = cw.WriteBatch(values, levels, nil)
		case *file.Float64ColumnChunkWriter:
			values, levels := valuesOf(rows, c.Nullable, c.Double)
			_, err = cw.WriteBatch(values, levels, nil)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		if err := cw.Close(); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return group.Close()
}

// valuesOf returns those that are known, and which of all they are; no levels where all must be.
func valuesOf[T, V any](rows []T, nullable bool, of func(*T) (V, bool)) (values []V, levels []int16) {
	values = make([]V, 0, len(rows))
	for i := range rows {
		v, known := of(&rows[i])
		if nullable {
			level := int16(0)
			if known {
				level = 1
			}
			levels = append(levels, level)
		}
		if known || !nullable {
			values = append(values, v)
		}
	}
	return values, levels
}

// watchedWriter remembers the first error of w.
type watchedWriter struct {
	w   io.Writer
	err error
}

func (w *watchedWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}
