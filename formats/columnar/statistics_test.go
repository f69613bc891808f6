package columnar_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/apache/arrow/go/v15/parquet/file"

	"github.com/pialign/pialign/formats/retime"
)

// TestStatistics: what readers leave row groups out by.
func TestStatistics(t *testing.T) {
	b, err := write(gazeTable(), retime.Parquet, gaze, gaze, 100)
	if err != nil {
		t.Fatal(err)
	}
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ns := func(v int64) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(v))) }
	for i, want := range map[int]struct {
		from, to string
		nulls    int64
	}{
		0: {"s1", "s1", 0}, // every row has it
		2: {ns(1685088812484000015), ns(1685088812492000015), 0},
		5: {ns(1), ns(2), 1},
		7: {`a, "b"`, "two\nlines", 1},
	} {
		chunk, err := r.RowGroup(0).MetaData().ColumnChunk(i)
		if err != nil {
			t.Fatal(err)
		}
		s, err := chunk.Statistics()
		if err != nil || s == nil {
			t.Fatalf("column %d: %v", i, err)
		}
		if from, to := string(s.EncodeMin()), string(s.EncodeMax()); from != want.from || to != want.to || s.NullCount() != want.nulls {
			t.Errorf("column %d: from %q to %q, %d nulls", i, from, to, s.NullCount())
		}
	}
	for _, rg := range r.MetaData().RowGroups {
		for i, c := range rg.Columns {
			if s := c.MetaData.Statistics; s != nil && s.DistinctCount != nil {
				t.Errorf("column %d claims %d distinct values", i, *s.DistinctCount)
			}
		}
	}
}
