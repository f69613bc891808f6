package formats

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/native"
	"github.com/pialign/pialign/formats/wholefile"
)

// maxNames is where looking for other programs' files ends; cloud.Open refuses such a folder by then.
const maxNames = 200_000

// foreign names the kind of recording at root that no package here re-times, "" if there is none. One such file
// anywhere is enough: its times would stay the phone's among others that do not. phone reports a file of the phone's.
func foreign(root string) (kind string, phone bool, err error) {
	if folder.IsZip(root) {
		return foreignInZip(root)
	}
	n := 0
	real, err := filepath.EvalSymlinks(root) // WalkDir does not follow a link at its root
	if err != nil {
		return "", false, err
	}
	err = filepath.WalkDir(real, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if e.Name() == ".git" || wholefile.IsTemp(e.Name()) && path != real {
				return fs.SkipDir
			}
			return nil
		}
		if n++; n > maxNames {
			return fs.SkipAll
		}
		phone = phone || native.Is(e.Name())
		if k := kindOf(e.Name()); k != "" {
			rel, err := filepath.Rel(real, path)
			if err != nil {
				rel = e.Name()
			}
			kind = k + " (" + filepath.ToSlash(rel) + ")"
			return fs.SkipAll
		}
		return nil
	})
	return kind, phone, err
}

// kindOf recognises a file of a recording by its name.
func kindOf(name string) string {
	name = strings.ToLower(name)
	switch {
	case name == "info.player.json", name == "info.invisible.json", strings.HasSuffix(name, ".pldata"):
		return "a folder that was opened in Pupil Player"
	case name == "export_info.csv", name == "gaze_positions.csv", strings.HasSuffix(name, "_timestamps.npy"):
		return "an export of Pupil Player or Neon Player"
	}
	return ""
}

// foreignInZip is foreign for a zip.
func foreignInZip(root string) (kind string, phone bool, err error) {
	t, err := folder.Walk(root)
	if err != nil {
		return "", false, err
	}
	for _, f := range t.Files {
		phone = phone || native.Is(path.Base(f.Name))
		if k := kindOf(f.Base()); k != "" {
			return k + " (" + f.Name + ")", phone, nil
		}
	}
	return "", phone, nil
}
