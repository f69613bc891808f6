package cloud

import "github.com/pialign/pialign/formats/columnar"

// columnar returns what says what the table is, once its header was read. Whose it is stands in it only where an info.json says so for all of it.
func (m *mapper) columnar() func() columnar.Table {
	var g *group
	if m.scope != nil {
		g = m.groups[groupKey(m.scope, m.scope.RecordingID)]
	}
	return func() columnar.Table {
		t := columnar.Of(m.file.Path, m.header, m.cols.Times, m.opt)
		for range m.cols.Times {
			t.Times = append(t.Times, columnar.Time{Unit: 1})
		}
		if m.duration != nil {
			t.Durations = []int{m.duration.Column}
		}
		if g != nil {
			t.DeviceID, t.Alignment = m.scope.DeviceID, g.clock.Digest
		}
		return t
	}
}
