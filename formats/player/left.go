package player

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
	"github.com/pialign/pialign/formats/retime"
)

// headSize is how far into a file without known times they are looked for: some thousand rows.
const headSize = 256 << 10

// speaksOfTimes looks for the names of times where the header of a table should be, also in UTF-16.
func speaksOfTimes(f folder.File) bool {
	head := bytes.ToLower(bytes.ReplaceAll(firstBytes(f, 64<<10), []byte{0}, nil))
	return bytes.Contains(head, []byte("timestamp")) || bytes.Contains(head, []byte("[ns]")) || bytes.Contains(head, []byte("time range"))
}

// left refuses a file in which an instant of the recording in ns stands that would stay the phone's.
func (u *run) left(f folder.File) error {
	text := bytes.ReplaceAll(firstBytes(f, headSize), []byte{0}, nil) // of UTF-16 its ASCII
	at, found := retime.FindInstant(text, func(at align.DeviceTime) bool {
		return slices.ContainsFunc(u.groups, func(g *group) bool { return g.near(at) || !g.Begun && at > firstYear })
	})
	if found {
		return fmt.Errorf("%s: it holds %d, %w; move the file out of the folder", f.Path, int64(at), retime.ErrLeft)
	}
	return nil
}
