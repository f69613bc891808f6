package batch

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// Digester makes digests of whole inputs, and counts what it has read for that.
type Digester struct {
	SHA256 bool
	Read   atomic.Int64
}

// Input is a folder or zip as it was when it was listed.
type Input struct {
	path string
	tree *folder.Tree // nil: a zip
}

// OpenInput lists what is at path.
func OpenInput(path string) (*Input, error) {
	if folder.IsZip(path) {
		return &Input{path: path}, nil
	}
	tree, err := folder.Walk(path)
	if err != nil {
		return nil, err
	}
	return &Input{path, tree}, nil
}

// Zipped reports whether it is a zip.
func (in *Input) Zipped() bool { return in.tree == nil }

// Input returns the digest of all bytes and names that make the result. Of a file of a folder known may tell the digest; it may be nil.
func (d *Digester) Input(ctx context.Context, in *Input, known func(name string) string) (string, error) {
	if in.tree == nil {
		return d.file(ctx, in.path)
	}
	all := digest.New(d.SHA256)
	for _, f := range in.tree.ByName() {
		sum := ""
		if known != nil {
			sum = known(f.Name)
		}
		if sum == "" {
			var err error
			if sum, err = d.file(ctx, f.Path); err != nil {
				return "", err
			}
		}
		fmt.Fprintf(all, "file %q %s\n", f.Name, sum)
	}
	for _, name := range in.tree.Folders {
		fmt.Fprintf(all, "folder %q\n", name)
	}
	for _, name := range in.tree.LeftOut {
		fmt.Fprintf(all, "left out %q\n", name)
	}
	return all.String(), nil
}

// Source returns the digest of a session's logs, or of an alignment.
func (d *Digester) Source(ctx context.Context, path string, alignment bool) (string, error) {
	if alignment {
		return d.file(ctx, path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	all := digest.New(d.SHA256)
	for _, e := range entries {
		if !probelog.IsLogName("x"+filepath.Ext(e.Name())) || wholefile.IsTemp(e.Name()) { // those of the host's clocks count too
			continue
		}
		sum, err := d.file(ctx, filepath.Join(path, e.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(all, "log %q %s\n", e.Name(), sum)
	}
	return all.String(), nil
}

// buffers are used again: ten thousand recordings have a hundred thousand files.
var buffers = sync.Pool{New: func() any { return new([256 << 10]byte) }}

// file returns the digest of one file.
func (d *Digester) file(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := digest.New(d.SHA256)
	buf := buffers.Get().(*[256 << 10]byte)
	defer buffers.Put(buf)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := f.Read(buf[:])
		_, _ = sum.Write(buf[:n]) // never fails
		d.Read.Add(int64(n))
		if err == io.EOF {
			return sum.String(), nil
		}
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", path, err)
		}
	}
}

// Result returns the digests of a result's pialign.json and of the names and sizes of its files. A link is what it leads to, as git-annex makes them; what
// systems leave in folders that people look at does not count. Where there is no result the error is fs.ErrNotExist.
func Result(ctx context.Context, path string) (manifest, files string, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", "", err
	}
	if !info.IsDir() {
		_, b, _, err := folder.WalkZipResult(path)
		if err != nil {
			return "", "", err
		}
		return digest.Bytes(b, false), digest.Bytes(fmt.Appendf(nil, "%d", info.Size()), false), nil
	}
	if manifest, err = digest.File(filepath.Join(path, retime.ManifestName), false); err != nil {
		return "", "", err
	}
	var names []string
	err = filepath.WalkDir(path, func(p string, e os.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(path, p)
		if err != nil {
			return err
		}
		size := int64(-1) // of a folder
		if !e.IsDir() {
			if folder.Litter(e.Name()) {
				return nil
			}
			info, err := os.Stat(p)
			if err != nil {
				return err
			}
			size = info.Size()
		}
		names = append(names, fmt.Sprintf("%q %d\n", filepath.ToSlash(rel), size))
		return nil
	})
	if err != nil {
		return "", "", err
	}
	slices.Sort(names)
	return manifest, digest.Bytes([]byte(strings.Join(names, "")), false), nil
}
