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

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/wholefile"
)

// Named notes in names the alignments that a record names, by their paths.
func (r *Record) Named(out string, names map[string]bool) {
	for _, rec := range r.Recordings {
		if rec.Alignment != "" {
			names[AlignmentPath(out, rec.Alignment)] = true
		}
	}
}

// Unused returns the paths of the alignments kept in out that are not among named. A file whose name is not its digest is none that pialign keeps.
func Unused(ctx context.Context, out string, named map[string]bool) ([]string, error) {
	for _, dir := range OwnFolders() { // what a link leads to may be others' too
		if info, err := os.Lstat(filepath.Join(out, dir)); err == nil && !info.IsDir() {
			return nil, nil
		}
	}
	entries, err := os.ReadDir(AlignmentsPath(out))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var unused []string
	for _, e := range entries {
		path := filepath.Join(AlignmentsPath(out), e.Name())
		if named[path] || !e.Type().IsRegular() || filepath.Ext(path) != ".json" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if sum, err := digest.File(path, false); err == nil && AlignmentPath(out, sum) == path {
			unused = append(unused, path)
		}
	}
	return unused, nil
}

// ErrAtWork: a process works in the folder of the results, or was killed there.
var ErrAtWork = errors.New("a run is at work, or was killed")

// RemoveUnused removes alignments that no record names. It is safe beside runs on any number of computers: a run has its workplace while it uses an alignment and
// until its record names it. So nothing is removed while a workplace is there; what is taken aside is put back if one has come meanwhile, or if a record
// names it by then. The error is then ErrAtWork.
func RemoveUnused(ctx context.Context, out string, unused []string) (removed int, err error) {
	w, err := OpenWorkplace(out, ownDir) // no result has that name. It also makes NFS list the folder anew
	if err != nil {
		return 0, err
	}
	defer w.Close()
	if err := w.alone(); err != nil {
		return 0, err
	}
	named, err := namedBy(ctx, out)
	if err != nil {
		return 0, err
	}
	unused = slices.DeleteFunc(slices.Clone(unused), func(path string) bool { return named[path] })
	var aside []string
	back := func(err error) (int, error) {
		for _, path := range aside {
			if e := wholefile.Move(w.aside(path), path); e != nil && !errors.Is(e, fs.ErrExist) { // it was made again
				err = errors.Join(err, e)
			}
		}
		return 0, err
	}
	for _, path := range unused {
		if err := wholefile.Move(path, w.aside(path)); err != nil {
			return back(err)
		}
		aside = append(aside, path)
	}
	if err := w.alone(); err != nil {
		return back(err)
	}
	if named, err = namedBy(ctx, out); err != nil {
		return back(err)
	}
	for _, path := range unused {
		if named[path] {
			return back(ErrAtWork)
		}
	}
	return len(unused), nil
}

// GiveBack puts back what a RemoveUnused that was killed had taken aside.
func GiveBack(out string) error { return ClearWorkplaces(out, ownDir) }

// giveBack puts back what lies in a workplace of one: a record may name it by now.
func giveBack(out, dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if filepath.Ext(e.Name()) == recordExt {
			_ = wholefile.Move(filepath.Join(dir, e.Name()), filepath.Join(AlignmentsPath(out), e.Name())) // one that was made again stays
		}
	}
}

func (w *Workplace) aside(path string) string { return filepath.Join(w.dir, filepath.Base(path)) }

// alone reports by ErrAtWork that another workplace is there.
func (w *Workplace) alone() error {
	entries, err := os.ReadDir(filepath.Dir(w.dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".pialign-") && e.Name() != filepath.Base(w.dir) {
			return fmt.Errorf("%w: %s", ErrAtWork, filepath.Join(filepath.Dir(w.dir), e.Name()))
		}
	}
	return nil
}

// namedBy returns the paths of the alignments that the records name, or the results themselves.
func namedBy(ctx context.Context, out string) (map[string]bool, error) {
	paths, err := Records(out)
	if err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for _, path := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := ReadRecord(path)
		if err != nil {
			return nil, err
		}
		r.Named(out, named)
		if r.Outcome != Done {
			continue
		}
		m, err := folder.ReadManifest(filepath.Join(out, filepath.FromSlash(r.Output)))
		if err != nil {
			continue // it is not there, or none: verify says so
		}
		for _, rec := range m.Recordings {
			if rec.Alignment != "" {
				named[AlignmentPath(out, rec.Alignment)] = true
			}
		}
	}
	return named, nil
}
