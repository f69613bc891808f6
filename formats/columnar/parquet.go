package columnar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
	"github.com/klauspost/compress/zstd"
)

const parquetMagic = "PAR1"

// zstdLevel is the fastest: what doubles and stamps could still be packed to costs more time than it saves.
const zstdLevel = 1

// parquetEncoder makes the row group of each group by itself, so that several can at a time, and puts them one after the other.
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

// encode makes the pages of the row group, and what the footer says of it, as if it was the first of a file.
func (e *parquetEncoder) encode(g *group) error {
	if g.rows == 0 { // nothing but empty lines
		return nil
	}
	b, props, err := e.footer()
	if err != nil {
		return err
	}
	rg := b.AppendRowGroup()
	to := &pages{}
	to.Buffer = *bytes.NewBuffer(g.out[:0])
	codec := encoders.Get().(*packer)
	defer encoders.Put(codec)
	for i := range e.columns {
		chunk := rg.NextColumnChunk()
		pager, err := file.NewPageWriter(to, compress.Codecs.Zstd, zstdLevel, chunk, 0, int16(i), props.Allocator(), false, nil, nil)
		if err == nil {
			err = writeChunk(file.NewColumnChunkWriter(chunk, packing{pager, codec}, props), &g.cols[i])
		}
		if err != nil {
			return fmt.Errorf("%s: column %q: writing Parquet: %w", e.t.Name, e.columns[i].name, err)
		}
	}
	rg.SetNumRows(g.rows)
	if err := rg.Finish(int64(to.Len()), 0); err != nil {
		return err
	}
	g.out = to.Bytes()
	g.meta, err = b.Finish()
	return err
}

func writeChunk(cw file.ColumnChunkWriter, v *vector) (err error) {
	switch cw := cw.(type) {
	case *file.Int64ColumnChunkWriter:
		_, err = cw.WriteBatch(v.ints, v.levels, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = cw.WriteBatch(v.nums, v.levels, nil)
	case *file.BooleanColumnChunkWriter:
		_, err = cw.WriteBatch(v.flags, v.levels, nil)
	case *file.ByteArrayColumnChunkWriter:
		if v.constant() {
			err = writeConstant(cw, v)
		} else {
			_, err = cw.WriteBatch(v.texts, v.levels, nil)
		}
	}
	if err != nil {
		return err
	}
	return cw.Close()
}

// constant reports whether every row has the same text, as ids of recordings do.
func (v *vector) constant() bool {
	if len(v.texts) == 0 || len(v.texts) != len(v.levels) {
		return false
	}
	for _, text := range v.texts {
		if !bytes.Equal(text, v.texts[0]) {
			return false
		}
	}
	return true
}

// writeConstant writes a dictionary of one text, which the library need not look up for every row.
func writeConstant(cw *file.ByteArrayColumnChunkWriter, v *vector) error {
	one := vector{texts: v.texts[:1], levels: v.levels[:1]} // as a string also where it is none: of binary the library looks beyond the end
	dictionary := array.MakeFromData(one.data(Text, 1))
	defer dictionary.Release()
	encoder, ok := cw.CurrentEncoder().(interface{ PutDictionary(arrow.Array) error })
	if !ok {
		return errors.New("the column has no dictionary")
	}
	if err := encoder.PutDictionary(dictionary); err != nil {
		return err
	}
	zeros := arrow.Int32Traits.CastToBytes(make([]int32, len(v.texts)))
	indices := array.MakeFromData(array.NewData(arrow.PrimitiveTypes.Int32, len(v.texts), []*memory.Buffer{nil, memory.NewBufferBytes(zeros)}, nil, 0, 0))
	defer indices.Release()
	if stats := cw.PageStatistics(); stats != nil {
		if err := stats.UpdateFromArrow(dictionary, false); err != nil {
			return err
		}
		stats.IncNumValues(int64(len(v.texts)))
	}
	return cw.WriteDictIndices(indices, v.levels, nil)
}

// footer begins one.
func (e *parquetEncoder) footer() (*metadata.FileMetaDataBuilder, *parquet.WriterProperties, error) {
	root, err := e.schema()
	if err != nil {
		return nil, nil, err
	}
	meta := metadata.NewKeyValueMetadata()
	for _, p := range e.t.meta() {
		if err := meta.Append(p.key, p.value); err != nil {
			return nil, nil, err
		}
	}
	props := e.properties()
	return metadata.NewFileMetadataBuilder(schema.NewSchema(root), props, meta), props, nil
}

// pages is where a row group is put together. The library takes a page at 0 for none: it begins where the first of a file does.
type pages struct{ bytes.Buffer }

func (p *pages) Tell() int64 { return int64(len(parquetMagic) + p.Len()) }

// packing writes pages as the library does, but packs them with an encoder that is kept: the library makes one for each page, of some MB.
type packing struct {
	file.PageWriter
	*packer
}

// packer is an encoder and where the last page is that it packed.
type packer struct {
	encoder *zstd.Encoder
	page    []byte
}

// Compress returns the packed page, which stays until the next. The library writes or copies it before.
func (p packing) Compress(_ *bytes.Buffer, src []byte) []byte {
	p.page = p.encoder.EncodeAll(src, p.page[:0])
	return p.page
}

// encoders are kept for the next group.
var encoders = sync.Pool{New: func() any {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true), zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(zstdLevel)))
	if err != nil {
		panic(err) // of options that are constants
	}
	return &packer{encoder: e}
}}

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

// write appends a row group, whose places in the file change thereby. The library also states for every column that there are 0 values
// that differ, as if it knew: that is taken out.
func (e *parquetEncoder) write(w io.Writer, g *group) error {
	if g.rows == 0 {
		return nil
	}
	by := e.at - int64(len(parquetMagic))
	for _, rg := range g.meta.RowGroups {
		if rg.FileOffset != nil {
			*rg.FileOffset += by
		}
		rg.Ordinal = nil // which has 16 bits, and says nothing
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
		e.all = g.meta
	} else if err := e.all.AppendRowGroups(g.meta); err != nil {
		return err
	}
	g.meta = nil
	e.at += int64(len(g.out))
	_, err := w.Write(g.out)
	return err
}

func (e *parquetEncoder) end(w io.Writer) error {
	if e.all == nil { // no row
		b, _, err := e.footer()
		if err == nil {
			e.all, err = b.Finish()
		}
		if err != nil {
			return err
		}
	}
	n, err := e.all.WriteTo(w, nil)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), parquetMagic...))
	return err
}
