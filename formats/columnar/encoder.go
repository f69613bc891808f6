package columnar

import (
	"io"

	"github.com/pialign/pialign/formats/retime"
)

// encoder writes a format.
type encoder interface {
	// begin writes what comes before the groups.
	begin(w io.Writer) error
	// encode makes of g what write needs. It is called by several at a time.
	encode(g *group) error
	// write writes the next group.
	write(w io.Writer, g *group) error
	// end writes what comes after them.
	end(w io.Writer) error
}

func newEncoder(format retime.Format, t *Table, columns []column) encoder {
	if format == retime.Feather {
		return &featherEncoder{t: t, columns: columns}
	}
	return &parquetEncoder{t: t, columns: columns}
}

// pair is a key and its value.
type pair struct{ key, value string }

// metaVersion is that of what stands in the file beside the columns.
const metaVersion = "1"

// meta is what the file says of itself: nothing that differs from run to run.
func (t *Table) meta() []pair {
	clock := t.Clock
	if clock == "" {
		clock = "wall"
	}
	out := []pair{{"pialign.table_version", metaVersion}, {"pialign.program", t.Program}, {"pialign.clock", clock}}
	for _, p := range []pair{{"pialign.device_id", t.DeviceID}, {"pialign.alignment", t.Alignment}} {
		if p.value != "" {
			out = append(out, p)
		}
	}
	return out
}
