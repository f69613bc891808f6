package probelog

import (
	"io"

	"github.com/pialign/pialign/formats/flatparquet"
	"github.com/pialign/pialign/formats/wholefile"
)

// metaPrefix begins the key of every metadata entry that is ours.
const metaPrefix = "pialign."

// createParquet makes the file path, which must not exist.
func createParquet[T any](path string, h Header, k kind, columns []column[T], rows []T) error {
	return wholefile.Create(path, func(w io.Writer) error { return writeParquet(w, h, k, columns, rows) })
}

// writeParquet writes rows as plain Snappy columns.
func writeParquet[T any](w io.Writer, h Header, k kind, columns []column[T], rows []T) error {
	var meta []flatparquet.Pair
	for _, p := range h.pairs(k) {
		meta = append(meta, flatparquet.Pair{Key: metaPrefix + p.key, Value: p.value})
	}
	return flatparquet.Write(w, meta, flatOf(columns), rows)
}

func flatOf[T any](columns []column[T]) (flat []flatparquet.Column[T]) {
	for _, c := range columns {
		flat = append(flat, c.flat())
	}
	return flat
}

func (c column[T]) flat() flatparquet.Column[T] {
	f := flatparquet.Column[T]{Name: c.name, Nullable: c.nullable}
	switch {
	case c.text != nil:
		f.Text = func(row *T) string { return *c.text(row) }
	case c.flag != nil:
		f.Flag = func(row *T) bool { return *c.flag(row) }
	default:
		f.Int = func(row *T) (int64, bool) {
			v := *c.number(row)
			return v, v != 0 || !c.nullable
		}
	}
	return f
}
