package cloud

import (
	"errors"
	"slices"
	"strings"

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
	r.tree.ReadHeaders(func(f file) bool { return isTable(f.Base()) })
	for _, f := range r.tree.Files {
		if !isTable(f.Base()) {
			continue
		}
		header, err := r.tree.Header(f)
		if err != nil && !errors.Is(err, retime.ErrTable) {
			return err
		}
		if k := kindOf(f.Base(), header); k != plainTable {
			r.kinds[f.Name] = k
		}
	}
	return nil
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
