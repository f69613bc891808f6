package probelog

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// leftBehind puts a journal into a new folder as a crash leaves it, and returns its path.
func leftBehind(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), FileName(testHeader())+journalExt)
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// onlyFiles fails unless the folder of path holds just files with these extensions.
func onlyFiles(t *testing.T, path string, exts ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, filepath.Ext(e.Name()))
	}
	if !reflect.DeepEqual(got, exts) {
		t.Errorf("the folder holds %q, want %q", got, exts)
	}
}

func mustRecover(t *testing.T, path string, salvage bool) Recovery {
	t.Helper()
	r, err := Recover(path, salvage)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecoverWhole(t *testing.T) {
	b, rows := journalOf(5)
	path := leftBehind(t, b)
	if InUse(path) {
		t.Error("in use, with nobody there")
	}
	r := mustRecover(t, path, false)
	if r.Rows != 5 || r.Finished || r.Empty || r.Kept || r.Lost != nil || r.DeviceID != testHeader().DeviceID || r.Kind != "probe" {
		t.Errorf("%+v", r)
	}
	onlyFiles(t, path, parquetExt)
	log := mustRead(t, r.Log)
	equalRows(t, log.Rows, rows)
	if log.Journal || !reflect.DeepEqual(log.Header, testHeader()) {
		t.Errorf("header %+v", log.Header)
	}
	if _, err := Recover(path, false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("again: %v", err)
	}
}

func TestRecoverCutLine(t *testing.T) {
	b, rows := journalOf(3)
	path := leftBehind(t, b[:len(b)-7])
	r := mustRecover(t, path, false)
	if r.Rows != 2 || r.Kept || len(r.Lost) != 1 || !strings.Contains(r.Lost[0], "line 4 is cut") {
		t.Errorf("%+v", r)
	}
	onlyFiles(t, path, parquetExt)
	equalRows(t, mustRead(t, r.Log).Rows, rows[:2])
}

// TestRecoverDamagedLine: without leave nothing changes; with it the rest is there, and so is the journal, however
// often it is asked.
func TestRecoverDamagedLine(t *testing.T) {
	b, rows := journalOf(4)
	second := bytes.Index(b, []byte(`"seq":1`))
	b[second+6] = '7'
	path := leftBehind(t, b)
	if _, err := Recover(path, false); !errors.Is(err, ErrLines) || !strings.Contains(err.Error(), "line 3") {
		t.Fatal(err)
	}
	onlyFiles(t, path, journalExt)
	for _, again := range []bool{false, true} {
		r := mustRecover(t, path, !again)
		if r.Rows != 3 || !r.Kept || r.Finished != again || len(r.Lost) != 1 {
			t.Errorf("%+v", r)
		}
		onlyFiles(t, path, journalExt, parquetExt)
		kept, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(kept, b) {
			t.Errorf("the journal is not what it was, %v", err)
		}
		equalRows(t, mustRead(t, r.Log).Rows, []Row{rows[0], rows[2], rows[3]})
	}
}

// TestRecoverAfterTheParquetFile: a crash between the last two steps of Close leaves both files.
func TestRecoverAfterTheParquetFile(t *testing.T) {
	b, rows := journalOf(4)
	path := leftBehind(t, b)
	final := strings.TrimSuffix(path, journalExt) + parquetExt
	for _, c := range []struct {
		name string
		rows []Row
		want error
	}{{"fewer", rows[:3], fs.ErrExist}, {"others", append([]Row{rows[1]}, rows[1:]...), fs.ErrExist}, {"all", rows, nil}} {
		_ = os.Remove(final) // the first time there is none
		if err := Write(final, testHeader(), c.rows); err != nil {
			t.Fatal(err)
		}
		r, err := Recover(path, false)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || !r.Finished {
			t.Errorf("%s: %+v, %v", c.name, r, err)
		}
		if c.want != nil {
			onlyFiles(t, path, journalExt, parquetExt)
			equalRows(t, mustRead(t, final).Rows, c.rows)
		}
	}
	onlyFiles(t, path, parquetExt)
}

func TestRecoverBesideDamagedParquet(t *testing.T) {
	b, _ := journalOf(4)
	path := leftBehind(t, b)
	final := strings.TrimSuffix(path, journalExt) + parquetExt
	if err := os.WriteFile(final, []byte("PAR1 and no more"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Recover(path, true); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "move the damaged file away") {
		t.Error(err)
	}
	onlyFiles(t, path, journalExt, parquetExt)
}

// TestRecoverLeavesARunningLogAlone: neither journal is taken from its writer, and both writers finish.
func TestRecoverLeavesARunningLogAlone(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, testHeader())
	if err != nil {
		t.Fatal(err)
	}
	rows := testRows(testHeader(), 3)
	clock, err := CreateClockLog(dir, testHeader())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		journals, err := Journals(dir)
		if err != nil || len(journals) != 2 {
			t.Fatalf("%q, %v", journals, err)
		}
		for _, j := range journals {
			if _, err := Recover(j, true); !errors.Is(err, ErrInUse) || !InUse(j) {
				t.Fatalf("%s: %v, in use %v", j, err, InUse(j))
			}
		}
		if err := errors.Join(w.Append(r), clock.Append(r.A, r.MonoA, 0)); err != nil {
			t.Fatal(err)
		}
	}
	path, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	equalRows(t, mustRead(t, path).Rows, rows)
	if _, err := clock.Close(); err != nil {
		t.Error(err)
	}
}

func TestRecoverClockLog(t *testing.T) {
	want := []ClockReading{{Wall: 5, Mono: 6, Raw: 7}, {Wall: 15, Mono: 16}}
	b := headerLine(testHeader(), kindClock)
	for i := range want {
		b = append(b, seal(appendJSON([]byte{'{'}, clockColumns, &want[i]))...)
	}
	path := leftBehind(t, b)
	r := mustRecover(t, path, false)
	if r.Kind != "hostclock" || r.Rows != 2 {
		t.Errorf("%+v", r)
	}
	onlyFiles(t, path, parquetExt)
	if _, got, err := ReadClockLog(r.Log); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRecoverNothing(t *testing.T) {
	b, _ := journalOf(1)
	for _, n := range []int{0, 100} { // before and within the first line
		path := leftBehind(t, b[:n])
		if s, err := ReadSession(filepath.Dir(path)); err != nil || len(s.Logs) > 0 || len(s.Skipped) != 1 {
			t.Errorf("%d bytes: a session of %+v, %v", n, s, err)
		}
		if r := mustRecover(t, path, false); !r.Empty {
			t.Errorf("%d bytes: %+v", n, r)
		}
		onlyFiles(t, path)
	}
	path := leftBehind(t, []byte("BEGIN;\n"))
	if _, err := Recover(path, true); !errors.Is(err, ErrForeign) {
		t.Errorf("another program's journal: %v", err)
	}
	onlyFiles(t, path, journalExt)
	if _, err := Recover(filepath.Join(t.TempDir(), "a.parquet"), true); !errors.Is(err, ErrForeign) {
		t.Error(err)
	}
	if _, err := Journals(filepath.Join(t.TempDir(), "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestRecoverAtOnce: of several that want one journal nobody spoils it for the others.
func TestRecoverAtOnce(t *testing.T) {
	b, rows := journalOf(50)
	path := leftBehind(t, b)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = Recover(path, false) })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, ErrInUse) && !errors.Is(err, fs.ErrNotExist):
			t.Error(err)
		}
	}
	if done == 0 {
		t.Error("nobody recovered it")
	}
	onlyFiles(t, path, parquetExt)
	equalRows(t, mustRead(t, strings.TrimSuffix(path, journalExt)+parquetExt).Rows, rows)
}
