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

// outputKind is what apply made.
type outputKind int

const (
	folderOutput outputKind = iota
	zipOutput
	tableOutput // a single one, with its pialign.json beside it
)

// retimedOutput is one re-timed recording, download of several, or table, with one pialign.json.
type retimedOutput struct {
	kind     outputKind
	path     string
	root     string // what the names of files are relative to
	about    string // the name of its pialign.json
	bytes    []byte // of that
	manifest *retime.Manifest
	err      error            // why there is no manifest
	files    map[string]int64 // size by name, with slashes, without pialign.json
	odd      []string         // names of what is neither file nor folder
	size     int64            // of all files
}

// tableAbout is how the name of a pialign.json about a single table ends.
const tableAbout = "." + retime.ManifestName

// findRetimed returns the re-timed recordings at or below path, in order. It looks for no further ones within one. A zip without
// a pialign.json is one too: a damaged one.
func findRetimed(ctx context.Context, path string) (found []retimedOutput, err error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		if _, err := os.Stat(path + tableAbout); err == nil {
			path += tableAbout
		}
		if o, ok := retimedFile(path); ok {
			found = append(found, o)
		}
		return found, nil
	}
	err = eachEntry(ctx, path, func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !e.IsDir():
			if o, ok := retimedFile(p); ok {
				found = append(found, o)
			}
			return nil
		case wholefile.IsTemp(e.Name()) && p != filepath.Clean(path):
			return fs.SkipDir
		}
		if _, err := os.Lstat(filepath.Join(p, retime.ManifestName)); err != nil {
			return nil
		}
		o := retimedOutput{path: p, root: p, about: retime.ManifestName}
		o.bytes, o.manifest, o.err = retime.ReadManifestBytes(filepath.Join(p, retime.ManifestName))
		if err := o.list(ctx); err != nil {
			return err
		}
		found = append(found, o)
		return fs.SkipDir
	})
	return found, err
}

// retimedFile returns the re-timed zip at path, or the table that the pialign.json at path is about.
func retimedFile(path string) (retimedOutput, bool) {
	switch {
	case strings.EqualFold(filepath.Ext(path), ".zip"):
		o := retimedOutput{kind: zipOutput, path: path, root: path, about: retime.ManifestName}
		o.listZip()
		return o, true
	case strings.HasSuffix(path, tableAbout) && filepath.Base(path) != tableAbout:
		o := retimedOutput{kind: tableOutput, path: strings.TrimSuffix(path, tableAbout), root: filepath.Dir(path), about: filepath.Base(path), files: map[string]int64{}}
		o.bytes, o.manifest, o.err = retime.ReadManifestBytes(path)
		if info, err := os.Stat(o.path); err == nil && info.Mode().IsRegular() {
			o.files[filepath.Base(o.path)] = info.Size()
			o.size = info.Size()
		}
		return o, true
	}
	return retimedOutput{}, false
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
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() { // a zip, or a table
		return info.Size()
	}
	_ = eachEntry(ctx, path, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			size, _ := regular(p, e)
			total += size
		}
		return nil
	})
	return total
}
