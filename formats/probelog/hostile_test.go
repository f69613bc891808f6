package probelog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
	"github.com/pialign/pialign/formats/flatparquet"
)

func parquetOf(t testing.TB, h Header, rows []Row) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeParquet(&b, h, kindProbe, rowColumns, rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEveryErrorNamesItsFile reads what is no log.
func TestEveryErrorNamesItsFile(t *testing.T) {
	h := testHeader()
	whole := parquetOf(t, h, testRows(h, 50))
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"empty.parquet":     {nil, ErrForeign},
		"html.parquet":      {[]byte("<!DOCTYPE html>"), ErrForeign},
		"json.journal":      {[]byte("{\"a\": 1}\n"), ErrForeign},
		"magic.parquet":     {[]byte("PAR1"), ErrDamaged},
		"twice.parquet":     {[]byte("PAR1PAR1PAR1"), ErrDamaged},
		"encrypted.parquet": {append(bytes.Clone(whole[:len(whole)-4]), "PARE"...), ErrDamaged},
		"half.parquet":      {whole[:len(whole)/2], ErrDamaged},
		"nofooter.parquet":  {whole[:len(whole)-1], ErrDamaged},
		"zeros.parquet":     {append(make([]byte, 4), whole[4:]...), ErrForeign},
		"hole.parquet":      {append(append([]byte("PAR1"), make([]byte, 400)...), whole[404:]...), ErrDamaged},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, c.content, 0o666); err != nil {
			t.Fatal(err)
		}
		log, err := Read(path)
		if !errors.Is(err, c.want) || log != nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing.parquet")
	for _, path := range []string{missing, filepath.Dir(missing)} {
		if log, err := Read(path); err == nil || log != nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestCutParquetIsNeverALog(t *testing.T) {
	h := testHeader()
	whole := parquetOf(t, h, testRows(h, 20))
	for n := range len(whole) {
		if _, err := parseTable(whole[:n], kindProbe, rowColumns); err == nil {
			t.Fatalf("%d of %d bytes are read as a log", n, len(whole))
		}
	}
}

// TestDamageCostsNoMemory changes bytes of a log and watches what reading it takes: pages and footers state sizes
// and counts, which the library by itself would believe up to gigabytes.
func TestDamageCostsNoMemory(t *testing.T) {
	h := testHeader()
	whole := parquetOf(t, h, testRows(h, 200))
	rng := rand.New(rand.NewPCG(1, 2))
	var before, after runtime.MemStats
	for range 1500 {
		b := bytes.Clone(whole)
		for range 1 + rng.IntN(4) {
			i := rng.IntN(len(b))
			if rng.IntN(2) == 0 { // headers and footer more often than data
				i = len(b) - 1 - rng.IntN(4000)
			}
			switch rng.IntN(3) {
			case 0:
				b[i] = byte(rng.Uint32())
			case 1:
				b[i] ^= 1 << rng.IntN(8)
			default: // a varint as large as they get
				for j := i; j < min(i+4, len(b)-8); j++ {
					b[j] = 0xff
				}
			}
		}
		runtime.ReadMemStats(&before)
		got, err := parseTable(b, kindProbe, rowColumns)
		runtime.ReadMemStats(&after)
		if err != nil && !reflect.DeepEqual(got, table[Row]{}) {
			t.Fatal("an error with a table")
		}
		// A good log of this size takes some 1 MB, of which most are the library's buffers.
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Fatalf("reading %d damaged bytes took %d bytes: %v", len(b), used, err)
		}
	}
}

// foreignParquet writes rows as another program might. change edits the columns, the metadata and the properties.
func foreignParquet(t testing.TB, h Header, rows []Row, columns []column[Row], fields schema.FieldList, pairs []pair, opts ...parquet.WriterProperty) []byte {
	t.Helper()
	meta := metadata.NewKeyValueMetadata()
	for _, p := range pairs {
		meta.Append(p.key, p.value)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	pw := file.NewParquetWriter(struct{ io.Writer }{&b}, root, file.WithWriterProps(parquet.NewWriterProperties(opts...)), file.WithWriteMetadata(meta))
	half := len(rows) / 2
	for _, part := range [][]Row{rows[:half], rows[half:]} { // two row groups
		if err := flatparquet.WriteGroup(pw, flatOf(columns), part); err != nil {
			t.Fatal(err)
		}
	}
	if err := pw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fieldsOf returns the fields of columns, optional ones throughout if asked.
func fieldsOf(t testing.TB, columns []column[Row]) schema.FieldList {
	t.Helper()
	root, err := flatparquet.Schema(flatOf(columns))
	if err != nil {
		t.Fatal(err)
	}
	var out schema.FieldList
	for i := range root.NumFields() {
		out = append(out, root.Field(i))
	}
	return out
}

func prefixed(pairs []pair) []pair {
	out := make([]pair, len(pairs))
	for i, p := range pairs {
		out[i] = pair{metaPrefix + p.key, p.value}
	}
	return out
}

func TestLogsOfOtherWriters(t *testing.T) {
	h := testHeader()
	rows := testRows(h, 400)
	reversed := make([]column[Row], 0, len(rowColumns)+1)
	for i := range rowColumns {
		reversed = append(reversed, rowColumns[len(rowColumns)-1-i])
	}
	reversed = append(reversed, text("address", func(r *Row) *string { return &r.Phase }))
	pairs := append(prefixed(h.pairs(kindProbe)), pair{"pandas", "{}"}, pair{"pialign.later", "unknown"})
	for name, b := range map[string][]byte{
		"dictionaries, other order, one column more": foreignParquet(t, h, rows, reversed, fieldsOf(t, reversed), pairs, parquet.WithCompression(compress.Codecs.Snappy)),
		"uncompressed, pages of version 2":           foreignParquet(t, h, rows, rowColumns, fieldsOf(t, rowColumns), pairs, parquet.WithDataPageVersion(parquet.DataPageV2)),
		"snappy, pages of version 2, small ones": foreignParquet(t, h, rows, rowColumns, fieldsOf(t, rowColumns), pairs, parquet.WithDataPageVersion(parquet.DataPageV2),
			parquet.WithCompression(compress.Codecs.Snappy), parquet.WithDataPageSize(64), parquet.WithBatchSize(16)),
	} {
		got, err := parseTable(b, kindProbe, rowColumns)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range got.rows {
			got.rows[i].Host, got.rows[i].Boot = h.Host, h.Boot
		}
		equalRows(t, got.rows, rows)
		if !reflect.DeepEqual(got.header, h) {
			t.Errorf("%s: header %+v", name, got.header)
		}
	}
}

func TestParquetThatIsNoLog(t *testing.T) {
	h := testHeader()
	rows := testRows(h, 10)
	all := prefixed(h.pairs(kindProbe))
	edit := func(key, value string) []pair {
		out := append([]pair(nil), all...)
		for i := range out {
			if out[i].key == metaPrefix+key {
				out[i].value = value
			}
		}
		return out
	}
	fields := fieldsOf(t, rowColumns)
	withField := func(i int, n schema.Node) schema.FieldList {
		out := append(schema.FieldList(nil), fields...)
		out[i] = n
		return out
	}
	snappy := parquet.WithCompression(compress.Codecs.Snappy)
	for name, c := range map[string]struct {
		b    []byte
		want error
		says string
	}{
		"no metadata": {foreignParquet(t, h, rows, rowColumns, fields, nil, snappy), ErrForeign, "pialign.format_version"},
		"newer":       {foreignParquet(t, h, rows, rowColumns, fields, edit("format_version", "2"), snappy), ErrVersion, "2"},
		"odd version": {foreignParquet(t, h, rows, rowColumns, fields, edit("format_version", "one"), snappy), ErrDamaged, "one"},
		"other kind":  {foreignParquet(t, h, rows, rowColumns, fields, edit("kind", "gaze"), snappy), ErrDamaged, "gaze"},
		"resolution":  {foreignParquet(t, h, rows, rowColumns, fields, edit("wall_resolution_ns", "-1"), snappy), ErrDamaged, "wall_resolution_ns"},
		"key twice":   {foreignParquet(t, h, rows, rowColumns, fields, append(edit("", ""), pair{"pialign.host", "x"}), snappy), ErrDamaged, "twice"},
		"key of no text": {bytes.Replace(foreignParquet(t, h, rows, rowColumns, fields, append(edit("", ""), pair{"pialign.device_resolution_ns.echo2", "1"}), snappy),
			[]byte(".echo2"), []byte(".ec\xff\xfe2"), 1), ErrDamaged, "UTF-8"},
		"no column": {foreignParquet(t, h, rows, rowColumns[:13], fields[:13], all, snappy), ErrDamaged, "connection_fresh"},
		"text for a number": {foreignParquet(t, h, rows, withColumn(5, text("ts_a_ns", func(r *Row) *string { return &r.Phase })),
			withField(5, schema.NewByteArrayNode("ts_a_ns", parquet.Repetitions.Required, -1)), all, snappy), ErrDamaged, "ts_a_ns"},
		"zstd": {foreignParquet(t, h, rows, rowColumns, fields, all, parquet.WithCompression(compress.Codecs.Zstd)), ErrDamaged, "Snappy"},
		"delta": {foreignParquet(t, h, rows, rowColumns, fields, all, snappy, parquet.WithDictionaryFor("seq", false),
			parquet.WithEncodingFor("seq", parquet.Encodings.DeltaBinaryPacked)), ErrDamaged, "encoding 5"},
	} {
		got, err := parseTable(c.b, kindProbe, rowColumns)
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) || !reflect.DeepEqual(got, table[Row]{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	null := bytes.Clone(parquetOf(t, h, rows))
	null = bytes.Replace(null, []byte("timeout"), []byte("unknown"), 1)
	path := filepath.Join(t.TempDir(), "a.parquet")
	if err := os.WriteFile(path, null, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "row 3") {
		t.Errorf("a status that does not exist: %v", err)
	}
}

func withColumn(i int, c column[Row]) []column[Row] {
	out := append([]column[Row](nil), rowColumns...)
	out[i] = c
	return out
}

// TestNullWhereNoneMayBe: a number that must be there and is not would be read as 0.
func TestNullWhereNoneMayBe(t *testing.T) {
	h := testHeader()
	rows := testRows(h, 10)
	rows[4].Seq = 0 // written as null by a column that may have some
	columns := withColumn(4, instant("seq", func(r *Row) *int64 { return &r.Seq }))
	b := foreignParquet(t, h, rows[3:], columns, fieldsOf(t, columns), prefixed(h.pairs(kindProbe)), parquet.WithCompression(compress.Codecs.Snappy))
	if _, err := parseTable(b, kindProbe, rowColumns); err == nil || !strings.Contains(err.Error(), "seq: row 2: it is null") {
		t.Errorf("error %v", err)
	}
}

// TestFooterBomb: a list in the footer that states a hundred million elements, which the library makes room for.
func TestFooterBomb(t *testing.T) {
	footer := []byte{0x15, 0x02, 0x19, 0xfc} // version 1; schema: a list of structs, longer than 14
	footer = binary.AppendUvarint(footer, 100_000_000)
	b := append([]byte(parquetMagic), footer...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(footer)))
	b = append(b, parquetMagic...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := parseTable(b, kindProbe, rowColumns)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, ErrDamaged) || used > 1<<20 {
		t.Errorf("%d bytes, %v", used, err)
	}
}

// TestPageBombs: pages of a good log that state more than they have. The page replaced is that of the first
// column, which begins right after the file's magic.
func TestPageBombs(t *testing.T) {
	const most = 1<<31 - 1
	h := testHeader()
	whole := parquetOf(t, h, testRows(h, 1000))
	r, err := file.NewParquetReader(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	chunk, err := r.RowGroup(0).MetaData().ColumnChunk(0)
	if err != nil {
		t.Fatal(err)
	}
	length := int(chunk.TotalCompressedSize())
	i32 := func(field byte, v int64) []byte {
		return binary.AppendUvarint([]byte{field<<4 | thriftI32}, uint64(v)<<1)
	}
	header := func(typ, uncompressed, compressed, values int64) []byte {
		head := bytes.Join([][]byte{i32(1, typ), i32(1, uncompressed), i32(1, compressed)}, nil)
		delta := map[int64]byte{pageData: 2, pageDictionary: 4, pageDataV2: 5}[typ]
		head = append(head, delta<<4|thriftStruct)
		if typ == pageDataV2 { // values, nulls, rows, encoding, and the lengths of two kinds of levels
			head = append(head, bytes.Join([][]byte{i32(1, values), i32(1, 0), i32(1, values), i32(1, 0), i32(1, 0), i32(1, 0)}, nil)...)
		} else {
			head = append(head, bytes.Join([][]byte{i32(1, values), i32(1, 0), i32(1, 3), i32(1, 3)}, nil)...)
		}
		return append(head, 0, 0)
	}
	size := binary.AppendUvarint(nil, most)
	for name, page := range map[string][]byte{
		"said to grow":                append(header(pageData, most, 20, 1000), 10),
		"grows":                       append(header(pageData, most, 20, 1000), size...),
		"grows, version 2":            append(header(pageDataV2, most, 20, 1000), size...),
		"longer than the file":        append(header(pageData, 10, most, 1000), 10),
		"more values than rows":       append(header(pageData, 10, 20, most), 10),
		"dictionary of many":          append(header(pageDictionary, 10, 20, most), 10),
		"dictionary that grows":       append(header(pageDictionary, most, 20, 5), size...),
		"no values, again and again":  bytes.Repeat(append(header(pageData, 0, 1, 0), 0), 10),
		"a header without end":        bytes.Repeat([]byte{0x15, 0x02}, 10),
		"unknown type, said to grow":  append(header(pageData, most, 20, 1000)[2:], 10),
		"a page of an index, unknown": append([]byte{0x15, 0x02, 0x15}, append(size, 0x15, 0x14, 0)...),
	} {
		b := bytes.Clone(whole)
		if len(page) > length {
			page = page[:length]
		}
		copy(b[len(parquetMagic):], page)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parseTable(b, kindProbe, rowColumns)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, ErrDamaged) || used > 16<<20 {
			t.Errorf("%s: %d bytes, %v", name, used, err)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

// FuzzParquet claims: whatever is read can be written and read again, the same; an error comes with nothing.
func FuzzParquet(f *testing.F) {
	h := testHeader()
	f.Add(parquetOf(f, h, testRows(h, 5)))
	f.Add(parquetOf(f, h, nil))
	f.Add(foreignParquet(f, h, testRows(h, 8), rowColumns, fieldsOf(f, rowColumns), prefixed(h.pairs(kindProbe)), parquet.WithCompression(compress.Codecs.Snappy)))
	f.Add([]byte("PAR1PAR1PAR1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if !bytes.HasPrefix(b, []byte(parquetMagic)) {
			return // FuzzJournal's
		}
		if p, err := parseAbout(b); err != nil && !reflect.DeepEqual(p, Parquet{}) {
			t.Fatalf("an error with something about the file: %+v", p)
		}
		got, err := parseTable(b, kindProbe, rowColumns)
		if err != nil {
			if !reflect.DeepEqual(got, table[Row]{}) {
				t.Fatalf("an error with a table: %+v", got)
			}
			return
		}
		again, err := parseTable(parquetOf(t, got.header, got.rows), kindProbe, rowColumns)
		if err != nil || (len(got.rows) > 0 && !reflect.DeepEqual(got.rows, again.rows)) {
			t.Fatalf("read\n%+v\nthen\n%+v, %v", got, again, err)
		}
	})
}
