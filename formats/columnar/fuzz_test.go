package columnar_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/retime"
)

// FuzzWriter: whatever table re-timing takes is the same when it is read back, and the same bytes whatever pieces it comes in. Nothing panics.
func FuzzWriter(f *testing.F) {
	f.Add("a,timestamp [ns],b\n1.5,1685088812484000015,\n\"x\"\"y\",-1,2\n", byte(7))
	f.Add("timestamp [ns]\r\n1\r\n\r\n2", byte(1))
	f.Add("\ufefftimestamp [ns],a\n1,1e5\n2,-0.0\n3,nan\n4,", byte(3))
	f.Add("timestamp [ns],a\n1,\"\n2,\xff\n3,true", byte(90))
	f.Fuzz(func(t *testing.T, text string, n byte) {
		same := retime.Table{Name: "a.csv", Map: func(c *retime.Cell) error { c.Kept = true; return nil }}
		same.Plan = func(header []string) (retime.Plan, error) {
			p := retime.Plan{Key: -1}
			for i, name := range header {
				if name == "timestamp [ns]" {
					p.Times = []int{i}
				}
			}
			return p, nil
		}
		var out bytes.Buffer
		stats, err := same.Rewrite(context.Background(), &out, strings.NewReader(text))
		if err != nil || len(stats.Plan.Times) == 0 {
			return
		}
		about := columnar.Table{Name: "a.csv", Header: stats.Header, Columns: stats.Plan.Times, Times: []columnar.Time{{Unit: 1}}}
		if about.Check() != nil {
			return
		}
		for _, format := range bothFormats {
			b, err := write(about, format, text, out.String(), 1+int(n))
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			got := read(t, format, b)
			if len(got.rows) != stats.Rows {
				t.Fatalf("%s: %d rows, want %d", format, len(got.rows), stats.Rows)
			}
			i := 0
			split := retime.NewRows(0, len(stats.Header))
			rest := retime.TrimMark([]byte(text))
			split.Piece(rest)
			for at, header := 0, true; at < len(rest); {
				cells, next, err := split.Row(at)
				if err != nil {
					t.Fatal(err)
				}
				if at = next; cells == 0 || header {
					header = header && cells == 0
					continue
				}
				for j := range cells {
					if cell := string(split.Cell(j)); !got.cell(i, j, cell) {
						t.Fatalf("%s: row %d, column %d is %q (null: %v), the cell is %q", format, i, j, got.rows[i][j], got.null[i][j], cell)
					}
				}
				i++
			}
			again, err := write(about, format, text, out.String(), 1<<20)
			if err != nil || !bytes.Equal(b, again) {
				t.Fatalf("%s: other bytes of other pieces, %v", format, err)
			}
		}
	})
}
