package cloud

import (
	"io"
	"os"
	"path/filepath"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// write scans into the folder dst, with pialign.json at its root.
func (u *run) write(dst string) (*retime.Report, error) {
	var rep *retime.Report
	var why error // as Check says it
	err := wholefile.Dir(dst, func(dir string) error {
		u.into = dir
		for _, name := range u.tree.Folders {
			if err := os.MkdirAll(u.place(name), 0o777); err != nil {
				return err
			}
		}
		if why = u.scan(); why != nil {
			return why
		}
		rep = u.report()
		b, err := retime.NewManifest(u.opt, rep).Marshal()
		if err != nil {
			return err
		}
		return folder.Create(u.place(retime.ManifestName), func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		})
	})
	switch {
	case why != nil:
		return nil, why
	case err != nil:
		return nil, err
	}
	return rep, nil
}

// place is where a file of the result is built.
func (u *run) place(name string) string { return filepath.Join(u.into, filepath.FromSlash(name)) }

// output calls fill with a writer to the file that f becomes, and returns its digest. Where nothing is to be written
// the writer is nil.
func (u *run) output(f file, fill func(io.Writer) error) (string, error) {
	if u.into == "" {
		return "", fill(nil)
	}
	sum := digest.New(u.opt.SHA256)
	err := folder.Create(u.place(f.Name), func(w io.Writer) error { return fill(io.MultiWriter(w, sum)) })
	return sum.String(), err
}

// copy copies f as it is, if it is to be written at all.
func (u *run) copy(f file, in *folder.Input, s *scanned) error {
	if u.into == "" {
		return nil
	}
	var err error
	s.out, err = u.output(f, func(w io.Writer) error {
		n, err := folder.Copy(u.ctx, w, in)
		if err == nil && n != f.Size {
			err = folder.Changed(f)
		}
		return err
	})
	s.in = s.out
	return err
}
