package folder

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/pialign/pialign/formats/retime"
)

// mostNames is how many bytes of names of columns are kept. Tables of a download have a dozen headers between them.
const mostNames = 1 << 20

// headers are those that were read already, by name of the table.
type headers struct {
	mu     sync.Mutex // guards all
	of     map[string][]string
	unique map[string][]string // by the names, one after the other
	size   int
}

// Header returns the names in the header of the table f, as retime.ReadHeader does. The caller must not change them.
func (t *Tree) Header(f File) ([]string, error) {
	t.headers.mu.Lock()
	header, ok := t.headers.of[f.Name]
	t.headers.mu.Unlock()
	if ok {
		return header, nil
	}
	in, err := Open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if header, err = retime.ReadHeader(context.Background(), f.Path, in); err != nil {
		return header, err
	}
	return t.headers.keep(f, header), nil
}

// keep remembers a header, and returns the one like it that is kept already.
func (h *headers) keep(f File, header []string) []string {
	key := strings.Join(header, "\x00")
	h.mu.Lock()
	defer h.mu.Unlock()
	known, ok := h.unique[key]
	if !ok {
		if h.size+len(key) > mostNames {
			return header
		}
		h.size += len(key)
		known = header
		if h.unique == nil {
			h.unique, h.of = map[string][]string{}, map[string][]string{}
		}
		h.unique[key] = known
	}
	h.of[f.Name] = known
	return known
}

// ReadHeaders reads those of many tables at the same time. What cannot be read says so when it is asked for.
func (t *Tree) ReadHeaders(of func(File) bool) {
	var files []File
	for _, f := range t.Files {
		if of(f) {
			files = append(files, f)
		}
	}
	t.headers.mu.Lock()
	known := maps.Clone(t.headers.of)
	t.headers.mu.Unlock()
	files = slices.DeleteFunc(files, func(f File) bool { _, ok := known[f.Name]; return ok })
	_, _ = Each(min(runtime.GOMAXPROCS(0), len(files)), files, func(f File) (struct{}, error) {
		_, err := t.Header(f)
		if errors.Is(err, retime.ErrTable) {
			err = nil // other tables may have one
		}
		return struct{}{}, err
	})
}
