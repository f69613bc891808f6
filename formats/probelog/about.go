package probelog

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/apache/arrow/go/v15/parquet/metadata"
)

// Parquet is what the footer of a Parquet file says, of a log or not.
type Parquet struct {
	Columns []string
	Rows    int64
	Keys    map[string]string // the key-value metadata
}

// About reads the footer of the Parquet file at path and nothing else. It fails with ErrForeign where the file does not begin as Parquet
// does, with ErrDamaged where it does not end so.
func About(path string) (p Parquet, err error) {
	f, err := os.Open(path)
	if err != nil {
		return Parquet{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Parquet{}, err
	}
	const ends = 2*len(parquetMagic) + 4
	head, tail := make([]byte, len(parquetMagic)), make([]byte, 4+len(parquetMagic))
	if n, err := io.ReadFull(f, head); err != nil || string(head[:n]) != parquetMagic {
		return Parquet{}, fmt.Errorf("%s: %w", path, foreign("it does not begin as Parquet does"))
	}
	if info.Size() >= int64(ends) {
		if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil {
			return Parquet{}, err
		}
	}
	size := min(int64(binary.LittleEndian.Uint32(tail)), maxFooter, max(info.Size()-int64(ends), 0))
	b := make([]byte, len(head)+int(size)+len(tail))
	copy(b, head)
	if _, err := f.ReadAt(b[len(head):len(head)+int(size)], info.Size()-int64(len(tail))-size); err != nil && size > 0 {
		return Parquet{}, err
	}
	copy(b[len(b)-len(tail):], tail)
	if p, err = parseAbout(b); err != nil {
		return Parquet{}, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// parseAbout reads a Parquet file of which all but the footer is left out.
func parseAbout(b []byte) (p Parquet, err error) {
	if err := checkFooter(b); err != nil {
		return Parquet{}, err
	}
	// as in parseParquet
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			p, err = Parquet{}, damaged("not readable as Parquet: %.200v", r)
		}
	}()
	m, err := metadata.NewFileMetaData(b[len(parquetMagic):len(b)-4-len(parquetMagic)], nil)
	if err != nil {
		return Parquet{}, damaged("%w", err)
	}
	p.Rows, p.Keys = m.NumRows, map[string]string{}
	for i := range m.Schema.NumColumns() {
		p.Columns = append(p.Columns, strings.ToValidUTF8(m.Schema.Column(i).Path(), "\uFFFD"))
	}
	keys := m.KeyValueMetadata()
	for i, key := range keys.Keys() {
		p.Keys[strings.ToValidUTF8(key, "\uFFFD")] = strings.ToValidUTF8(keys.Values()[i], "\uFFFD")
	}
	return p, nil
}
