package folder

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/formats/retime"
)

// rebuilt makes a zip of the one at path: files for which change has something are packed again, the others copied.
func rebuilt(t testing.TB, path string, change func(f File, content string) (string, bool)) (string, error) {
	t.Helper()
	tree, err := Walk(path)
	if err != nil {
		t.Fatal(err)
	}
	dst := filepath.Join(t.TempDir(), "new", "b.zip")
	var target Target
	err = target.Build(dst, tree, func() ([]byte, error) {
		// largest first and so on: the order of the work is not that of the zip
		_, err := Each(3, tree.Files, func(f File) (string, error) {
			in, err := Open(f)
			if err != nil {
				return "", err
			}
			defer in.Close()
			b, err := io.ReadAll(in)
			if err != nil {
				return "", err
			}
			if s, ok := change(f, string(b)); ok {
				return target.Output(f, func(w io.Writer) error {
					_, err := io.WriteString(w, s)
					return err
				})
			}
			if _, err := in.Seek(0, io.SeekStart); err != nil {
				return "", err
			}
			return target.Copy(context.Background(), f, in)
		})
		return []byte("{}\n"), err
	})
	if left, _ := os.ReadDir(filepath.Dir(filepath.Dir(dst))); err != nil && len(left) > 0 {
		t.Errorf("after %v there is %s", err, left[0].Name())
	}
	return dst, err
}

func opened(t testing.TB, path string) *zip.Reader {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// about is what a directory says of an entry beside its content.
func about(e *zip.File) string {
	return fmt.Sprintf("%q %q method %d mode %v time %v extra %x flags %x from %d", e.Name, e.Comment, e.Method, e.Mode(), e.Modified, e.Extra, e.Flags&^descriptor, e.CreatorVersion>>8)
}

func TestRezipKeepsEverythingElse(t *testing.T) {
	extended := binary.LittleEndian.AppendUint32([]byte{'U', 'T', 5, 0, 1}, 1_700_000_000)
	zip64 := append([]byte{zip64ID, 0, 4, 0, 1, 2, 3, 4}, extended...) // one that the sizes do not need
	path := saved(t, zipped(t,
		entry{name: "rec/", change: func(fh *zip.FileHeader) { fh.SetMode(fs.ModeDir | 0o750) }},
		entry{"rec/z.csv", strings.Repeat("z,", 3<<20), zip.Deflate, func(fh *zip.FileHeader) { fh.Comment = "größe"; fh.SetMode(0o600) }},
		entry{"rec/scene.mp4", "\x00\x01", zip.Store, func(fh *zip.FileHeader) { fh.Extra = zip64 }},
		entry{"rec/stored.csv", "a,b\n", zip.Store, func(fh *zip.FileHeader) { fh.Extra = extended }},
		entry{"rec/.git/HEAD", "x", zip.Store, nil},
		entry{"größe.txt", strings.Repeat("x", 1000), zip.Deflate, func(fh *zip.FileHeader) { fh.Flags |= 1 << 11 }},
		entry{"日本.txt", "without the flag, as macOS writes it", zip.Deflate, func(fh *zip.FileHeader) {
			fh.SetModTime(time.Date(2023, 9, 1, 13, 25, 20, 0, time.UTC)) //lint:ignore SA1019 the two fields are what is in the file
		}},
		entry{"a.csv", "1", zip.Deflate, func(fh *zip.FileHeader) { fh.Flags |= descriptor }},
		entry{name: "later/"},
	))
	toUpper := func(f File, s string) (string, bool) { return strings.ToUpper(s), strings.HasSuffix(f.Name, ".csv") }
	dst, err := rebuilt(t, path, toUpper)
	if err != nil {
		t.Fatal(err)
	}
	in, out := opened(t, path), opened(t, dst)
	if out.Comment != in.Comment || out.Comment == "" {
		t.Errorf("the comment is %q", out.Comment)
	}
	n := 0
	for _, e := range in.File {
		if strings.Contains(e.Name, ".git") {
			continue
		}
		o := out.File[n]
		n++
		e.Extra = bytes.TrimPrefix(e.Extra, zip64[:8])
		if about(o) != about(e) {
			t.Errorf("%s became %s", about(e), about(o))
		}
		if strings.HasSuffix(e.Name, "/") {
			continue
		}
		r, err := o.Open() // archive/zip and compress/flate judge what was packed here
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		was, _ := e.Open()
		want, _ := io.ReadAll(was)
		if strings.HasSuffix(e.Name, ".csv") {
			want = bytes.ToUpper(want)
		} else {
			a, _ := e.OpenRaw()
			b, _ := o.OpenRaw()
			x, _ := io.ReadAll(a)
			if y, _ := io.ReadAll(b); !bytes.Equal(x, y) {
				t.Errorf("%s was packed again", e.Name)
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want %d", e.Name, len(got), len(want))
		}
	}
	if last := out.File[n]; n != len(out.File)-1 || last.Name != retime.ManifestName || last.Mode() != 0o644 || len(last.Extra) > 0 || !last.Modified.Equal(time.Date(2023, 9, 1, 13, 25, 20, 0, time.UTC)) {
		t.Errorf("%d entries, then %s", n, about(last))
	}
	again, err := rebuilt(t, path, toUpper)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := os.ReadFile(dst)
	if b, _ := os.ReadFile(again); !bytes.Equal(a, b) {
		t.Error("the same again gives other bytes")
	}
}

// TestRezipOrNothing: damage found on the way, a zip that changes meanwhile, a target that is there.
func TestRezipOrNothing(t *testing.T) {
	copied := func(File, string) (string, bool) { return "", false }
	bad := entry{"b.mp4", "x", zip.Store, func(fh *zip.FileHeader) { fh.CRC32++ }}
	_, err := rebuilt(t, saved(t, zipped(t, entry{name: "a.csv", content: "a"}, bad)), copied)
	if !errors.Is(err, ErrZip) {
		t.Errorf("damaged: %v", err)
	}
	path := saved(t, zipped(t, honest...))
	_, err = rebuilt(t, path, func(f File, s string) (string, bool) {
		if f.Name == "rec/scene.mp4" {
			later := time.Now().Add(time.Hour)
			if err := os.Chtimes(path, later, later); err != nil {
				t.Error(err)
			}
		}
		return s, true
	})
	if !errors.Is(err, retime.ErrChanged) {
		t.Errorf("changed: %v", err)
	}
	tree, err := Walk(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&Target{}).Build(path, tree, func() ([]byte, error) { return nil, nil }); !errors.Is(err, fs.ErrExist) {
		t.Errorf("there already: %v", err)
	}
	before := len(slots)
	cause := errors.New("no more")
	dst := filepath.Join(t.TempDir(), "c.zip")
	var target Target
	err = target.Build(dst, tree, func() ([]byte, error) {
		_, err := target.Output(tree.Files[len(tree.Files)-1], func(w io.Writer) error {
			io.WriteString(w, strings.Repeat("x", 3*piece/2))
			return cause
		})
		return nil, err
	})
	if left, _ := os.ReadDir(filepath.Dir(dst)); err != cause || len(left) > 0 || len(slots) != before {
		t.Errorf("given up: %v, %v left, %d packers busy", err, left, len(slots)-before)
	}
}

// Sizes above 4 GiB stand in an extra field both before the bytes and in the directory, each once. That whole zips of that
// size are read by Info-ZIP and Python was tried by hand.
func TestZip64Headers(t *testing.T) {
	const size, zips = 5 << 30, 3
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := createRaw(w, &zip.FileHeader{Name: "a", Method: zip.Deflate, UncompressedSize64: size, CompressedSize64: zips}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	local := b.Bytes()
	if le.Uint32(local[18:]) != 1<<32-1 || le.Uint32(local[22:]) != 1<<32-1 || le.Uint16(local[28:]) != 20 ||
		le.Uint16(local[31:]) != zip64ID || le.Uint64(local[35:]) != size || le.Uint64(local[43:]) != zips {
		t.Errorf("before the bytes: % x", local[:51])
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	e := r.File[0]
	if e.UncompressedSize64 != size || e.CompressedSize64 != zips || len(e.Extra) != 28 || header(e).Extra != nil {
		t.Errorf("in the directory: %d, %d, % x", e.UncompressedSize64, e.CompressedSize64, e.Extra)
	}
}

// What a zip of a result is read for.
func TestWalkZipResult(t *testing.T) {
	path := saved(t, zipped(t, honest...))
	if _, err := ReadManifest(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no result: %v", err)
	}
	manifest, err := retime.NewManifest(retime.Options{Program: "test"}, &retime.Report{}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	all := append([]entry{{name: retime.ManifestName, content: string(manifest), method: zip.Deflate}}, honest...)
	tree, b, m, err := WalkZipResult(saved(t, zipped(t, all...)))
	if err != nil || !bytes.Equal(b, manifest) || m.Program != "test" || len(tree.Files) != 5 {
		t.Errorf("%v, %+v, %q", err, m, b)
	}
	if _, err := ReadManifest(saved(t, zipped(t, append(all, all[0])...))); !errors.Is(err, retime.ErrRetimed) {
		t.Errorf("two of them: %v", err)
	}
	if _, err := ReadManifest(saved(t, zipped(t, append(all, entry{name: "../x"})...))); !errors.Is(err, ErrZip) {
		t.Errorf("unsafe: %v", err)
	}
}
