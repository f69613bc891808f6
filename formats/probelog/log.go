package probelog

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// Log is a log that was read.
type Log struct {
	Path     string
	Header   Header
	Rows     []Row
	Journal  bool     // unfinished: a program was ended, or is still at it
	Warnings []string // sentences on what could not be read, each with the file's name

	bad int // lines of a journal that are damaged, the cut last one not counted
}

// Read reads a log, finished (Parquet) or not (journal): the content tells, not the name. Lines of a journal that
// cannot be read are warnings, since the others can; everything else that is wrong is an error.
func Read(path string) (*Log, error) {
	t, err := readTable(path, kindProbe, rowColumns)
	if err != nil {
		return nil, err
	}
	log := &Log{Path: path, Header: t.header, Rows: t.rows, Journal: t.journal, Warnings: t.warnings, bad: t.bad}
	for i := range log.Rows {
		r := &log.Rows[i]
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", path, i+1, damaged("%w", err))
		}
		r.Host, r.Boot = t.header.Host, t.header.Boot
	}
	return log, nil
}

// Write makes a finished log at once, of rows that were measured elsewhere. path must not exist.
func Write(path string, h Header, rows []Row) error {
	if err := h.check(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	h = h.clean()
	if len(rows) > maxRows {
		return fmt.Errorf("writing %s: %w", path, ErrFull)
	}
	ready := make([]Row, len(rows))
	for i, r := range rows {
		var err error
		if ready[i], err = r.prepare(h); err != nil {
			return fmt.Errorf("writing %s: row %d: %w", path, i+1, err)
		}
	}
	return createParquet(path, h, kindProbe, rowColumns, ready)
}

// table is what a file holds.
type table[T any] struct {
	header   Header
	rows     []T
	journal  bool
	warnings []string
	bad      int // damaged lines
}

// readTable reads a Parquet file or a journal that is of the wanted kind.
func readTable[T any](path string, want kind, columns []column[T]) (table[T], error) {
	b, err := readFile(path)
	if err != nil {
		return table[T]{}, err
	}
	t, err := parseTable(b, want, columns)
	if len(b) == 0 && isJournalName(path) {
		err = ErrEmpty // of a program that ended between making the file and its first line
	}
	if err != nil {
		return table[T]{}, fmt.Errorf("%s: %w", path, err)
	}
	for i, w := range t.warnings {
		t.warnings[i] = path + ": " + w
	}
	return t, nil
}

func parseTable[T any](b []byte, want kind, columns []column[T]) (table[T], error) {
	switch {
	case len(b) == 0:
		return table[T]{}, foreign("the file is empty")
	case bytes.HasPrefix(b, []byte(parquetMagic)):
		return parseParquet(b, want, columns)
	case b[0] == '{':
		return parseJournal(b, want, columns)
	}
	return table[T]{}, foreign("neither Parquet nor a journal")
}

// checkKind refuses a file of the other kind.
func checkKind(got, want kind) error {
	switch {
	case got == want:
		return nil
	case got == kindClock:
		return foreign("it is a log of the host's clocks")
	}
	return foreign("it is a probe log, not one of the host's clocks")
}

// maxFile bounds what is written, and read into memory: in a journal, about 500 bytes for each of maxRows.
const maxFile = 1 << 30

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading a probe log: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading a probe log: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("%s: %w", path, foreign("it is a folder"))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: %w", path, foreign("it is no regular file"))
	}
	b := bytes.NewBuffer(make([]byte, 0, min(info.Size(), maxFile)+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, maxFile+1)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if b.Len() > maxFile {
		return nil, fmt.Errorf("%s: %w", path, foreign("above 1 GB, more than a log can have"))
	}
	return b.Bytes(), nil
}
