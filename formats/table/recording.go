package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// Recording is one table.
type Recording struct {
	path    string
	comma   byte
	at      []int // the columns of times, ascending
	columns []Column
	size    int64
	changed int64 // when
	read    atomic.Int64
}

// Open reads the header of the table at path. What separates its cells is a comma, a tab or a semicolon: whichever makes cells of
// the columns' names. A table that pialign has written is retime.ErrRetimed.
func Open(path string, columns []Column) (*Recording, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && isLink(path):
		return nil, fmt.Errorf("%w (a link without its file: with git-annex, get it first)", err)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: %w: expected a single table", path, ErrColumn)
	case len(columns) == 0:
		return nil, fmt.Errorf("%s: %w: none is named", path, ErrColumn)
	}
	if err := original(path); err != nil {
		return nil, err
	}
	r := &Recording{path: path, size: info.Size(), changed: info.ModTime().UnixNano()}
	var first error
	for i := range len(separators) {
		header, err := r.header(separators[i])
		if err == nil {
			r.comma = separators[i]
			r.at, r.columns, err = find(header, columns)
		}
		if err == nil {
			return r, nil
		}
		if first == nil || errors.Is(first, retime.ErrColumn) && !errors.Is(err, retime.ErrColumn) {
			first = err
		}
	}
	if errors.Is(first, retime.ErrTable) && strings.HasPrefix(first.Error(), path) {
		return nil, first
	}
	return nil, fmt.Errorf("%s: %w", path, first)
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// manifestEnd follows the name of a table in that of the pialign.json about it.
const manifestEnd = "." + retime.ManifestName

// original refuses a table that pialign has written, by the pialign.json about it, or about the folder that it lies in.
func original(path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	for _, name := range []string{abs + manifestEnd, filepath.Join(filepath.Dir(abs), retime.ManifestName)} {
		m, err := retime.ReadManifest(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w, or not: %w", path, retime.ErrRetimed, err)
		}
		for _, f := range m.Files {
			if f.Name == filepath.Base(abs) && f.Action == retime.Retimed {
				return fmt.Errorf("%s: %w, as %s says; give the original", path, retime.ErrRetimed, name)
			}
		}
	}
	return nil
}

func (r *Recording) header(comma byte) ([]string, error) {
	in, err := os.Open(r.path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	t := retime.Table{Name: r.path, Comma: comma, Plan: func([]string) (retime.Plan, error) { return retime.Plan{Key: -1}, nil }}
	stats, err := t.Rewrite(context.Background(), nil, in)
	return stats.Header, err
}

// Kind says what it is.
func (r *Recording) Kind() string { return "table" }

// Name returns the name of the file.
func (r *Recording) Name() string { return filepath.Base(r.path) }

// Size returns how many bytes it has.
func (r *Recording) Size() int64 { return r.size }

// BytesRead returns how many of them were read so far; it may be asked at any time. They are read twice, and each time counts half.
func (r *Recording) BytesRead() int64 { return r.read.Load() / 2 }

// DeviceIDs returns none: no table says which phone it is about.
func (r *Recording) DeviceIDs() []string { return nil }

// RecordingIDs returns none, likewise.
func (r *Recording) RecordingIDs() []string { return nil }

// Parts returns the one recording that it is of, which nothing names.
func (r *Recording) Parts() []retime.Part { return []retime.Part{{Name: r.Name()}} }

// Check reads and maps every time and writes nothing.
func (r *Recording) Check(ctx context.Context, clocks retime.Clocks, opt retime.Options) (*retime.Report, error) {
	return r.run(ctx, nil, nil, clocks, opt)
}

// Retime writes the re-timed table to the file dst, which must not exist, and what was done to dst with ".pialign.json" behind
// it: both, or neither. With os.DevNull for dst it writes nothing.
func (r *Recording) Retime(ctx context.Context, dst string, clocks retime.Clocks, opt retime.Options) (*retime.Report, error) {
	if dst == os.DevNull { // for the digests alone
		sum := digest.New(opt.SHA256)
		return r.run(ctx, sum, sum, clocks, opt)
	}
	about := dst + manifestEnd
	var rep *retime.Report
	var why error // as Check says it
	told := false
	err := wholefile.Create(dst, func(w io.Writer) error {
		sum := digest.New(opt.SHA256)
		if rep, why = r.run(ctx, io.MultiWriter(w, sum), sum, clocks, opt); why != nil {
			return why
		}
		b, err := retime.NewManifest(opt, rep).Marshal()
		if err != nil {
			return err
		}
		err = wholefile.Create(about, func(w io.Writer) error { // before the table itself appears, never after
			_, err := w.Write(b)
			return err
		})
		told = err == nil
		return err
	})
	if err == nil {
		return rep, nil
	}
	if told {
		_ = os.Remove(about)
	}
	if why != nil {
		err = why
	}
	return nil, err
}
