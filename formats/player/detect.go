package player

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// Errors that a caller may branch on.
var (
	// ErrForeign: nothing in the folder is of Pupil Player or Neon Player.
	ErrForeign = errors.New("nothing of Pupil Player or Neon Player")
	// ErrCore: a recording of Pupil Core, or of another program than the Companion app.
	ErrCore = errors.New("not on a phone's clock")
	// ErrStart: the start of the recording, to which all times are relative, is not known.
	ErrStart = errors.New("start of the recording is not known")
	// ErrFile: a file that holds times in a form that cannot be rewritten.
	ErrFile = errors.New("file with times that cannot be rewritten")
)

// The files that say what a recording is.
const (
	playerInfoName    = "info.player.json"
	invisibleInfoName = "info.invisible.json"
)

// isIn reports whether a file of t makes it one of this package, by what is in it. Names alone come first: reading takes longer.
func isIn(t *folder.Tree) bool {
	if slices.ContainsFunc(t.Files, func(f folder.File) bool {
		base := f.Base()
		return base == playerInfoName || base == invisibleInfoName || strings.HasSuffix(base, ".pldata")
	}) {
		return true
	}
	t.ReadHeaders(telltale)
	return slices.ContainsFunc(t.Files, func(f folder.File) bool {
		switch {
		case strings.HasSuffix(f.Base(), "_timestamps.npy"):
			return bytes.HasPrefix(firstBytes(f, 6), []byte(npyMagic))
		case telltale(f):
			header, err := t.Header(f)
			if err != nil {
				return false
			}
			return isExportInfo(header) && bytes.Contains(firstBytes(f, 4<<10), []byte(absoluteRange)) ||
				slices.ContainsFunc(header, func(name string) bool { return slices.Contains(telling, columnKey(name)) })
		}
		return false
	})
}

// telltale reports whether f is a table that Pupil Player may have written.
func telltale(f folder.File) bool {
	base := f.Base()
	return strings.HasSuffix(base, ".csv") && !slices.Contains(cloudOnly, base)
}

// Marks reports whether a file of that name may make the folder that it lies in one of this package.
func Marks(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains([]string{playerInfoName, invisibleInfoName, "export_info.csv"}, name) ||
		strings.HasSuffix(name, ".pldata") || strings.HasSuffix(name, "_timestamps.npy") || strings.HasSuffix(name, "_positions.csv")
}

// cloudOnly are tables that Pupil Player does not write, so that folders of thousands need not be read to be known.
var cloudOnly = []string{"gaze.csv", "events.csv", "imu.csv", "3d_eye_states.csv", "saccades.csv", "sections.csv", "labels.csv", "template.csv"}

func firstBytes(f folder.File, n int64) []byte {
	in, err := folder.Open(f)
	if err != nil {
		return nil
	}
	defer in.Close()
	b, _ := io.ReadAll(io.LimitReader(in, n))
	return b
}

func readHeader(f folder.File) ([]string, error) {
	in, err := folder.Open(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return retime.ReadHeader(context.Background(), f.Path, in)
}

// Is reports whether root holds anything of this package. Folders that cannot be walked are none.
func Is(root string) bool {
	t, err := folder.Walk(root)
	return err == nil && isIn(t)
}

// checkInfo refuses an info.player.json of a recording that no phone's clock stamped.
func checkInfo(f folder.File) (*playerInfo, error) {
	b, err := folder.Small(f, infojson.MaxSize)
	if err != nil {
		return nil, err
	}
	p, err := parsePlayerInfo(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	if p.software != invisibleSoftware {
		return nil, fmt.Errorf("%s: %w: it was recorded by %q; Pupil Core stamps by the computer that recorded it, which no phone's "+
			"alignment describes. Of Pupil Player's folders those of %s are re-timed, and Neon's exports", f.Path, ErrCore, p.software, invisibleSoftware)
	}
	p.file = f
	return p, nil
}
