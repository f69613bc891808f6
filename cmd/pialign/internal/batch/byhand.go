package batch

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pialign/pialign/cmd/pialign/internal/human"
	"github.com/pialign/pialign/formats/retime"
)

// ByHand is why a recording is of the session that a table of pairs names.
const ByHand = "by hand"

// handPair is a row of a table of pairs whose session was found.
type handPair struct {
	row, source int
}

// byHand finds what opt.Pairs say of each unit.
func (m *making) byHand(units []unit) (map[int][]handPair, error) {
	var inputs, sources []string
	for _, u := range units {
		inputs = append(inputs, m.path(u.path))
	}
	for _, s := range m.sources {
		sources = append(sources, s.path)
	}
	hand := map[int][]handPair{}
	for _, p := range m.opt.Pairs {
		in, err := m.resolveInput(p.Input, inputs, units)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", p.Row, err)
		}
		s, err := m.resolvePath(p.Source, sources, "session")
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", p.Row, err)
		}
		hand[in] = append(hand[in], handPair{p.Row, s})
	}
	return hand, nil
}

// resolvePath finds the one of all that name is the end of, or leads to.
func (m *making) resolvePath(name string, all []string, what string) (int, error) {
	if filepath.IsAbs(name) {
		name = m.path(name)
		if i := slices.Index(all, name); i >= 0 {
			return i, nil
		}
	}
	i, err := resolve(name, all, what)
	if unknown := (*UnknownError)(nil); errors.As(err, &unknown) {
		if j := slices.Index(all, m.path(filepath.FromSlash(name))); j >= 0 { // a path from here, not from the plan
			return j, nil
		}
	}
	return i, err
}

// resolveInput likewise finds a unit: by its path, by the path of a folder that holds no other, or by how the id of a recording in it begins.
func (m *making) resolveInput(name string, inputs []string, units []unit) (int, error) {
	at, err := m.resolvePath(name, inputs, "recording")
	if unknown := (*UnknownError)(nil); !errors.As(err, &unknown) {
		return at, err
	}
	dir := name
	if filepath.IsAbs(name) {
		dir = m.path(name)
	}
	in := func(i int) bool {
		for p := path.Dir(inputs[i]); p != "." && p != "/"; p = path.Dir(p) {
			if ends(p, dir) {
				return true
			}
		}
		return false
	}
	const least = 6 // letters of an id: fewer are like a name
	of := func(i int) bool {
		return len(name) >= least && slices.ContainsFunc(units[i].parts, func(p retime.Part) bool {
			return strings.HasPrefix(strings.ToLower(p.RecordingID), strings.ToLower(name))
		})
	}
	for _, is := range []func(int) bool{in, of} {
		var found []string
		for i := range inputs {
			if is(i) {
				at = i
				found = append(found, inputs[i])
			}
		}
		switch n := len(found); {
		case n == 1:
			return at, nil
		case n > 1:
			return -1, fmt.Errorf("%w: %q may be each of %d recordings, such as %s and %s; write more of the path", ErrPairs, name, n, found[0], found[1])
		}
	}
	return -1, err
}

// pairByHand judges what a table says of a recording: a session of another phone, or of another day, is never its, whoever says so.
func (m *making) pairByHand(p retime.Part, hand []handPair) (c choice) {
	c = choice{state: Paired, source: -1, why: ByHand}
	var others, far []handPair
	var nearest time.Duration
	for _, h := range hand {
		s := m.sources[h.source]
		if s.err != nil {
			return c
		}
		of := s.devices
		if p.DeviceID != "" {
			of = slices.DeleteFunc(slices.Clone(of), func(d measured) bool { return d.deviceID != "" && !strings.EqualFold(d.deviceID, p.DeviceID) })
		}
		if len(of) == 0 {
			others = append(others, h)
			continue
		}
		least := of[0].gap(p.First, p.Last)
		for _, d := range of {
			least = min(least, d.gap(p.First, p.Last))
		}
		if p.First == 0 {
			least = 0
		}
		if len(far) == 0 || least < nearest {
			nearest = least
		}
		far = append(far, h)
	}
	at := func(h handPair) string {
		return fmt.Sprintf("correct row %d of the table of pairs, or leave it out", h.row)
	}
	switch {
	case len(far) == 0 && len(others) > 0:
		path := m.sources[others[0].source].path
		c.state, c.settle, c.mentions = Doubtful, at(others[0]), []string{path}
		c.problem = fmt.Sprintf("its phone has the device id %s, and the session named by hand is of another phone: %s", p.DeviceID, path)
	case nearest > reach:
		path := m.sources[far[0].source].path
		c.state, c.settle, c.mentions = Doubtful, at(far[0]), []string{path}
		c.problem = fmt.Sprintf("the session named by hand was measured %s from it, where no alignment answers: %s", human.Span(nearest), path)
	case nearest > farOut:
		c.note = fmt.Sprintf("%s: the session named by hand was measured %s from it, where the clocks were not watched", p.Name, human.Span(nearest))
	}
	return c
}

// rowsOf says what is odd about the rows that a table has of one unit.
func (m *making) rowsOf(u unit, hand []handPair) (notes []string) {
	for i, h := range hand {
		for _, g := range hand[:i] {
			switch {
			case g.source == h.source:
				notes = append(notes, fmt.Sprintf("rows %d and %d of the table of pairs say the same", g.row, h.row))
			case len(u.parts) < 2:
				notes = append(notes, fmt.Sprintf("rows %d and %d of the table of pairs name two sessions of one recording, %s and %s: if one is wrong, take its row out", g.row, h.row,
					m.sources[g.source].path, m.sources[h.source].path))
			}
		}
	}
	return notes
}
