package retime

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pialign/pialign/align"
)

// everyTime plans all columns in ns, with "recording id" as key.
func everyTime(header []string) (Plan, error) {
	key, err := Index(header, "recording id")
	return Plan{Times: Find(header).Times, Key: key}, err
}

func shift(by int64) func(*Cell) error {
	return func(c *Cell) error {
		c.Host = int64(c.At) + by
		return nil
	}
}

func rewrite(t Table, in string) (string, Stats, error) {
	if t.Name == "" {
		t.Name = "t.csv"
	}
	if t.Plan == nil {
		t.Plan = everyTime
	}
	if t.Map == nil {
		t.Map = shift(0)
	}
	var out bytes.Buffer
	stats, err := t.Rewrite(context.Background(), &out, strings.NewReader(in))
	return out.String(), stats, err
}

// awkward are tables that a parser who prints again would change.
var awkward = []string{
	"timestamp [ns]\n1\n",
	"timestamp [ns]\r\n1\r\n2\r\n",
	"timestamp [ns],x\n1,a\r\n2,b\r\r\n3,c",
	"\xef\xbb\xbftimestamp [ns],x\n1,a\n",
	"\xef\xbb\xbf\"timestamp [ns]\",x\n\"1\",a\n\"\",b\n,c\n",
	"recording id,timestamp [ns],name,type\nr,1,\"a, \"\"b\"\"\nand c\",recording\nr,-5,x\"y,z\n\nr,0,,\n\r\n",
	"x,start timestamp [ns],end timestamp [ns]\n,,\nq,9223372036854775807,-9223372036854775808\n",
	"timestamp [ns],timestamp [ns]\n1,2",
	"timestamp [ns]",
	"x,y\n\"never read",
	"timestamp [ns],x\n1,\"open\nquote\"\r\r\n2,\"\"\n",
	"a, Timestamp [NS] \n1,2\n",
}

func TestIdentityKeepsEveryByte(t *testing.T) {
	for _, in := range awkward {
		out, s, err := rewrite(Table{}, in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
		} else if len(s.Plan.Times) > 0 && out != in {
			t.Errorf("%q became %q", in, out)
		}
	}
}

func TestTimesMoveAndNothingElse(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"LF", "a,timestamp [ns],b\nx,100,y\n", "a,timestamp [ns],b\nx,1099,y\n"},
		{"mixed line ends", "timestamp [ns]\r\n1\n2\r\r\n3", "timestamp [ns]\r\n1000\n1001\r\r\n1002"},
		{"quotes stay", "\"timestamp [ns]\",n\n\"1\",\"a,\n1\"\n", "\"timestamp [ns]\",n\n\"1000\",\"a,\n1\"\n"},
		{"empty stays", "timestamp [ns],n\n,a\n\"\",b\n", "timestamp [ns],n\n,a\n\"\",b\n"},
		{"digits get more and fewer", "timestamp [ns],n\n-999,a\n9001,b\n", "timestamp [ns],n\n0,a\n10000,b\n"},
	} {
		if out, _, err := rewrite(Table{Map: shift(999)}, c.in); err != nil || out != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, out, err, c.want)
		}
	}
}

func TestAddedColumns(t *testing.T) {
	const in = "\xef\xbb\xbfid,\"start timestamp [ns]\",end timestamp [ns]\r\n1,\"10\",20\r\r\n2,\"\",\n\n3,7,8"
	for _, c := range []struct {
		name string
		t    Table
		want string
	}{
		{"add", Table{Mode: Add},
			"\xef\xbb\xbfid,\"start timestamp [ns]\",\"host start timestamp [ns]\",end timestamp [ns],host end timestamp [ns]\r\n" +
				"1,\"10\",\"1010\",20,1020\r\r\n2,\"\",\"\",,\n\n3,7,1007,8,1008"},
		{"keep", Table{KeepDeviceTime: true},
			"\xef\xbb\xbfid,\"start timestamp [ns]\",\"device start timestamp [ns]\",end timestamp [ns],device end timestamp [ns]\r\n" +
				"1,\"1010\",\"10\",1020,20\r\r\n2,\"\",\"\",,\n\n3,1007,7,1008,8"},
	} {
		c.t.Map = shift(1000)
		if out, _, err := rewrite(c.t, in); err != nil || out != c.want {
			t.Errorf("%s:\n%q, %v; want\n%q", c.name, out, err, c.want)
		}
	}
}

func TestBlankAndKeptCells(t *testing.T) {
	answer := func(c *Cell) error {
		c.Host, c.Blank, c.Kept = 77, c.At == 1, c.At == 2
		return nil
	}
	const in = "timestamp [ns],n\n1,a\n2,b\n3,c\n\"1\",d\n"
	for _, c := range []struct {
		name string
		t    Table
		want string
	}{
		{"replace", Table{}, "timestamp [ns],n\n,a\n2,b\n77,c\n\"\",d\n"},
		{"add", Table{Mode: Add}, "timestamp [ns],host timestamp [ns],n\n1,,a\n2,2,b\n3,77,c\n\"1\",\"\",d\n"},
		// A stamp of the host's is no device time: that column stays empty.
		{"keep", Table{KeepDeviceTime: true}, "timestamp [ns],device timestamp [ns],n\n,1,a\n2,,b\n77,3,c\n\"\",\"1\",d\n"},
	} {
		c.t.Map = answer
		if out, _, err := rewrite(c.t, in); err != nil || out != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, out, err, c.want)
		}
	}
}

func TestBadCellsAreNamed(t *testing.T) {
	for _, c := range []struct {
		name, in string
		is       error
		says     string
	}{
		{"float", "timestamp [ns],n\n1,a\n1.5,b\n", ErrCell, `t.csv: row 3, column "timestamp [ns]": "1.5"`},
		{"exponent", "timestamp [ns]\n1.68509E+18\n", ErrCell, `row 2, column "timestamp [ns]"`},
		{"space", "timestamp [ns],n\n 1,a\n", ErrCell, `" 1"`},
		{"plus", "timestamp [ns],n\n+1,a\n", ErrCell, `"+1"`},
		{"leading zero", "timestamp [ns],n\n01,a\n", ErrCell, `"01"`},
		{"minus zero", "timestamp [ns],n\n-0,a\n", ErrCell, `"-0"`},
		{"too large", "timestamp [ns],n\n9223372036854775808,a\n", ErrCell, "row 2"},
		{"nan", "timestamp [ns],n\nnan,a\n", ErrCell, `"nan"`},
		{"quoted text", "timestamp [ns],n\n\"1\"\"2\",a\n", ErrCell, "row 2"},
		{"short row lacks the time", "a,timestamp [ns]\nx\n", ErrTable, `row 2, column "timestamp [ns]": malformed table: 1 cells where the header has 2`},
		{"short row", "timestamp [ns],a,b\n1,2\n", ErrTable, "t.csv: row 2: malformed table: 2 cells where the header has 3"},
		{"long row", "a,timestamp [ns]\nx,1,2\n", ErrTable, "row 2"},
		{"two of one name", "timestamp [ns],timestamp [ns]\n1,x\n", ErrCell, `column "timestamp [ns]" (column 2)`},
		{"open quote", "timestamp [ns],n\n1,a\n2,\"b\n3,c\n", ErrTable, "row 3"},
		{"text after a quote", "timestamp [ns],n\n1,\"a\"b\n", ErrTable, "row 2"},
		{"rows count line breaks in cells once", "timestamp [ns],n\n1,\"a\nb\nc\"\nx,d\n", ErrCell, "row 3"},
		{"bare carriage returns", "timestamp [ns],n\r1,a\r2,b", ErrTable, "carriage return"},
		{"UTF-16", "\xff\xfet\x00", ErrTable, "UTF-16"},
		{"endless row", "timestamp [ns],n\n1," + strings.Repeat("x", maxRecord), ErrTable, "row 2"},
		{"endless quoted row", "timestamp [ns],n\n1,\"" + strings.Repeat("x\n", maxRecord), ErrTable, "row 2"},
	} {
		_, _, err := rewrite(Table{}, c.in)
		if !errors.Is(err, c.is) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v; want %v with %q", c.name, err, c.is, c.says)
		}
	}
}

func TestMapErrorsAreNamed(t *testing.T) {
	_, _, err := rewrite(Table{Map: func(*Cell) error { return align.ErrOutOfReach }}, "x,timestamp [ns]\n,\na,1\n")
	var cell *CellError
	if !errors.As(err, &cell) || cell.Row != 3 || cell.Column != `"timestamp [ns]"` || !errors.Is(err, align.ErrOutOfReach) {
		t.Errorf("got %v", err)
	}
}

func TestKeysAndTexts(t *testing.T) {
	var got []string
	tab := Table{
		Plan: func([]string) (Plan, error) { return Plan{Times: []int{1}, Key: 0, Texts: []int{3, 2}}, nil },
		Map: func(c *Cell) error {
			got = append(got, fmt.Sprintf("%d %s %d %s|%s", c.Row, c.Key, c.At, c.Texts[0], c.Texts[1]))
			return nil
		},
	}
	_, s, err := rewrite(tab, "k,t,n,y\nA,1,one,1\n\"B\"\"\",2,\"t,w\no\",2\nC,,none,3\n")
	want := []string{"2 A 1 1|one", "3 B\" 2 2|t,w\no"}
	if err != nil || strings.Join(got, ";") != strings.Join(want, ";") || s.Rows != 3 {
		t.Errorf("%q, %d rows, %v", got, s.Rows, err)
	}
}

func TestLongestRowIsReadWhole(t *testing.T) {
	head := "timestamp [ns],n\n1,"
	for _, text := range []string{strings.Repeat("x", maxRecord-3), `"` + strings.Repeat("\n", maxRecord-5) + `"`} {
		in := head + text + "\n" // the row is maxRecord bytes long
		if out, _, err := rewrite(Table{}, in); err != nil || out != in {
			t.Errorf("a row of %d bytes: %v", maxRecord, err)
		}
		if _, _, err := rewrite(Table{}, head+"x"+text[1:]+"x\n"); !errors.Is(err, ErrTable) {
			t.Errorf("a row of %d bytes: %v", maxRecord+1, err)
		}
	}
}

func TestReadErrorsPassThrough(t *testing.T) {
	tab := Table{Name: "t.csv", Plan: everyTime, Map: shift(0)}
	in := io.MultiReader(strings.NewReader("timestamp [ns]\n1\n"), iotest.ErrReader(io.ErrClosedPipe))
	if _, err := tab.Rewrite(context.Background(), io.Discard, in); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tab.Rewrite(ctx, io.Discard, strings.NewReader("timestamp [ns]\n1\n")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestHeader(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "\xef\xbb\xbf": "", "a": "a", "\xef\xbb\xbfa,\"b,\nc\"\r\n1": "a|b,\nc", "\n1\n": "",
	} {
		_, s, err := rewrite(Table{}, in)
		if err != nil || strings.Join(s.Header, "|") != want {
			t.Errorf("%q: %q, %v", in, s.Header, err)
		}
	}
}

// withChunk rewrites with another piece size and, in between, a reader that hands out single bytes.
func withChunk(in string, chunk int, mode Mode, keep bool) (string, Stats, error) {
	var r io.Reader = strings.NewReader(in)
	if chunk%2 == 1 {
		r = iotest.OneByteReader(r)
	}
	tab := Table{Name: "t.csv", Plan: everyTime, Map: shift(1), Mode: mode, KeepDeviceTime: keep, chunk: chunk}
	tab.Map = func(c *Cell) error {
		c.Host, c.Blank, c.Kept = int64(c.At)/3, c.At%7 == 3, c.At%7 == 4
		return nil
	}
	var out bytes.Buffer
	s, err := tab.Rewrite(context.Background(), &out, r)
	return out.String(), s, err
}

func TestPieceSizeDoesNotMatter(t *testing.T) {
	for _, in := range awkward {
		for _, mode := range []Mode{Replace, Add} {
			want, ws, werr := withChunk(in, 1<<16, mode, mode == Replace)
			for chunk := 1; chunk < 2*len(in)+2; chunk++ {
				got, gs, gerr := withChunk(in, chunk, mode, mode == Replace)
				if got != want || fmt.Sprint(gerr) != fmt.Sprint(werr) || gs.Rows != ws.Rows {
					t.Fatalf("%q in pieces of %d: %q, %v; whole: %q, %v", in, chunk, got, gerr, want, werr)
				}
			}
		}
	}
}

// FuzzRewrite claims: the identity gives every byte back or an error; the size of the pieces changes nothing; an
// added column taken out again leaves the input; and encoding/csv sees the same times.
func FuzzRewrite(f *testing.F) {
	for _, in := range awkward {
		f.Add(in, uint16(7))
	}
	f.Add("timestamp [ns],n\n1,\"a\"b\n", uint16(1))
	f.Fuzz(func(t *testing.T, in string, chunk uint16) {
		if len(in) > 1<<12 {
			return
		}
		out, s, err := rewrite(Table{}, in)
		if err == nil && len(s.Plan.Times) > 0 && out != in {
			t.Fatalf("identity changed %q to %q", in, out)
		}
		for _, mode := range []Mode{Replace, Add} {
			a, as, aerr := withChunk(in, 1<<16, mode, mode == Replace)
			b, bs, berr := withChunk(in, 1+int(chunk%512), mode, mode == Replace)
			if a != b && aerr == nil || fmt.Sprint(aerr) != fmt.Sprint(berr) || as.Rows != bs.Rows {
				t.Fatalf("pieces of %d: %q, %v; whole: %q, %v", chunk, b, berr, a, aerr)
			}
		}
		if err != nil || len(s.Plan.Times) == 0 {
			return
		}
		added, _, err := rewrite(Table{Mode: Add}, in)
		if err != nil {
			t.Fatalf("add refuses what replace takes: %v", err)
		}
		if got := dropColumns(t, added, "host "); got != in {
			t.Fatalf("without the added columns: %q, want %q", got, in)
		}
		compareCSV(t, in, s)
	})
}

// dropColumns takes the columns whose names begin with prefix out of a table, by the rewriter's own view of cells:
// only where they are is at stake here.
func dropColumns(t *testing.T, in, prefix string) string {
	t.Helper()
	tab := &Table{Name: "t", chunk: 1 << 16, Plan: func(h []string) (Plan, error) {
		p := Plan{Key: -1}
		for i := range h {
			p.Times = append(p.Times, i)
		}
		return p, nil
	}}
	s := tab.rewriting(context.Background(), nil, strings.NewReader(in))
	if err := s.header(); err != nil {
		t.Fatal(err)
	}
	var drop []int
	for i, name := range s.stats.Header {
		if strings.HasPrefix(name, prefix) {
			drop = append(drop, i)
		}
	}
	var out strings.Builder
	begin := s.piece.From
	s.row, s.pos, s.quote = 0, begin, -1
	if strings.HasPrefix(in, "\xef\xbb\xbf") {
		s.pos += 3
	}
	mark := 0
	for {
		ok, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if s.rec.content > s.pos {
			for _, i := range drop {
				out.WriteString(in[mark : s.rec.cells[i].from-1-begin])
				mark = s.rec.cells[i].to - begin
			}
		}
		s.pos = s.rec.next
	}
	out.WriteString(in[mark:])
	return out.String()
}

// compareCSV reads the table with encoding/csv, where that agrees on what a table is, and compares the times.
func compareCSV(t *testing.T, in string, s Stats) {
	t.Helper()
	if strings.Contains(in, "\r") { // encoding/csv changes \r\n in cells and keeps other \r
		return
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(in, "\xef\xbb\xbf")))
	want, err := r.ReadAll()
	if err != nil || len(want) == 0 || len(want) != s.Rows+1 {
		return
	}
	n := 0
	tab := Table{Map: func(c *Cell) error {
		for ; n/len(s.Plan.Times) < s.Rows; n++ {
			cell := want[1+n/len(s.Plan.Times)][s.Plan.Times[n%len(s.Plan.Times)]]
			if cell == "" {
				continue
			}
			n++
			if v, err := strconv.ParseInt(cell, 10, 64); err != nil || v != int64(c.At) {
				t.Fatalf("time %d is %d here, %q to encoding/csv", n, c.At, cell)
			}
			return nil
		}
		t.Fatalf("a time more than encoding/csv sees: %d", c.At)
		return nil
	}}
	if _, _, err := rewrite(tab, in); err != nil {
		t.Fatal(err)
	}
}
