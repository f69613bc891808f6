package columnar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pialign/pialign/formats/retime"
)

// Time says how a column of times is written in the CSV.
type Time struct {
	Unit     int64 // in ns: 1, 1e3, 1e6 or 1e9
	Relative bool  // counts from the begin of the recording, on the host's clock too
	Text     bool  // is text that has times in it: it stays text
}

// Table is what is known of a re-timed table.
type Table struct {
	Name           string // of the file, for errors
	Comma          byte   // of the CSV; 0: a comma
	Header         []string
	Columns        []int  // that hold times, ascending
	Times          []Time // parallel
	Durations      []int  // columns that get another beside them, as times do, and keep their kind
	Mode           retime.Mode
	KeepDeviceTime bool
	Clock          string // of the result
	Blanks         bool   // some times may become empty
	DeviceID       string // "" where unknown, or of several recordings
	Alignment      string // digest of its alignment; likewise
	Program        string
}

// Of returns a table with what the options say of it, without its Times.
func Of(name string, header []string, columns []int, opt retime.Options) Table {
	return Table{Name: name, Header: header, Columns: columns, Mode: opt.Mode, KeepDeviceTime: opt.KeepDeviceTime, Clock: opt.Clock,
		Blanks: opt.Ambiguous == "empty" || opt.Unaligned != "" || opt.SenderStamps == retime.SenderHost, Program: opt.Program}
}

// column is a column of the result.
type column struct {
	name     string
	kind     Kind
	unit     int64 // of a time; 0: none
	required bool  // has no empty cell
	from     int   // in Table.Header
}

// plan returns the columns of the result but for what their cells decide, in the order of the re-timed CSV.
func (t *Table) plan() []column {
	var out []column
	next := 0
	for i, name := range t.Header {
		if next == len(t.Columns) || t.Columns[next] != i {
			out = append(out, t.beside(i)...)
			continue
		}
		at := t.Times[next]
		next++
		own := column{name: name, kind: t.host(), unit: at.Unit, from: i}
		switch {
		case at.Text:
			out = append(out, t.both(i)...)
			continue
		case at.Relative:
			own.kind = Ns
		}
		device := own
		device.kind = Ns // the phone's clock: nobody shall compare it with the host's unawares
		switch {
		case t.Mode == retime.Add:
			host := column{name: retime.HostName(name), kind: t.host(), unit: at.Unit, from: i} // absolute also beside a relative one
			out = append(out, device, host)
		case t.KeepDeviceTime:
			device.name = retime.DeviceName(name)
			out = append(out, own, device)
		default:
			out = append(out, own)
		}
	}
	for i := range out {
		if out[i].unit != 0 {
			out[i].name = named(out[i].name, out[i].kind)
		}
	}
	return out
}

// beside returns a column that holds no times, and the one beside a duration.
func (t *Table) beside(i int) []column {
	if slices.Contains(t.Durations, i) {
		return t.both(i)
	}
	return []column{{name: t.Header[i], from: i}}
}

// both returns a column whose cells decide what it is, and the one that the options put beside it.
func (t *Table) both(i int) []column {
	out := []column{{name: t.Header[i], from: i}}
	switch {
	case t.Mode == retime.Add:
		out = append(out, column{name: retime.HostName(t.Header[i]), from: i})
	case t.KeepDeviceTime:
		out = append(out, column{name: retime.DeviceName(t.Header[i]), from: i})
	}
	return out
}

// look says of which columns the cells decide.
func (t *Table) look() []bool {
	out := make([]bool, len(t.Header))
	for i := range out {
		out[i] = true
	}
	for i, c := range t.Columns {
		out[c] = t.Times[i].Text
	}
	return out
}

// host is the kind of an instant on the clock of the result: only the wall clock has an epoch.
func (t *Table) host() Kind {
	if t.Clock == "" || t.Clock == "wall" {
		return Instant
	}
	return Ns
}

// units are the ways to write a unit behind a name, but for ns.
var units = []string{"[s]", "[secs]", "[seconds]", "[ms]", "[us]", "[µs]", "(s)", "(ms)", "(us)", "_s", "_ms", "_us"}

// named returns the name of a column of times, in which all are ns: it must not say another unit, and where the type does not say it,
// the name does.
func named(name string, k Kind) string {
	low := strings.ToLower(strings.TrimSpace(name))
	for _, unit := range units {
		if strings.HasSuffix(low, unit) && len(low) == len(strings.TrimSpace(name)) {
			name = strings.TrimSpace(name)
			name = name[:len(name)-len(unit)]
			if strings.HasPrefix(unit, "_") {
				return name + "_ns"
			}
			return name + "[ns]"
		}
	}
	if k == Instant || strings.HasSuffix(low, "[ns]") || strings.HasSuffix(low, "(ns)") || strings.HasSuffix(low, "_ns") {
		return name
	}
	return strings.TrimRight(name, " ") + " [ns]"
}

// Check refuses a table that readers would not make sense of.
func (t *Table) Check() error {
	first := map[string]int{}
	for i, c := range t.plan() {
		if other, ok := first[c.name]; ok {
			return fmt.Errorf("%s: %w: columns %d and %d would both be called %q, which Parquet and Feather have no place for; "+
				"rename one, or write CSV", t.Name, ErrColumns, other+1, i+1, c.name)
		}
		first[c.name] = i
	}
	return nil
}
