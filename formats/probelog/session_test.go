package probelog

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pialign/pialign/align"
)

func readSession(t *testing.T, paths ...string) *Session {
	t.Helper()
	s, err := ReadSession(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// phase returns h for another phase, an hour later each.
func phase(h Header, name string, hours int) Header {
	h.Phase = name
	h.Started += align.HostTime(time.Duration(hours) * time.Hour)
	return h
}

func TestSessionOfTwoDevices(t *testing.T) {
	dir := t.TempDir()
	a := testHeader()
	b := testHeader()
	b.DeviceID, b.DeviceStatus, b.WallResolution, b.DeviceResolution = "0b", nil, 15*time.Millisecond, nil
	end := phase(a, "end", 1)
	end.DeviceResolution = map[string]time.Duration{"echo": 2 * time.Millisecond}
	writeLog(t, dir, end, testRows(end, 13))
	writeLog(t, dir, a, testRows(a, 10))
	writeLog(t, dir, b, testRows(b, 3))
	s := readSession(t, dir)
	if len(s.Logs) != 3 || s.Dir != dir || s.Skipped != nil {
		t.Fatalf("%d logs in %s, skipped %q", len(s.Logs), s.Dir, s.Skipped)
	}
	devices := s.Devices()
	if len(devices) != 2 || devices[0].ID != "0b" || devices[1].ID != a.DeviceID || devices[0].Name != "" || devices[1].Name != "Télé <1>" {
		t.Fatalf("devices %+v", devices)
	}
	// Of 10 exchanges one failed, of 13 two; the order is that of time.
	samples := devices[1].Samples()
	if len(samples) != 9+11 || samples[0].Phase != "start" || samples[19].Phase != "end" {
		t.Errorf("%d samples", len(samples))
	}
	for _, x := range samples {
		if x.Host != a.Host || x.Boot != a.Boot || x.E == 0 || x.A == 0 || x.B == 0 {
			t.Fatalf("sample %+v", x)
		}
	}
	want := align.Options{WallResolution: 1, MonoResolution: 100, DeviceResolution: map[string]time.Duration{"echo": 2 * time.Millisecond, "event": 1}}
	if got := devices[1].Options(); !reflect.DeepEqual(got, want) {
		t.Errorf("options %+v", got)
	}
	if got := devices[1].RecordingIDs(); !reflect.DeepEqual(got, []string{"54e7d0bb"}) {
		t.Errorf("recording ids %q", got)
	}
}

func TestEqualRowsCountOnce(t *testing.T) {
	h := testHeader()
	rows := testRows(h, 10)
	dir, copies := t.TempDir(), t.TempDir()
	path := writeLog(t, dir, h, rows)
	writeLog(t, copies, h, rows[:5]) // a copy made earlier, say of the journal
	for _, paths := range [][]string{{dir, copies}, {copies, dir}, {path, dir}, {path, path}} {
		s := readSession(t, paths...)
		if got := len(s.Devices()[0].Samples()); got != 9 {
			t.Errorf("%q: %d samples, want 9", paths, got)
		}
	}
	if s := readSession(t, path); s.Dir != dir {
		t.Errorf("the session's folder is %s, want %s", s.Dir, dir)
	}
}

func TestDifferentRowsOfOneNumberAreRefused(t *testing.T) {
	h := testHeader()
	rows := testRows(h, 10)
	other := testRows(h, 10)
	other[6].E++
	dir := t.TempDir()
	first, second := writeLog(t, dir, h, rows), writeLog(t, dir, h, other)
	_, err := ReadSession(dir)
	if !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), first) || !strings.Contains(err.Error(), second+", row 7") {
		t.Errorf("error %v", err)
	}
	if s := readSession(t, second); len(s.Devices()[0].Samples()) != 9 {
		t.Error("one alone is not read")
	}
	twice := append(testRows(h, 3), other[5])
	twice[3].Seq = 1
	path := filepath.Join(t.TempDir(), "a.parquet")
	if err := Write(path, h, twice); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSession(path); !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), "row 4") {
		t.Errorf("twice in one log: %v", err)
	}
}

func TestNextSeqGoesOn(t *testing.T) {
	h := testHeader()
	dir := filepath.Join(t.TempDir(), "p01")
	next := func(phase string) int64 {
		t.Helper()
		n, err := NextSeq(dir, h.Session, h.DeviceID, phase)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := next("start"); n != 0 {
		t.Errorf("in no folder: %d", n)
	}
	writeLog(t, dir, h, testRows(h, 10))
	w, err := Create(dir, phase(h, "end", 1)) // running
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(testRows(w.h, 1)[0]); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{"start": 10, "end": 1, "middle": 0} {
		if n := next(name); n != want {
			t.Errorf("phase %s: %d, want %d", name, n, want)
		}
	}
}

func TestJournalBesideItsLogIsNotReadTwice(t *testing.T) {
	h := testHeader()
	dir := t.TempDir()
	path := writeLog(t, dir, h, testRows(h, 10))
	b, _ := journalOf(4) // killed between making the Parquet file and removing the journal
	journal := strings.TrimSuffix(path, parquetExt) + journalExt
	if err := os.WriteFile(journal, b, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, paths := range [][]string{{dir}, {journal, path}} {
		if s := readSession(t, paths...); len(s.Logs) != 1 || s.Logs[0].Journal {
			t.Errorf("%q: %d logs", paths, len(s.Logs))
		}
	}
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSession(dir); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), filepath.Base(journal)) {
		t.Errorf("with the log damaged: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if s := readSession(t, dir); len(s.Logs) != 1 || !s.Logs[0].Journal || len(s.Logs[0].Rows) != 4 {
		t.Errorf("with the journal alone: %+v", s)
	}
}

func TestWhatElseLiesInTheFolder(t *testing.T) {
	h := testHeader()
	dir := t.TempDir()
	path := writeLog(t, dir, h, testRows(h, 10))
	b := foreignParquet(t, h, testRows(h, 3), rowColumns, fieldsOf(t, rowColumns), nil)
	for name, content := range map[string][]byte{
		"notes.txt":                                    []byte("P01 was late"),
		"gaze.parquet":                                 b,
		"20260921T141320.999Z_start_x.journal":         []byte(`{"pialign":{"format`), // killed in its first ms
		"20260921T141320.000Z_hostclock.parquet":       []byte("whatever"),
		".pialign-ABCDEFGH":                            []byte("half"),
		"alignment/d55a33b5ab845785.json":              []byte("{}"),
		"photos/p01.jpg":                               nil,
		"20260921T141320.123Z_start_d55a33b5.parquet~": nil,
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777), os.WriteFile(filepath.Join(dir, name), content, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	s := readSession(t, dir)
	if len(s.Logs) != 1 || s.Logs[0].Path != path {
		t.Fatalf("%d logs", len(s.Logs))
	}
	skipped := strings.Join(s.Skipped, "\n")
	for _, name := range []string{"notes.txt", "gaze.parquet", "999Z_start_x.journal", "photos", "parquet~", "hostclock"} {
		if strings.Count(skipped, name) != 1 {
			t.Errorf("%s is not named once in\n%s", name, skipped)
		}
	}
	if len(s.Skipped) != 6 {
		t.Errorf("skipped\n%s", skipped)
	}

	// A log by its name has to be one, and so has every file that was asked for.
	for name, content := range map[string][]byte{
		"20260921T150000.000Z_end_d55a33b5ab845785.parquet": nil,
		"20260921T160000.000Z_end_d55a33b5ab845785.parquet": b,
		"20260921T170000.000Z_start_hostclock.parquet":      []byte("<html>"), // the device is called hostclock
		"20260921T180000.000Z_a%20b_.journal":               []byte("x\n"),
		"any.parquet":                                       []byte("PAR1 cut"),
	} {
		bad := filepath.Join(dir, name)
		if err := os.WriteFile(bad, content, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSession(dir); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(bad); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"notes.txt", "gaze.parquet", "missing"} {
		if _, err := ReadSession(dir, filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s asked for: %v", name, err)
		}
	}
}

func TestLogOfAnUnknownDevice(t *testing.T) {
	h := Header{Session: "imported", Phase: "start", Started: started}
	dir := t.TempDir()
	path := writeLog(t, dir, h, testRows(h, 5))
	if !strings.HasSuffix(path, "_start_.parquet") {
		t.Errorf("path %s", path)
	}
	empty := phase(h, "end", 1)
	empty.DeviceID = "idle"
	writeLog(t, dir, empty, nil)
	d := readSession(t, dir).Devices()
	if len(d) != 2 || d[0].ID != "" || len(d[0].Samples()) != 4 || d[1].ID != "idle" || len(d[1].Samples()) != 0 {
		t.Errorf("devices %+v", d)
	}
}

func TestPhoneName(t *testing.T) {
	for status, want := range map[string]string{
		``: "", `null`: "", `[]`: "", `{"result":null}`: "", `{"result":[null,{},{"model":"Phone"},{"model":"Phone","data":null}]}`: "",
		`{"result":[{"model":"Phone","data":{"device_id":7}}]}`:                       "",
		`{"result":[{"model":"Phone","data":{"device_id":"b","device_name":"B"}}]}`:   "",
		`{"result":[{"model":"Phone","data":{"device_id":"a","device_name":"Ann"}}]}`: "Ann",
	} {
		if got := phoneName(json.RawMessage(status), "a"); got != want {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}

// What the logs know of the host's clocks reaches the fit: the reading in each header, and the clock log of the same boot.
func TestHostClockReachesTheFit(t *testing.T) {
	h := testHeader()
	h.Clock = align.HostReading{Wall: started, Mono: 5_000_000_000, Raw: 4_999_000_000, RateE18: -12_345_678_901_234, Rated: true}
	dir := t.TempDir()
	writeLog(t, dir, h, testRows(h, 10))
	other := h
	other.Boot = "another boot"
	for i, header := range []Header{h, other} {
		header.Started = header.Started.Add(time.Duration(i) * time.Second)
		log, err := CreateClockLog(dir, header)
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Append(started.Add(time.Second), 6_000_000_000, 5_999_000_000); err != nil {
			t.Fatal(err)
		}
		if _, err := log.Close(); err != nil {
			t.Fatal(err)
		}
	}
	got := readSession(t, dir).Devices()[0].Options().HostClock
	want := []align.HostReading{h.Clock, {Wall: started.Add(time.Second), Mono: 6_000_000_000, Raw: 5_999_000_000}}
	if !slices.Equal(got, want) {
		t.Errorf("readings %+v, want %+v", got, want)
	}
}
