package probelog

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

// started is some instant, not a whole ms.
const started = align.HostTime(1_790_000_000_123_456_789)

func testHeader() Header {
	return Header{
		Session: "p01", DeviceID: "d55a33b5ab845785", Phase: "start", Program: "pialign 0.0.0",
		Host: "lab-3", OS: "linux/amd64", Boot: "5f1c", WallClock: "CLOCK_REALTIME", MonoClock: "CLOCK_MONOTONIC",
		Discipline: "synchronised, 250 us", WallResolution: 1, MonoResolution: 100,
		DeviceResolution: map[string]time.Duration{"echo": time.Millisecond, "event": 1},
		DeviceStatus: json.RawMessage(`{"message":"Success","result":[{"model":"NetworkDevice","data":{}},` +
			`{"model":"Phone","data":{"device_id":"d55a33b5ab845785","device_name":"Télé <1>"}}]}`),
		Schedule: "event, 100 exchanges", Started: started,
	}
}

// testRows returns n exchanges, the third and every tenth after it failed, whose stamps use all bits of an int64.
func testRows(h Header, n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		t := align.HostTime(int64(i) * 50_000_003)
		r := &rows[i]
		*r = Row{Session: h.Session, DeviceID: h.DeviceID, EventName: fmt.Sprintf("pialign.p01.start.%d", i), RecordingID: "54e7d0bb", Status: StatusOK, Fresh: i == 0}
		r.Sample = align.Sample{
			A: started + t, B: started + t + 7_000_001, MonoA: align.MonoTime(t) + 9_007_199_254_740_993, MonoB: align.MonoTime(t) + 9_007_199_261_740_995,
			E: align.DeviceTime(started+t) - 840_000_000, Phase: h.Phase, Protocol: "event", Seq: int64(i), Host: h.Host, Boot: h.Boot,
		}
		if i < 2 {
			r.Status = StatusWarmup
		}
		if i%10 == 2 {
			r.Status, r.E, r.B, r.MonoB = StatusTimeout, 0, 0, 0
		}
	}
	return rows
}

// writeLog writes a finished log of n rows through a Writer.
func writeLog(t *testing.T, dir string, h Header, rows []Row) string {
	t.Helper()
	w, err := Create(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	path, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func mustRead(t *testing.T, path string) *Log {
	t.Helper()
	log, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func equalRows(t *testing.T, got, want []Row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("row %d\n got %+v\nwant %+v", i, got[i], want[i])
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	h := testHeader()
	for _, n := range []int{0, 1, 3, 100, 5000} { // 5000: above the batch of reading
		rows := testRows(h, n)
		dir := filepath.Join(t.TempDir(), "study", "p01")
		path := writeLog(t, dir, h, rows)
		if want := filepath.Join(dir, "20260921T141320.123Z_start_d55a33b5ab845785.parquet"); path != want {
			t.Errorf("path %s, want %s", path, want)
		}
		log := mustRead(t, path)
		equalRows(t, log.Rows, rows)
		if !reflect.DeepEqual(log.Header, h) {
			t.Errorf("header\n got %+v\nwant %+v", log.Header, h)
		}
		if log.Journal || log.Warnings != nil || log.Path != path {
			t.Errorf("journal %v, warnings %q, path %s", log.Journal, log.Warnings, log.Path)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
			t.Errorf("left behind: %q", left)
		}
	}
}

func TestUnfinishedLogIsRead(t *testing.T) {
	h := testHeader()
	rows := testRows(h, 30)
	dir := t.TempDir()
	w, err := Create(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
		journal := strings.TrimSuffix(w.Path(), parquetExt) + journalExt
		log := mustRead(t, journal)
		equalRows(t, log.Rows, rows[:i+1])
		if !log.Journal || log.Warnings != nil || !reflect.DeepEqual(log.Header, h) {
			t.Fatalf("journal %v, warnings %q, header %+v", log.Journal, log.Warnings, log.Header)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("closing twice: %v", err)
	}
	if err := w.Append(rows[0]); !errors.Is(err, ErrClosed) {
		t.Errorf("appending after it: %v", err)
	}
}

func TestSameInstantGivesTwoLogs(t *testing.T) {
	h := testHeader()
	dir := t.TempDir()
	a, err := Create(dir, h) // unfinished
	if err != nil {
		t.Fatal(err)
	}
	b := writeLog(t, dir, h, testRows(h, 3)) // finished
	c := writeLog(t, dir, h, testRows(h, 4))
	if _, err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if a.Path() == b || b == c || a.Path() == c {
		t.Errorf("%s, %s, %s", a.Path(), b, c)
	}
	if !strings.Contains(c, ".125Z_") {
		t.Errorf("the third is %s, want the second ms after the first", c)
	}
	if got := mustRead(t, c); got.Header.Started != started || len(got.Rows) != 4 {
		t.Errorf("it started at %d with %d rows", got.Header.Started, len(got.Rows))
	}
}

func TestFileNames(t *testing.T) {
	for _, c := range []struct {
		h    Header
		want string
	}{
		{Header{Phase: "start", DeviceID: "ab-1"}, "19700101T000000.000Z_start_ab-1"},
		{Header{Started: -1, Phase: "a b/c", DeviceID: "..\\%_é"}, "19691231T235959.999Z_a%20b%2Fc_%2E%2E%5C%25%5F%C3%A9"},
		{Header{Started: 999_999}, "19700101T000000.000Z__"},
	} {
		if got := FileName(c.h); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if _, err := Create(t.TempDir(), Header{Phase: strings.Repeat("é", 50)}); err == nil || !strings.Contains(err.Error(), "shorter") {
		t.Errorf("a name too long for a file: %v", err)
	}
	if _, err := Create(t.TempDir(), Header{Phase: "\xff"}); err == nil {
		t.Error("a phase that is not UTF-8")
	}
}

func TestAppendRefusesWhatCouldNotBeRead(t *testing.T) {
	h := testHeader()
	w, err := Create(t.TempDir(), h)
	if err != nil {
		t.Fatal(err)
	}
	good := testRows(h, 1)[0]
	for name, spoil := range map[string]func(*Row){
		"ok without E": func(r *Row) { r.E = 0 },
		"status":       func(r *Row) { r.Status = "fine" },
		"other boot":   func(r *Row) { r.Boot = "another" },
		"not UTF-8":    func(r *Row) { r.Protocol = "\xff" },
		"long phase":   func(r *Row) { r.Phase = strings.Repeat("p", maxText+1) },
	} {
		r := good
		spoil(&r)
		if err := w.Append(r); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	// What a phone says is made fit instead: an exchange must not be lost for it.
	odd := good
	odd.RecordingID, odd.EventName = "\xff\x00\"\n\u2028", strings.Repeat("é", maxText)
	odd.Host, odd.Boot, odd.Session, odd.DeviceID, odd.Phase = "", "", "", "", ""
	if err := w.Append(odd); err != nil {
		t.Fatal(err)
	}
	path, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	want := good
	want.RecordingID, want.EventName = "\uFFFD\x00\"\n\u2028", strings.Repeat("é", maxText/2)
	equalRows(t, mustRead(t, path).Rows, []Row{want})
}

func TestFailedCloseKeepsTheJournal(t *testing.T) {
	h := testHeader()
	dir := t.TempDir()
	w, err := Create(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(testRows(h, 1)[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(w.Path(), 0o777); err != nil { // in its way
		t.Fatal(err)
	}
	_, err = w.Close()
	if err == nil || !strings.Contains(err.Error(), w.j.path) {
		t.Errorf("error %v", err)
	}
	if log := mustRead(t, w.j.path); len(log.Rows) != 1 {
		t.Errorf("%d rows are left", len(log.Rows))
	}
}

func TestWriteRefusesToReplace(t *testing.T) {
	h := testHeader()
	path := filepath.Join(t.TempDir(), FileName(h)+".parquet")
	rows := testRows(h, 20)
	if err := Write(path, h, rows); err != nil {
		t.Fatal(err)
	}
	equalRows(t, mustRead(t, path).Rows, rows)
	if err := Write(path, h, nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("error %v", err)
	}
	equalRows(t, mustRead(t, path).Rows, rows)
}

func TestEqualLogsAreEqualBytes(t *testing.T) {
	h := testHeader()
	var bytes [2][]byte
	for i := range bytes {
		b, err := os.ReadFile(writeLog(t, t.TempDir(), h, testRows(h, 50)))
		if err != nil {
			t.Fatal(err)
		}
		bytes[i] = b
	}
	if string(bytes[0]) != string(bytes[1]) {
		t.Error("they differ")
	}
}

func TestClockLog(t *testing.T) {
	h := testHeader()
	dir := t.TempDir()
	l, err := CreateClockLog(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	want := []ClockReading{{started, 5, 6}, {started + 1e9, 1e9 + 5, 0}}
	for _, r := range want {
		if err := l.Append(r.Wall, r.Mono, r.Raw); err != nil {
			t.Fatal(err)
		}
	}
	journal := filepath.Join(dir, "20260921T141320.123Z_hostclock.journal")
	for range 2 {
		gotHeader, got, err := ReadClockLog(journal)
		if err != nil || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotHeader, h) {
			t.Errorf("%s: %v, %v", journal, got, err)
		}
		if _, err := Read(journal); !errors.Is(err, ErrForeign) {
			t.Errorf("read as a probe log: %v", err)
		}
		if journal, err = l.Close(); err != nil {
			if !errors.Is(err, ErrClosed) {
				t.Fatal(err)
			}
			break
		}
	}
	probe := writeLog(t, dir, h, testRows(h, 2))
	if _, _, err := ReadClockLog(probe); !errors.Is(err, ErrForeign) {
		t.Errorf("a probe log read as one of clocks: %v", err)
	}
	if s, err := ReadSession(dir); err != nil || len(s.Logs) != 1 || len(s.Skipped) != 0 {
		t.Errorf("session: %+v, %v", s, err)
	}
}
