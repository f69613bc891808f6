package probelog

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"

	"github.com/pialign/pialign/formats/wholefile"
)

// metaPrefix begins the key of every metadata entry that is ours.
const metaPrefix = "pialign."

// groupRows is how many rows a row group has at most.
const groupRows = 1 << 18

// createParquet makes the file path, which must not exist.
func createParquet[T any](path string, h Header, k kind, columns []column[T], rows []T) error {
	return wholefile.Create(path, func(w io.Writer) error { return writeParquet(w, h, k, columns, rows) })
}

// writeParquet writes rows as plain Snappy columns. No dictionary: it makes columns of instants larger. No
// statistics: this version of the library states a distinct count of 0 as if it were known.
func writeParquet[T any](w io.Writer, h Header, k kind, columns []column[T], rows []T) (err error) {
	defer func() {
		if r := recover(); r != nil { // the library panics where the disk is full
			err = fmt.Errorf("writing Parquet: %v", r)
		}
	}()
	root, err := parquetSchema(columns)
	if err != nil {
		return err
	}
	meta := metadata.NewKeyValueMetadata()
	for _, p := range h.pairs(k) {
		if err := meta.Append(metaPrefix+p.key, p.value); err != nil {
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
		file.WithWriteMetadata(meta))
	for first := 0; first < len(rows); first += groupRows {
		if err := writeGroup(pw, columns, rows[first:min(first+groupRows, len(rows))]); err != nil {
			return err
		}
	}
	if err := pw.Close(); err != nil {
		return err
	}
	return watch.err // which the library does not always pass on
}

func parquetSchema[T any](columns []column[T]) (*schema.GroupNode, error) {
	fields := make(schema.FieldList, 0, len(columns))
	for _, c := range columns {
		repetition := parquet.Repetitions.Required
		if c.nullable {
			repetition = parquet.Repetitions.Optional
		}
		var node schema.Node
		var err error
		switch {
		case c.text != nil:
			node, err = schema.NewPrimitiveNodeLogical(c.name, repetition, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		case c.flag != nil:
			node, err = schema.NewPrimitiveNode(c.name, repetition, parquet.Types.Boolean, -1, -1)
		default:
			node, err = schema.NewPrimitiveNode(c.name, repetition, parquet.Types.Int64, -1, -1)
		}
		if err != nil {
			return nil, err
		}
		fields = append(fields, node)
	}
	return schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
}

func writeGroup[T any](pw *file.Writer, columns []column[T], rows []T) error {
	group := pw.AppendRowGroup()
	for _, c := range columns {
		cw, err := group.NextColumn()
		if err != nil {
			return err
		}
		switch cw := cw.(type) {
		case *file.ByteArrayColumnChunkWriter:
			values := make([]parquet.ByteArray, len(rows))
			for i := range rows {
				values[i] = parquet.ByteArray(*c.text(&rows[i]))
			}
			_, err = cw.WriteBatch(values, nil, nil)
		case *file.BooleanColumnChunkWriter:
			values := make([]bool, len(rows))
			for i := range rows {
				values[i] = *c.flag(&rows[i])
			}
			_, err = cw.WriteBatch(values, nil, nil)
		case *file.Int64ColumnChunkWriter:
			values := make([]int64, 0, len(rows))
			var levels []int16
			for i := range rows {
				v := *c.number(&rows[i])
				if c.nullable {
					level := int16(0)
					if v != 0 {
						level = 1
					}
					levels = append(levels, level)
				}
				if v != 0 || !c.nullable {
					values = append(values, v)
				}
			}
			_, err = cw.WriteBatch(values, levels, nil)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
		if err := cw.Close(); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	return group.Close()
}

// watchedWriter remembers the first error of w.
type watchedWriter struct {
	w   io.Writer
	err error
}

func (w *watchedWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.err = firstOf(w.err, err)
	return n, err
}
