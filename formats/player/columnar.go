package player

import (
	"github.com/pialign/pialign/formats/columnar"
)

// columnar returns what says what the table is. Seconds count from the begin of the recording.
func (m *mapper) columnar(kind tableKind) func() columnar.Table {
	t := columnar.Of(m.file.Path, m.header, m.times, m.opt)
	for _, i := range m.times {
		at := columnar.Time{Unit: 1}
		if kind == inSeconds {
			at = columnar.Time{Unit: second, Relative: true, Text: columnKey(m.header[i]) == baseData}
		}
		t.Times = append(t.Times, at)
	}
	t.DeviceID, t.Alignment = m.g.device(), m.g.clock.Digest
	return func() columnar.Table { return t }
}
