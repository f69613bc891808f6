package probelog

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
)

// parseParquet reads a Parquet file. Columns are found by name, and others than ours are left alone.
func parseParquet[T any](b []byte, want kind, columns []column[T]) (t table[T], err error) {
	if err := checkFooter(b); err != nil {
		return table[T]{}, err
	}
	// The library panics on what it does not expect. A fault in its assembly is made a panic, too.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			t, err = table[T]{}, damaged("not readable as Parquet: %.200v", r)
		}
	}()
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		return table[T]{}, damaged("%w", err)
	}
	h, k, err := parquetHeader(r.MetaData().KeyValueMetadata())
	if err != nil {
		return table[T]{}, err
	}
	if err := checkKind(k, want); err != nil {
		return table[T]{}, err
	}
	rows, err := readGroups(b, r, columns)
	if err != nil {
		return table[T]{}, damaged("%w", err)
	}
	return table[T]{header: h, rows: rows}, nil
}

func parquetHeader(meta metadata.KeyValueMetadata) (Header, kind, error) {
	var pairs []pair
	for i, key := range meta.Keys() {
		if name, ok := strings.CutPrefix(key, metaPrefix); ok {
			if err := checkText("metadata key", key); err != nil {
				return Header{}, "", damaged("%w", err) // made UTF-8, two of them could be one
			}
			pairs = append(pairs, pair{name, strings.ToValidUTF8(meta.Values()[i], "\uFFFD")})
		}
	}
	return parseHeader(pairs)
}

func readGroups[T any](b []byte, r *file.Reader, columns []column[T]) ([]T, error) {
	sc := r.MetaData().Schema
	at := make([]int, len(columns))
	for i, c := range columns {
		at[i] = sc.ColumnIndexByName(c.name)
		if at[i] < 0 {
			return nil, fmt.Errorf("it has no column %s", c.name)
		}
		d := sc.Column(at[i])
		want := parquet.Types.Int64
		switch {
		case c.text != nil:
			want = parquet.Types.ByteArray
		case c.flag != nil:
			want = parquet.Types.Boolean
		}
		if d.PhysicalType() != want || d.MaxRepetitionLevel() != 0 || d.MaxDefinitionLevel() > 1 || d.Path() != c.name {
			return nil, fmt.Errorf("column %s is %v, not a plain column of %v", c.name, d.PhysicalType(), want)
		}
	}
	total := int64(0)
	for g := range r.NumRowGroups() {
		n := r.MetaData().RowGroups[g].NumRows
		// Even exchanges that were all refused take 7 bytes each: their numbers do not shrink further.
		if n < 0 || n > maxRows-total || n > int64(len(b))/2-total {
			return nil, fmt.Errorf("%d rows in a file of %d bytes", n, len(b))
		}
		total += n
	}
	if total != r.NumRows() {
		return nil, fmt.Errorf("%d rows are said to be %d", total, r.NumRows())
	}
	rows := make([]T, total)
	texts := interner{}
	first := int64(0)
	for g := range r.NumRowGroups() {
		group := r.RowGroup(g)
		part := rows[first : first+group.NumRows()]
		first += group.NumRows()
		if len(part) == 0 {
			continue
		}
		for i, c := range columns {
			chunk, err := group.MetaData().ColumnChunk(at[i])
			if err == nil {
				err = checkChunk(b, chunk, sc.Column(at[i]).PhysicalType(), int64(len(part)))
			}
			var cr file.ColumnChunkReader
			if err == nil {
				cr, err = group.Column(at[i])
			}
			if err == nil {
				err = readColumn(cr, c, part, texts)
			}
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", c.name, err)
			}
		}
	}
	return rows, nil
}

// batch is how many values are read at once.
const batch = 1 << 12

// readColumn reads the values of one chunk into rows.
func readColumn[T any](cr file.ColumnChunkReader, c column[T], rows []T, texts interner) error {
	size := min(batch, len(rows)) // a study has ten thousand logs of a hundred rows
	levels := make([]int16, size)
	optional := cr.Descriptor().MaxDefinitionLevel() == 1
	var numbers []int64
	var flags []bool
	var bytes []parquet.ByteArray
	switch cr.(type) {
	case *file.Int64ColumnChunkReader:
		numbers = make([]int64, size)
	case *file.BooleanColumnChunkReader:
		flags = make([]bool, size)
	case *file.ByteArrayColumnChunkReader:
		bytes = make([]parquet.ByteArray, size)
	}
	for row := 0; row < len(rows); {
		n, got, err := int64(0), 0, error(nil)
		want := int64(min(size, len(rows)-row))
		switch cr := cr.(type) {
		case *file.Int64ColumnChunkReader:
			n, got, err = cr.ReadBatch(want, numbers, levels, nil)
		case *file.BooleanColumnChunkReader:
			n, got, err = cr.ReadBatch(want, flags, levels, nil)
		case *file.ByteArrayColumnChunkReader:
			n, got, err = cr.ReadBatch(want, bytes, levels, nil)
		}
		if err == nil {
			err = cr.Err()
		}
		if err != nil {
			return err
		}
		if n <= 0 || n > want {
			return fmt.Errorf("it ends after %d of %d rows", row, len(rows))
		}
		next := 0
		for i := range int(n) {
			if optional && levels[i] != 1 {
				if !c.nullable && c.text == nil {
					return fmt.Errorf("row %d: it is null", row+i+1)
				}
				continue
			}
			if next == got {
				return fmt.Errorf("row %d: its value is missing", row+i+1)
			}
			switch {
			case c.text != nil:
				s, err := texts.text(bytes[next])
				if err != nil {
					return fmt.Errorf("row %d: %w", row+i+1, err)
				}
				*c.text(&rows[row+i]) = s
			case c.flag != nil:
				*c.flag(&rows[row+i]) = flags[next]
			default:
				*c.number(&rows[row+i]) = numbers[next]
			}
			next++
		}
		if next != got {
			return fmt.Errorf("row %d: %d values for %d rows", row+1, got, next)
		}
		row += int(n)
	}
	return nil
}

// interner makes texts of bytes, equal ones once: a dictionary could repeat a long one in every row.
type interner map[string]string

func (in interner) text(b []byte) (string, error) {
	if s, ok := in[string(b)]; ok {
		return s, nil
	}
	s := string(b)
	if err := checkText("text", s); err != nil {
		return "", err
	}
	in[s] = s
	return s, nil
}
