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

// BenchmarkRetime re-times a folder, of one table or of those of a whole recording, beside a plain copy of it, file by
// file. Both bring their result onto the disk. TMPDIR=/dev/shm leaves the disk out of it.
func BenchmarkRetime(b *testing.B) {
	for _, c := range []struct {
		name string
		rows map[string]int // by table
	}{
		{"table", map[string]int{"gaze.csv": 500_000}},
		{"recording", map[string]int{"gaze.csv": 200_000, "imu.csv": 200_000, "3d_eye_states.csv": 200_000, "world_timestamps.csv": 30_000}},
	} {
		dir := filepath.Join(b.TempDir(), "rec")
		if err := os.Mkdir(dir, 0o777); err != nil {
			b.Fatal(err)
		}
		info := `{"recording_id": "b2345e8e-d5d9-49fe-a6bc-2a04432a24e5", "start_time": 1700000000000000000}`
		if err := os.WriteFile(filepath.Join(dir, "info.json"), []byte(info), 0o666); err != nil {
			b.Fatal(err)
		}
		size := int64(len(info))
		for name, rows := range c.rows {
			var table strings.Builder
			table.WriteString("section id,recording id,timestamp [ns],gaze x [px],gaze y [px],worn,fixation id,blink id,azimuth [deg],elevation [deg]\n")
			for i := range rows {
				fmt.Fprintf(&table, "f04c7b44-5076-4f28-a28d-7b7863f63221,b2345e8e-d5d9-49fe-a6bc-2a04432a24e5,%d,629.146,647.936,1.0,%d,,7.700536268254241,-8.617572141588298\n",
					1700000000175076015+int64(i)*5_000_000, i/100)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(table.String()), 0o666); err != nil {
				b.Fatal(err)
			}
			size += int64(table.Len())
		}
		b.Run(c.name+"/copy", func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				out := filepath.Join(b.TempDir(), "copy")
				if err := os.Mkdir(out, 0o777); err != nil {
					b.Fatal(err)
				}
				for name := range c.rows {
					copyFile(b, filepath.Join(dir, name), filepath.Join(out, name))
				}
				os.RemoveAll(out)
			}
		})
		b.Run(c.name+"/retime", func(b *testing.B) {
			rec, err := cloud.Open(dir)
			if err != nil {
				b.Fatal(err)
			}
			clocks := second.Clocks(b)
			b.SetBytes(size)
			for b.Loop() {
				out := filepath.Join(b.TempDir(), "out")
				if _, err := rec.Retime(context.Background(), out, clocks, retime.Options{}); err != nil {
					b.Fatal(err)
				}
				os.RemoveAll(out)
			}
		})
	}
}

// copyFile copies as cp does, onto the disk.
func copyFile(b *testing.B, from, to string) {
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, 128<<10)); err != nil {
		b.Fatal(err)
	}
	if err := out.Sync(); err != nil {
		b.Fatal(err)
	}
}
