package columnar_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/retime"
)

// TestManyAtATime: tables that are made at the same time share what they need, and neither wait for each other for ever nor mix; also not
// where some of them fail.
func TestManyAtATime(t *testing.T) {
	text := rowsOf(3*columnar.GroupRows + 1)
	good := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	var alone bytes.Buffer
	if err := writeAll(columnar.New(t.Context(), &alone, retime.Parquet, timesAndA, good), text, nil); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 9 {
		wg.Go(func() {
			if i%3 == 1 {
				if err := writeAll(columnar.New(t.Context(), &full{10_000}, retime.Feather, timesAndA, good), text, nil); !errors.Is(err, errFull) {
					t.Errorf("%v", err)
				}
				return
			}
			var out bytes.Buffer
			if err := writeAll(columnar.New(t.Context(), &out, retime.Parquet, timesAndA, good), text, nil); err != nil || !bytes.Equal(out.Bytes(), alone.Bytes()) {
				t.Errorf("%v; %d bytes, alone %d", err, out.Len(), alone.Len())
			}
		})
	}
	wg.Wait()
}
