package cloud

import (
	"fmt"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/retime"
)

// laterAdded reports the type of an event that was added in Pupil Cloud, on the recording's own times.
func laterAdded(typ string) bool { return typ == "cloud" || typ == "project" }

// senderWhy says why the event cannot have been stamped by the phone, "" if it can. Its name proves nothing; only
// the one recording.end that ends the recording is the app's, even where the phone's clock was set back before it.
func (g *group) senderWhy(at align.DeviceTime, name, typ string) string {
	if laterAdded(typ) || name == retime.EndEvent && g.Ended && at == g.End {
		return ""
	}
	return g.SenderWhy(at)
}

// maxStamped bounds what is remembered of one recording.
const maxStamped = 1_000_000

// noteSender lists the events that senders have stamped.
func (u *run) noteSender(g *group, e event) error {
	g.listed = true
	why := g.senderWhy(e.at, e.name, e.typ)
	if why == "" {
		return nil
	}
	if len(g.stamped) == maxStamped {
		return fmt.Errorf("%w: more than %d events that are not the phone's", retime.ErrTable, maxStamped)
	}
	u.senders++
	g.senders++
	g.stamped[e.at] = true
	if len(g.sender) < retime.MostListed {
		g.sender = append(g.sender, retime.SenderStamp{File: e.file.Name, Row: e.row, Event: e.name, Stamp: e.at, Why: why})
	}
	return nil
}

// sent reports whether a sender has stamped the cell.
func (m *mapper) sent(c *retime.Cell, g *group) bool {
	switch m.kind {
	case eventsTable:
		name, typ := m.roles.of(c)
		return m.isStamp(c) && g.senderWhy(c.At, name, typ) != ""
	case sectionsTable:
		return m.sentBound(c, g)
	}
	return false
}

// isStamp reports whether the cell is in the column of the events' own times.
func (m *mapper) isStamp(c *retime.Cell) bool {
	return strings.EqualFold(strings.TrimSpace(m.header[m.cols.Times[c.Column]]), timestamp)
}

// boundNames finds the two columns of a table of sections that name the events at its bounds.
func boundNames(header []string) ([]int, error) {
	start, err := retime.Index(header, startName)
	if err != nil || start < 0 {
		return nil, err
	}
	end, err := retime.Index(header, endName)
	if err != nil || end < 0 {
		return nil, err
	}
	return []int{start, end}, nil
}

// sentBound reports whether a bound of a section is the time of an event that a sender has stamped. Where the
// events themselves are not in the folder, as in enrichments, the bound is judged as an event would be, and mapping
// it is worth a warning.
func (m *mapper) sentBound(c *retime.Cell, g *group) bool {
	if g.listed {
		return g.stamped[c.At]
	}
	name := ""
	if column := strings.TrimSpace(m.header[m.cols.Times[c.Column]]); m.more == 2 {
		if strings.EqualFold(column, sectionStart) {
			name = string(c.Texts[0])
		} else {
			name = string(c.Texts[1])
		}
	}
	why := g.senderWhy(c.At, name, "")
	if why == "" {
		return false
	}
	if m.opt.SenderStamps == "" {
		m.warnings = append(m.warnings, warning{g, fmt.Sprintf("%s: row %d: section bound %d (%s) is %s; it is mapped as if the phone had stamped it",
			m.file.Name, c.Row, int64(c.At), name, why)})
		return false
	}
	return true
}
