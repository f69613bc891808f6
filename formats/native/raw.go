package native

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pialign/pialign/formats/folder"
)

// The extimu of Pupil Invisible: six floats a sample and no stamp. Neon has packets under the same name.
const (
	imuName   = "extimu"
	imuFloats = 24
)

// scanRaw decides what the records of a .raw are, and maps their stamps if they have some. What is not known is
// refused: it may hold times, and they would stay the phone's.
func (u *run) scanRaw(m *member, f folder.File, in *folder.Input, s *scanned) error {
	if f.Size == 0 {
		return u.copy(f, in, s)
	}
	name := stream(f.Base())
	if d, ok := m.layoutFile(name); ok {
		b, err := folder.Small(d, maxLayout)
		if err != nil {
			return err
		}
		layout, err := parseLayout(string(b))
		switch {
		case err != nil:
			return fmt.Errorf("%s, of which %s is made: %w", d.Path, f.Name, err)
		case len(layout.times) > 0:
			return u.scanRecords(m, f, in, s, layout)
		}
		return u.copySamples(m, f, in, s, layout.size)
	}
	if size, ok := untimed[name]; ok {
		return u.copySamples(m, f, in, s, size)
	}
	if name == imuName {
		packets, err := m.packets(in)
		switch {
		case err != nil:
			return fmt.Errorf("reading %s: %w", f.Path, err)
		case packets || m.family() == neon:
			return u.scanPackets(m, f, in, s)
		case m.family() == invisible:
			return u.copySamples(m, f, in, s, imuFloats)
		}
		return fmt.Errorf("%s: %w: it does not begin with a packet of Neon, and info.json does not say that it is of Pupil Invisible "+
			"(data_format_version %q)", f.Path, ErrLayout, m.info.Format)
	}
	return fmt.Errorf("%s: %w: no %s.dtype beside it says which bytes are times; copy the whole folder from the phone again, "+
		"or move the file out of it", f.Path, ErrLayout, name)
}

// layoutFile returns the .dtype that speaks for a stream.
func (m *member) layoutFile(name string) (folder.File, bool) {
	for _, n := range []string{name, sharedLayout[name]} {
		if d, ok := m.files[n+".dtype"]; ok && n != "" {
			return d, true
		}
	}
	return folder.File{}, false
}

// copySamples copies records without stamps.
func (u *run) copySamples(m *member, f folder.File, in *folder.Input, s *scanned, size int) error {
	if size > 0 && f.Size%int64(size) != 0 {
		s.warnings = append(s.warnings, fmt.Sprintf("%s: %d bytes are not a multiple of %d: cut off; it holds no times and is copied as it is", f.Name, f.Size, size))
	}
	if base := f.Base(); stream(base) != "worn" { // which has the times of gaze
		if m.files[partner(base, "time")].Name == "" && m.files[partner(base, "time_aux")].Name == "" {
			s.warnings = append(s.warnings, f.Name+": no .time beside it: nothing says when its samples were")
		}
	}
	return u.copy(f, in, s)
}

// packets reports whether in begins with a packet whose stamp is of the recording, and goes back to its begin.
func (m *member) packets(in *folder.Input) (bool, error) {
	ok, err := m.firstPacket(bufio.NewReader(in))
	if err != nil {
		return false, err
	}
	_, err = in.Seek(0, io.SeekStart)
	return ok, err
}

func (m *member) firstPacket(r io.Reader) (bool, error) {
	var head [2]byte
	_, err := io.ReadFull(r, head[:])
	b := make([]byte, binary.LittleEndian.Uint16(head[:]))
	if err == nil {
		_, err = io.ReadFull(r, b)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	at, _, _, err := findStamp(b)
	return err == nil && m.near(at) == nil, nil
}
