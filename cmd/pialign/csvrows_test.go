package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/retime/retimetest"
)

// goingOn is text that goes on with the same bytes for very long, without being held anywhere.
func goingOn(begin, fill string, size int) io.Reader {
	return io.MultiReader(strings.NewReader(begin), io.LimitReader(&repeatedly{fill: fill}, int64(size)))
}

type repeatedly struct {
	fill string
	at   int
}

func (a *repeatedly) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = a.fill[a.at%len(a.fill)]
		a.at++
	}
	return len(p), nil
}

const (
	triplesHeader = "ts_A_ns,ts_E_ns,ts_B_ns,phase\n"
	goodTriple    = "1700000000000000000,1700000000001000000,1700000000002000000,start\n"
	longLine      = 100 << 20
)

// hostileTriples are tables of which no row may be taken, and what the error says.
var hostileTriples = []struct {
	name string
	text func() io.Reader
	says string
}{
	{"truncated within a number", text(goodTriple + "1700000000000000000,17000000"), "row 3: record on line 3: wrong number of fields"},
	{"truncated within the last number of a row", text("1700000000000000000,1700000000001000000,17000000000,start\n"), "row 2, column ts_B_ns: 17000000000 ns since 1970"},
	{"a cell too many", text(goodTriple + strings.TrimSpace(goodTriple) + ",x\n"), "row 3"},
	{"a NUL byte", text(goodTriple + strings.Replace(goodTriple, "0,", "0\x00,", 1)), `row 3, column ts_A_ns: "1700000000000000000\x00"`},
	{"a hole of NUL bytes", text(goodTriple + strings.Repeat("\x00", 4096)), "row 3"},
	{"a phase with a NUL byte", text(strings.Replace(goodTriple, "start", "st\x00art", 1)), "row 2, column phase"},
	{"a phase that is no UTF-8", text(strings.Replace(goodTriple, "start", "st\xffart", 1)), "row 2, column phase"},
	{"a phase of a page", text(strings.Replace(goodTriple, "start", strings.Repeat("x", 5000), 1)), "row 2, column phase"},
	{"overflow", text(goodTriple + "9223372036854775808,1,1,start\n"), `row 3, column ts_A_ns: "9223372036854775808"`},
	{"20 digits", text("17000000000000000000,1,1,start\n"), `row 2, column ts_A_ns`},
	{"overflow below", text("-9223372036854775809,1,1,start\n"), `row 2, column ts_A_ns`},
	{"a fraction", text("1.7e18,1,1,start\n"), `row 2, column ts_A_ns: "1.7e18"`},
	{"a quote never closed", text(goodTriple + `"` + goodTriple + goodTriple), "row 3: record on line 3"},
	{"a quote never closed, and much behind it", func() io.Reader { return goingOn(triplesHeader+goodTriple+`"`, goodTriple, longLine) }, "the row after row 2: more than 1024 kB without an end: a quote that is never closed"},
	{"a quote within", text(`17"00,1,1,start` + "\n"), "row 2"},
	{"a line of 100 MB", func() io.Reader { return goingOn(triplesHeader, "1", longLine) }, "the row after row 1: more than 1024 kB"},
	{"a header of 100 MB", func() io.Reader { return goingOn("", "a,", longLine) }, "the row after row 0: more than 1024 kB"},
	{"UTF-16 with its mark", func() io.Reader { return strings.NewReader(retimetest.UTF16(triplesHeader+goodTriple, false, true)) }, "UTF-16"},
	{"UTF-16 the other way round", func() io.Reader { return strings.NewReader(retimetest.UTF16(triplesHeader+goodTriple, true, true)) }, "UTF-16"},
	{"UTF-16 without its mark", func() io.Reader { return strings.NewReader(retimetest.UTF16(triplesHeader+goodTriple, false, false)) }, "UTF-16"},
	{"a row in UTF-16", text(goodTriple + retimetest.UTF16(goodTriple, false, false)), "row 3"},
}

func text(rows string) func() io.Reader {
	return func() io.Reader { return strings.NewReader(triplesHeader + rows) }
}

// What is wrong is refused in one line with file and row, however long it is.
func TestHostileTriples(t *testing.T) {
	for _, c := range hostileTriples {
		got, err := readTriples(c.text(), "log.csv")
		if err == nil || got != nil || !strings.HasPrefix(err.Error(), "log.csv: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %d exchanges, %v; want %q", c.name, len(got), err, c.says)
		} else if n := len(err.Error()); n > 500 || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%s: an error of %d bytes: %.500q", c.name, n, err)
		}
	}
	dir := t.TempDir()
	log, session := filepath.Join(dir, "log.csv"), filepath.Join(dir, "p01")
	if err := os.WriteFile(log, []byte(triplesHeader+goodTriple+`"`+goodTriple), 0o666); err != nil {
		t.Fatal(err)
	}
	code, _, talk := command(t.Context(), "import", "triples", log, "--session", session)
	if _, err := os.Lstat(session); code != exitFailed || err == nil || !strings.Contains(talk, log+": row 3") {
		t.Errorf("exit code %d, %v\n%s", code, err, talk)
	}
}

// TestHostileInstants: on the stdin of map, a line each and as a column. What stands before is mapped.
func TestHostileInstants(t *testing.T) {
	m := mapModel(t)
	lines := func(r io.Reader) (source, error) { return newLines(r), nil }
	column := func(r io.Reader) (source, error) {
		return newColumn(io.MultiReader(strings.NewReader("t,x\n"), r), "t")
	}
	plain := func(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }
	for _, c := range []struct {
		name string
		open func(io.Reader) (source, error)
		text func() io.Reader
		says string
	}{
		{"truncated", lines, plain("1767601000000000000\n-"), `stdin: line 2: "-"`},
		{"an empty line", lines, plain("1767601000000000000\n\n1767601000000000000\n"), "stdin: line 2 is empty"},
		{"a NUL byte", lines, plain("1767601000000000000\n1767601000000000000\x00\n"), `stdin: line 2: "1767601000000000000\x00"`},
		{"overflow", lines, plain("1767601000000000000\n9223317676010000000000002036854176760100000000000017676010000000000005808\n"), "stdin: line 2"},
		{"a quote", lines, plain("1767601000000000000\n\"1767601000000000000\n"), "stdin: line 2"},
		{"a line of 100 MB", lines, func() io.Reader { return goingOn("1767601000000000000\n", "1", longLine) }, "stdin: line 2"},
		{"UTF-16", lines, plain(retimetest.UTF16("1176760100000000000000000000000000000\n", false, true)), "stdin: line 1"},
		{"a column, truncated", column, plain("1767601000000000000,a\n1767601000000000000"), "stdin: row 3"},
		{"a column, an empty cell", column, plain("1767601000000000000,a\n,a\n"), `stdin: line 3, column "t" is empty`},
		{"a column, a NUL byte", column, plain("1767601000000000000,a\n1767601000000000000\x00,a\n"), `stdin: line 3, column "t": "1767601000000000000\x00"`},
		{"a column, overflow", column, plain("1767601000000000000,a\n99999999999999999999,a\n"), `stdin: line 3, column "t"`},
		{"a column, a large cell", column, plain("1767601000000000000,a\n" + strings.Repeat("9", 1<<19) + ",a\n"), `stdin: line 3, column "t"`},
		{"a column, a quote never closed", column, plain("1767601000000000000,a\n1767601000000000000,\"a\n1767601000000000000,a\n"), "stdin: row 3"},
		{"a column, and much behind it", column, func() io.Reader {
			return goingOn("1767601000000000000,a\n1767601000000000000,\"", "1767601000000000000,a\n", longLine)
		}, "stdin: the row after row 2"},
		{"a column, a line of 100 MB", column, func() io.Reader { return goingOn("1767601000000000000,", "a", longLine) }, "stdin: the row after row 1"},
		{"a column in UTF-16", func(r io.Reader) (source, error) { return newColumn(r, "t") }, plain(retimetest.UTF16("t,x\n1767601000000000000,a\n", false, true)), "UTF-16"},
	} {
		in, err := c.open(c.text())
		var out strings.Builder
		if err == nil {
			err = mapInstants(t.Context(), &out, in, m, mapOptions{})
		}
		if err == nil || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%s: %.400v; want %q", c.name, err, c.says)
		}
		if rows := strings.Count(out.String(), "\n"); rows > 2 {
			t.Errorf("%s: %d rows were mapped", c.name, rows-1)
		}
	}
}
