package player

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// senderWhy says why the event cannot have been stamped by the phone, "" if it can. Types other than recording were added
// in a program, on the recording's own times.
func (g *group) senderWhy(at align.DeviceTime, name, typ string) string {
	if typ == "player" || typ == "cloud" || typ == "project" {
		return ""
	}
	if g.info != nil && at == g.info.End() {
		return ""
	}
	return g.SenderWhy(at)
}

// noteSender lists an event that its sender has stamped.
func (g *group) noteSender(file string, row int, name string, at align.DeviceTime, typ string) {
	why := g.senderWhy(at, name, typ)
	if why == "" {
		return
	}
	if g.senders++; len(g.sender) < retime.MostListed {
		g.sender = append(g.sender, retime.SenderStamp{File: file, Row: row, Event: name, Stamp: at, Why: why})
	}
}

// events places the recordings of which no info file says when they were, and lists what senders have stamped.
func (u *run) events() error {
	for _, f := range u.tree.Files {
		if strings.HasSuffix(f.Base(), ".csv") {
			if err := u.placeBy(f); err != nil {
				return err
			}
		}
	}
	for _, f := range u.tree.Files {
		var err error
		switch base := f.Base(); {
		case base == "event.time":
			err = u.nativeEvents(f)
		case strings.HasSuffix(base, ".csv"):
			err = u.tableEvents(f, func(g *group, row int, name, typ string, at align.DeviceTime) error {
				g.noteSender(f.Name, row, name, at, typ)
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// placeBy places a recording by its own begin and end, else by the first time in ns.
func (u *run) placeBy(f folder.File) error {
	odd := align.DeviceTime(0)
	var of *group
	err := u.tableEvents(f, func(g *group, row int, name, typ string, at align.DeviceTime) error {
		of = g
		switch {
		case typ == "player":
		case name == retime.BeginEvent && !retime.WholeMS(at):
			odd = at
		case name == retime.BeginEvent && !g.Begun:
			g.Begun, g.Begin = true, at
		case name == retime.EndEvent && g.info == nil && g.near(at) && retime.WholeMS(at):
			g.End, g.Ended = max(g.End, at), true
		}
		return nil
	})
	if err == nil && odd != 0 && !of.Begun {
		err = &retime.NotPhoneError{File: f.Path, What: retime.BeginEvent, At: odd}
	}
	return err
}

// placeByFirst places what nothing has placed yet.
func (u *run) placeByFirst() error {
	stop := errors.New("seen enough")
	for _, f := range u.tree.Files {
		if !strings.HasSuffix(f.Base(), ".csv") {
			continue
		}
		g, err := u.groupOf(f)
		if err != nil || g.Begun {
			continue // the scan says what is wrong
		}
		err = u.readNs(f, func(c *retime.Cell, _ string, _ string) error {
			if c.At < firstYear {
				return nil
			}
			g.Begun, g.Begin = true, c.At
			return stop
		})
		if err != nil && !errors.Is(err, stop) {
			return err
		}
	}
	return nil
}

// tableEvents calls each with every event of a table of events in ns.
func (u *run) tableEvents(f folder.File, each func(g *group, row int, name, typ string, at align.DeviceTime) error) error {
	g, err := u.groupOf(f)
	if err != nil {
		return nil // the scan says so
	}
	header, err := readHeader(f)
	if err != nil {
		return nil
	}
	_, roles, err := eventTexts(header)
	if err != nil || roles[0] < 0 || roles[1] < 0 {
		return nil
	}
	return u.readNs(f, func(c *retime.Cell, name, typ string) error {
		return each(g, c.Row, name, typ, c.At)
	})
}

// readNs calls each with the cells of the first known column of a table in ns.
func (u *run) readNs(f folder.File, each func(c *retime.Cell, name, typ string) error) error {
	header, err := readHeader(f)
	if err != nil {
		return nil
	}
	kind, times, err := judge(header)
	if err != nil || kind != inNs || !retime.Find(header).Known[0] {
		return nil
	}
	m := mapper{header: header}
	p := retime.Plan{Times: times[:1], Key: -1}
	if p.Texts, m.roles, err = eventTexts(header); err != nil {
		return nil
	}
	in, err := folder.Open(f)
	if err != nil {
		return err
	}
	defer in.Close()
	t := retime.Table{Name: f.Path, Plan: func([]string) (retime.Plan, error) { return p, nil }}
	t.Map = func(c *retime.Cell) error {
		name, typ := m.textsOf(c)
		return each(c, name, typ)
	}
	_, err = t.Rewrite(u.ctx, nil, in)
	return in.Blame(err)
}

// nativeEvents lists the events of event.time and event.txt.
func (u *run) nativeEvents(f folder.File) error {
	g, err := u.groupOf(f)
	if err != nil || g.info == nil {
		return nil // the scan says so
	}
	in, err := folder.Open(f)
	if err != nil {
		return err
	}
	defer in.Close()
	var names *bufio.Scanner
	for _, txt := range u.tree.Files {
		if txt.Dir() == f.Dir() && txt.Base() == "event.txt" {
			in, err := folder.Open(txt)
			if err != nil {
				return err
			}
			defer in.Close()
			names = bufio.NewScanner(in)
		}
	}
	_, err = eachRecord(u.ctx, nil, in, 8, func(n int, b []byte) error {
		name := ""
		if names != nil && names.Scan() {
			name = names.Text()
		}
		g.noteSender(f.Name, n+1, name, align.DeviceTime(binary.LittleEndian.Uint64(b)), "")
		return nil
	})
	if err != nil {
		return in.Blame(fmt.Errorf("%s: %w", f.Path, err))
	}
	return nil
}
