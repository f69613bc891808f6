package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// longestRow is far above a real row of a few hundred bytes: what is longer is a quote that nobody closed, or no table.
const longestRow = 1 << 20

var errLongRow = fmt.Errorf("more than %d kB without an end: a quote that is never closed, or no CSV", longestRow>>10)

// csvRows reads a CSV row by row, all of them with as many cells as the first, and needs no more memory than a row.
type csvRows struct {
	*csv.Reader
	from rowLimit
	line int // at which the last row began
}

func newCSVRows(r io.Reader) *csvRows {
	c := &csvRows{from: rowLimit{r: r}}
	c.Reader = csv.NewReader(bufio.NewReaderSize(&c.from, 1<<16))
	c.ReuseRecord = true
	return c
}

// header reads the first row, without the mark of UTF-8. It refuses what is not UTF-8, and what is separated by anything but commas.
func (c *csvRows) header() ([]string, error) {
	row, err := c.next()
	if err != nil {
		return nil, err
	}
	names := slices.Clone(row)
	names[0] = strings.TrimPrefix(names[0], "\ufeff")
	if isUTF16(strings.Join(names, "")) {
		return nil, withHint(errors.New("row 1: the text is in UTF-16, or binary; want UTF-8"), "export it as CSV UTF-8")
	}
	return names, commas(names)
}

// next returns the next row, or io.EOF. Its errors say which row it is.
func (c *csvRows) next() ([]string, error) {
	c.from.left = longestRow
	row, err := c.Read()
	var bad *csv.ParseError
	switch {
	case err == io.EOF:
		return nil, err
	case errors.As(err, &bad):
		return nil, fmt.Errorf("row %d: %w", bad.StartLine, err)
	case err != nil:
		return nil, fmt.Errorf("the row after row %d: %w", c.line, err)
	}
	c.line, _ = c.FieldPos(0)
	return row, nil
}

// rowLimit ends with errLongRow where more is read than is left.
type rowLimit struct {
	r    io.Reader
	left int
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRow
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}

// isUTF16 reports whether text is not of bytes: it has the mark of UTF-16, or NUL bytes as that has in every other place.
func isUTF16(text string) bool {
	return strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") || strings.Contains(text, "\x00")
}
