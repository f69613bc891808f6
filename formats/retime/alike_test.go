package retime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pialign/pialign/align"
)

// Rows that begin alike are worked on as any: the same output, the same calls of Map, the same errors, whatever comes between them and however
// the file is cut into pieces. Asking for a text besides turns the short way off.
func TestAlikeRowsAreRows(t *testing.T) {
	errNo := errors.New("no")
	short, failed, runs := 0, 0, 0
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
		do := func(texts []int, chunk int, many bool) string {
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
				if !many { // who is asked for many at once is not told the rows; what an error says of them is compared
					fmt.Fprintf(&calls, "%d ", c.Row)
				}
				fmt.Fprintf(&calls, "%d %d %q\n", c.Column, c.At, c.Key)
				if n++; n > refuse {
					return errNo
				}
				c.Host, c.Blank, c.Kept = int64(c.At)+int64(c.At%7)*1000, c.At%11 == 0, c.At%13 == 0
				return nil
			}
			if many {
				tab.Many = func(key []byte, dst []int64, src []align.DeviceTime) (int, bool, error) {
					if at := slices.IndexFunc(src, func(at align.DeviceTime) bool { return at%13 == 0 || at%5 == 0 }); at >= 0 {
						src = src[:at] // Kept, or somehow not for many
					}
					runs = max(runs, len(src))
					for i, at := range src {
						c := Cell{At: at, Key: key}
						if err := tab.Map(&c); err != nil || c.Blank {
							return i, c.Blank, err
						}
						dst[i] = c.Host
					}
					return len(src), false, nil
				}
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
		for _, many := range []bool{false, true} {
			want := do([]int{width + 1}, 0, many)
			for _, chunk := range []int{0, 1 + r.IntN(300)} {
				if got := do(nil, chunk, many); got != want {
					t.Fatalf("seed %d, in pieces of %d, many at once %v:\n%s\nwant\n%s\nof %q", seed, chunk, many, got, want, in)
				}
			}
		}
	}
	if short < 10_000 || failed < 1000 || runs < 8 {
		t.Errorf("hardly any rows that begin alike, errors, or many at once: %d, %d, %d", short, failed, runs)
	}
}
