package folder

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/pieces"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// rezip is a zip in the making: the entries of another in their order, with their names, times, modes, comments and
// methods. What is new of them is packed as it comes, in any order and several at a time, into a scratch file; the
// rest is copied packed as it is.
type rezip struct {
	from *archive
	scratch

	mu   sync.Mutex
	made map[*zip.File]*packed
	ctx  context.Context // of what is copied, to end that at the end too
}

// packed is the new content of an entry.
type packed struct {
	name       string // "": that of the entry
	crc        uint32
	size, zips uint64 // before and after packing
	at         []extent
}

// build is Build for a zip.
func (a *archive) build(t *Target, dst string, fill func() ([]byte, error)) error {
	if err := a.hold(); err != nil {
		return err
	}
	defer a.release()
	var why error
	err := wholefile.Create(dst, func(w io.Writer) error {
		f, remove, err := wholefile.Scratch(filepath.Dir(dst))
		if err != nil {
			return err
		}
		defer remove()
		t.zip = &rezip{from: a, scratch: scratch{f: f}, made: map[*zip.File]*packed{}, ctx: context.Background()}
		manifest, err := fill()
		if err != nil {
			why = err
			return err
		}
		return t.zip.write(w, manifest)
	})
	if why != nil {
		return why
	}
	return err
}

// output packs what fill writes as the entry of f was packed before.
func (z *rezip) output(f File, fill func(io.Writer) error) error { return z.outputAs(f, f.Name, fill) }

// outputAs is output where the entry gets another name.
func (z *rezip) outputAs(f File, name string, fill func(io.Writer) error) error {
	p := &packed{}
	if name != f.Name {
		p.name = name
	}
	to := &into{z: &z.scratch, p: p}
	var w io.Writer = to
	var d *deflater
	if f.entry.Method == zip.Deflate {
		d = newDeflater(to)
		defer d.giveUp() // where fill fails, or panics
		w = d
	}
	sum := &summing{w: w}
	if err := fill(sum); err != nil {
		return err
	}
	if d != nil {
		if err := d.Close(); err != nil {
			return err
		}
	}
	p.crc, p.size = sum.crc, sum.n
	z.mu.Lock()
	defer z.mu.Unlock()
	z.made[f.entry] = p
	return nil
}

// drop takes back what output has made of f.
func (z *rezip) drop(f File) {
	z.mu.Lock()
	defer z.mu.Unlock()
	delete(z.made, f.entry)
}

// copy returns the digest of f and an error where it is not whole. Its packed bytes are copied at the end.
func (z *rezip) copy(ctx context.Context, f File, in io.Reader, sha256 bool) (string, error) {
	z.mu.Lock()
	z.ctx = ctx
	delete(z.made, f.entry) // of an earlier try
	z.mu.Unlock()
	sum := digest.New(sha256)
	if _, err := pieces.Copy(ctx, sum, "", in); err != nil {
		return "", fmt.Errorf("reading %s: %w", f.Path, err)
	}
	return sum.String(), nil
}

// write puts it all together.
func (z *rezip) write(w io.Writer, manifest []byte) error {
	out := zip.NewWriter(w)
	buf := make([]byte, 256<<10)
	const begin = 1<<5 | 1 // of the times in zips: 1980, the first of January
	newest := [2]uint16{begin, 0}
	for _, e := range z.from.entries {
		if at := [2]uint16{e.ModifiedDate, e.ModifiedTime}; slices.Compare(at[:], newest[:]) > 0 {
			newest = at
		}
		if isLeftOut(e.Name) {
			continue
		}
		fh := header(e)
		var from io.Reader
		if p := z.made[e]; p != nil {
			fh.Flags &^= descriptor // the sizes are known by now
			if p.name != "" {
				rename(fh, p.name)
			}
			fh.CRC32, fh.UncompressedSize64, fh.CompressedSize64 = p.crc, p.size, p.zips
			from = z.scratch.reader(p.at)
		} else {
			raw, err := e.OpenRaw()
			if err != nil {
				return fmt.Errorf("%s: %w", z.from.place(e.Name), damaged(err))
			}
			from = raw
		}
		to, err := createRaw(out, fh)
		if err != nil {
			return err
		}
		if strings.HasSuffix(e.Name, "/") {
			continue
		}
		n, err := io.CopyBuffer(onlyWriter{to}, ending{z.ctx, from}, buf)
		if err == nil && uint64(n) != fh.CompressedSize64 {
			err = changed(z.from.path)
		}
		if err != nil {
			return err
		}
	}
	// The manifest has the newest time of the entries, and no extra field with it: equal work gives equal bytes.
	//lint:ignore SA1019 Modified would write the extra field.
	fh := &zip.FileHeader{Name: retime.ManifestName, Method: zip.Deflate, ModifiedDate: newest[0], ModifiedTime: newest[1]}
	fh.SetMode(0o644)
	out.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return newDeflater(w), nil })
	to, err := out.CreateHeader(fh)
	if err != nil {
		return err
	}
	if _, err := to.Write(manifest); err != nil {
		return err
	}
	if err := out.SetComment(z.from.comment); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return z.from.unchanged()
}

// ending is a reader that ends with ctx. What is small is not worth the goroutines of formats/pieces: a zip may have ten thousand entries.
type ending struct {
	ctx context.Context
	io.Reader
}

func (e ending) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.Reader.Read(p)
}

// onlyWriter has no other way to be written to, which would leave the buffer aside.
type onlyWriter struct{ io.Writer }

func isLeftOut(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == ".git" || wholefile.IsTemp(part) {
			return true
		}
	}
	return false
}

// descriptor is the flag of an entry whose sizes stand behind its bytes.
const descriptor = 8

// zip64ID is the extra field for what needs more than 32 bits.
const zip64ID = 1

// header returns what the directory says of e, to be written again, without the extra field of zip64: where that is
// needed the writer adds one.
func header(e *zip.File) *zip.FileHeader {
	fh := e.FileHeader
	fh.Modified = time.Time{} // else the writer makes an extra field of it, beside the one that is there
	fh.Extra = nil
	for extra := e.Extra; len(extra) >= 4; {
		n := 4 + int(binary.LittleEndian.Uint16(extra[2:]))
		if n > len(extra) {
			break // the rest is nothing that anybody can read
		}
		if binary.LittleEndian.Uint16(extra) != zip64ID {
			fh.Extra = append(fh.Extra, extra[:n]...)
		}
		extra = extra[n:]
	}
	return &fh
}

// unicodeID is the extra field with the name in UTF-8, where the entry has it in another way too. Source: APPNOTE.TXT 4.6.9.
const unicodeID = 0x7075

// rename gives an entry another name, also where it has a second one.
func rename(fh *zip.FileHeader, name string) {
	fh.Name = name
	var kept []byte
	for extra := fh.Extra; len(extra) >= 4; {
		n := 4 + int(binary.LittleEndian.Uint16(extra[2:]))
		if n > len(extra) {
			break
		}
		if binary.LittleEndian.Uint16(extra) != unicodeID {
			kept = append(kept, extra[:n]...)
		}
		extra = extra[n:]
	}
	fh.Extra = kept
}

// createRaw begins an entry whose packed bytes follow. Sizes of 4 GiB and above stand in an extra field before them,
// which archive/zip leaves to its caller, and in another in the directory, which it makes itself when it closes.
func createRaw(out *zip.Writer, fh *zip.FileHeader) (io.Writer, error) {
	extra, zips, size := fh.Extra, fh.CompressedSize64, fh.UncompressedSize64
	if fh.Flags&descriptor == 0 && max(zips, size) >= math.MaxUint32 {
		le := binary.LittleEndian
		b := le.AppendUint16(nil, zip64ID)
		b = le.AppendUint16(b, 16)
		b = le.AppendUint64(b, size)
		fh.Extra = append(le.AppendUint64(b, zips), extra...)
		fh.CompressedSize64, fh.UncompressedSize64 = math.MaxUint32, math.MaxUint32
		fh.ReaderVersion = max(fh.ReaderVersion, 45)
	}
	w, err := out.CreateRaw(fh)
	fh.Extra, fh.CompressedSize64, fh.UncompressedSize64 = extra, zips, size
	return w, err
}

// summing counts and sums what goes through it.
type summing struct {
	w   io.Writer
	crc uint32
	n   uint64
}

func (s *summing) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.crc = crc32.Update(s.crc, crc32.IEEETable, b[:n])
	s.n += uint64(n)
	return n, err
}

// scratch is a file that several write to at the same time, each into extents of its own.
type scratch struct {
	f   *os.File
	mu  sync.Mutex
	end int64
}

type extent struct{ from, to int64 }

// into writes what one entry becomes.
type into struct {
	z *scratch
	p *packed
}

func (i *into) Write(b []byte) (int, error) {
	i.z.mu.Lock()
	from := i.z.end
	i.z.end += int64(len(b))
	i.z.mu.Unlock()
	to := from + int64(len(b))
	if n := len(i.p.at); n > 0 && i.p.at[n-1].to == from {
		i.p.at[n-1].to = to
	} else {
		i.p.at = append(i.p.at, extent{from, to})
	}
	i.p.zips += uint64(len(b))
	return i.z.f.WriteAt(b, from)
}

func (z *scratch) reader(at []extent) io.Reader {
	var parts []io.Reader
	for _, e := range at {
		parts = append(parts, io.NewSectionReader(z.f, e.from, e.to-e.from))
	}
	return io.MultiReader(parts...)
}
