package formats

import (
	"errors"
	"fmt"

	"os"
	"path/filepath"
	"strings"

	"github.com/pialign/pialign/formats/cloud"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/native"
	"github.com/pialign/pialign/formats/retime"
	"github.com/pialign/pialign/formats/wholefile"
)

// Open says what the folder or zip at path is and returns it, or an error that wraps ErrUnknown, ErrUnsupported, ErrZip or
// ErrRetimed.
func Open(path string) (Recording, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case leftover(path):
		return nil, fmt.Errorf("%s: %w: what an interrupted pialign left behind; it may be deleted", path, ErrUnknown)
	case !info.IsDir() && !folder.IsZip(path):
		return nil, openFile(path)
	}
	if err := partOfRetimed(path); err != nil {
		return nil, err
	}
	tree, err := folder.Walk(path)
	if err != nil {
		return nil, err
	}
	if r, err := openPlayer(path, tree); r != nil || err != nil {
		return r, err
	}
	kind, phone := foreign(tree)
	if kind != "" {
		return nil, fmt.Errorf("%s: %w: %s; download it as \"Timeseries Data\" from Pupil Cloud and give that", path, ErrUnsupported, kind)
	}
	if phone {
		return openNative(path, tree)
	}
	r, err := cloud.OpenTree(path, tree)
	if errors.Is(err, cloud.ErrNoTables) {
		return nil, fmt.Errorf("%s: %w: looked for a pialign.json, for files of the phone (gaze ps1.raw), for exports of Pupil Player "+
			"(info.player.json, export_info.csv) and for tables of Pupil Cloud (%s), here and in the folders below",
			path, ErrUnknown, strings.Join(cloud.Tables(), ", "))
	}
	if err != nil {
		return nil, err // not r: a nil *cloud.Recording is no nil Recording
	}
	return r, nil
}

// openNative returns a folder with files of the phone.
func openNative(path string, t *folder.Tree) (Recording, error) {
	r, err := native.OpenTree(path, t)
	if errors.Is(err, native.ErrMixed) {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// leftover reports whether path is the unfinished work of a pialign that was killed. A folder within one is taken as
// it is: the demo makes its recording so.
func leftover(path string) bool {
	abs, err := filepath.Abs(path)
	return err == nil && wholefile.IsTemp(filepath.Base(abs))
}

// openFile says why a file is no recording.
func openFile(path string) error {
	switch name := strings.ToLower(filepath.Base(path)); {
	case name == retime.ManifestName:
		return fmt.Errorf("%s: %w; give the folder as it was downloaded", path, ErrRetimed)
	case strings.HasSuffix(name, ".csv"), name == "info.json":
		return fmt.Errorf("%s: %w: one file of a recording; give the folder it lies in or, if it is a table of another program, name its columns of times (--time-column)", path, ErrUnknown)
	}
	return fmt.Errorf("%s: %w: a file; give the folder of a recording, or its zip", path, ErrUnknown)
}

// levels is how many folders above a recording pialign.json may lie: a download has one or two.
const levels = 4

// partOfRetimed refuses a recording taken out of a re-timed download: its pialign.json lies further up.
func partOfRetimed(path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	rel := ""
	for range levels {
		rel = filepath.Join(filepath.Base(abs), rel)
		up := filepath.Dir(abs)
		if up == abs {
			return nil
		}
		abs = up
		name := filepath.Join(abs, retime.ManifestName)
		m, err := retime.ReadManifest(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil || m.Holds(filepath.ToSlash(rel)) {
			return fmt.Errorf("%s: %w, as %s says; give the folder as it was downloaded", path, ErrRetimed, name)
		}
	}
	return nil
}
