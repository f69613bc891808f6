package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// walk lists the files of a folder on disk, several of its folders at a time: asking for one file after the other takes as long as copying a small one.
func walk(root string) (*Tree, error) {
	w := &walker{tree: &Tree{headers: &headers{}, read: &tally{}}, spare: make(chan struct{}, runtime.GOMAXPROCS(0)-1)}
	l, err := w.dir(root, "", 0)
	if err != nil {
		return nil, err
	}
	w.tree.Files, w.tree.Folders, w.tree.LeftOut = l.files, l.folders, l.leftOut
	return w.tree, nil
}

// walker is one walk. spare has room for as many goroutines as there may be beside the first.
type walker struct {
	tree  *Tree
	files atomic.Int64
	spare chan struct{}
}

// listing is what a walk found in a folder, or in a part of one, in order.
type listing struct {
	files            []File
	folders, leftOut []string
}

func (l *listing) join(m listing) {
	l.files, l.folders, l.leftOut = append(l.files, m.files...), append(l.folders, m.folders...), append(l.leftOut, m.leftOut...)
}

// share is how many entries of a folder one goroutine looks at in one go.
const share = 32

func (w *walker) dir(dir, prefix string, depth int) (all listing, err error) {
	if depth > maxDepth {
		return listing{}, fmt.Errorf("%s: %w: more than %d folders deep", dir, ErrTree, maxDepth)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return listing{}, err
	}
	parts := slices.Collect(slices.Chunk(entries, share))
	found, errs := make([]listing, len(parts)), make([]error, len(parts))
	var next atomic.Int64
	var failed atomic.Bool
	work := func() {
		for i := next.Add(1) - 1; i < int64(len(parts)) && !failed.Load(); i = next.Add(1) - 1 {
			if found[i], errs[i] = w.entries(parts[i], dir, prefix, depth); errs[i] != nil {
				failed.Store(true) // those before it are begun, and their errors come first
			}
		}
	}
	var wg sync.WaitGroup
	for range len(parts) - 1 {
		select {
		case w.spare <- struct{}{}:
			wg.Go(func() {
				defer func() { <-w.spare }()
				work()
			})
			continue
		default:
		}
		break
	}
	work()
	wg.Wait()
	for i, l := range found {
		if errs[i] != nil {
			return listing{}, errs[i]
		}
		all.join(l)
	}
	return all, nil
}

// entries looks at some entries of a folder, and at what is below them.
func (w *walker) entries(entries []fs.DirEntry, dir, prefix string, depth int) (l listing, err error) {
	for _, e := range entries {
		name, full := prefix+e.Name(), filepath.Join(dir, e.Name())
		if !utf8.ValidString(name) || strings.ContainsAny(e.Name(), `\`) {
			return l, fmt.Errorf("%q: %w: a name that other systems cannot hold; rename it", full, ErrTree)
		}
		if strings.EqualFold(e.Name(), retime.ManifestName) {
			return l, fmt.Errorf("%s: %w; give the folder as it was downloaded", full, retime.ErrRetimed)
		}
		// The data set's history is no part of a recording, nor what a killed pialign left.
		if e.Name() == ".git" || wholefile.IsTemp(e.Name()) {
			l.leftOut = append(l.leftOut, name)
			continue
		}
		info, err := os.Stat(full)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return l, fmt.Errorf("%w (a link without its file: with git-annex, get it first)", err)
		case err != nil:
			return l, err
		case info.IsDir() && e.Type()&fs.ModeSymlink != 0:
			return l, fmt.Errorf("%s: %w: a link to a folder; put the folder itself there", full, ErrTree)
		case info.IsDir():
			l.folders = append(l.folders, name)
			below, err := w.dir(full, name+"/", depth+1)
			if err != nil {
				return l, err
			}
			l.join(below)
		case !info.Mode().IsRegular():
			return l, fmt.Errorf("%s: %w: neither file nor folder (%v)", full, ErrTree, info.Mode().Type())
		default:
			if w.files.Add(1) > maxFiles {
				return l, fmt.Errorf("%s: %w: more than %d files; give the folder of a recording or a download", dir, ErrTree, maxFiles)
			}
			l.files = append(l.files, File{Name: name, Path: full, Size: info.Size(), time: info.ModTime().UnixNano(), read: w.tree.read})
		}
	}
	return l, nil
}
