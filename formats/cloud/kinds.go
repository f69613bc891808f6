package cloud

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// kind is what a table is beside times and values.
type kind int

const (
	plainTable kind = iota
	eventsTable
	sectionsTable
)

// findKinds looks at the header of every table: what its rows are does not hang on the name that somebody gave a
// copy. A header that cannot be read says so in Check.
func (r *Recording) findKinds() error {
	for _, f := range r.tree.Files {
		if !isTable(f.Base()) {
			continue
		}
		header, err := readHeader(f)
		if err != nil && !errors.Is(err, retime.ErrTable) {
			return err
		}
		if k := kindOf(f.Base(), header); k != plainTable {
			r.kinds[f.Name] = k
		}
	}
	return nil
}

func readHeader(f file) ([]string, error) {
	in, err := folder.Open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return retime.ReadHeader(context.Background(), f.Path, in)
}

func kindOf(base string, header []string) kind {
	has := func(columns ...string) bool {
		return !slices.ContainsFunc(columns, func(want string) bool {
			return !slices.ContainsFunc(header, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), want) })
		})
	}
	switch {
	case base == eventsName, has(timestamp, eventName, eventType):
		return eventsTable
	case base == sectionsName, has(sectionStart, sectionEnd):
		return sectionsTable
	}
	return plainTable
}
