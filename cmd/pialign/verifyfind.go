package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// retimedOutput is one re-timed recording, or download of several, with one pialign.json.
type retimedOutput struct {
	path     string
	table    string // the name of the file, where it is a single table and path its folder
	bytes    []byte // of its pialign.json
	manifest *retime.Manifest
	err      error            // why there is no manifest
	files    map[string]int64 // size by name, relative with slashes, without pialign.json
	odd      []string         // names of what is neither file nor folder
	size     int64            // of all files
}

// findRetimed returns the re-timed recordings at or below dir, in order. It looks for no further ones within one.
func findRetimed(ctx context.Context, dir string) (found []retimedOutput, err error) {
	err = eachEntry(ctx, dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !e.IsDir():
			if o, ok := retimedTable(path); ok {
				found = append(found, o)
			}
			return nil
		case wholefile.IsTemp(e.Name()) && path != dir:
			return fs.SkipDir
		}
		if _, err := os.Lstat(filepath.Join(path, retime.ManifestName)); err != nil {
			return nil
		}
		o := retimedOutput{path: path}
		o.bytes, o.manifest, o.err = retime.ReadManifestBytes(filepath.Join(path, retime.ManifestName))
		if err := o.list(ctx); err != nil {
			return err
		}
		found = append(found, o)
		return fs.SkipDir
	})
	return found, err
}

// retimedTable returns the single table that a file NAME.pialign.json is about.
func retimedTable(about string) (retimedOutput, bool) {
	name, ok := strings.CutSuffix(filepath.Base(about), "."+retime.ManifestName)
	if !ok || name == "" {
		return retimedOutput{}, false
	}
	o := retimedOutput{path: filepath.Dir(about), table: name, files: map[string]int64{}}
	o.bytes, o.manifest, o.err = retime.ReadManifestBytes(about)
	if info, err := os.Stat(filepath.Join(o.path, name)); err == nil && info.Mode().IsRegular() {
		o.files[name], o.size = info.Size(), info.Size()
	}
	return o, true
}

// list notes what lies in the folder, whatever its pialign.json says.
func (o *retimedOutput) list(ctx context.Context) error {
	o.files = map[string]int64{}
	return eachEntry(ctx, o.path, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(o.path, path)
		if err != nil || e.IsDir() || rel == retime.ManifestName {
			return err
		}
		if size, ok := regular(path, e); ok {
			o.files[filepath.ToSlash(rel)] = size
			o.size += size
		} else {
			o.odd = append(o.odd, filepath.ToSlash(rel))
		}
		return nil
	})
}

// eachEntry is filepath.WalkDir that follows a link at root, and ends with ctx.
func eachEntry(ctx context.Context, root string, visit fs.WalkDirFunc) error {
	return filepath.WalkDir(root+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return visit(filepath.Clean(path), e, err)
	})
}

// regular returns the size of a file, also of one that a link leads to, as git-annex makes them.
func regular(path string, e fs.DirEntry) (int64, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return 0, false
	}
	return info.Size(), true
}

// sizeOf returns how many bytes the files at or below path have, as far as they can be read.
func sizeOf(ctx context.Context, path string) (total int64) {
	_ = eachEntry(ctx, path, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			size, _ := regular(p, e)
			total += size
		}
		return nil
	})
	return total
}
