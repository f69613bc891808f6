package folder

import (
	"archive/zip"
	"errors"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pialign/pialign/formats/wholefile"
)

// Limits of a folder that is worth walking: a study of a thousand recordings has some 15000 files, four folders deep.
const (
	maxFiles = 200_000
	maxDepth = 12
)

// ErrTree: too many files or too deep, or something in it that is neither file nor folder.
var ErrTree = errors.New("folder is not what a download looks like")

// File is one file of the recording, as it was when the folder was opened.
type File struct {
	Name string // relative to the root, with slashes
	Path string
	Size int64
	time int64 // of the last change, only to notice another

	zip   *archive // that it is in; nil where it lies on disk itself
	entry *zip.File
	read  *tally // of its tree; nil where it was not listed by Walk
}

// listed reports whether f was found by Walk.
func (f File) listed() bool { return f.zip != nil || f.time != 0 }

// Dir returns the folder of f, "." for the root.
func (f File) Dir() string { return path.Dir(f.Name) }

// Base returns the name that decides what f is: the last part, in lower case.
func (f File) Base() string { return strings.ToLower(path.Base(f.Name)) }

// Tree is every file below a root, sorted by folder and name, and what is not taken along.
type Tree struct {
	Files   []File
	Folders []string
	LeftOut []string

	zip     *archive // nil for a folder on disk
	headers *headers
	read    *tally
}

// Size returns how many bytes the files have together.
func (t *Tree) Size() (total int64) {
	for _, f := range t.Files {
		total += f.Size
	}
	return total
}

// BytesRead returns how many bytes of the files were read so far, each as often as it was, or need not be read. It may be asked while
// they are: it says how far work is that writes nothing.
func (t *Tree) BytesRead() int64 { return t.read.Load() }

// tally counts bytes as a writer to which they go.
type tally struct{ atomic.Int64 }

func (t *tally) Write(p []byte) (int, error) {
	t.Add(int64(len(p)))
	return len(p), nil
}

// Zipped reports whether the files are in a zip.
func (t *Tree) Zipped() bool { return t.zip != nil }

// ByName returns the files sorted by the whole of their names.
func (t *Tree) ByName() []File {
	return slices.SortedFunc(slices.Values(t.Files), func(a, b File) int { return strings.Compare(a.Name, b.Name) })
}

// Interrupted returns a warning for each thing in the tree that an interrupted pialign left behind.
func (t *Tree) Interrupted() (warnings []string) {
	for _, name := range t.LeftOut {
		if wholefile.IsTemp(path.Base(name)) {
			warnings = append(warnings, name+": left out: what an interrupted pialign left behind; it may be deleted")
		}
	}
	return warnings
}

// Walk lists the files below root, a folder or a zip. Links to files, as git-annex makes them, are read through. A link
// to a folder, a device or a pipe is ErrTree, a pialign.json is retime.ErrRetimed, and a zip that is damaged or cannot
// be unpacked safely is ErrZip.
func Walk(root string) (*Tree, error) {
	if IsZip(root) {
		return openZip(root, nil)
	}
	return walk(root)
}
