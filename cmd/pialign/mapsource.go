package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// lines reads one integer a line.
type lines struct {
	r    *bufio.Reader
	line int
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 1<<16)} }

func (l *lines) at() string { return fmt.Sprintf("stdin: line %d", l.line) }

func (l *lines) next() (int64, error) {
	text, err := l.r.ReadSlice('\n')
	if err != nil && (err != io.EOF || len(text) == 0) && !errors.Is(err, bufio.ErrBufferFull) {
		return 0, err
	}
	l.line++
	if l.line == 1 {
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if v, ok := parseInt(text); ok {
		return v, nil
	}
	if len(text) == 0 {
		return 0, fmt.Errorf("%s is empty: want an instant in whole ns", l.at())
	}
	err = fmt.Errorf("%s: %s is not an instant in whole ns", l.at(), abbreviated(text))
	switch {
	case isUTF16(string(text[:min(len(text), 64)])):
		err = withHint(err, "the text is in UTF-16, or binary: write it as UTF-8")
	case l.line == 1:
		err = withHint(err, "for a CSV with a header name the column: --column \"timestamp [ns]\"")
	}
	return 0, err
}

// parseInt reads a decimal integer of 64 bits: digits, a minus before them if need be, nothing else.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || b[0] == '+' || len(b) > 20 {
		return 0, false
	}
	v, err := strconv.ParseInt(string(b), 10, 64) // the compiler spares the copy
	return v, err == nil
}

// abbreviated quotes what a line holds, its first bytes if there are many.
func abbreviated(b []byte) string {
	if len(b) == 0 {
		return "nothing"
	}
	if len(b) > 40 {
		return strconv.Quote(string(b[:40])) + "..."
	}
	return strconv.Quote(string(b))
}

// commas refuses the header of a table that a spreadsheet program has separated otherwise.
func commas(header []string) error {
	for mark, name := range map[string]string{";": "semicolons", "\t": "tabs"} {
		if len(header) == 1 && strings.Contains(header[0], mark) {
			return withHint(fmt.Errorf("columns are separated by %s, want commas", name), "export it with commas as the separator")
		}
	}
	return nil
}

// column reads one column of a CSV.
type column struct {
	r     *csvRows
	index int
	name  string
	line  int
}

// newColumn reads the header from r and finds the column called name.
func newColumn(r io.Reader, name string) (*column, error) {
	c := &column{r: newCSVRows(r), name: name, index: -1}
	header, err := c.r.header()
	if err == io.EOF {
		return nil, fmt.Errorf("stdin: empty, want CSV with a header")
	}
	if err != nil {
		return nil, fmt.Errorf("stdin: %w", err)
	}
	for i, h := range header {
		if h != name {
			continue
		}
		if c.index >= 0 {
			return nil, fmt.Errorf("stdin: two columns are called %q", name)
		}
		c.index = i
	}
	if c.index < 0 {
		return nil, withHint(fmt.Errorf("stdin: no column %q", name), "columns: %s", strings.Join(header, ", "))
	}
	return c, nil
}

func (c *column) at() string { return fmt.Sprintf("stdin: line %d, column %q", c.line, c.name) }

func (c *column) next() (int64, error) {
	row, err := c.r.next()
	if err != nil {
		if err == io.EOF {
			return 0, err
		}
		return 0, fmt.Errorf("stdin: %w", err)
	}
	c.line, _ = c.r.FieldPos(c.index)
	v, ok := parseInt([]byte(row[c.index]))
	if !ok && row[c.index] == "" {
		return 0, fmt.Errorf("%s is empty: want an instant in whole ns", c.at())
	}
	if !ok {
		return 0, fmt.Errorf("%s: %s is not an instant in whole ns", c.at(), abbreviated([]byte(row[c.index])))
	}
	return v, nil
}
