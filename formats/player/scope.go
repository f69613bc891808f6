package player

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// scope is one recording: a folder and all below it.
type scope struct {
	dir    string         // "." is the root
	info   *infojson.Info // nil where none says when the recording began
	file   folder.File    // of info
	inside bool           // that file is part of what is re-timed
	player *playerInfo
}

// findScopes reads the info files of the tree, and where it has none those of the recording that an export lies in.
func findScopes(root string, t *folder.Tree) ([]*scope, error) {
	var scopes []*scope
	at := func(dir string) *scope {
		for _, s := range scopes {
			if s.dir == dir {
				return s
			}
		}
		s := &scope{dir: dir}
		scopes = append(scopes, s)
		return s
	}
	for _, f := range t.Files {
		switch f.Base() {
		case playerInfoName:
			p, err := checkInfo(f)
			if err != nil {
				return nil, err
			}
			at(f.Dir()).player = p
		case invisibleInfoName, infojson.Name:
			in, err := readInfo(f)
			if errors.Is(err, infojson.ErrInfo) && f.Base() == infojson.Name {
				continue // somebody else's
			}
			if err != nil {
				return nil, err
			}
			s := at(f.Dir())
			if s.info != nil && s.info.Start != in.Start {
				return nil, fmt.Errorf("%s and %s: %w: two of them in one folder that disagree", s.file.Path, f.Path, infojson.ErrInfo)
			}
			if s.info == nil || f.Base() == invisibleInfoName {
				s.info, s.file, s.inside = in, f, true
			}
		}
	}
	if len(scopes) == 0 {
		s := at(".")
		if err := s.lookAbove(root); err != nil {
			return nil, err
		}
	}
	for _, s := range scopes {
		if err := s.check(root); err != nil {
			return nil, err
		}
	}
	return scopes, nil
}

// opened reports whether Pupil Player has opened the recording, which it only does with those of Pupil Invisible: none of
// their .raw holds times.
func (s *scope) opened() bool {
	return s != nil && s.inside && s.file.Base() == invisibleInfoName && !strings.HasPrefix(s.info.Format, "2")
}

// check compares what the two info files of a recording say.
func (s *scope) check(root string) error {
	switch {
	case s.player == nil:
		return nil
	case s.info == nil:
		return fmt.Errorf("%s: %w: %s is missing beside %s; it holds start_time in whole ns, which %s only has rounded",
			filepath.Join(root, filepath.FromSlash(s.dir)), ErrStart, invisibleInfoName, playerInfoName, playerInfoName)
	}
	return s.player.agrees(s.info)
}

// lookAbove reads the info file of the recording whose exports/NNN is the root.
func (s *scope) lookAbove(root string) error {
	abs, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	up := filepath.Dir(filepath.Dir(abs))
	if strings.EqualFold(filepath.Base(abs), "exports") {
		up = filepath.Dir(abs)
	} else if !strings.EqualFold(filepath.Base(filepath.Dir(abs)), "exports") {
		return nil
	}
	if p := filepath.Join(up, playerInfoName); exists(p) {
		if _, err := checkInfo(folder.File{Name: playerInfoName, Path: p}); err != nil {
			return err
		}
	}
	for _, name := range []string{invisibleInfoName, infojson.Name} {
		f := folder.File{Name: name, Path: filepath.Join(up, name)}
		if !exists(f.Path) {
			continue
		}
		in, err := readInfo(f)
		if err != nil {
			return err
		}
		s.info, s.file = in, f
		return nil
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// readInfo reads an info.invisible.json, which is the app's info.json under another name.
func readInfo(f folder.File) (*infojson.Info, error) {
	b, err := folder.Small(f, infojson.MaxSize)
	if err != nil {
		return nil, err
	}
	in, err := infojson.Parse(b)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	case !retime.WholeMS(in.Start):
		return nil, &retime.NotPhoneError{File: f.Path, What: infojson.StartTime, At: in.Start}
	}
	return in, nil
}

// scopeOf returns the recording that f belongs to, nil where that is open.
func (r *Recording) scopeOf(f folder.File) *scope {
	for dir := f.Dir(); ; dir = path.Dir(dir) {
		if i := slices.IndexFunc(r.scopes, func(s *scope) bool { return s.dir == dir }); i >= 0 {
			return r.scopes[i]
		}
		if dir == "." {
			break
		}
	}
	if len(r.scopes) == 1 {
		return r.scopes[0]
	}
	return nil
}

// group is one recording in one run.
type group struct {
	*scope
	name  string
	id    string // of the recording, "" where unknown
	clock retime.Clock
	start int64 // start_time on the clock of the result
	retime.Extent
	sender  []retime.SenderStamp
	senders int
}

// near reports whether at lies within a day of the recording.
func (g *group) near(at align.DeviceTime) bool {
	return g.Begun && retime.Near(at, g.Begin, max(g.Begin, g.End))
}

// device returns the id of the phone, "" where it is unknown.
func (g *group) device() string {
	if g.info == nil {
		return ""
	}
	return g.info.DeviceID
}
