package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pialign/pialign/align"
)

// tripleColumns are the columns of a triples file. The last two may both be missing.
var tripleColumns = []string{"ts_A_ns", "ts_E_ns", "ts_B_ns", "phase", "mono_A_ns", "mono_B_ns"}

// longestPhase is so that a log can be called by its phase, whatever is in that.
const longestPhase = 60

const (
	colA = iota
	colE
	colB
	colPhase
	colMonoA
	colMonoB
)

// readTriples reads the exchanges in r. name is for messages. A cell that is no integer is an error and never a
// guess: a stamp with its last digits rounded off looks right and is not.
func readTriples(r io.Reader, name string) ([]align.Sample, error) {
	in := newCSVRows(r)
	header, err := in.header()
	switch {
	case err == io.EOF:
		return nil, withHint(fmt.Errorf("%s: empty, want CSV with a header", name), "header: %s", strings.Join(tripleColumns[:4], ","))
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	at, err := findTriples(header, name)
	if err != nil {
		return nil, err
	}
	var out []align.Sample
	for {
		row, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s, err := parseTriple(row, at, fmt.Sprintf("%s: row %d", name, in.line))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no exchange in it, only the header", name)
	}
	return out, nil
}

// findTriples returns where each of tripleColumns stands in names, -1 for none.
func findTriples(names []string, name string) ([]int, error) {
	at := make([]int, len(tripleColumns))
	for i, want := range tripleColumns {
		at[i] = slices.Index(names, want)
		if at[i] >= 0 && slices.Contains(names[at[i]+1:], want) {
			return nil, fmt.Errorf("%s: two columns are called %s", name, want)
		}
		if at[i] < 0 && i < colMonoA {
			return nil, withHint(fmt.Errorf("%s: no column %s", name, want), "columns: %s", strings.Join(names, ", "))
		}
	}
	if (at[colMonoA] < 0) != (at[colMonoB] < 0) {
		return nil, fmt.Errorf("%s: only one of the columns mono_A_ns and mono_B_ns", name)
	}
	return at, nil
}

// implausible adds to a refusal of n what unit it may be in.
func implausible(err error, n int64) error {
	if u := unitOf(n); u != "" {
		return withHint(err, "are these ms or us? As %s it is %s: write all digits down to the ns", u, instant(n*perUnit[u]))
	}
	return withHint(err, "are these ms or us? Want ns since 1970, of the computer's and the phone's wall clocks")
}

// parseTriple reads one row. Its monotonic cells may both be empty.
func parseTriple(row []string, at []int, where string) (align.Sample, error) {
	var v [6]int64
	for i, col := range at {
		if i == colPhase || col < 0 || (i >= colMonoA && row[at[colMonoA]] == "" && row[at[colMonoB]] == "") {
			continue
		}
		n, ok := parseInt([]byte(row[col]))
		switch {
		case !ok:
			return align.Sample{}, fmt.Errorf("%s, column %s: %s is not an instant in whole ns", where, tripleColumns[i], abbreviated([]byte(row[col])))
		case n == 0:
			return align.Sample{}, fmt.Errorf("%s, column %s: 0 is not an instant that was measured", where, tripleColumns[i])
		case i < colMonoA && !plausible(n):
			return align.Sample{}, implausible(fmt.Errorf("%s, column %s: %d ns since 1970 is not between the years 2000 and 2200", where, tripleColumns[i], n), n)
		}
		v[i] = n
	}
	s := align.Sample{A: align.HostTime(v[colA]), E: align.DeviceTime(v[colE]), B: align.HostTime(v[colB]),
		MonoA: align.MonoTime(v[colMonoA]), MonoB: align.MonoTime(v[colMonoB]), Phase: row[at[colPhase]]}
	// A wall clock that is set during an exchange may go back: the monotonic one, if read, tells.
	early := ""
	switch mono := s.MonoA != 0; {
	case mono && s.MonoB < s.MonoA:
		early = fmt.Sprintf("mono_B_ns %d is before mono_A_ns %d", s.MonoB, s.MonoA)
	case !mono && s.B < s.A:
		early = fmt.Sprintf("ts_B_ns %d is before ts_A_ns %d", s.B, s.A)
	}
	if early != "" {
		return align.Sample{}, withHint(fmt.Errorf("%s: %s: the answer cannot come before the question", where, early),
			"are columns A and B swapped? Where a clock was set during the exchange, remove the row")
	}
	switch {
	case s.Phase == "":
		return align.Sample{}, fmt.Errorf("%s, column phase: empty, want a name such as start", where)
	case len(s.Phase) > longestPhase || !utf8.ValidString(s.Phase) || strings.ContainsFunc(s.Phase, unicode.IsControl):
		return align.Sample{}, fmt.Errorf("%s, column phase: %s is no name, want one such as start, of up to %d bytes", where, abbreviated([]byte(s.Phase)), longestPhase)
	}
	return s, nil
}
