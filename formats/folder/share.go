package folder

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/pieces"
	"github.com/pialign/pialign/formats/wholefile"
)

// sharing is what Target.Copy shared with the inputs in place of copying it.
type sharing struct {
	mu     sync.Mutex // guards both
	linked map[string]bool
	copied map[string]error // by name of the file: why it is no link although it was to be one

	noClones atomic.Bool // one could not be made
}

// share makes f of the input's own bytes, if that can be: by another name for the same file where links are asked for, else by a clone.
// It returns the digest, for which the file is read, and false where the file is to be copied.
func (t *Target) share(ctx context.Context, f File, in *Input) (sum string, ok bool, err error) {
	if !t.Hardlink && t.sharing.noClones.Load() {
		return "", false, nil
	}
	to := t.place(f.Name)
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an earlier try
		return "", false, err
	}
	if t.Hardlink {
		info, err := in.disk.Stat()
		if err == nil {
			err = wholefile.Link(f.Path, to, info)
		}
		t.sharing.note(f.Name, err)
		if errors.Is(err, fs.ErrInvalid) {
			return "", false, Changed(f)
		}
		ok = err == nil
	}
	if !ok && (t.sharing.noClones.Load() || !wholefile.Clone(in.disk, to)) {
		t.sharing.noClones.Store(true) // the next one would be none either, and ten thousand tries cost time
		return "", false, nil
	}
	d := digest.New(t.SHA256)
	n, err := pieces.Copy(ctx, d, "", in)
	if err == nil && n != f.Size {
		err = Changed(f)
	}
	return d.String(), true, err
}

// note says what became of a file that was to be a link. It may be tried again.
func (s *sharing) note(name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.linked == nil {
		s.linked, s.copied = map[string]bool{}, map[string]error{}
	}
	delete(s.linked, name)
	delete(s.copied, name)
	if err == nil {
		s.linked[name] = true
	} else {
		s.copied[name] = err
	}
}

// Links returns how many files are links, and of those that should be but are copies how many, and why the first of them is one.
func (t *Target) Links() (linked, copied int, why error) {
	s := &t.sharing
	s.mu.Lock()
	defer s.mu.Unlock()
	first := ""
	for name, err := range s.copied {
		if first == "" || name < first {
			first, why = name, err
		}
	}
	return len(s.linked), len(s.copied), why
}
