package probelog

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/metadata"
)

// pageHeader is what matters of a Parquet page header.
// Source: github.com/apache/parquet-format, parquet.thrift, PageHeader.
type pageHeader struct {
	typ                      int64
	uncompressed, compressed int64
	values                   int64
	encoding                 int64
	levels                   int64 // bytes of levels before the data of a version 2 page
	plain                    bool  // a version 2 page that says it is not compressed
}

// The page types and encodings that are read. Others (delta, byte stream split) need not be in a probe log, and
// the library's decoders for them can be made to ask for any amount of memory.
const (
	pageData       = 0
	pageDictionary = 2
	pageDataV2     = 3

	encodingPlain           = 0
	encodingPlainDictionary = 2
	encodingRLE             = 3
	encodingRLEDictionary   = 8
)

// snappyFactor bounds how much Snappy can shrink: its densest element is 3 bytes for 64.
const snappyFactor = 22

// slack is what the library reads past a chunk that old writers measured wrong.
const slack = 100

// checkChunk makes sure that the library can read a column chunk of b with memory in proportion to its size: it
// would believe what page headers state.
func checkChunk(b []byte, chunk *metadata.ColumnChunkMetaData, physical parquet.Type, rows int64) error {
	start, length := chunk.DataPageOffset(), chunk.TotalCompressedSize()
	if dict := chunk.DictionaryPageOffset(); chunk.HasDictionaryPage() && dict > 0 && dict < start {
		start = dict
	}
	size := int64(len(b))
	if start < 0 || length < 0 || start > size || length > size-start {
		return fmt.Errorf("bytes %d to %d, in a file of %d", start, start+length, size)
	}
	if chunk.NumValues() != rows {
		return fmt.Errorf("%d values for %d rows", chunk.NumValues(), rows)
	}
	codec := chunk.Compression()
	if codec != compress.Codecs.Snappy && codec != compress.Codecs.Uncompressed {
		return fmt.Errorf("compressed with %v; a probe log is with Snappy", codec)
	}
	t := thrift{b: b[start:min(start+length+slack, size)], elements: maxElements}
	for seen := int64(0); seen < rows; {
		h, err := readPageHeader(&t)
		if err != nil {
			return fmt.Errorf("page header: %w", err)
		}
		if h.compressed < 0 || h.compressed > int64(len(t.b)) || h.uncompressed < 0 || h.levels < 0 || h.levels > h.compressed {
			return fmt.Errorf("a page of %d bytes where %d are left", h.compressed, len(t.b))
		}
		if err := h.checkData(t.b[:h.compressed], codec, physical, rows); err != nil {
			return err
		}
		t.b = t.b[h.compressed:]
		if h.typ != pageDictionary {
			if h.values == 0 || h.values > rows-seen {
				return fmt.Errorf("a page of %d values where %d are left", h.values, rows-seen)
			}
			seen += h.values
		}
	}
	return nil
}

func (h pageHeader) checkData(data []byte, codec compress.Compression, physical parquet.Type, rows int64) error {
	want := int64(len(data))
	if codec == compress.Codecs.Snappy && !h.plain {
		n, size := binary.Uvarint(data[h.levels:])
		if size <= 0 || n > uint64(snappyFactor*len(data)) {
			return fmt.Errorf("a page of %d bytes cannot become %d", len(data), n)
		}
		want = int64(n) + h.levels
	}
	if want != h.uncompressed {
		return fmt.Errorf("a page of %d bytes is said to become %d", want, h.uncompressed)
	}
	switch h.typ {
	case pageData, pageDataV2:
		switch h.encoding {
		case encodingPlain, encodingPlainDictionary, encodingRLEDictionary:
			return nil
		case encodingRLE:
			if physical == parquet.Types.Boolean {
				return nil
			}
		}
		return fmt.Errorf("encoding %d is not read; a probe log has plain columns", h.encoding)
	case pageDictionary:
		width := int64(8)
		if physical == parquet.Types.ByteArray {
			width = 4 // the length before each
		}
		if h.values < 0 || h.values > rows || h.values > h.uncompressed/width {
			return fmt.Errorf("a dictionary of %d entries in %d bytes", h.values, h.uncompressed)
		}
		return nil
	}
	return fmt.Errorf("page type %d is unknown", h.typ)
}

func readPageHeader(t *thrift) (pageHeader, error) {
	h := pageHeader{typ: -1, encoding: -1}
	var body int16
	err := t.structure(0, func(id int16, typ byte, value int64) error {
		switch {
		case id == 1 && typ == thriftI32:
			h.typ = value
		case id == 2 && typ == thriftI32:
			h.uncompressed = value
		case id == 3 && typ == thriftI32:
			h.compressed = value
		case (id == 5 || id == 7 || id == 8) && typ == thriftStruct:
			if body != 0 {
				return errThrift // two of them: which one would the library take?
			}
			body = id
			if err := h.readBody(t, id); err != nil {
				return err
			}
			return errTaken
		}
		return nil
	})
	if err != nil {
		return pageHeader{}, err
	}
	if want := map[int64]int16{pageData: 5, pageDictionary: 7, pageDataV2: 8}[h.typ]; want == 0 || want != body {
		return pageHeader{}, fmt.Errorf("page type %d does not fit the rest", h.typ)
	}
	return h, nil
}

// readBody reads the header of the page's own type: field 5 of PageHeader is that of data pages, 7 of
// dictionaries, 8 of data pages of version 2.
func (h *pageHeader) readBody(t *thrift, body int16) error {
	return t.structure(1, func(id int16, typ byte, value int64) error {
		number := typ == thriftI32
		v2 := body == 8
		switch {
		case id == 1 && number:
			h.values = value
		case id == 2 && number && !v2, id == 4 && number && v2:
			h.encoding = value
		case (id == 5 || id == 6) && number && v2:
			h.levels += value
			if value < 0 {
				return errThrift
			}
		case id == 7 && v2 && (typ == thriftTrue || typ == thriftFalse):
			h.plain = value == 0
		}
		return nil
	})
}
