package retimetest

import (
	"slices"
	"strings"
	"unicode/utf16"
)

// Damage is a way in which a table arrives otherwise than it was made.
type Damage struct {
	Name, Text string
	Says       []string // what the error that refuses it has to say; nil: it has to come out right
}

// Damages spoils a table of at least three rows below its header, in the column'th column of which are times, and which has
// another column before its last comma. What Text of a harmless damage becomes is the same damage done to the re-timed table.
func Damages(table string, column int) []Damage {
	lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	with := func(i int, line string) string { // another line
		return strings.Join(slices.Concat(lines[:i], []string{line}, lines[i+1:]), "\n") + "\n"
	}
	cell := func(change func(string) string) string { // another time in row 3
		cells := strings.Split(lines[2], ",")
		cells[column] = change(cells[column])
		return with(2, strings.Join(cells, ","))
	}
	is := func(text string) func(string) string { return func(string) string { return text } }
	firstCell, _, _ := strings.Cut(lines[3], ",")
	row3, row4 := []string{"row 3"}, []string{"row 4"}
	wide := []string{"UTF-16", "expected UTF-8", "row 1"}
	return []Damage{
		{"cut off in a row", strings.Join(lines[:3], "\n") + "\n" + firstCell, row4},
		{"a cell too many", with(2, lines[2]+",9"), row3},
		{"a hole of NUL bytes", strings.Join(lines[:3], "\n") + "\n" + strings.Repeat("\x00", 4096), row4},
		{"a NUL byte in a time", cell(func(at string) string { return at[:1] + "\x00" + at[1:] }), row3},
		{"a NUL byte in the header", "\x00" + table, wide},
		{"NUL bytes alone", strings.Repeat("\x00", len(table)), wide},
		{"a quote that is not closed", with(2, `"`+lines[2]), []string{"row 3", "quote"}},
		{"a row without an end", with(2, strings.Repeat("x", 2<<20)), row3},
		{"an overflow of 19 digits", cell(is("9999999999999999999")), row3},
		{"20 digits", cell(is("17000000010000000150")), row3},
		{"digits of another script", cell(is("١٧٠٠٠٠٠٠٠١٠٠٠٠٠٠٠١٥")), row3},
		{"a sign", cell(func(at string) string { return "+" + at }), row3},
		{"a space", cell(func(at string) string { return " " + at }), row3},
		{"not a number", cell(is("nan")), row3},
		{"carriage returns alone", strings.ReplaceAll(table, "\n", "\r"), []string{"carriage return", "row 1"}},
		{"UTF-16 of Windows", UTF16(table, false, true), wide},
		{"UTF-16 of Windows, unmarked", UTF16(table, false, false), wide},
		{"UTF-16, the other order", UTF16(table, true, true), wide},
		{"UTF-16, the other order, unmarked", UTF16(table, true, false), wide},

		{"a mark of UTF-8", "\xef\xbb\xbf" + table, nil},
		{"mixed line ends", lines[0] + "\r\n" + lines[1] + "\n" + lines[2] + "\r\r\n" + strings.Join(lines[3:], "\r\n"), nil},
		{"empty lines", lines[0] + "\n\n" + strings.Join(lines[1:], "\n\r\n") + "\n\n", nil},
		{"an empty time", cell(is("")), nil},
		{"a header alone", lines[0] + "\n", nil},
	}
}

// UTF16 is a text in two bytes a letter, the low one first unless big, with a mark of the order at the beginning or without.
func UTF16(text string, big, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		two := []byte{byte(u), byte(u >> 8)}
		if big {
			slices.Reverse(two)
		}
		b.Write(two)
	}
	return b.String()
}
