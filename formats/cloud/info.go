package cloud

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/infojson"
	"github.com/pialign/pialign/formats/retime"
)

// file is one file of the recording.
type file = folder.File

// info is what an info.json says of its recording.
type info struct {
	file file
	*infojson.Info
}

// readInfo reads an info.json, and refuses that of a re-timed recording. Its errors name the file.
func readInfo(f file) (*info, error) {
	b, err := folder.Small(f, infojson.MaxSize)
	if err != nil {
		return nil, err
	}
	in, err := infojson.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	if !retime.WholeMS(in.Start) {
		return nil, &retime.NotPhoneError{File: f.Path, What: infojson.StartTime, At: in.Start}
	}
	return &info{f, in}, nil
}

// readInfos reads every info.json of t, several at a time. folders are those with tables of Pupil Cloud: elsewhere a file of that name may be
// somebody else's.
func readInfos(t *folder.Tree, folders map[string]bool) ([]*info, error) {
	files := slices.DeleteFunc(slices.Clone(t.Files), func(f file) bool { return f.Base() != infojson.Name })
	all, err := folder.Each(min(runtime.GOMAXPROCS(0), len(files)), files, func(f file) (*info, error) {
		in, err := readInfo(f)
		if errors.Is(err, infojson.ErrInfo) && !folders[f.Dir()] {
			return nil, nil
		}
		return in, err
	})
	return slices.DeleteFunc(all, func(in *info) bool { return in == nil }), err
}
