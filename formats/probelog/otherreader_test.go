package probelog

import (
	"slices"
	"strconv"
	"testing"

	"github.com/pialign/pialign/formats/retime/retimetest"
)

// dumped is what testdata/dump.mjs prints.
type dumped struct {
	Rows      []map[string]any
	NotBigInt []string `json:"not_bigint"`
	Metadata  map[string]string
	Schema    []string
	Codecs    []string
	Encodings []string
}

// TestAnotherReaderSeesTheSame reads a log with hyparquet: every integer to the last bit, every null, every text, all metadata.
func TestAnotherReaderSeesTheSame(t *testing.T) {
	h := testHeader()
	rows := testRows(h, 3000)
	rows[7].EventName, rows[7].RecordingID = `Ünï "quoted", \ 😀`, ""
	rows[8].A, rows[8].Seq = -1<<63, 1<<63-1
	for i := range rows { // a column of nulls alone
		rows[i].MonoB = 0
	}
	path := writeLog(t, t.TempDir(), h, rows)
	var got dumped
	retimetest.Hyparquet(t, "testdata/dump.mjs", path, &got)
	if len(got.Rows) != len(rows) {
		t.Fatalf("%d rows, want %d", len(got.Rows), len(rows))
	}
	for i := range rows {
		want := map[string]any{}
		for _, c := range rowColumns {
			switch {
			case c.text != nil:
				want[c.name] = *c.text(&rows[i])
			case c.flag != nil:
				want[c.name] = *c.flag(&rows[i])
			case c.nullable && *c.number(&rows[i]) == 0:
				want[c.name] = nil
			default:
				want[c.name] = strconv.FormatInt(*c.number(&rows[i]), 10)
			}
		}
		for name, w := range want {
			if g, there := got.Rows[i][name]; !there || g != w {
				t.Fatalf("row %d: %s is %v, want %v", i, name, g, w)
			}
		}
		if len(got.Rows[i]) != len(want) {
			t.Fatalf("row %d has %d columns, want %d", i, len(got.Rows[i]), len(want))
		}
	}
	if len(got.NotBigInt) != 0 {
		t.Errorf("not 64-bit integers: %v", got.NotBigInt)
	}

	for _, p := range h.pairs(kindProbe) {
		if g, there := got.Metadata[metaPrefix+p.key]; !there || g != p.value {
			t.Errorf("metadata %s is %q, want %q", p.key, g, p.value)
		}
	}

	// The types that the documentation promises; hyparquet leaves the repetition of a root away or not.
	wantSchema := []string{
		"session BYTE_ARRAY REQUIRED STRING UTF8", "device_id BYTE_ARRAY REQUIRED STRING UTF8", "phase BYTE_ARRAY REQUIRED STRING UTF8",
		"protocol BYTE_ARRAY REQUIRED STRING UTF8", "seq INT64 REQUIRED  ", "ts_a_ns INT64 OPTIONAL  ", "ts_e_ns INT64 OPTIONAL  ",
		"ts_b_ns INT64 OPTIONAL  ", "mono_a_ns INT64 OPTIONAL  ", "mono_b_ns INT64 OPTIONAL  ", "event_name BYTE_ARRAY REQUIRED STRING UTF8",
		"recording_id BYTE_ARRAY REQUIRED STRING UTF8", "status BYTE_ARRAY REQUIRED STRING UTF8", "connection_fresh BOOLEAN REQUIRED  ",
	}
	if !slices.Equal(got.Schema[1:], wantSchema) {
		t.Errorf("schema\n got %q\nwant %q", got.Schema[1:], wantSchema)
	}
	if !slices.Equal(got.Codecs, []string{"SNAPPY"}) {
		t.Errorf("compressed by %v", got.Codecs)
	}
	if slices.Contains(got.Encodings, "RLE_DICTIONARY") || slices.Contains(got.Encodings, "PLAIN_DICTIONARY") || !slices.Contains(got.Encodings, "PLAIN") {
		t.Errorf("encodings %v", got.Encodings)
	}
}
