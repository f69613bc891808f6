package cloud

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// write makes the folder dst of what was scanned, with pialign.json at its root.
func (u *run) write(dst string) (*retime.Report, error) {
	var rep *retime.Report
	err := wholefile.Dir(dst, func(dir string) error {
		for _, name := range u.tree.folders {
			if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(name)), 0o777); err != nil {
				return err
			}
		}
		sums := map[string]sums{}
		for _, f := range u.tree.files {
			s, err := u.writeFile(f, filepath.Join(dir, filepath.FromSlash(f.name)))
			if err != nil {
				return err
			}
			sums[f.name] = s
		}
		rep = u.report()
		rep.SetDigests(func(name string) (input, output string) { return sums[name].in, sums[name].out })
		b, err := retime.NewManifest(u.opt, rep).Marshal()
		if err != nil {
			return err
		}
		return create(filepath.Join(dir, retime.ManifestName), func(w io.Writer) error {
			_, err := w.Write(b)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return rep, nil
}

// sums are the digests of a file before and after.
type sums struct{ in, out string }

// writeFile writes one file, and refuses one that is no longer what was scanned.
func (u *run) writeFile(f file, to string) (sums, error) {
	s := u.scanned[f.name]
	in, err := os.Open(f.path)
	if err != nil {
		return sums{}, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return sums{}, err
	}
	if info.Size() != f.size || info.ModTime().UnixNano() != f.time {
		return sums{}, changed(f)
	}
	before, after := digest.New(u.opt.SHA256), digest.New(u.opt.SHA256)
	from := tee{in, before}
	err = create(to, func(w io.Writer) error {
		out := io.MultiWriter(w, after)
		switch {
		case s.action != retime.Retimed:
			n, err := copyAll(u.ctx, out, from)
			if err == nil && n != f.size {
				err = changed(f)
			}
			return err
		case f.base() == infoName:
			b, err := io.ReadAll(io.LimitReader(from, maxInfo+1))
			if err != nil {
				return err
			}
			info := u.infos[f.dir()]
			if !bytes.Equal(b, info.bytes) {
				return changed(f)
			}
			_, err = out.Write(info.retimed(s.start))
			return err
		default:
			m := u.mapper(f)
			_, err := m.table.Rewrite(u.ctx, out, from)
			return err
		}
	})
	if err != nil {
		return sums{}, err
	}
	if s.input != "" && before.String() != s.input {
		return sums{}, changed(f)
	}
	return sums{before.String(), after.String()}, nil
}

func changed(f file) error {
	return fmt.Errorf("%s: %w; try again when nothing writes to it", f.path, retime.ErrChanged)
}

// create makes a file in the folder that wholefile.Dir gave.
func create(path string, fill func(io.Writer) error) error {
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
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
