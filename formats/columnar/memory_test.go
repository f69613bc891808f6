package columnar_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/pialign/pialign/formats/columnar"
)

// made is the text of a table of so many rows, made as it is read.
type made struct {
	rows, at int
	rest     []byte
}

func (m *made) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		if m.at > m.rows {
			return 0, io.EOF
		}
		m.rest = m.rest[:0]
		for range 1000 {
			if m.at == 0 {
				m.rest = append(m.rest, "section id,recording id,timestamp [ns],gaze x [px],gaze y [px],note\n"...)
			} else if m.at <= m.rows {
				m.rest = fmt.Appendf(m.rest, "5a0d2e5b-4c2d-4c3a-9d4e-0123456789ab,b2345e8e-d5d9-49fe-a6bc-2a04432a24e5,%d,%d.%03d,812.5,text of row %d\n",
					1685088812484000015+int64(m.at)*5e6, m.at%1000, m.at%997, m.at)
			}
			m.at++
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// TestMemory: a million rows, 150 MB, need as much memory as any number of them: a few groups.
func TestMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector needs memory of its own")
	}
	if testing.Short() {
		t.Skip("a million rows")
	}
	about := columnar.Table{Name: "a.csv", Header: []string{"section id", "recording id", "timestamp [ns]", "gaze x [px]", "gaze y [px]", "note"},
		Columns: []int{2}, Times: []columnar.Time{{Unit: 1}}}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // groups in the making are as many
	for _, format := range bothFormats {
		peak := func(rows int) (most uint64) {
			open := func() (io.ReadCloser, error) { return io.NopCloser(&made{rows: rows}), nil }
			w := columnar.New(context.Background(), io.Discard, format, func() (columnar.Table, error) { return about, nil }, open)
			in, buf := &made{rows: rows}, make([]byte, 256<<10)
			for {
				n, err := in.Read(buf)
				if err == io.EOF {
					break
				}
				if _, err := w.Write(buf[:n]); err != nil {
					t.Fatal(err)
				}
				var m runtime.MemStats
				if in.at%20_000 < 1000 {
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapInuse)
				}
			}
			if err := w.Close(nil); err != nil {
				t.Fatal(err)
			}
			return most
		}
		const limit = 400 << 20 // what docs/formats/columnar.md says; 250 to 330 MiB here
		if most := peak(1_000_000); most > limit {
			t.Errorf("%s: %d MiB, want at most %d", format, most>>20, limit>>20)
		} else {
			t.Logf("%s: %d MiB", format, most>>20)
		}
	}
}
