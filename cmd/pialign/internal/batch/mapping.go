package batch

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ErrPairs: a table of pairs that cannot be followed.
var ErrPairs = errors.New("table of pairs")

// UnknownError: a table of pairs names what was not found. It is an ErrPairs.
type UnknownError struct {
	What, Name string   // "session" or "recording", and what the table calls it
	Known      []string // the paths of those that were found
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%v: no %s %q was found", ErrPairs, e.What, e.Name)
}

func (e *UnknownError) Unwrap() error { return ErrPairs }

// Pair says which session, or alignment, is that of an input, as a person wrote it.
type Pair struct {
	Row           int
	Input, Source string
}

// ReadPairs reads a CSV with the columns input and session. Each may be a path, or the end of one: p01 is the session sessions/p01. An input may also be
// a folder with one recording somewhere in it, or how a recording's id begins; it may stand there several times, with several sessions.
func ReadPairs(name string, r io.Reader) ([]Pair, error) {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	header, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, ErrPairs, err)
	}
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(header[i], "\ufeff")))
	}
	in, session := slices.Index(header, "input"), slices.Index(header, "session")
	if in < 0 || session < 0 {
		return nil, fmt.Errorf("%s: %w: row 1 is %q; expected the columns input and session", name, ErrPairs, strings.Join(header, ","))
	}
	var pairs []Pair
	for n := 2; ; n++ {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return pairs, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", name, ErrPairs, err)
		}
		if len(row) <= max(in, session) {
			return nil, fmt.Errorf("%s: row %d: %w: %d cells, expected %d", name, n, ErrPairs, len(row), len(header))
		}
		p := Pair{Row: n, Input: strings.TrimSpace(row[in]), Source: strings.TrimSpace(row[session])}
		if p.Input == "" || p.Source == "" {
			return nil, fmt.Errorf("%s: row %d: %w: an empty cell; expected an input and its session", name, n, ErrPairs)
		}
		pairs = append(pairs, p)
	}
}

// ends reports whether name is full, or its last parts.
func ends(full, name string) bool {
	full, name = path.Clean(filepath.ToSlash(full)), path.Clean(filepath.ToSlash(name))
	return full == name || strings.HasSuffix(full, "/"+strings.TrimPrefix(name, "/")) && !path.IsAbs(name)
}

// resolve finds the one path that name is the end of.
func resolve(name string, all []string, what string) (int, error) {
	at := -1
	for i, full := range all {
		switch {
		case !ends(full, name):
		case at >= 0 && all[at] != full:
			return -1, fmt.Errorf("%w: %q may be %s and %s; write more of the path", ErrPairs, name, all[at], full)
		default:
			at = i
		}
	}
	if at < 0 {
		return -1, &UnknownError{What: what, Name: name, Known: all}
	}
	return at, nil
}
