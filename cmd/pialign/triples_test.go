package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
)

func FuzzReadTriples(f *testing.F) {
	f.Add([]byte("ts_A_ns,ts_E_ns,ts_B_ns,phase\n1,2,3,start\n"))
	f.Add([]byte("\xef\xbb\xbfphase,mono_B_ns,mono_A_ns,ts_B_ns,ts_E_ns,ts_A_ns,x\r\n\"a,\"\"b\",6,5,3,2,1,\r\nend,,,3,2,1,\r\n"))
	f.Add([]byte("ts_A_ns,ts_E_ns,ts_B_ns,phase\n1,2,3.0,start\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := readTriples(bytes.NewReader(b), "f.csv")
		if err != nil {
			if got != nil {
				t.Fatalf("%d exchanges beside %v", len(got), err)
			}
			return
		}
		// Written again they are read as the same.
		var again bytes.Buffer
		w := csv.NewWriter(&again)
		_ = w.Write(tripleColumns)
		cell := func(v int64) string {
			if v == 0 {
				return ""
			}
			return strconv.FormatInt(v, 10)
		}
		for _, s := range got {
			_ = w.Write([]string{cell(int64(s.A)), cell(int64(s.E)), cell(int64(s.B)), s.Phase, cell(int64(s.MonoA)), cell(int64(s.MonoB))})
		}
		w.Flush()
		twice, err := readTriples(&again, "again.csv")
		if err != nil || !reflect.DeepEqual(got, twice) {
			t.Fatalf("%+v, then %+v, %v", got, twice, err)
		}
	})
}

// TestImportSimulatedLogs imports and fits logs that nobody here wrote.
func TestImportSimulatedLogs(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/fits/*/triples.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("PIALIGN_REQUIRE_DATA") == "1" {
			t.Fatal("../shared/data/fits is required and absent")
		}
		t.Skip("../shared/data/fits is absent")
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		session := filepath.Join(t.TempDir(), filepath.Base(filepath.Dir(f)))
		if code, _, talk := command(t.Context(), "import", "triples", f, "--session", session, "--device-id", "fa4e"); code != exitDone {
			t.Errorf("%s: exit code %d\n%s", f, code, talk)
			continue
		}
		s, err := readSession(bytes.NewBuffer(nil), session)
		if err != nil {
			t.Error(err)
			continue
		}
		rows := 0
		for _, l := range s.Logs {
			rows += len(l.Rows)
		}
		if want := bytes.Count(text, []byte("\n")) - 1; rows != want {
			t.Errorf("%s: %d rows imported, want %d", f, rows, want)
		}
	}
}
