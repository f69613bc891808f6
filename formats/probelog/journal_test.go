package probelog

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// journalOf returns the journal of n rows as bytes, and the rows.
func journalOf(n int) ([]byte, []Row) {
	h := testHeader()
	rows := testRows(h, n)
	b := headerLine(h, kindProbe)
	for i := range rows {
		b = append(b, seal(appendJSON([]byte{'{'}, rowColumns, &rows[i]))...)
	}
	return b, rows
}

// TestJournalBytes pins what docs/formats/probe-log.md promises to readers in other languages. The checksums were
// made by xxhsum of Debian's package xxhash, of the bytes before `,"xxh64":`.
func TestJournalBytes(t *testing.T) {
	h := Header{Session: "p01", DeviceID: "d5", Phase: "start", Started: started, DeviceStatus: []byte(`{"a":1}`)}
	row := testRows(h, 3)[2]
	got := string(headerLine(h, kindProbe)) + string(seal(appendJSON([]byte{'{'}, rowColumns, &row)))
	want := `{"pialign":{"format_version":"1","kind":"probe","program_version":"","session":"p01","device_id":"d5","phase":"start",` +
		`"started_ns":"1790000000123456789","host":"","os":"","boot_id":"","wall_clock":"","wall_resolution_ns":"0","mono_clock":"",` +
		`"mono_resolution_ns":"0","discipline":"","schedule":"","device_status":"{\"a\":1}"},"xxh64":"186438855b85909a"}` + "\n" +
		`{"session":"p01","device_id":"d5","phase":"start","protocol":"event","seq":2,"ts_a_ns":"1790000000223456795","ts_e_ns":null,` +
		`"ts_b_ns":null,"mono_a_ns":"9007199354740999","mono_b_ns":null,"event_name":"pialign.p01.start.2","recording_id":"54e7d0bb",` +
		`"status":"timeout","connection_fresh":false,"xxh64":"12c649592be32a42"}` + "\n"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestCutAnywhere(t *testing.T) {
	b, rows := journalOf(4)
	for n := range len(b) {
		whole := bytes.Count(b[:n], []byte("\n")) - 1 // rows that are there to their last byte
		log, err := parseTable(b[:n], kindProbe, rowColumns)
		if whole < 0 {
			want := ErrEmpty
			if n == 0 {
				want = ErrForeign
			}
			if !errors.Is(err, want) {
				t.Fatalf("%d bytes: %v", n, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		for i := range log.rows { // as Read does
			log.rows[i].Host, log.rows[i].Boot = log.header.Host, log.header.Boot
		}
		equalRows(t, log.rows, rows[:whole])
		isCut := b[n-1] != '\n'
		if isCut != (len(log.warnings) == 1) || len(log.warnings) > 1 {
			t.Fatalf("%d bytes: warnings %q", n, log.warnings)
		}
	}
}

// TestEveryFlippedBitIsSeen: a line whose time reads well but is not the one written would be a wrong time that
// looks right.
func TestEveryFlippedBitIsSeen(t *testing.T) {
	b, rows := journalOf(3)
	second := bytes.IndexByte(b, '\n') + 1
	second += bytes.IndexByte(b[second:], '\n') + 1
	end := second + bytes.IndexByte(b[second:], '\n')
	want := []Row{rows[0], rows[2]}
	for i := second; i < end; i++ {
		for bit := range 8 {
			damagedLine := bytes.Clone(b)
			damagedLine[i] ^= 1 << bit
			t1, err := parseTable(damagedLine, kindProbe, rowColumns)
			if err != nil {
				t.Fatalf("byte %d, bit %d: %v", i, bit, err)
			}
			for j := range t1.rows { // as Read does
				t1.rows[j].Host, t1.rows[j].Boot = t1.header.Host, t1.header.Boot
			}
			equalRows(t, t1.rows, want)
			if len(t1.warnings) == 0 || !strings.Contains(t1.warnings[0], "line 3 is damaged") {
				t.Fatalf("byte %d, bit %d: warnings %q", i, bit, t1.warnings)
			}
		}
	}
	// In the first line, every flip is an error: nobody may guess whose clocks these are.
	for i := range bytes.IndexByte(b, '\n') {
		damagedLine := bytes.Clone(b)
		damagedLine[i] ^= 1
		if _, err := parseTable(damagedLine, kindProbe, rowColumns); err == nil {
			t.Fatalf("byte %d of the first line: read", i)
		}
	}
}

func TestHolesAreNamed(t *testing.T) {
	b, rows := journalOf(3)
	lines := bytes.SplitAfter(b, []byte("\n"))
	odd := bytes.Join([][]byte{
		lines[0], lines[1], []byte("\n"), bytes.Repeat([]byte{0}, 4096), []byte("\n"), // as after a power cut
		lines[2], bytes.Repeat([]byte("x"), maxLine+1), []byte("\n"), lines[3],
	}, nil)
	path := filepath.Join(t.TempDir(), "a.journal")
	if err := os.WriteFile(path, odd, 0o666); err != nil {
		t.Fatal(err)
	}
	log := mustRead(t, path)
	equalRows(t, log.Rows, rows)
	for i, want := range []string{"line 3 ", "line 4 ", "line 6 "} {
		if len(log.Warnings) != 3 || !strings.HasPrefix(log.Warnings[i], path+": "+want) {
			t.Fatalf("warnings %q", log.Warnings)
		}
	}
	many := append(bytes.Clone(lines[0]), bytes.Repeat([]byte("\n"), 1000)...)
	if got, err := parseTable(many, kindProbe, rowColumns); err != nil || len(got.warnings) != maxWarnings+1 {
		t.Errorf("%d warnings of 1000 damaged lines, %v", len(got.warnings), err)
	}
}

func TestNewerJournalIsRefused(t *testing.T) {
	for _, line := range []string{
		`{"pialign":{"format_version":"2","kind":"probe"},"sealed":"otherwise"}`,
		string(headerLine(testHeader(), kindProbe)[:0]) + `{"pialign":{"format_version":"99"}}`,
	} {
		if _, err := parseTable([]byte(line+"\n"), kindProbe, rowColumns); !errors.Is(err, ErrVersion) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// FuzzJournal claims: whatever is read can be written and read again, the same; an error comes with nothing.
func FuzzJournal(f *testing.F) {
	b, _ := journalOf(3)
	f.Add(b)
	f.Add(b[:len(b)-5])
	f.Add([]byte(`{"pialign":{"format_version":"1"}}` + "\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 0 && in[0] != '{' {
			return // FuzzParquet's
		}
		// The fuzzer cannot make checksums: they are put right for it, else no other line would ever be read.
		resealed := []byte{}
		for i, line := range bytes.SplitAfter(in, []byte("\n")) {
			n := bytes.LastIndex(line, []byte(checkMember))
			if n >= 0 && i < 100 {
				line = seal(bytes.Clone(line[:n]))
			}
			resealed = append(resealed, line...)
		}
		for _, b := range [][]byte{in, resealed} {
			got, err := parseTable(b, kindProbe, rowColumns)
			if err != nil {
				if !reflect.DeepEqual(got, table[Row]{}) {
					t.Fatalf("an error with a table: %+v", got)
				}
				continue
			}
			again := headerLine(got.header, kindProbe)
			for i := range got.rows {
				again = append(again, seal(appendJSON([]byte{'{'}, rowColumns, &got.rows[i]))...)
			}
			got2, err := parseTable(again, kindProbe, rowColumns)
			if err != nil || got2.warnings != nil || !reflect.DeepEqual(got.rows, got2.rows) {
				t.Fatalf("read\n%+v\nthen\n%+v, %v", got, got2, err)
			}
		}
	})
}
