package native

import (
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
)

// findStarts notes the first stamp of every part. Where a part begins the sensor was restarted, and a pause may hide a
// step of the clock: no order of stamps tells then on which side of it one lies. So each part is a stream of its own, and
// a file that spans all parts (_200hz) begins anew at the same stamps.
func (m *member) findStarts() error {
	type start struct {
		stream string
		at     align.DeviceTime
	}
	var files []folder.File
	for name, f := range m.files {
		p := part.FindStringSubmatch(name)
		if p != nil && p[3] != "" && p[4] == "" && p[5] == "time" && f.Size >= 8 {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b folder.File) int { return strings.Compare(a.Name, b.Name) })
	starts, err := folder.Each(min(runtime.GOMAXPROCS(0), len(files)), files, func(f folder.File) (start, error) {
		in, err := folder.Open(f)
		if err != nil {
			return start{}, err
		}
		defer in.Close()
		var b [8]byte
		if _, err = io.ReadFull(in, b[:]); err != nil {
			return start{}, fmt.Errorf("reading %s: %w", f.Path, err)
		}
		return start{part.FindStringSubmatch(f.Base())[1], align.DeviceTime(binary.LittleEndian.Uint64(b[:]))}, nil
	})
	m.starts = map[string]map[align.DeviceTime]bool{}
	for _, s := range starts {
		if m.starts[s.stream] == nil {
			m.starts[s.stream] = map[align.DeviceTime]bool{}
		}
		m.starts[s.stream][s.at] = true
	}
	return err
}

// restarts returns the stamps at which the file of that name goes on as another stream; none but for one that spans
// all parts.
func (m *member) restarts(base string) map[align.DeviceTime]bool {
	if p := part.FindStringSubmatch(base); p != nil && p[3] == "" {
		return m.starts[p[1]]
	}
	return nil
}
