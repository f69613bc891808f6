package batch

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/wholefile"
)

// Snapshot is how large each file below some folders is, and when it was changed last, by absolute path.
type Snapshot struct {
	at    map[string]fileState
	paths []string // sorted
}

type fileState struct {
	size, changed int64
}

// Look takes a snapshot of what lies below dirs, but for what lies below except and what is no part of a recording. What goes away meanwhile, or
// may not be read, is not in it.
func Look(ctx context.Context, dirs []string, except string) (*Snapshot, error) {
	s := &Snapshot{at: map[string]fileState{}}
	for _, dir := range dirs {
		dir, err := absolute(dir)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(dir); err != nil {
			return nil, err
		}
		err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				return nil
			case path != dir && (path == except || e.Name() == ".git" || wholefile.IsTemp(e.Name())):
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			case e.IsDir():
				return nil
			}
			if info, err := os.Stat(path); err == nil { // also of what a link leads to
				s.at[path] = fileState{info.Size(), info.ModTime().UnixNano()}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	s.paths = slices.Sorted(maps.Keys(s.at))
	return s, nil
}

// absolute returns the absolute path without links on the way to it.
func absolute(path string) (string, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// Equal reports whether nothing has changed.
func (s *Snapshot) Equal(t *Snapshot) bool { return maps.Equal(s.at, t.at) }

// Empty reports whether there is nothing.
func (s *Snapshot) Empty() bool { return len(s.at) == 0 }

// Of returns the part of a snapshot that is at or below paths.
func (s *Snapshot) Of(paths []string) *Snapshot {
	part := &Snapshot{at: map[string]fileState{}}
	for _, path := range paths {
		path, err := absolute(path)
		if err != nil {
			continue
		}
		if f, ok := s.at[path]; ok {
			part.at[path] = f
			continue
		}
		path += string(filepath.Separator)
		from, _ := slices.BinarySearch(s.paths, path)
		for _, p := range s.paths[from:] {
			if !strings.HasPrefix(p, path) {
				break
			}
			part.at[p] = s.at[p]
		}
	}
	return part
}
