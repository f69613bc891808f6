package main

import (
	"bytes"
	"io"
	"unicode"

	"github.com/pialign/pialign/cmd/pialign/internal/view"
)

// legible passes on text for people. What phones, logs and file names put into it may hold control characters, which could command the
// terminal, and invisible ones, which could turn text around: it has a question mark in place of those, or nothing. Lines and tabs are ours.
type legible struct{ w io.Writer }

// Unwrap returns what it passes text on to: the live screen has its own care for what it shows.
func (l legible) Unwrap() io.Writer { return l.w }

// Write passes on whole runes; what is passed to it ends with one.
func (l legible) Write(b []byte) (int, error) {
	if _, err := l.w.Write(clean(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// clean returns text that a terminal may be given.
func clean(b []byte) []byte {
	if !bytes.ContainsFunc(b, func(r rune) bool { return r >= 0x7f || r < ' ' && r != '\n' && r != '\t' }) {
		return b
	}
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.Is(unicode.Zs, r) {
			return r
		}
		return view.Visible(r)
	}, b)
}
