package columnar

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

const parquetMagic = "PAR1"

// zstdLevel is the fastest: what doubles and stamps could still be packed to costs more time than it saves.
const zstdLevel = 1

// parquetEncoder makes a small file of each group, so that several can at a time, and puts their row groups together.
type parquetEncoder struct {
	t       *Table
	columns []column
	at      int64 // bytes written
	all     *metadata.FileMetaData
}

func (e *parquetEncoder) begin(w io.Writer) error {
	e.at = int64(len(parquetMagic))
	_, err := io.WriteString(w, parquetMagic)
	return err
}

func (e *parquetEncoder) encode(g *group) error {
	buf := bytes.NewBuffer(g.out[:0])
	if g.rows == 0 { // nothing but empty lines
		g.out = nil
		return nil
	}
	if err := e.file(buf, g); err != nil {
		return fmt.Errorf("%s: writing Parquet: %w", e.t.Name, err)
	}
	g.out = buf.Bytes()
	return nil
}

// file writes a file with one group, or with none.
func (e *parquetEncoder) file(w io.Writer, g *group) error {
	root, err := e.schema()
	if err != nil {
		return err
	}
	meta := metadata.NewKeyValueMetadata()
	for _, p := range e.t.meta() {
		if err := meta.Append(p.key, p.value); err != nil {
			return err
		}
	}
	pw := file.NewParquetWriter(w, root, file.WithWriterProps(e.properties()), file.WithWriteMetadata(meta))
	if g == nil {
		return pw.Close()
	}
	rg := pw.AppendRowGroup()
	for i := range e.columns {
		cw, err := rg.NextColumn()
		if err != nil {
			return err
		}
		v := &g.cols[i]
		switch cw := cw.(type) {
		case *file.Int64ColumnChunkWriter:
			_, err = cw.WriteBatch(v.ints, v.levels, nil)
		case *file.Float64ColumnChunkWriter:
			_, err = cw.WriteBatch(v.nums, v.levels, nil)
		case *file.BooleanColumnChunkWriter:
			_, err = cw.WriteBatch(v.flags, v.levels, nil)
		case *file.ByteArrayColumnChunkWriter:
			_, err = cw.WriteBatch(v.texts, v.levels, nil)
		}
		if err == nil {
			err = cw.Close()
		}
		if err != nil {
			return fmt.Errorf("column %q: %w", e.columns[i].name, err)
		}
	}
	if err := rg.Close(); err != nil {
		return err
	}
	return pw.Close()
}

// properties says how columns are written. Times are differences: a quarter of what they are as numbers; not where one is null, since the
// library panics of a chunk that has only nulls. Only texts have a dictionary: of times it makes more than they were.
func (e *parquetEncoder) properties() *parquet.WriterProperties {
	options := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST), parquet.WithDataPageVersion(parquet.DataPageV1),
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(zstdLevel),
		parquet.WithDictionaryDefault(false), parquet.WithStats(true),
	}
	for _, c := range e.columns {
		path := parquet.ColumnPath{c.name}
		switch {
		case c.kind == Text || c.kind == Binary:
			options = append(options, parquet.WithDictionaryPath(path, true))
		case c.unit != 0 && c.required:
			options = append(options, parquet.WithEncodingPath(path, parquet.Encodings.DeltaBinaryPacked))
		}
	}
	return parquet.NewWriterProperties(options...)
}

// schema has every column optional, so that it is the same whether one happens to have an empty cell or not.
func (e *parquetEncoder) schema() (*schema.GroupNode, error) {
	var fields schema.FieldList
	optional := parquet.Repetitions.Optional
	for _, c := range e.columns {
		var node schema.Node
		var err error
		switch c.kind {
		case Instant:
			node, err = schema.NewPrimitiveNodeLogical(c.name, optional, schema.NewTimestampLogicalType(true, schema.TimeUnitNanos), parquet.Types.Int64, -1, -1)
		case Int, Ns:
			node, err = schema.NewPrimitiveNode(c.name, optional, parquet.Types.Int64, -1, -1)
		case Double:
			node, err = schema.NewPrimitiveNode(c.name, optional, parquet.Types.Double, -1, -1)
		case Bool:
			node, err = schema.NewPrimitiveNode(c.name, optional, parquet.Types.Boolean, -1, -1)
		case Binary:
			node, err = schema.NewPrimitiveNode(c.name, optional, parquet.Types.ByteArray, -1, -1)
		default:
			node, err = schema.NewPrimitiveNodeLogical(c.name, optional, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		}
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.name, err)
		}
		fields = append(fields, node)
	}
	return schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
}

// write appends the row group of a small file, whose places in the file change thereby. The library also states for every column that
// there are 0 values that differ, as if it knew: that is taken out.
func (e *parquetEncoder) write(w io.Writer, g *group) error {
	if len(g.out) == 0 {
		return nil
	}
	body, meta, err := open(g.out)
	if err != nil {
		return err
	}
	by := e.at - int64(len(parquetMagic))
	for _, rg := range meta.RowGroups {
		if rg.FileOffset != nil {
			*rg.FileOffset += by
		}
		if rg.Ordinal != nil {
			*rg.Ordinal = int16(min(g.n, 1<<15-1))
		}
		for _, c := range rg.Columns {
			c.FileOffset += by
			c.MetaData.DataPageOffset += by
			if c.MetaData.DictionaryPageOffset != nil {
				*c.MetaData.DictionaryPageOffset += by
			}
			if c.MetaData.Statistics != nil {
				c.MetaData.Statistics.DistinctCount = nil
			}
		}
	}
	if e.all == nil {
		e.all = meta
	} else if err := e.all.AppendRowGroups(meta); err != nil {
		return err
	}
	e.at += int64(len(body))
	_, err = w.Write(body)
	return err
}

// open returns the pages of a small file and what its footer says.
func open(b []byte) ([]byte, *metadata.FileMetaData, error) {
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	const tail = 4 + len(parquetMagic)
	footer := int(binary.LittleEndian.Uint32(b[len(b)-tail:]))
	return b[len(parquetMagic) : len(b)-tail-footer], r.MetaData(), nil
}

func (e *parquetEncoder) end(w io.Writer) error {
	if e.all == nil {
		var empty bytes.Buffer
		if err := e.file(&empty, nil); err != nil {
			return err
		}
		_, err := w.Write(empty.Bytes()[len(parquetMagic):])
		return err
	}
	n, err := e.all.WriteTo(w, nil)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), parquetMagic...))
	return err
}
