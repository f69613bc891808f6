package cloud

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// Limits of a folder that is worth walking: a study of a thousand recordings has some 15000 files, four folders deep.
const (
	maxFiles = 200_000
	maxDepth = 12
)

var errTree = errors.New("folder is not what a download looks like")

// file is one file of the recording, as it was when the folder was opened.
type file struct {
	name string // relative to the root, with slashes
	path string
	size int64
	time int64 // of the last change, only to notice another
}

// dir returns the folder of f, "." for the root.
func (f file) dir() string { return path.Dir(f.name) }

// base returns the name that decides what f is.
func (f file) base() string { return strings.ToLower(path.Base(f.name)) }

// tree is every file below a root, sorted by folder and name, and what is not taken along.
type tree struct {
	files   []file
	folders []string
	leftOut []string
}

// walk lists the files below root. Links to files, as git-annex makes them, are read through. A link to a folder, a
// device or a pipe is an error, as is a pialign.json, with retime.ErrRetimed.
func walk(root string) (*tree, error) {
	t := &tree{}
	return t, t.add(root, "", 0)
}

func (t *tree) add(dir, prefix string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: %w: more than %d folders deep", dir, errTree, maxDepth)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, full := prefix+e.Name(), filepath.Join(dir, e.Name())
		if !utf8.ValidString(name) || strings.ContainsAny(e.Name(), `\`) {
			return fmt.Errorf("%q: %w: a name that other systems cannot hold; rename it", full, errTree)
		}
		if strings.EqualFold(e.Name(), retime.ManifestName) {
			return fmt.Errorf("%s: %w; give the folder as it was downloaded", full, retime.ErrRetimed)
		}
		// The data set's history is no part of a recording, nor what a killed pialign left.
		if e.Name() == ".git" || wholefile.IsTemp(e.Name()) {
			t.leftOut = append(t.leftOut, name)
			continue
		}
		info, err := os.Stat(full)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%w (a link without its file: with git-annex, get it first)", err)
		case err != nil:
			return err
		case info.IsDir() && e.Type()&fs.ModeSymlink != 0:
			return fmt.Errorf("%s: %w: a link to a folder; put the folder itself there", full, errTree)
		case info.IsDir():
			t.folders = append(t.folders, name)
			if err := t.add(full, name+"/", depth+1); err != nil {
				return err
			}
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s: %w: neither file nor folder (%v)", full, errTree, info.Mode().Type())
		default:
			if len(t.files) == maxFiles {
				return fmt.Errorf("%s: %w: more than %d files; give the folder of a recording or a download", dir, errTree, maxFiles)
			}
			t.files = append(t.files, file{name: name, path: full, size: info.Size(), time: info.ModTime().UnixNano()})
		}
	}
	return nil
}
