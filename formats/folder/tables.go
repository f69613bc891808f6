package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pialign/pialign/formats/columnar"
	"github.com/pialign/pialign/formats/digest"
)

// ErrName: two files of the result would have one name.
var ErrName = errors.New("two files of the result would have one name")

// Table is Output for a table that retime.Table writes, in the format of the result. about says what it is; it is asked once the header is known. It
// returns also the name in the result, which is f's own where nothing was written: a table without times.
func (t *Target) Table(ctx context.Context, f File, about func() columnar.Table, fill func(io.Writer) error) (name, sum string, err error) {
	if !t.Format.Columnar() {
		sum, err = t.Output(f, fill)
		return f.Name, sum, err
	}
	name = columnar.Name(f.Name, t.Format)
	check := func() (columnar.Table, error) {
		d := about()
		if other := t.taken(f, name); other != "" {
			return d, fmt.Errorf("%s: %w: it and %s would both be %s; move one of them out of the folder, or write CSV", f.Path, ErrName, other, name)
		}
		return d, d.Check()
	}
	if t.Nowhere() {
		if err := fill(nil); err != nil {
			return f.Name, "", err
		}
		if d := about(); len(d.Columns) == 0 {
			return f.Name, "", nil
		}
		_, err := check()
		return name, "", err
	}
	open := func() (io.ReadCloser, error) { return Open(f) }
	begun := false
	columns := func(w io.Writer) error {
		to := columnar.New(ctx, w, t.Format, check, open)
		err := to.Close(fill(to))
		begun = to.Begun()
		return err
	}
	sum, err = t.outputAs(f, name, columns)
	if err == nil && !begun {
		name, sum, err = f.Name, "", t.drop(f, name)
	}
	return name, sum, err
}

// taken returns the file of the tree, other than f, that has that name in the result, in whatever case; "" if none has.
func (t *Target) taken(f File, name string) string {
	if t.tree == nil {
		return ""
	}
	for _, other := range t.tree.Files {
		if other.Name == f.Name {
			continue
		}
		if strings.EqualFold(other.Name, name) || strings.EqualFold(columnar.Name(other.Name, t.Format), name) && strings.EqualFold(other.Name, f.Name) {
			return other.Name
		}
	}
	for _, dir := range t.tree.Folders {
		if strings.EqualFold(dir, name) {
			return dir
		}
	}
	return ""
}

// outputAs is Output under another name, where something is to be written.
func (t *Target) outputAs(f File, name string, fill func(io.Writer) error) (string, error) {
	sum := digest.New(t.SHA256)
	both := func(w io.Writer) error { return fill(io.MultiWriter(w, sum)) }
	var err error
	switch {
	case t.digest:
		err = fill(sum)
	case t.zip != nil:
		err = t.zip.outputAs(f, name, both)
	default:
		err = create(t.place(name), both)
	}
	return sum.String(), err
}

// drop takes back what outputAs has made.
func (t *Target) drop(f File, name string) error {
	switch {
	case t.digest:
	case t.zip != nil:
		t.zip.drop(f)
	default:
		return os.Remove(t.place(name))
	}
	return nil
}
