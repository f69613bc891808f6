package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// originals is what lies below the folder of the inputs, but for re-timed recordings.
type originals struct {
	root  string
	files map[string][]original // by base name
	json  []string              // what may be alignments
	zips  []string
}

type original struct {
	name string // relative to the root, with slashes
	size int64
}

// mostOriginals bounds what is remembered: a study of ten thousand recordings has some 200 000 files.
const mostOriginals = 3_000_000

// largestAlignment is the size of a file that is worth a look: package alignfile reads none that is larger.
const largestAlignment = 16 << 20

// findOriginals lists the files below root, which may be a single one. What may not be read is named on talk.
func findOriginals(ctx context.Context, talk io.Writer, root string) (*originals, error) {
	o := &originals{root: root, files: map[string][]original{}}
	if info, err := os.Stat(root); err == nil && info.Mode().IsRegular() {
		o.root = filepath.Dir(root)
		o.add(root, filepath.Base(root), info.Size())
		return o, nil
	}
	n := 0
	err := eachEntry(ctx, root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			fmt.Fprintf(talk, "pialign: warning: not searched: %v\n", err)
			if e != nil && e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if e.IsDir() {
			if p == filepath.Clean(root) {
				return nil
			}
			_, err := os.Lstat(filepath.Join(p, retime.ManifestName))
			if err == nil || e.Name() == ".git" || wholefile.IsTemp(e.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		size, ok := regular(p, e)
		if !ok {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if n++; n > mostOriginals {
			return withHint(fmt.Errorf("%s: more than %d files", root, mostOriginals), "give --inputs a folder further down")
		}
		o.add(p, rel, size)
		return nil
	})
	return o, err
}

// add notes the file at path.
func (o *originals) add(path, rel string, size int64) {
	base := filepath.Base(path)
	o.files[base] = append(o.files[base], original{filepath.ToSlash(rel), size})
	switch ext := filepath.Ext(base); {
	case strings.EqualFold(ext, ".json") && size <= largestAlignment:
		o.json = append(o.json, path)
	case strings.EqualFold(ext, ".zip"):
		o.zips = append(o.zips, path)
	}
}

// candidate is a folder that may be the original of a re-timed one.
type candidate struct {
	dir   string // relative, with slashes; "." for the root
	named bool   // as pialign.json or the result's folder says
	files map[string]int64
}

func (o *originals) path(dir string) string { return filepath.Join(o.root, filepath.FromSlash(dir)) }

// of returns the folder that out was made of: the one whose files have the names and the digests that its pialign.json says.
// Where none has, the one of that name with most of the files.
func (o *originals) of(ctx context.Context, out *retimedOutput) (string, error) {
	switch out.kind {
	case zipOutput:
		return o.ofZip(ctx, out)
	case tableOutput:
		return o.ofTable(ctx, out)
	}
	all := o.candidates(out)
	for _, c := range all {
		same, err := o.same(ctx, c, out.manifest)
		if err != nil {
			return "", err
		}
		if same {
			return o.path(c.dir), nil
		}
	}
	if len(all) > 0 && all[0].named {
		return o.path(all[0].dir), nil
	}
	return "", withHint(fmt.Errorf("its original is not below %s: there is no folder %s, and none with files of these names and digests",
		o.root, filepath.Base(absolute(out.path))), "give --inputs the folder below which the recording lies as it was downloaded")
}

// candidates returns every folder with some of the files, the likeliest first.
func (o *originals) candidates(out *retimedOutput) []*candidate {
	wanted := map[string]bool{filepath.Base(absolute(out.path)): true}
	for _, r := range out.manifest.Recordings {
		wanted[r.Name] = true
	}
	found := map[string]*candidate{}
	for _, f := range out.manifest.Files {
		for _, in := range o.files[path.Base(f.Source())] {
			dir, ok := strings.CutSuffix("/"+in.name, "/"+f.Source())
			if !ok {
				continue
			}
			if dir = strings.TrimPrefix(dir, "/"); dir == "" {
				dir = "."
			}
			c := found[dir]
			if c == nil {
				c = &candidate{dir: dir, named: wanted[filepath.Base(absolute(o.path(dir)))], files: map[string]int64{}}
				found[dir] = c
			}
			c.files[f.Source()] = in.size
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *candidate) int {
		if a.named != b.named {
			if a.named {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(len(b.files), len(a.files)), cmp.Compare(a.dir, b.dir))
	})
}

// same reports whether every file is there with the digest it had, the smallest first: they tell recordings apart as well.
func (o *originals) same(ctx context.Context, c *candidate, m *retime.Manifest) (bool, error) {
	if len(c.files) != len(m.Files) {
		return false, nil
	}
	for _, f := range smallest(m.Files, c.files) {
		sum, err := digestOf(ctx, filepath.Join(o.path(c.dir), filepath.FromSlash(f.Source())), strings.HasPrefix(f.Input, "sha256:"), new(atomic.Int64))
		if err != nil || sum != f.Input {
			return false, ctx.Err()
		}
	}
	return true, nil
}

// smallest returns some of the smallest files: enough to tell recordings apart. Deriving it again reads all of it.
func smallest(files []retime.ManifestFile, sizes map[string]int64) []retime.ManifestFile {
	const enough = 4
	files = slices.SortedStableFunc(slices.Values(files), func(a, b retime.ManifestFile) int {
		return cmp.Compare(sizes[a.Source()], sizes[b.Source()])
	})
	return files[:min(len(files), enough)]
}

// ofTable is of for a single table.
func (o *originals) ofTable(ctx context.Context, out *retimedOutput) (string, error) {
	base := filepath.Base(out.path)
	if len(out.manifest.Files) == 1 {
		base = out.manifest.Files[0].Source()
	}
	found := ""
	for _, in := range o.files[base] {
		path := o.path(in.name)
		if _, err := os.Lstat(path + tableAbout); err == nil {
			continue // re-timed itself
		}
		sum, err := digestOf(ctx, path, out.manifest.SHA256(), new(atomic.Int64))
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err == nil && len(out.manifest.Files) == 1 && sum == out.manifest.Files[0].Input {
			return path, nil
		}
		found = or(found, path)
	}
	if found == "" {
		return "", withHint(fmt.Errorf("its original is not below %s: there is no %s", o.root, base), "give --inputs the folder below which the table lies as it was")
	}
	return found, nil
}

// digestOf is digest.File that ends with ctx and counts what it has read.
func digestOf(ctx context.Context, path string, sha256 bool, read *atomic.Int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	d := digest.New(sha256)
	if _, err := io.Copy(d, countedReader{ctx, f, read}); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return d.String(), nil
}

// countedReader reads until ctx ends.
type countedReader struct {
	ctx  context.Context
	r    io.Reader
	read *atomic.Int64
}

func (r countedReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(p)
	r.read.Add(int64(n))
	return n, err
}

// absolute returns path with no "." in it, of which the last part is a name.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
