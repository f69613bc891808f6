package cloud

import (
	"fmt"

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
