package batch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/probelog"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// place is a folder or zip that may be a recording, below one of the roots.
type place struct {
	root, path string
	err        error // why it could not be looked at
}

// found is what a walk came across.
type found struct {
	places     []place
	sessions   []string
	alignments []string // files that may be some
	retimed    int      // results of pialign, which are no inputs
	links      []string // to folders, which are not followed
}

// HasSessions reports whether there are sessions below root, or alignments that stand alone.
func HasSessions(ctx context.Context, root string) (bool, error) {
	var f found
	err := f.walk(ctx, root, false)
	return len(f.sessions)+len(f.alignments) > 0, err
}

// maxDepth is far above that of any data set: deeper is a loop of mounts, or a mistake.
const maxDepth = 64

// walk looks for recordings and sessions below root, which may be a zip. It decides by what stands in a folder directly, since a
// folder of three hundred recordings is one download to package formats.
func (f *found) walk(ctx context.Context, root string, recordings bool) error {
	info, err := os.Stat(root)
	switch {
	case err != nil:
		return err
	case !info.IsDir() && folder.IsZip(root):
		if recordings {
			f.places = append(f.places, place{root: filepath.Dir(root), path: root})
		}
		return nil
	case !info.IsDir():
		return fmt.Errorf("%s: a file; expected a folder with recordings or sessions in it, or a zip", root)
	}
	return f.dir(ctx, root, root, recordings, 0)
}

// dir looks at one folder and those below it. It is no longer looked for recordings below one.
func (f *found) dir(ctx context.Context, root, dir string, recordings bool, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil || depth > maxDepth {
		if dir == root && err != nil {
			return err
		}
		if err == nil {
			err = fmt.Errorf("%s: more than %d folders deep", dir, maxDepth)
		}
		if recordings {
			f.places = append(f.places, place{root, dir, err})
		}
		return nil
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.EqualFold(e.Name(), retime.ManifestName) }) {
		f.retimed++
		return nil
	}
	if recordings && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !e.IsDir() && formats.Marks(e.Name()) }) {
		f.places = append(f.places, place{root: root, path: dir})
		recordings = false
	}
	session := false
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		isDir := e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 { // git-annex has links to files
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				f.links = append(f.links, path)
				continue
			}
		}
		switch {
		case e.Name() == ".git", wholefile.IsTemp(e.Name()):
		case isDir:
			if err := f.dir(ctx, root, path, recordings, depth+1); err != nil {
				return err
			}
		case probelog.IsLogName(e.Name()):
			session = true
		case recordings && strings.EqualFold(filepath.Ext(e.Name()), ".zip"):
			f.places = append(f.places, place{root: root, path: path})
		case strings.EqualFold(filepath.Ext(e.Name()), ".json") && filepath.Base(dir) == "alignment":
			f.alignments = append(f.alignments, path)
		}
	}
	if session {
		f.sessions = append(f.sessions, dir)
	}
	return nil
}

// unit is a recording, or several in one folder or zip, as far as the plan needs it.
type unit struct {
	place
	kind  string
	parts []retime.Part
	files int
	bytes int64
	none  bool // it is no recording
}

// open looks at one place.
func (p place) open(ctx context.Context) unit {
	u := unit{place: p}
	if u.err != nil {
		return u
	}
	rec, err := formats.Open(p.path)
	switch {
	case errors.Is(err, formats.ErrUnknown), errors.Is(err, formats.ErrRetimed):
		u.none = true
		return u
	case err != nil:
		u.err = err
		return u
	}
	u.kind, u.parts = rec.Kind(), rec.Parts()
	u.files, u.bytes, u.err = measure(ctx, p.path)
	return u
}

// Measure returns how many bytes of files a folder or zip has.
func Measure(ctx context.Context, path string) (int64, error) {
	_, bytes, err := measure(ctx, path)
	return bytes, err
}

// measure counts what a unit holds.
func measure(ctx context.Context, path string) (files int, bytes int64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	if !info.IsDir() {
		return 1, info.Size(), nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return 0, 0, err
	}
	err = filepath.WalkDir(real, func(p string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || e.IsDir() {
			return err
		}
		info, err := os.Stat(p) // also of what a link leads to
		if err == nil && info.Mode().IsRegular() {
			files, bytes = files+1, bytes+info.Size()
		}
		return nil
	})
	return files, bytes, err
}
