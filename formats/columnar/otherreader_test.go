package columnar_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/retime/retimetest"
)

// TestAnotherReaderSeesTheSame reads a table with hyparquet.
func TestAnotherReaderSeesTheSame(t *testing.T) {
	header, text, _ := strings.Cut(gaze, "\n")
	body := text
	for range 9 {
		body += body
	}
	table := header + "\n" + strings.Repeat(body, 1+columnar.GroupRows/strings.Count(body, "1685088812")) + text
	b, err := write(gazeTable(), retime.Parquet, table, table, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gaze.parquet")
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Rows   []map[string]any
		Schema []string
		Groups int
	}
	retimetest.Hyparquet(t, "testdata/dump.mjs", path, &got)
	ours := read(t, retime.Parquet, b)
	if err := ours.same(table); err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != len(ours.rows) || got.Groups != ours.groups || got.Groups < 2 {
		t.Fatalf("%d rows in %d groups, want %d in %d", len(got.Rows), got.Groups, len(ours.rows), ours.groups)
	}
	for i, row := range got.Rows {
		for j, name := range ours.names {
			have, ok := row[name], false
			switch have := have.(type) {
			case nil:
				ok = ours.null[i][j]
			case string:
				ok = have == ours.rows[i][j]
			case bool:
				ok = strconv.FormatBool(have) == ours.rows[i][j]
			case float64:
				ok = strconv.FormatFloat(have, 'g', -1, 64) == ours.rows[i][j]
			}
			if !ok {
				t.Fatalf("row %d: %s is %v, want %q (null: %v)", i, name, have, ours.rows[i][j], ours.null[i][j])
			}
		}
	}
	want := []string{"section id BYTE_ARRAY OPTIONAL STRING", "recording id BYTE_ARRAY OPTIONAL STRING", "timestamp [ns] INT64 OPTIONAL TIMESTAMP NANOS true",
		"gaze x [px] DOUBLE OPTIONAL", "worn DOUBLE OPTIONAL", "fixation id INT64 OPTIONAL", "azimuth [deg] DOUBLE OPTIONAL", "note BYTE_ARRAY OPTIONAL STRING",
		"flag BOOLEAN OPTIONAL", "nothing BYTE_ARRAY OPTIONAL STRING"}
	if !slices.Equal(got.Schema, want) {
		t.Errorf("schema\n got %q\nwant %q", got.Schema, want)
	}
}
