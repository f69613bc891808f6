package view

import (
	"strings"
	"unicode"
)

// Style is what a terminal can show.
type Style struct {
	Colour bool
	ASCII  bool // neither letters nor blocks beyond ASCII
}

// clean makes text that came over the network fit to be shown: no control characters, which could command the
// terminal, and no invisible ones, which could turn text around.
func (st Style) clean(s string) string {
	marks := 0
	return strings.Map(func(r rune) rune {
		mark := unicode.In(r, unicode.Mn, unicode.Me)
		if mark {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r >= 0xFE00 && r <= 0xFE0F, marks > 2:
			return -1
		case st.ASCII && r >= 0x80 && !unicode.Is(unicode.Cf, r):
			return '?'
		}
		return Visible(r)
	}, s)
}

// Visible returns r, a question mark in the place of a control character or of what is no letter at all, and -1, for nothing, where r is one that
// cannot be seen and may turn text around.
func Visible(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r):
		return -1
	case r == unicode.ReplacementChar || !unicode.IsPrint(r):
		return '?'
	}
	return r
}

// cells returns how many columns r takes. An error moves the rest of one line, no more.
func cells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= 0xFF61 && r <= 0xFFDC: // half-width forms
		return 1
	case r >= 0x3000 && r <= 0x303E, r >= 0xFF01 && r <= 0xFFE6, r >= 0x1F300 && r <= 0x1FAFF:
		return 2 // ideographs' punctuation, full-width forms, pictures
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi):
		return 2
	}
	return 1
}

func width(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

// cut returns what of s fits into n columns, with a mark where something is missing.
func (st Style) cut(s string, n int) string {
	if width(s) <= n {
		return s
	}
	mark := "…"
	if st.ASCII {
		mark = "~"
	}
	if n <= 0 {
		return ""
	}
	used := 0
	for i, r := range s {
		if used += cells(r); used > n-1 {
			return s[:i] + mark
		}
	}
	return s
}

// left and right return s in exactly n columns.
func (st Style) left(s string, n int) string {
	s = st.cut(s, n)
	return s + strings.Repeat(" ", max(0, n-width(s)))
}

// right is for numbers: one that does not fit is not cut, since what is left of it would look like one.
func (st Style) right(s string, n int) string {
	if width(s) > n {
		return strings.Repeat("#", n)
	}
	return strings.Repeat(" ", n-width(s)) + s
}

// wrap breaks s between words into lines of at most n columns; the last of most lines is cut.
func (st Style) wrap(s string, n, most int) []string {
	var lines []string
	line := ""
	words := strings.Fields(s)
	for i, w := range words {
		switch {
		case line == "":
			line = w
		case width(line)+1+width(w) <= n:
			line += " " + w
		case len(lines) == most-1:
			return append(lines, st.cut(line+" "+strings.Join(words[i:], " "), n))
		default:
			lines, line = append(lines, st.cut(line, n)), w
		}
	}
	return append(lines, st.cut(line, n))
}

// paint colours s.
func (st Style) paint(code, s string) string {
	if !st.Colour || code == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// paintLight colours s as l is.
func (st Style) paintLight(l Light, s string) string {
	return st.paint([...]string{"1;32", "1;33", "1;33", "1;31"}[l], s)
}
