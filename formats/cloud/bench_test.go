package cloud_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/retime"
)

// BenchmarkRetime re-times a folder of one table, checked first and then written, beside a plain copy of it. Both
// bring their result onto the disk. TMPDIR=/dev/shm leaves the disk out of it.
func BenchmarkRetime(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "rec")
	if err := os.Mkdir(dir, 0o777); err != nil {
		b.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("section id,recording id,timestamp [ns],gaze x [px],gaze y [px],worn,fixation id,blink id,azimuth [deg],elevation [deg]\n")
	for i := range 500_000 {
		fmt.Fprintf(&table, "f04c7b44-5076-4f28-a28d-7b7863f63221,b2345e8e-d5d9-49fe-a6bc-2a04432a24e5,%d,629.146,647.936,1.0,%d,,7.700536268254241,-8.617572141588298\n",
			1700000000175076015+int64(i)*5_000_000, i/100)
	}
	name := filepath.Join(dir, "gaze.csv")
	if err := os.WriteFile(name, []byte(table.String()), 0o666); err != nil {
		b.Fatal(err)
	}
	b.Run("copy", func(b *testing.B) {
		b.SetBytes(int64(table.Len()))
		for b.Loop() {
			out := filepath.Join(b.TempDir(), "copy")
			from, err := os.Open(name)
			if err != nil {
				b.Fatal(err)
			}
			to, err := os.Create(out)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, 128<<10)); err != nil { // as cp does
				b.Fatal(err)
			}
			if err := to.Sync(); err != nil {
				b.Fatal(err)
			}
			from.Close()
			to.Close()
			os.Remove(out)
		}
	})
	b.Run("retime", func(b *testing.B) {
		rec, err := cloud.Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		clocks := second.clocks(b)
		b.SetBytes(int64(table.Len()))
		for b.Loop() {
			out := filepath.Join(b.TempDir(), "out")
			if _, err := rec.Retime(context.Background(), out, clocks, retime.Options{}); err != nil {
				b.Fatal(err)
			}
			os.RemoveAll(out)
		}
	})
}
