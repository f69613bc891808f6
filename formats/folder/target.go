package folder

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/pieces"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// Target is where the files of a result go. The zero value is nowhere: a Check.
type Target struct {
	into   string // the folder
	zip    *rezip
	digest bool          // digests are all that is wanted
	SHA256 bool          // digests
	Format retime.Format // of the tables
	tree   *Tree         // what the result gets of the input

	Hardlink bool // files that are copied as they are become links to the inputs, where that can be
	sharing  sharing
}

// Nowhere reports whether nothing is to be written, and no digest of it made either.
func (t *Target) Nowhere() bool { return t.into == "" && t.zip == nil && !t.digest }

// Build makes dst, a folder or a zip as tree is, with the folders of tree, of what fill writes into t, and with the
// pialign.json that it returns: whole or not at all. Where dst is os.DevNull nothing is written, and the digests are those of
// what would be. The error of fill is returned as it is.
func (t *Target) Build(dst string, tree *Tree, fill func() (manifest []byte, err error)) error {
	if dst == os.DevNull {
		t.digest = true
		_, err := fill()
		return err
	}
	if tree.zip != nil {
		return tree.zip.build(t, dst, fill)
	}
	var why error
	err := wholefile.Dir(dst, func(dir string) error {
		t.into = dir
		for _, name := range tree.Folders {
			if err := os.Mkdir(t.place(name), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
		}
		b, err := fill()
		if err != nil {
			why = err
			return err
		}
		return create(t.place(retime.ManifestName), func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		})
	})
	if why != nil {
		return why
	}
	return err
}

// place is where a file of the result is built.
func (t *Target) place(name string) string { return filepath.Join(t.into, filepath.FromSlash(name)) }

// Output calls fill with a writer to the file that f becomes, and returns its digest. Where nothing is to be written
// the writer is nil.
func (t *Target) Output(f File, fill func(io.Writer) error) (string, error) {
	if t.Nowhere() {
		return "", fill(nil)
	}
	sum := digest.New(t.SHA256)
	if t.digest {
		err := fill(sum)
		return sum.String(), err
	}
	output := func(fill func(io.Writer) error) error { return create(t.place(f.Name), fill) }
	if t.zip != nil {
		output = func(fill func(io.Writer) error) error { return t.zip.output(f, fill) }
	}
	err := output(func(w io.Writer) error { return fill(io.MultiWriter(w, sum)) })
	return sum.String(), err
}

// errZipped: what lies in a zip has no name of its own on the disk.
var errZipped = errors.New("a zip holds its files itself")

// Copy copies f as it is, if it is to be written at all, and returns its digest. On disk the copy shares the bytes with the input where the file
// system can do that: as a link if that is asked for, else as a clone.
func (t *Target) Copy(ctx context.Context, f File, in *Input) (string, error) {
	if t.Nowhere() {
		if f.read != nil && in.whole == nil { // it need not be read
			f.read.Add(f.Size)
		}
		return "", nil
	}
	if t.zip != nil {
		if t.Hardlink {
			t.sharing.note(f.Name, errZipped)
		}
		return t.zip.copy(ctx, f, in, t.SHA256)
	}
	if t.Hardlink && !t.digest && in.whole != nil { // a clone of it would save nothing
		disk, err := openDisk(f)
		if err != nil {
			return "", err
		}
		defer disk.Close()
		in = disk
	}
	if !t.digest && in.disk != nil {
		if sum, ok, err := t.share(ctx, f, in); ok || err != nil {
			if err == nil {
				err = in.Unchanged()
			}
			return sum, err
		}
	}
	return t.Output(f, func(w io.Writer) error {
		n, err := pieces.Copy(ctx, w, "", in)
		if err == nil && n != f.Size {
			err = Changed(f)
		}
		return err
	})
}

// create makes a file in the folder that wholefile.Dir gave. It may be there from an earlier try, and is never opened then: it may be
// a link to an input.
func create(path string, fill func(io.Writer) error) error {
	w, err := createPlain(path)
	if errors.Is(err, fs.ErrExist) {
		if err := os.Remove(path); err != nil {
			return err
		}
		w, err = createPlain(path)
	}
	if err != nil {
		return err
	}
	err = fill(w)
	if e := w.Close(); err == nil {
		err = e
	}
	return err
}
