package probelog

import "github.com/pialign/pialign/align"

// ClockReading is one reading of the host's clocks. A zero Raw is none: only Linux has that clock.
type ClockReading struct {
	Wall      align.HostTime
	Mono, Raw align.MonoTime
}

var clockColumns = []column[ClockReading]{
	instant("wall_ns", func(r *ClockReading) *int64 { return (*int64)(&r.Wall) }),
	instant("mono_ns", func(r *ClockReading) *int64 { return (*int64)(&r.Mono) }),
	instant("raw_ns", func(r *ClockReading) *int64 { return (*int64)(&r.Raw) }),
}

// ClockLog is a log of the host's clocks in the making, <UTC>_hostclock.parquet.
type ClockLog struct{ j *journal[ClockReading] }

// CreateClockLog starts a log of the host's clocks in the folder dir, journalled like a probe log.
func CreateClockLog(dir string, h Header) (*ClockLog, error) {
	j, err := newJournal(dir, h, kindClock, clockColumns, clockFileName)
	if err != nil {
		return nil, err
	}
	return &ClockLog{j}, nil
}

// Append adds one reading of the clocks: wall, monotonic, and raw, the monotonic one without the corrections of
// a time service, zero where there is none.
func (l *ClockLog) Append(wall align.HostTime, mono, raw align.MonoTime) error {
	return l.j.append(&ClockReading{wall, mono, raw})
}

// Close makes the Parquet file, removes the journal, and returns the file's path.
func (l *ClockLog) Close() (path string, err error) {
	return l.j.close(func(journal, final string) error {
		t, err := readTable(journal, kindClock, clockColumns)
		if err == nil && len(t.warnings) > 0 {
			err = damaged("%s", t.warnings[0])
		}
		if err != nil {
			return err
		}
		return createParquet(final, t.header, kindClock, clockColumns, t.rows)
	})
}

// ReadClockLog reads a log of the host's clocks, finished or not.
func ReadClockLog(path string) (Header, []ClockReading, error) {
	t, err := readTable(path, kindClock, clockColumns)
	return t.header, t.rows, err
}
