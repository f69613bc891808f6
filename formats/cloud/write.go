package cloud

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// write scans into the folder dst, with pialign.json at its root.
func (u *run) write(dst string) (*retime.Report, error) {
	var rep *retime.Report
	var why error // as Check says it
	err := wholefile.Dir(dst, func(dir string) error {
		u.into = dir
		for _, name := range u.tree.folders {
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
		return create(u.place(retime.ManifestName), func(w io.Writer) error {
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
	err := create(u.place(f.name), func(w io.Writer) error { return fill(io.MultiWriter(w, sum)) })
	return sum.String(), err
}

// copy copies f as it is, if it is to be written at all.
func (u *run) copy(f file, in *input, s *scanned) error {
	if u.into == "" {
		return nil
	}
	var err error
	s.out, err = u.output(f, func(w io.Writer) error {
		n, err := copyAll(u.ctx, w, in)
		if err == nil && n != f.size {
			err = changed(f)
		}
		return err
	})
	s.in = s.out
	return err
}

// input is a file that must stay as it was when the folder was opened.
type input struct {
	*os.File
	file file
}

func open(f file) (*input, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	i := &input{in, f}
	if err := i.unchanged(); err != nil {
		in.Close()
		return nil, err
	}
	return i, nil
}

func (i *input) unchanged() error {
	info, err := i.Stat()
	if err != nil {
		return err
	}
	if info.Size() != i.file.size || info.ModTime().UnixNano() != i.file.time {
		return changed(i.file)
	}
	return nil
}

func changed(f file) error {
	return fmt.Errorf("%s: %w; try again when nothing writes to it", f.path, retime.ErrChanged)
}

// create makes a file in the folder that wholefile.Dir gave. It may be there from an earlier try.
func create(path string, fill func(io.Writer) error) error {
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	err = fill(w)
	if e := w.Close(); err == nil {
		err = e
	}
	return err
}

// copyAll copies in pieces, between which ctx can end it.
func copyAll(ctx context.Context, w io.Writer, r io.Reader) (int64, error) {
	buf := make([]byte, 256<<10)
	var total int64
	for {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := r.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return total, err
			}
			total += int64(n)
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
