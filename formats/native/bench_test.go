package native

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// BenchmarkRetime re-times a file of 64 MiB of stamps, beside a plain copy of it. Both bring their result onto the disk; TMPDIR=/dev/shm leaves
// the disk out of it.
func BenchmarkRetime(b *testing.B) {
	const n, begin = 8 << 20, 1_700_000_000_000_000_000
	dir := filepath.Join(b.TempDir(), "rec")
	if err := os.Mkdir(dir, 0o777); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "info.json"), fmt.Appendf(nil, `{"start_time": %d, "data_format_version": "1.4"}`, begin), 0o666); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "gaze ps1.time"))
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range int64(n) {
		w.Write(binary.LittleEndian.AppendUint64(w.AvailableBuffer(), uint64(begin+15+i*5_000_000)))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	f.Close()
	b.Run("copy", func(b *testing.B) {
		b.SetBytes(8 * n)
		for b.Loop() {
			in, err := os.Open(f.Name())
			if err != nil {
				b.Fatal(err)
			}
			out, err := os.Create(filepath.Join(b.TempDir(), "out"))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, block)); err != nil {
				b.Fatal(err)
			}
			if err := out.Sync(); err != nil {
				b.Fatal(err)
			}
			in.Close()
			out.Close()
			os.Remove(out.Name())
		}
	})
	for pieces := 1; pieces <= 2; pieces++ {
		b.Run(fmt.Sprintf("retime/pieces=%d", pieces), func(b *testing.B) {
			parts := align.Parts{Segments: []align.Segment{{From: begin - 1e12, To: begin + 8e13, Ref: begin, Offset: 840e6, DriftE18: 12e12}}}
			if pieces == 2 {
				parts.Segments = append(parts.Segments, align.Segment{Piece: 1, From: begin + 7e13, To: begin + 9e13, Ref: begin + 7e13, Offset: 900e6, DriftE18: 12e12})
			}
			m, err := align.NewModel[align.HostTime](parts)
			if err != nil {
				b.Fatal(err)
			}
			rec, err := Open(dir)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(8 * n)
			for b.Loop() {
				out := filepath.Join(b.TempDir(), "out")
				_, err := rec.Retime(context.Background(), out, func(string, string) (retime.Clock, error) {
					return retime.Clock{New: func() align.Retimer { return m.Retimer(align.AmbiguousRefused) },
						NewStream: func(*align.Sides) (align.Retimer, align.Batch) { return m.Stream(align.AmbiguousRefused) }}, nil
				}, retime.Options{})
				if err != nil {
					b.Fatal(err)
				}
				os.RemoveAll(out)
			}
		})
	}
}
