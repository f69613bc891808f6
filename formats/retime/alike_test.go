package retime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Rows that begin alike are worked on as any: the same output, the same calls of Map, the same errors, whatever comes between them and however
// the file is cut into pieces. Asking for a text besides turns the short way off.
func TestAlikeRowsAreRows(t *testing.T) {
	errNo := errors.New("no")
	short, failed := 0, 0
	for seed := range uint64(6000) {
		r := rand.New(rand.NewPCG(seed, 9))
		pick := func(often string, others ...string) string {
			if r.IntN(25) > 0 {
				return often
			}
			return others[r.IntN(len(others))]
		}
		width := 1 + r.IntN(3) // columns before the time
		header := []string{"id", "b", "c"}[:width]
		in := strings.Join(header, ",") + ",timestamp [ns],x,y" + pick("\n", "\r\n")
		same := []string{"same", "b-b", ""}[:width]
		for range r.IntN(40) {
			row := slices.Clone(same)
			row[r.IntN(width)] = pick(row[0], "other", `"same"`, `"sa,me"`, "", "\"a\"\"b\"", "same,")
			if r.IntN(20) == 0 {
				same[r.IntN(width)] = fmt.Sprint("s", r.IntN(3))
			}
			time := pick(fmt.Sprint(1_700_000_000_000_000_000+r.Int64N(1e12)), "", "1", "x", `"1700000000000000015"`, "0700000000000000015", "-170000000000000001", "9999999999999999999", "9223372036854775807")
			in += strings.Join(row, ",") + "," + time + "," + pick("1", `"q,"`, "", "\r", `a"`) + "," + pick("2", "", "2,3", `"3`, "3\r") + pick("\n", "\r\n", "\n\n", "", "\r\r\n")
		}
		refuse := r.IntN(60)
		do := func(texts []int, chunk int) string {
			var calls, out strings.Builder
			n := 0
			tab := Table{Name: "t", Mode: []Mode{Replace, Replace, Add}[seed%3], KeepDeviceTime: seed%3 == 1, chunk: chunk,
				Plan: func(h []string) (Plan, error) {
					return Plan{Times: []int{width}, Key: int(seed%4) - 1, Texts: texts}, nil
				}}
			if int(seed%4)-1 >= width {
				tab.Plan = func(h []string) (Plan, error) { return Plan{Times: []int{width}, Key: -1, Texts: texts}, nil }
			}
			tab.Map = func(c *Cell) error {
				fmt.Fprintf(&calls, "%d %d %d %q\n", c.Row, c.Column, c.At, c.Key)
				if n++; n > refuse {
					return errNo
				}
				c.Host, c.Blank, c.Kept = int64(c.At)+int64(c.At%7)*1000, c.At%11 == 0, c.At%13 == 0
				return nil
			}
			s := tab.rewriting(context.Background(), &out, strings.NewReader(in))
			err := s.run()
			s.r.Close()
			_ = s.w.Close()
			if texts == nil {
				short += s.alike.hits
			} else if s.alike.hits > 0 {
				t.Fatal("the long way is a short one")
			}
			if err != nil {
				failed++
				out.Reset() // of no worth
			}
			return fmt.Sprintf("%s%v\n%d rows\n%s", calls.String(), err, s.stats.Rows, out.String())
		}
		want := do([]int{width + 1}, 0)
		for _, chunk := range []int{0, 1 + r.IntN(300)} {
			if got := do(nil, chunk); got != want {
				t.Fatalf("seed %d, in pieces of %d:\n%s\nwant\n%s\nof %q", seed, chunk, got, want, in)
			}
		}
	}
	if short < 10_000 || failed < 1000 {
		t.Errorf("hardly any rows that begin alike, or errors: %d, %d", short, failed)
	}
}
