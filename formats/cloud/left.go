package cloud

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// headSize is how far into a table times are looked for that no column announces: some thousand rows.
const headSize = 256 << 10

// left looks into the beginning of a table for times of the recording outside the columns that are re-timed: they
// would stay the phone's among others that do not. What only speaks of times in ns is worth a warning.
func (u *run) left(f file, in *folder.Input, header []string, times []int) (warning string, err error) {
	head, err := readHead(f, in)
	if err != nil {
		return "", err
	}
	_, rows, _ := bytes.Cut(head, []byte("\n"))
	speaks := mentioned(firstLines(rows, 20))
	if named := len(times) > 0 || len(speaks) == 0 && !u.instant([]byte(strings.Join(header, ","))).found; named {
		if err := u.leftInColumns(f, head, header, times); err != nil || len(times) > 0 {
			return "", err
		}
	}
	for n, line := 0, []byte(nil); len(head) > 0; {
		line, head, _ = bytes.Cut(head, []byte("\n"))
		n++
		if at := u.instant(line); at.found {
			return "", fmt.Errorf("%s: line %d holds %d, %w, since its first line names no column that ends in [ns]; "+
				"if the phone stamped it, make that line the names of the columns, with commas between; else move the file out of the folder",
				f.Path, n, at.v, retime.ErrLeft)
		}
	}
	if len(speaks) > 0 {
		return fmt.Sprintf("%s: says %q, but its first line names no column that ends in [ns]; it is copied as it is", f.Name, speaks), nil
	}
	return "", nil
}

// leftInColumns looks at the columns of a proper table.
func (u *run) leftInColumns(f file, head []byte, header []string, times []int) error {
	if bytes.IndexByte(head, '"') < 0 {
		return u.leftInPlain(f, head, header, times)
	}
	r := csv.NewReader(bytes.NewReader(head))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	for first := true; ; first = false {
		row, err := r.Read()
		if err != nil {
			return nil // the end, or malformed, which others judge
		}
		for i, cell := range row {
			if first || i >= len(header) || slices.Contains(times, i) {
				continue
			}
			if at := u.instant([]byte(cell)); at.found {
				line, _ := r.FieldPos(i)
				return fmt.Errorf("%s: line %d: %w", f.Path, line, leftError(header[i], at.v))
			}
		}
	}
}

// leftInPlain is leftInColumns of a table without a quote, of which every comma separates cells.
func (u *run) leftInPlain(f file, head []byte, header []string, times []int) error {
	first := true
	for line := 1; len(head) > 0; line++ {
		var row []byte
		row, head, _ = bytes.Cut(head, []byte("\n"))
		if len(row) == 0 || len(row) == 1 && row[0] == '\r' { // an empty line is no row
			continue
		}
		for i := 0; !first && i < len(header) && len(row) > 0; i++ {
			var cell []byte
			cell, row, _ = bytes.Cut(row, []byte(","))
			if slices.Contains(times, i) {
				continue
			}
			if at := u.instant(cell); at.found {
				return fmt.Errorf("%s: line %d: %w", f.Path, line, leftError(header[i], at.v))
			}
		}
		first = false
	}
	return nil
}

func leftError(column string, at align.DeviceTime) error {
	return fmt.Errorf("column %q holds %d, %w, since its name does not end in [ns]; if the phone stamped it, rename it so; "+
		"else move the file out of the folder", column, int64(at), retime.ErrLeft)
}

// mention is how programs write the unit of a column.
var mention = regexp.MustCompile(`(?i)\[ns\]|\(ns\)|[a-z]+_ns\b`)

// mentioned returns what mention finds. A look for the two letters spares most tables the search.
func mentioned(b []byte) []byte {
	for i := 0; i+1 < len(b); i++ {
		if b[i]|0x20 == 'n' && (b[i+1]|0x20 == 's' || b[i+1] >= 0x80) { // of other alphabets too, one letter passes for an s
			return mention.Find(b)
		}
	}
	return nil
}

type found struct {
	v     align.DeviceTime
	found bool
}

// instant looks in text for a time within a day of one of the recordings or, where nothing says when those were,
// for any of the years in which there are such glasses.
func (u *run) instant(text []byte) found {
	at, ok := retime.FindInstant(text, func(at align.DeviceTime) bool {
		placed := false
		for _, g := range u.order {
			if placed = placed || g.known; g.known && g.near(at) {
				return true
			}
		}
		return !placed && at > 1_500_000_000_000_000_000 && at < 2_500_000_000_000_000_000 // 2017 to 2049
	})
	return found{at, ok}
}

// readHead returns the whole lines at the beginning of the file, of UTF-16 its ASCII.
func readHead(f file, in *folder.Input) (head []byte, err error) {
	if head = in.Whole(); head == nil {
		again, err := folder.Open(f)
		if err != nil {
			return nil, err
		}
		defer again.Close()
		if head, err = io.ReadAll(io.LimitReader(again, headSize)); err != nil {
			return nil, fmt.Errorf("reading %s: %w", f.Path, err)
		}
	}
	if end := bytes.LastIndexByte(head, '\n'); len(head) == headSize && end >= 0 {
		head = head[:end+1]
	}
	if bytes.IndexByte(head, 0) < 0 {
		return head, nil
	}
	return bytes.ReplaceAll(head, []byte{0}, nil), nil
}

func firstLines(b []byte, n int) []byte {
	end := 0
	for range n {
		i := bytes.IndexByte(b[end:], '\n')
		if i < 0 {
			return b
		}
		end += i + 1
	}
	return b[:end]
}
