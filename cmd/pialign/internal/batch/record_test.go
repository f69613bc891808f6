package batch

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestRecordRoundTrip(t *testing.T) {
	out := t.TempDir()
	five := nanos(5)
	r := Record{Input: "p01/a", Output: "p01/a", Kind: "cloud", Bytes: 9007199254740993, Outcome: Done, Key: "xxh3:00", Retimed: 3,
		Recordings: []RecordRecording{{Name: "a <b> & c", First: 1600000000000000001, Last: 1600000000000000002, Offset: &five, Warnings: []string{"w"}}}}
	if err := WriteRecord(out, r); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRecord(RecordPath(out, r.Output))
	r.Format = formatVersion
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v, %v\nwant %+v", got, err, r)
	}
	text, err := os.ReadFile(RecordPath(out, r.Output))
	if err != nil || !strings.Contains(string(text), `"offset_ns": "5"`) || !strings.Contains(string(text), `"rtt_min_ns": null`) {
		t.Errorf("%s, %v", text, err)
	}
	if err := WriteRecord(out, Record{Input: "b", Output: "b.zip", Outcome: Passed}); err != nil {
		t.Fatal(err)
	}
	paths, err := Records(out)
	if err != nil || len(paths) != 2 || paths[0] != RecordPath(out, "b.zip") || paths[1] != RecordPath(out, "p01/a") {
		t.Errorf("%q, %v", paths, err)
	}
}

func TestRecordRefusals(t *testing.T) {
	for text, says := range map[string]string{
		"":   "EOF",
		"[]": "cannot unmarshal",
		`{"format_version": 2, "outcome": "done", "output": "a"}`:    "newer",
		`{"format_version": 1, "outcome": "won", "output": "a"}`:     `"won"`,
		`{"format_version": 1, "outcome": "done", "output": "../a"}`: "outside",
		`{"format_version": 1, "outcome": "done", "output": ""}`:     "outside",
		`{"outcome": "done", "output": "a"}`:                         "not a record",
	} {
		path := filepath.Join(t.TempDir(), "r.json")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(path); !errors.Is(err, ErrRecord) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
	if _, err := Records(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no records: %v", err)
	}
}

// What is read can be summed up, and comes out of both tables; a record that is refused is none.
func FuzzRecord(f *testing.F) {
	f.Add(`{"format_version":1,"input":"a","output":"a","outcome":"done","recordings":[{"name":"=r","first_device_ns":"1","last_device_ns":"2","confirmed":true,"half_width_ns":"5","alignment":"xxh3:00"}]}`)
	f.Add(`{"format_version":1,"output":"a/b","outcome":"failed","error":"x","warnings":["a\u0000b","\r\n"]}`)
	f.Add(`{"format_version":1,"output":"a","outcome":"passed","recordings":[{"offset_ns":"-9223372036854775808","drift_e18":"1"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRecord([]byte(text))
		if err != nil {
			if !reflect.DeepEqual(r, Record{}) || !errors.Is(err, ErrRecord) {
				t.Errorf("%v, and %+v", err, r)
			}
			return
		}
		rows := Rows(&r, true, time.Millisecond)
		var table bytes.Buffer
		if err := WriteSummaryCSV(&table, rows); err != nil {
			t.Fatal(err)
		}
		cells, err := csv.NewReader(&table).ReadAll()
		if err != nil || len(cells) != 1+len(rows) {
			t.Errorf("%d rows of %d, %v", len(cells), len(rows), err)
		}
		if err := WriteSummaryParquet(io.Discard, rows); err != nil {
			t.Error(err)
		}
	})
}
