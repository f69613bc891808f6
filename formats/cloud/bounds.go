package cloud

import (
	"fmt"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/digest"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// bounds reads from the tables of events and of sections when each recording was, and which events senders have
// stamped. Everything else is judged against that.
func (u *run) bounds() error {
	if err := u.eachOf(eventsTable, func(f file) error { return u.readEvents(f, u.noteBounds) }); err != nil {
		return err
	}
	for _, g := range u.order {
		if err := g.fromPhone(); err != nil {
			return err
		}
	}
	// now that begin and end of all are known
	if err := u.eachOf(eventsTable, func(f file) error { return u.readEvents(f, u.noteSender) }); err != nil {
		return err
	}
	return u.eachOf(sectionsTable, u.readSections)
}

// eachOf calls do with each table of that kind.
func (u *run) eachOf(k kind, do func(file) error) error {
	for _, f := range u.tree.Files {
		if u.kinds[f.Name] == k {
			if err := do(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// event is one row of a table of events.
type event struct {
	file      file
	row       int
	at        align.DeviceTime
	name, typ string
}

// readEvents calls each with every event.
func (u *run) readEvents(f file, each func(*group, event) error) error {
	scope := u.scope(f)
	var keyed bool
	var roles eventRoles
	return u.readTable(f, func(header []string, cols retime.Columns) (retime.Plan, error) {
		key, err := retime.Index(header, recordingID)
		if err != nil {
			return retime.Plan{}, err
		}
		keyed = key >= 0
		if roles, err = findRoles(header); err != nil {
			return retime.Plan{}, err
		}
		at, err := retime.Index(header, timestamp)
		if err != nil || at < 0 {
			return retime.Plan{}, err // its absence is an error of the scan
		}
		return retime.Plan{Times: []int{at}, Key: key, Texts: roles.texts}, nil
	}, func(c *retime.Cell) error {
		g, err := u.pick(scope, keyed, c.Key)
		if err != nil {
			return err
		}
		name, typ := roles.of(c)
		return each(g, event{f, c.Row, c.At, name, typ})
	})
}

// eventRoles says which texts of a row are its name and its type.
type eventRoles struct {
	texts     []int
	name, typ int // index into texts, -1 if the table has none
}

func findRoles(header []string) (eventRoles, error) {
	r := eventRoles{name: -1, typ: -1}
	for _, role := range []struct {
		column string
		at     *int
	}{{eventName, &r.name}, {eventType, &r.typ}} {
		i, err := retime.Index(header, role.column)
		if err != nil {
			return r, err
		}
		if i >= 0 {
			*role.at = len(r.texts)
			r.texts = append(r.texts, i)
		}
	}
	return r, nil
}

func (r eventRoles) of(c *retime.Cell) (name, typ string) {
	if r.name >= 0 {
		name = string(c.Texts[r.name])
	}
	if r.typ >= 0 {
		typ = string(c.Texts[r.typ])
	}
	return name, typ
}

// noteBounds looks for the app's own events: the begin that info.json says or, without one, the first in whole ms;
// the end that info.json says, else the last in whole ms. Others of the same names are events like any.
func (u *run) noteBounds(g *group, e event) error {
	if laterAdded(e.typ) {
		return nil
	}
	whole := retime.WholeMS(e.at)
	switch e.name {
	case retime.BeginEvent:
		switch {
		case !whole && g.odd == nil:
			g.odd = &e
		case whole && !g.Begun:
			g.Begin, g.Begun, g.app = e.at, true, true
			g.about(e.at, e.at)
		case e.at == g.Begin:
			g.app = true
		}
	case retime.EndEvent:
		switch {
		case !whole || g.settled:
		case g.scope != nil && e.at == g.scope.End() && e.at > g.Begin:
			g.End, g.Ended, g.settled = e.at, true, true
		case g.known && g.near(e.at):
			g.End, g.Ended = e.at, true
			g.last = max(g.last, e.at)
		}
	}
	return nil
}

// fromPhone refuses events that begin as no phone's do: a re-timed events.csv by itself, or beside the info.json of
// the original.
func (g *group) fromPhone() error {
	if g.odd == nil || g.app {
		return nil
	}
	return &retime.NotPhoneError{File: g.odd.file.Path, What: retime.BeginEvent, At: g.odd.at}
}

// readSections places the recordings of which nothing else says when they were.
func (u *run) readSections(f file) error {
	scope := u.scope(f)
	var keyed bool
	return u.readTable(f, func(header []string, cols retime.Columns) (retime.Plan, error) {
		key, err := retime.Index(header, recordingID)
		if err != nil {
			return retime.Plan{}, err
		}
		keyed = key >= 0
		start, err := retime.Index(header, sectionStart)
		if err != nil || start < 0 {
			return retime.Plan{}, err
		}
		names, err := boundNames(header)
		return retime.Plan{Times: []int{start}, Key: key, Texts: names}, err
	}, func(c *retime.Cell) error {
		g, err := u.pick(scope, keyed, c.Key)
		if err != nil {
			return err
		}
		if len(c.Texts) > 0 && string(c.Texts[0]) == retime.BeginEvent && !retime.WholeMS(c.At) && !g.stamped[c.At] {
			return &retime.NotPhoneError{File: f.Path, What: retime.BeginEvent, At: c.At}
		}
		g.about(c.At, c.At)
		return nil
	})
}

// readTable reads a table whose times are not written now.
func (u *run) readTable(f file, plan func([]string, retime.Columns) (retime.Plan, error), each func(*retime.Cell) error) error {
	in, err := folder.Open(f)
	if err != nil {
		return err
	}
	defer in.Close()
	t := retime.Table{
		Name: f.Path,
		Plan: func(header []string) (retime.Plan, error) {
			p, err := plan(header, retime.Find(header))
			if err != nil {
				err = fmt.Errorf("%s: %w", f.Path, err)
			}
			return p, err
		},
		Map: each,
	}
	sum := digest.New(u.opt.SHA256)
	stats, err := t.Rewrite(u.ctx, nil, tee{in, sum})
	if err != nil || len(stats.Plan.Times) == 0 {
		return in.Blame(err)
	}
	if before, ok := u.sums[f.Name]; ok && before != sum.String() {
		return folder.Changed(f)
	}
	u.sums[f.Name] = sum.String()
	return nil
}
