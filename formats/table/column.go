package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/retime"
)

// ErrColumn: what was said of a column makes no sense, or does not fit the table.
var ErrColumn = errors.New("column of times")

// Column is a column of absolute times of the phone.
type Column struct {
	Name string // as the header has it; spaces around it do not matter
	Unit int64  // in ns: 1, 1e3, 1e6 or 1e9
}

// ParseColumn reads NAME:UNIT. The unit is ns, us, ms or s; the name may have colons.
func ParseColumn(text string) (Column, error) {
	at := strings.LastIndexByte(text, ':')
	if at < 1 {
		return Column{}, fmt.Errorf("%w %q: want NAME:UNIT, as \"timestamp [ns]:ns\"", ErrColumn, text)
	}
	unit, ok := retime.Units[text[at+1:]]
	if !ok {
		return Column{}, fmt.Errorf("%w %q: unit %q, want ns, us, ms or s", ErrColumn, text, text[at+1:])
	}
	return Column{strings.TrimSpace(text[:at]), unit}, nil
}

// String returns NAME:UNIT.
func (c Column) String() string {
	for name, unit := range retime.Units {
		if unit == c.Unit {
			return c.Name + ":" + name
		}
	}
	return c.Name
}

// separators are tried in this order.
const separators = ",\t;"

// find returns the index of every column in the header, in order of the header, with the columns likewise.
func find(header []string, columns []Column) ([]int, []Column, error) {
	type place struct {
		at int
		Column
	}
	var places []place
	for _, c := range columns {
		at := -1
		for i, name := range header {
			if strings.TrimSpace(name) != c.Name {
				continue
			}
			if at >= 0 {
				return nil, nil, fmt.Errorf("%w: columns %d and %d are both called %q", retime.ErrTable, at+1, i+1, c.Name)
			}
			at = i
		}
		if at < 0 {
			return nil, nil, fmt.Errorf("%w: %q is not in the header, which has %q", retime.ErrColumn, c.Name, header)
		}
		if slices.ContainsFunc(places, func(p place) bool { return p.at == at }) {
			return nil, nil, fmt.Errorf("%w %q is given twice", ErrColumn, c.Name)
		}
		places = append(places, place{at, c})
	}
	for _, name := range header {
		for _, c := range columns {
			if n := strings.TrimSpace(name); n == "host "+c.Name || n == "device "+c.Name {
				return nil, nil, fmt.Errorf("column %q: %w; give the original", name, retime.ErrRetimed)
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int { return a.at - b.at })
	var at []int
	var sorted []Column
	for _, p := range places {
		at, sorted = append(at, p.at), append(sorted, p.Column)
	}
	return at, sorted, nil
}
