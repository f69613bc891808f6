package native

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/pialign/pialign/align"
	"github.com/pialign/pialign/formats/folder"
)

// findStarts notes the first stamp of every part. Where a part begins the sensor was restarted, and a pause may hide a
// step of the clock: no order of stamps tells then on which side of it one lies. So each part is a stream of its own, and
// a file that spans all parts (_200hz) begins anew at the same stamps.
func (m *member) findStarts() error {
	m.starts = map[string]map[align.DeviceTime]bool{}
	for name, f := range m.files {
		p := part.FindStringSubmatch(name)
		if p == nil || p[3] == "" || p[4] != "" || p[5] != "time" || f.Size < 8 {
			continue
		}
		in, err := folder.Open(f)
		if err != nil {
			return err
		}
		var b [8]byte
		_, err = io.ReadFull(in, b[:])
		in.Close()
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.Path, err)
		}
		if m.starts[p[1]] == nil {
			m.starts[p[1]] = map[align.DeviceTime]bool{}
		}
		m.starts[p[1]][align.DeviceTime(binary.LittleEndian.Uint64(b[:]))] = true
	}
	return nil
}

// restarts returns the stamps at which the file of that name goes on as another stream; none but for one that spans
// all parts.
func (m *member) restarts(base string) map[align.DeviceTime]bool {
	if p := part.FindStringSubmatch(base); p != nil && p[3] == "" {
		return m.starts[p[1]]
	}
	return nil
}
