package columnar_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/retime"
)

var errFull = errors.New("no space left")

// full is a disk that takes so many bytes.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// rowsOf is a table of so many rows.
func rowsOf(n int) string {
	var b strings.Builder
	b.WriteString("timestamp [ns],a\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%d.%d\n", 1685088812484000015+int64(i)*4e6, i, i%10)
	}
	return b.String()
}

func timesAndA() (columnar.Table, error) {
	return columnar.Table{Name: "a.csv", Header: []string{"timestamp [ns]", "a"}, Columns: []int{0}, Times: []columnar.Time{{Unit: 1}}}, nil
}

// writeAll writes text in pieces until an error, and closes.
func writeAll(w *columnar.Writer, text string, why error) error {
	var err error
	for at := 0; at < len(text) && err == nil; at += 100_000 {
		_, err = io.WriteString(w, text[at:min(at+100_000, len(text))])
	}
	if err == nil {
		err = why
	}
	return w.Close(err)
}

// TestFailures: whatever goes wrong is told, also if it does at the end, and nothing waits for ever.
func TestFailures(t *testing.T) {
	const rows = 5*columnar.GroupRows + 3
	text := rowsOf(rows)
	good := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	for _, format := range bothFormats {
		for _, room := range []int{0, 3, 1000, 100_000, 300_000} {
			w := columnar.New(t.Context(), &full{room}, format, timesAndA, good)
			if err := writeAll(w, text, nil); !errors.Is(err, errFull) {
				t.Errorf("%s, room for %d bytes: %v", format, room, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		opened := func() (io.ReadCloser, error) { cancel(); return good() }
		if err := writeAll(columnar.New(ctx, io.Discard, format, timesAndA, opened), text, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", format, err)
		}
		no := func() (io.ReadCloser, error) { return nil, errFull }
		if err := writeAll(columnar.New(t.Context(), io.Discard, format, timesAndA, no), text, nil); !errors.Is(err, errFull) {
			t.Errorf("%s: not opened: %v", format, err)
		}
		why := errors.New("the row is wrong")
		if err := writeAll(columnar.New(t.Context(), io.Discard, format, timesAndA, good), text, why); !errors.Is(err, why) {
			t.Errorf("%s: an error of who writes: %v", format, err)
		}
		w := columnar.New(t.Context(), io.Discard, format, timesAndA, no)
		if err := w.Close(nil); err != nil || w.Begun() {
			t.Errorf("%s: nothing written: %v", format, err)
		}
		// What was numbers when the types were chosen, and no longer is.
		last := fmt.Sprintf(",%d.%d\n", rows-1, (rows-1)%10)
		other := strings.TrimSuffix(text, last) + ",x\n"
		err := writeAll(columnar.New(t.Context(), io.Discard, format, timesAndA, good), other, nil)
		if want := fmt.Sprintf("a.csv: row %d, column \"a\"", rows+1); !errors.Is(err, retime.ErrChanged) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", format, err, want)
		}
	}
}
