package folder

import (
	"archive/zip"
	"fmt"
	"strings"

	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// role is what a name in a zip is.
type role int

const (
	implied role = iota // a folder that has no entry of its own
	aFolder
	aFile
	leftOut
)

// named is a name in a zip as it was met first.
type named struct {
	spelling string
	role     role
}

// enter takes e into t. Two names that would be one when unpacked, on whatever system, are refused: programs differ in
// which of them they take. names is by name in lower case.
func (a *archive) enter(t *Tree, names map[string]named, e *zip.File) error {
	name, isFolder := strings.CutSuffix(e.Name, "/")
	for at := 0; at < len(name); at++ {
		from := at
		if i := strings.IndexByte(name[at:], '/'); i >= 0 {
			at += i
		} else {
			at = len(name)
		}
		here, part, now := name[:at], name[from:at], implied
		switch {
		case part == ".git", wholefile.IsTemp(part): // as in a folder
			now = leftOut
		case strings.EqualFold(part, retime.ManifestName):
			return fmt.Errorf("%s: %w; give the zip as it was downloaded", a.place(here), retime.ErrRetimed)
		case at < len(name):
		case isFolder:
			now = aFolder
		default:
			now = aFile
		}
		key := strings.ToLower(here)
		before, met := names[key]
		switch {
		case met && before.spelling != here:
			return fmt.Errorf("entry %.200q: %w: it and %.200q differ in upper and lower case alone; unpack it and give the folder", e.Name, ErrZip, before.spelling)
		case met && now != leftOut && (before.role == aFile || now == aFile || now == aFolder && before.role == aFolder):
			return fmt.Errorf("entry %.200q: %w: two entries of that name", e.Name, ErrZip)
		}
		if !met || now != implied {
			names[key] = named{here, now}
		}
		switch {
		case now == aFile && len(t.Files) == maxFiles:
			return fmt.Errorf("%w: more than %d files; give the zip of a recording or a download", ErrTree, maxFiles)
		case now == aFile:
			t.Files = append(t.Files, a.fileOf(e))
		case now == leftOut && !met:
			t.LeftOut = append(t.LeftOut, here)
		case !met && now != leftOut:
			t.Folders = append(t.Folders, here)
		}
		if now == leftOut {
			return nil
		}
	}
	return nil
}
