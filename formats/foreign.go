package formats

import (
	"path"
	"strings"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/native"
)

// foreign names the kind of recording in t that no package here re-times, "" if there is none. One such file
// anywhere is enough: its times would stay the phone's among others that do not. phone reports a file of the phone's.
func foreign(t *folder.Tree) (kind string, phone bool) {
	for _, f := range t.Files {
		phone = phone || native.Is(path.Base(f.Name))
		if k := kindOf(f.Base()); k != "" {
			return k + " (" + f.Name + ")", phone
		}
	}
	return "", phone
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
