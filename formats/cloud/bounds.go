package cloud

import (
	"fmt"
	"os"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// The events that the app writes itself, in whole ms of the phone's clock.
const (
	beginEvent = "recording.begin"
	endEvent   = "recording.end"
)

// bounds reads from events.csv and sections.csv when each recording was, and which events senders have stamped.
// Everything else is judged against that.
func (u *run) bounds() error {
	for _, f := range u.tree.files {
		if f.base() == eventsName {
			if err := u.readEvents(f, u.noteBounds); err != nil {
				return err
			}
		}
	}
	for _, f := range u.tree.files { // now that begin and end of all are known
		if f.base() == eventsName {
			if err := u.readEvents(f, u.noteSender); err != nil {
				return err
			}
		}
	}
	for _, f := range u.tree.files {
		if f.base() == sectionsName {
			if err := u.readSections(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// event is one row of an events.csv.
type event struct {
	file      string
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
		return each(g, event{f.name, c.Row, c.At, name, typ})
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

// noteBounds takes begin and end from the app's own events. What info.json says of the begin comes second.
func (u *run) noteBounds(g *group, e event) error {
	switch {
	case e.name == beginEvent && !g.app:
		g.begin, g.begun, g.app = e.at, true, true
		g.about(e.at, e.at)
	case e.name == endEvent:
		g.end, g.ended = e.at, true
		if g.known && g.near(e.at) {
			g.last = max(g.last, e.at)
		}
	}
	return nil
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
		return retime.Plan{Times: []int{start}, Key: key}, nil
	}, func(c *retime.Cell) error {
		g, err := u.pick(scope, keyed, c.Key)
		if err != nil {
			return err
		}
		g.about(c.At, c.At)
		return nil
	})
}

// readTable reads a table whose times are not written now.
func (u *run) readTable(f file, plan func([]string, retime.Columns) (retime.Plan, error), each func(*retime.Cell) error) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	t := retime.Table{
		Name: f.path,
		Plan: func(header []string) (retime.Plan, error) {
			p, err := plan(header, retime.Find(header))
			if err != nil {
				err = fmt.Errorf("%s: %w", f.path, err)
			}
			return p, err
		},
		Map: each,
	}
	_, err = t.Rewrite(u.ctx, nil, in)
	return err
}
